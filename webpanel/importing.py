"""What a file would bring into the panel, whatever kind it is, and what stands in its way.

A room of its own because pages and terminal read the same files and must make the same of them.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Literal

from webpanel import gateway_file
from webpanel.gateways import SecretChanges, same_origin
from webpanel.wire import moodle
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem, Refused

Kind = Literal["gateway", "moodle"]

#: Bytes of a file.
LONGEST = gateway_file.LONGEST


@dataclass(frozen=True)
class Incoming:
    """One gateway of a file."""

    settings: Gateway
    #: The secrets' values that came with it, by name; none do in a gateway's own file.
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    #: The secrets that are named, and whose values must be given.
    asked: tuple[str, ...] = ()
    #: What became different on the way, and why.
    changes: tuple[Problem, ...] = ()
    enabled: bool = True

    @property
    def names(self) -> set[str]:
        """Every secret that it needs."""
        return {*self.secrets, *self.asked}

    def called(self, name: str) -> "Incoming":
        return replace(self, settings=replace(self.settings, name=name))


@dataclass(frozen=True)
class Import:
    """All that a file holds; ``skipped`` tells what in it is no gateway of ours."""

    kind: Kind
    gateways: tuple[Incoming, ...]
    skipped: tuple[Problem, ...] = ()


def read(data: bytes) -> Import:
    """Recognise and read a file. Raises Refused (blank field) with what is wrong with it."""
    if len(data) > LONGEST:
        raise Refused(Problem("file_too_long", values={"most": LONGEST // 1024}))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(Problem("file_not_text")) from None
    if not text.strip():
        raise Refused(Problem("file_empty"))
    # A file of ours begins with a name, never with one of JSON's signs.
    if text.lstrip().startswith(("{", "[", '"{', '"[')):
        found = moodle.read(text)
        return Import("moodle", tuple(map(_from_moodle, found.gateways)), found.skipped)
    # Browsers and editors end lines in their own ways.
    read_file = gateway_file.loads(text.replace("\r\n", "\n").replace("\r", "\n"))
    return Import("gateway", (Incoming(read_file.settings, asked=read_file.secrets),))


def _from_moodle(found: moodle.Imported) -> Incoming:
    changes = found.changes if found.enabled else (*found.changes, Problem("moodle_disabled"))
    return Incoming(found.settings, found.secrets, changes=changes, enabled=found.enabled)


def dropped(stored_url: str, stored: Collection[str], incoming: Incoming) -> frozenset[str]:
    """The stored secrets that go when ``incoming`` replaces a gateway.

    One that is not needed any more is kept where it was meant to go, and nowhere else.
    """
    if same_origin(stored_url, incoming.settings.url):
        return frozenset()
    return frozenset(stored) - incoming.names


def replacing(stored_url: str, stored: Collection[str], incoming: Incoming) -> SecretChanges:
    """What replacing a gateway does to its secrets, as far as the file says."""
    return SecretChanges(dict(incoming.secrets), dropped(stored_url, stored, incoming))
