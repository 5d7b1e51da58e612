"""Secrets that are planted to be looked for afterwards, in every spelling a leak could have."""

import base64
import hashlib
import html
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import re2

from tests.wire.test_masking import ECHOES

#: Characters that stand for themselves in every spelling but base64 and those that spell every byte.
CORE = 16
#: A leak may be cut at either end: so many characters of the core are enough to be one.
PIECE = 8
#: Signs that each spelling writes otherwise; neither end is a blank, which headers lose.
SIGNS = "&<é\"/ +%'\\>€;"
#: Bytes shown around a leak.
AROUND = 60
SEARCH_MEMORY = 1 << 28


@dataclass(frozen=True)
class Canary:
    """A value that may stand only ``where`` it is meant to: beginnings of places."""

    name: str
    value: str
    where: tuple[str, ...] = ()

    @classmethod
    def secret(cls, name: str) -> "Canary":
        """A secret whose spellings all differ."""
        return cls(name, core(name) + SIGNS + "z")

    @classmethod
    def word(cls, name: str, *where: str) -> "Canary":
        return cls(name, core(name), where)


def core(name: str) -> str:
    """Letters and digits that occur nowhere by chance, the same in every run."""
    return base64.b32encode(hashlib.sha256(name.encode()).digest()).decode()[:CORE]


def leaks(canaries: Iterable[Canary], places: Mapping[str, bytes]) -> list[str]:
    """Where a canary stands and may not, one line each: what, in which spelling, where, and around it."""
    meant: dict[bytes, tuple[Canary, str]] = {}
    for canary in canaries:
        for needle, spelling in _needles(canary.value):
            meant.setdefault(needle, (canary, spelling))
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = SEARCH_MEMORY
    # One walk through each place, whatever the number of needles.
    search = re2.compile(b"|".join(map(re2.escape, meant)), options)
    found = {}
    for place, content in places.items():
        for match in search.finditer(content):
            canary, spelling = meant[match[0]]
            if not place.startswith(canary.where):
                around = content[max(0, match.start() - AROUND) : match.end() + AROUND]
                found.setdefault((canary.name, place), f"{canary.name} ({spelling}) in {place}: {around!r}")
    return list(found.values())


def _needles(value: str) -> Iterator[tuple[bytes, str]]:
    """What a leak of ``value`` would hold -> the name of its spelling."""
    known = value[:CORE]
    for piece in (known[:PIECE], known[-PIECE:]):
        for spelling, echo in ECHOES.items():
            if "base64" not in spelling:
                # As the database has it, as a page shows it, and as JSON in the database does.
                for shown in (echo(piece), html.escape(echo(piece)), ECHOES["JSON, ASCII"](echo(piece))):
                    yield shown.encode(), spelling
        for encoding in ("utf-16-le", "utf-16-be"):
            yield piece.encode(encoding), encoding
        yield piece.encode().hex().encode(), "hexadecimal"
        yield piece[::-1].encode(), "backwards"
    for before in range(3):
        # Without the characters that mix it with what stands around it.
        written = base64.b64encode(b"\0" * before + known.encode())[4 if before else 0 :].rstrip(b"=")[:-1]
        for start in (0, len(written) - PIECE - 2):
            piece = written[start : start + PIECE + 2]
            yield piece, "base64"
            yield piece.translate(bytes.maketrans(b"+/", b"-_")), "base64, for URLs"
