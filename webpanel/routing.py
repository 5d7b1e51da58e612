"""Which gateway a message takes: the one named, the application's own, or the one whose countries fit.

A room of its own because it decides among gateways, where ``intake`` decides about messages.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, bindparam, select

from webpanel import models
from webpanel.prepared import Prepared
from webpanel.vault import Unreadable, Vault
from webpanel.wire import content, destinations
from webpanel.wire.destinations import Destinations
from webpanel.wire.gateway import Gateway
from webpanel.wire.phone import Number
from webpanel.wire.problem import Problem, Refused

_gateway = models.Gateway.__table__
_secret = models.Secret.__table__

_ORDER = Prepared(
    select(_gateway.c.id, _gateway.c.version, _gateway.c.name, _gateway.c.enabled).order_by(
        _gateway.c.position, _gateway.c.id
    )
)
_SETTINGS = select(_gateway.c.version, *(_gateway.c[name] for name in Gateway.__dataclass_fields__)).where(
    _gateway.c.id == bindparam("of")
)
_SECRETS = select(_secret.c.name, _secret.c.ciphertext).where(_secret.c.gateway_id == bindparam("of"))


@dataclass(frozen=True)
class Route:
    """A gateway with its secrets, ready to compose for."""

    gateway_id: int
    version: int
    settings: Gateway
    destinations: Destinations
    secrets: dict[str, str]
    #: Kinds of numbers, and senders, with which a text that arrives anywhere was composed.
    composed: set[tuple[str, str]] = field(default_factory=set, compare=False, repr=False)


@dataclass(frozen=True)
class Choice:
    """Where a message goes, to which number, and a code of ``webpanel.words`` that says why there."""

    route: Route
    number: Number
    why: Problem


#: The last version of each gateway that was opened; every save, also of a secret, is a new version.
_OPENED: WeakKeyDictionary[Vault, dict[int, Route]] = WeakKeyDictionary()


class Routes:
    """The gateways as they stand now, in the administrator's order.

    ``allowed``: ids that may be used; None: all. ``region`` of numbers without a country goes before
    the gateway's own, ``panel_region`` after it.
    """

    def __init__(
        self,
        connection: Connection,
        vault: Vault,
        *,
        allowed: Collection[int] | None = None,
        region: str = "",
        panel_region: str = "",
    ) -> None:
        self._connection, self._vault = connection, vault
        self._region, self._panel_region = region, panel_region
        self._rows = _ORDER.all(connection)
        self._allowed = None if allowed is None else frozenset(allowed)
        self._opened = _OPENED.setdefault(vault, {})

    def choose(self, to: str, named: str | int | None, own: int | None) -> Choice:
        """``named`` by the caller (a name or an id), or ``own`` of the application, goes first.

        Raises Refused (fields ``gateway``, ``recipient``).
        """
        if named is not None:
            route = self._open(self._find(named))
            return Choice(route, self._number(route, to), Problem("chosen_named"))
        if own is not None:
            route = self._open(self._find(own))
            return Choice(route, self._number(route, to), Problem("chosen_application"))
        return self._fitting(to)

    def _fitting(self, to: str) -> Choice:
        best: tuple[int, Route, Number] | None = None
        unreadable: Refused | None = None
        for route in self._candidates:
            try:
                number = self._number(route, to)
            except Refused as refused:
                unreadable = unreadable or refused
                continue
            closeness = route.destinations.match(number)
            if closeness is not None and (best is None or closeness > best[0]):
                best = closeness, route, number
        if best is None:
            if unreadable is not None:
                raise unreadable
            raise Refused(Problem("no_gateway_fits" if self._candidates else self._why_none(), "gateway"))
        closeness, route, number = best
        why = Problem("chosen_destination", values={"digits": number.value[: closeness + 1]})
        return Choice(route, number, why if closeness else Problem("chosen_first"))

    @cached_property
    def _candidates(self) -> Sequence[Route]:
        """Those that are on and allowed; one whose secrets cannot be read sends nothing, and is left out."""
        usable = []
        for row in self._rows:
            if row.enabled and self._may_use(row.id):
                try:
                    usable.append(self._open(row.id))
                except Refused:
                    continue
        return usable

    def _find(self, wanted: str | int) -> int:
        """The id of a gateway that may be used now; a name goes before an id that is written like it."""
        rows = [row for row in self._rows if wanted == row.name]
        if not rows and (isinstance(wanted, int) or (wanted.isascii() and wanted.isdigit())):
            rows = [row for row in self._rows if row.id == int(wanted)]
        if not rows:
            raise Refused(Problem("gateway_gone", "gateway"))
        if not self._may_use(rows[0].id):
            raise Refused(Problem("gateway_not_allowed", "gateway"))
        if not rows[0].enabled:
            raise Refused(Problem("gateway_disabled", "gateway"))
        return rows[0].id

    def _may_use(self, gateway_id: int) -> bool:
        return self._allowed is None or gateway_id in self._allowed

    def _why_none(self) -> str:
        """The code for there being no candidate."""
        left = any(self._may_use(row.id) for row in self._rows)
        return "no_gateway" if self._allowed is None or left else "no_gateway_left"

    def _number(self, route: Route, to: str) -> Number:
        region = self._region or route.settings.default_country or self._panel_region
        return content.recipient(route.settings, to, region)

    def _open(self, gateway_id: int) -> Route:
        row = next(row for row in self._rows if row.id == gateway_id)
        known = self._opened.get(gateway_id)
        if known is not None and known.version == row.version:
            return known
        found = self._connection.execute(_SETTINGS, {"of": gateway_id}).first()
        if found is None:
            raise Refused(Problem("gateway_gone", "gateway"))
        columns = found._mapping
        settings = Gateway(**{name: columns[name] for name in Gateway.__dataclass_fields__})
        ciphertexts = self._connection.execute(_SECRETS, {"of": gateway_id})
        try:
            secrets = {each.name: self._vault.decrypt(each.ciphertext) for each in ciphertexts}
        except Unreadable as error:
            raise Refused(Problem("secrets_unreadable", "gateway")) from error
        places = destinations.read(settings.destinations)
        route = Route(gateway_id, found.version, settings, places, secrets)
        self._opened[gateway_id] = route
        return route
