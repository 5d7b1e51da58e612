"""Which presets there are: those that ship, and an institution's own files over them."""

import functools
import re
import stat
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from webpanel.presets import reading
from webpanel.presets.preset import Preset
from webpanel.wire import url as urls
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem, Refused

#: Files of an institution's own that are read, anew for each page that shows them.
MOST_OWN = 100

_SHIPPED = Path(__file__).parent
#: What a file may be called: its name is stored with the gateways made of it, and stands in addresses.
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True)
class Fault:
    """A file that cannot be used: its name, and why."""

    file: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Catalogue:
    """``presets`` by name; ``faults`` of the files that are left out."""

    presets: tuple[Preset, ...]
    faults: tuple[Fault, ...] = ()

    def find(self, name: str) -> Preset | None:
        """The preset whose file is called so."""
        return next((preset for preset in self.presets if preset.id == name), None)

    def search(self, words: str) -> tuple[Preset, ...]:
        """Those in whose name, id or keywords every one of ``words`` occurs; all for none."""
        wanted = _folded(words[:200]).split()
        return tuple(
            preset
            for preset in self.presets
            if all(word in _folded(" ".join((preset.name, preset.id, *preset.keywords))) for word in wanted)
        )

    def for_gateway(self, gateway: Gateway) -> Preset | None:
        """The preset that a gateway was made from, else the one whose host it asks."""
        return (self.find(gateway.preset) if gateway.preset else None) or self._by_host(gateway.url)

    def _by_host(self, url: str) -> Preset | None:
        try:
            asked = urls.read(url).host
        except Refused:
            return None
        return next((preset for preset in self.presets if _is_below(asked, preset.hosts)), None)


def catalogue(own: Path | None) -> Catalogue:
    """What ships, with the files of the folder ``own`` over it; a folder that is not there has none.

    An own file replaces the shipped one of the same name, also when it cannot be used.
    """
    shipped, faults = _shipped()
    mine, mine_faults = _read_folder(own, own=True) if own else ((), ())
    replaced = {preset.id for preset in mine} | {fault.file.removesuffix(".toml") for fault in mine_faults}
    presets = [*mine, *(preset for preset in shipped if preset.id not in replaced)]
    return Catalogue(tuple(sorted(presets, key=_place)), (*mine_faults, *faults))


@functools.cache
def _shipped() -> tuple[tuple[Preset, ...], tuple[Fault, ...]]:
    return _read_folder(_SHIPPED, own=False)


def _read_folder(folder: Path, *, own: bool) -> tuple[tuple[Preset, ...], tuple[Fault, ...]]:
    presets, faults = [], []
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
    except FileNotFoundError:
        return (), ()
    except OSError as error:
        return (), (_unreadable(folder.name, error),)
    for path in files[:MOST_OWN]:
        try:
            presets.append(_read(path, own=own))
        except Refused as refused:
            faults.append(Fault(path.name, refused.problems))
        except OSError as error:
            faults.append(_unreadable(path.name, error))
    if len(files) > MOST_OWN:
        faults.append(Fault(folder.name, (Problem("presets_too_many", values={"most": MOST_OWN}),)))
    return tuple(presets), tuple(faults)


def _read(path: Path, *, own: bool) -> Preset:
    if not _NAME.fullmatch(path.stem):
        raise Refused(Problem("preset_file_name"))
    if not stat.S_ISREG(path.stat().st_mode):
        # Reading a pipe or a device would never end.
        raise Refused(Problem("preset_no_file"))
    with path.open("rb") as stream:
        content = stream.read(4 * reading.LONGEST_FILE + 1)
    understood = _understood(content, path.stem, own)
    if isinstance(understood, Preset):
        return understood
    raise Refused(*understood)


@functools.lru_cache(maxsize=MOST_OWN)
def _understood(content: bytes, name: str, own: bool) -> Preset | tuple[Problem, ...]:
    """What a file says, or why it cannot be used. The same bytes are read once: some milliseconds each."""
    try:
        return reading.read(content.decode("utf-8-sig"), name, own=own)
    except UnicodeDecodeError as error:
        return (Problem("preset_not_utf8", line=content.count(b"\n", 0, error.start) + 1),)
    except Refused as refused:
        return refused.problems


def _unreadable(name: str, error: OSError) -> Fault:
    return Fault(name, (Problem("preset_unreadable", values={"error": error.strerror or ""}),))


def _is_below(host: str, hosts: Iterable[str]) -> bool:
    return any(host == each or host.endswith(f".{each}") for each in hosts)


def _place(preset: Preset) -> tuple[str, str]:
    return _folded(preset.name), preset.id


def _folded(text: str) -> str:
    """Without capitals and accents: what is typed into a search."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()
