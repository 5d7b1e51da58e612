"""Hide secrets in bytes that are stored or shown: by position, and by value in every usual encoding.

A room of its own because both the vault and the verdict's excerpts need it, and it is pure.

A secret is looked for with one RE2 pattern (linear time on whatever a provider sends) in which each of
its characters stands in all its spellings: raw, percent-encoded, JSON-escaped, HTML-escaped, and those
escaped once more. Base64 is looked for at each of the three positions a secret can take in it, so that
it is found inside ``user:secret`` too.
"""

import functools
import html.entities
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import re2

MASK = "••••••".encode()
#: Secrets of fewer characters are hidden by position only: they occur by chance.
SHORTEST_BY_VALUE = 6

# Longer secrets are looked for piece by piece, which bounds a pattern's size.
_PIECE = 48
_PATTERN_MEMORY = 64 << 20
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#: What follows the backslash; signs may follow it as they are.
_SHORT_JSON = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}

_ENTITIES: dict[str, list[str]] = defaultdict(list)
for _name, _char in html.entities.html5.items():
    if len(_char) == 1 and _name.endswith(";"):
        _ENTITIES[_char].append(_name[:-1])


def mask(data: bytes, *, spans: Iterable[tuple[int, int]] = (), secrets: Iterable[str] = ()) -> bytes:
    """``data`` with :data:`MASK` for each span (start, end) and for each secret in any encoding.

    Spans and finds that touch or overlap become one mask; a mask's length tells nothing. Spans beyond
    the data are shortened. Data may end inside a secret (a reply that was cut): what is there of it is
    hidden when it is :data:`SHORTEST_BY_VALUE` characters or more.
    """
    hidden = [(max(0, start), min(end, len(data))) for start, end in spans]
    for secret in secrets:
        if len(secret) >= SHORTEST_BY_VALUE:
            for pattern in _patterns(secret):
                hidden.extend(_occurrences(pattern, data))
    masked = bytearray()
    position = 0
    for start, end in _merged(hidden):
        masked += data[position:start] + MASK
        position = end
    return bytes(masked + data[position:])


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    first: int | None = None
    last = 0
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if first is None or start > last:
            if first is not None:
                yield first, last
            first, last = start, end
        last = max(last, end)
    if first is not None:
        yield first, last


def _occurrences(pattern: Any, data: bytes) -> Iterator[tuple[int, int]]:
    """Every match, also those that overlap: of ``aaaaaaa`` no ``a`` may stay."""
    position = 0
    while found := pattern.search(data, position):
        yield found.span()
        position = found.start() + 1


@functools.lru_cache(maxsize=256)
def _patterns(secret: str) -> tuple[Any, ...]:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.longest_match = True
    options.log_errors = False
    options.max_mem = _PATTERN_MEMORY
    spellings: list[bytes] = []
    for piece in _pieces(secret):
        plain = [_character(char) for char in piece]
        spellings.append(_to_the_end(plain, SHORTEST_BY_VALUE))
        spellings.extend(_bytes(piece.encode(name, "surrogatepass")) for name in ("utf-16-le", "utf-16-be"))
        content = piece.encode("utf-8", "surrogatepass")
        spellings.extend(_in_base64(content, offset) for offset in range(3))
    return tuple(re2.compile(spelling, options) for spelling in dict.fromkeys(spellings))


def _pieces(secret: str) -> Iterator[str]:
    """``secret``, or when it is long its pieces; the last overlaps the one before, never too short."""
    for start in range(0, max(len(secret), 1), _PIECE):
        yield secret[start : start + _PIECE] if start + _PIECE <= len(secret) else secret[-_PIECE:]


def _to_the_end(units: list[bytes], least: int) -> bytes:
    r"""All ``units`` in a row, or from ``least`` on as many as stand before the end of the data."""
    rest = b""
    for unit in reversed(units[least:]):
        rest = rb"(?:\z|" + unit + rest + b")"
    return b"".join(units[:least]) + rest


def _in_base64(content: bytes, offset: int) -> bytes:
    """``content`` where ``offset`` bytes modulo 3 stand before it in what was encoded, and anything after.

    A character that mixes it with its neighbours is one of those that agree in its bits.
    """
    bits = "".join(f"{byte:08b}" for byte in content)
    before = offset * 8 % 6
    bits = "?" * before + bits
    bits += "?" * (-len(bits) % 6)
    units = []
    for start in range(0, len(bits), 6):
        wanted = re.compile(bits[start : start + 6].replace("?", "[01]"))
        units.append(_any(_base64_character(_BASE64[i]) for i in range(64) if wanted.fullmatch(f"{i:06b}")))
    return _to_the_end([units[0], *(rb"[\r\n]{0,2}" + unit for unit in units[1:])], SHORTEST_BY_VALUE + 2)


def _base64_character(code: int) -> bytes:
    char = chr(code)
    other = {"+": "-", "/": "_"}.get(char)
    if other is None:
        return char.encode()
    return _any((_character(char), _character(other)))


@functools.lru_cache(maxsize=1024)
def _character(char: str) -> bytes:
    """A pattern for every spelling of ``char``; escapes of a sign may be escaped once more themselves."""
    return _spellings(char, _literal if char.isascii() and char.isalnum() else _spelled_once)


def _spelled_once(char: str) -> bytes:
    return _spellings(char, _literal)


def _spellings(char: str, sign: Callable[[str], bytes]) -> bytes:
    """``char`` raw and in every escape, whose own signs (``% \\ & # ;``) are written by ``sign``."""
    spellings = [_in_bytes(char.encode("utf-8", "surrogatepass"), sign), _in_json(char, sign)]
    if "\x80" <= char <= "\xff":
        spellings.append(_in_bytes(char.encode("latin-1"), sign))
    if char == " ":
        spellings.append(rb"\+")
    if char == "\n":
        spellings.append(_in_bytes(b"\r\n", sign))
    if short := _SHORT_JSON.get(char, "" if char.isalnum() else char):
        spellings.append(sign("\\") + (_literal(short) if short.isalnum() else sign(short)))
    number = rb"0{0,6}(?:%d|[xX]0{0,6}%s)" % (ord(char), _hexadecimal(f"{ord(char):x}"))
    end = b"(?:" + sign(";") + b")?"
    spellings.append(sign("&") + sign("#") + number + end)
    spellings.extend(sign("&") + _literal(name) + end for name in _ENTITIES.get(char, ()))
    return _any(spellings)


def _in_bytes(content: bytes, sign: Callable[[str], bytes]) -> bytes:
    """Each byte raw or percent-encoded."""
    return b"".join(_any((rb"\x%02x" % byte, sign("%") + _hexadecimal(f"{byte:02x}"))) for byte in content)


def _in_json(char: str, sign: Callable[[str], bytes]) -> bytes:
    """``\\uXXXX``; beyond the first plane, two of them."""
    units = char.encode("utf-16-be", "surrogatepass")
    return b"".join(sign("\\") + b"u" + _hexadecimal(units[i : i + 2].hex()) for i in range(0, len(units), 2))


def _hexadecimal(digits: str) -> bytes:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits).encode()


def _literal(text: str) -> bytes:
    return _bytes(text.encode("utf-8", "surrogatepass"))


def _bytes(content: bytes) -> bytes:
    return b"".join(rb"\x%02x" % byte for byte in content)


def _any(patterns: Iterable[bytes]) -> bytes:
    return b"(?:" + b"|".join(patterns) + b")"
