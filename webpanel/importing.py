"""What a file would bring into the panel, whatever kind it is, and what stands in its way.

A room of its own because pages and terminal read the same files and must make the same of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from webpanel import gateway_file, gateway_secrets, models
from webpanel.gateway_secrets import SecretChanges
from webpanel.wire import lint, literals, moodle, phone
from webpanel.wire.gateway import AUTH_SECRETS, Gateway
from webpanel.wire.problem import Problem, Refused

Kind = Literal["gateway", "moodle"]

#: Bytes of a file.
LONGEST = gateway_file.LONGEST
RULES = ("success", "failure", "later", "message_id", "reason")


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
        """Every secret that it needs, those of its authentication too."""
        return {*self.secrets, *self.asked, *AUTH_SECRETS.get(self.settings.auth_kind, ())}

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
    said = gateway_file.loads(text.replace("\r\n", "\n").replace("\r", "\n"))
    # First of all: what is looked for below takes its time in what is far too long.
    if problems := lint.unreadable(said.settings):
        raise Refused(*problems)
    # One may write a file by hand, and a credential into it.
    settings, found = literals.extract(said.settings, said.secrets)
    told = (Problem("file_credentials", values={"names": ", ".join(found)}),) if found else ()
    return Import("gateway", (Incoming(settings, found, said.secrets, told),))


def _from_moodle(found: moodle.Imported) -> Incoming:
    changes = found.changes if found.enabled else (*found.changes, Problem("moodle_disabled"))
    return Incoming(found.settings, found.secrets, changes=changes, enabled=found.enabled)


def settled(settings: Gateway) -> Gateway:
    """``settings`` as the form would store them; what is wrong with them stays for lint to tell."""
    settings = replace(settings, name=settings.name.strip(), url=settings.url.strip())
    for rule in RULES:
        if not getattr(settings, f"{rule}_rule").strip():
            settings = replace(settings, **{f"{rule}_kind": "blank", f"{rule}_rule": ""})
    try:
        country = phone.country(settings.default_country)
    except Refused:
        return settings
    return replace(settings, default_country=country.region)


@dataclass(frozen=True)
class Plan:
    """What an import would do with one gateway; ``existing`` is the one that it would replace."""

    incoming: Incoming
    existing: models.Gateway | None
    #: The values that are known, and the stored ones that go.
    changes: SecretChanges

    @property
    def stored(self) -> list[str]:
        return _stored(self.existing)

    @property
    def kept(self) -> set[str]:
        """The names of the stored secrets that stay."""
        if self.existing is None:
            return set()
        return gateway_secrets.kept(self.existing.url, self.stored, self.incoming.settings, self.changes)

    @property
    def missing(self) -> tuple[str, ...]:
        """The secrets that are needed and have no value yet."""
        return tuple(sorted(self.incoming.names - self.kept - set(self.changes.typed)))


def plan(
    incoming: Incoming, existing: models.Gateway | None, given: Mapping[str, str] = MappingProxyType({})
) -> Plan:
    """``given``: values by name; what came with the file counts where none was given.

    A stored secret that is not needed any more is kept where it was meant to go, and nowhere else.
    """
    removed = frozenset[str]()
    if existing and not gateway_secrets.same_origin(existing.url, incoming.settings.url):
        removed = frozenset(_stored(existing)) - incoming.names
    values = {**incoming.secrets, **{name: given[name] for name in incoming.names if name in given}}
    return Plan(incoming, existing, SecretChanges(values, removed))


def _stored(gateway: models.Gateway | None) -> list[str]:
    return [secret.name for secret in gateway.secrets] if gateway else []
