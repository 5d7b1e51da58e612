"""The rows of delivery reports: what they change, what waits for its message, what is shown of them.

A room of its own beside ``ledger``: that one is the way of a message to the provider, this one what the
provider says afterwards. Each function is one group of :meth:`webpanel.store.Store.write`, or reads.

A report can overtake our own commit of the attempt that it is about. It waits in a table of its own, and
:func:`settle`, called by each sweep, applies it once its message is known by that id; so no order of
commits, on one machine or several, can lose it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from webpanel import callbacks, models
from webpanel.prepared import Prepared
from webpanel.sending import arrival, ledger
from webpanel.store import from_now, from_now_by
from webpanel.wire.report import Told

#: Requests that are kept for a gateway's page, and reports that are told of each.
KEPT, SHOWN = 20, 20
#: Seconds for which a report waits for its message; the newest so many of a gateway's wait.
WAITS, MOST_WAITING = 24 * 3600, 50_000
#: A report of the last so many seconds is looked at by every sweep, an older one by some.
FRESH = 600
#: Reports that one sweep applies at most.
MOST = 500

_message = models.Message.__table__
_attempt = models.Attempt.__table__
_received = models.ReportReceived.__table__
_waiting = models.ReportWaiting.__table__

#: ``applied``: it changed a state; ``unchanged``: nothing to change; ``waits``: for its message;
#: ``foreign``: its message belongs to another gateway; ``unread``: its word means nothing here.
Came = Literal["applied", "unchanged", "waits", "foreign", "unread"]

_FOUND = (_message.c.id, _message.c.gateway_id, _message.c.state, _message.c.attempt_count)
_BY_PROVIDERS_ID = Prepared(
    select(*_FOUND)
    .where(
        _message.c.gateway_id == bindparam("gateway"), _message.c.provider_message_id == bindparam("named")
    )
    .order_by(_message.c.id.desc())
    .limit(1)
)
_BY_OUR_ID = Prepared(select(*_FOUND).where(_message.c.id == bindparam("named")))
_SENT_BY = Prepared(
    select(_attempt.c.id)
    .where(_attempt.c.message_id == bindparam("of"), _attempt.c.gateway_id == bindparam("gateway"))
    .limit(1)
)
_CHANGE = (
    update(_message)
    .where(
        _message.c.id == bindparam("of"),
        _message.c.state == bindparam("was"),
        _message.c.lease_token.is_(None),
    )
    .values(due_at=None, sealed_text=None, final_at=from_now())
)
_WAITS_ALREADY = Prepared(
    select(_waiting.c.id)
    .where(
        _waiting.c.gateway_id == bindparam("gateway"),
        _waiting.c.named == bindparam("named"),
        _waiting.c.meaning == bindparam("meaning"),
    )
    .limit(1)
)
_WAIT = insert(_waiting).values(at=from_now())
_KEEP = insert(_received).values(at=from_now())
#: The reports whose message is known by now, and has no attempt under way.
_KNOWN = (
    select(_waiting)
    .where(
        _waiting.c.at > from_now_by("since"),
        or_(
            select(1)
            .where(
                _message.c.gateway_id == _waiting.c.gateway_id,
                _message.c.provider_message_id == _waiting.c.named,
                _message.c.state != "sending",
            )
            .exists(),
            select(1).where(_message.c.id == _waiting.c.named, _message.c.state != "sending").exists(),
        ),
    )
    .order_by(_waiting.c.id)
    .limit(MOST)
)


@dataclass(frozen=True)
class Received:
    """One request: ``columns`` are those of its row, masked, without what became of its reports."""

    gateway_id: int
    columns: dict[str, Any]
    told: tuple[Told, ...] = ()


def take(connection: Connection, received: Sequence[Received]) -> list[list[str]]:
    """Apply what several requests report, and keep them; returns for each the ids of changed messages."""
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    changed: list[list[str]] = []
    for each in received:
        came = [(told, *_take(connection, each.gateway_id, told)) for told in each.told]
        changed.append([message_id for _, _, message_id in came if message_id])
        told = [[told.id, told.word, told.meaning, became] for told, became, _ in came[:SHOWN]]
        rows[each.gateway_id].append({**each.columns, "gateway_id": each.gateway_id, "told": told})
    for gateway_id, kept in rows.items():
        connection.execute(_KEEP, kept[-KEPT:])
        _forget(connection, gateway_id)
    return changed


def settle(connection: Connection, rows: Iterable[Any]) -> list[str]:
    """Apply reports of :func:`known`; returns the ids of the messages that they changed."""
    changed = []
    for row in rows:
        came, message_id = _apply(connection, row.gateway_id, row.named, row.word, row.meaning)
        if came != "waits":
            connection.execute(delete(_waiting).where(_waiting.c.id == row.id))
        if message_id:
            changed.append(message_id)
    return changed


def known(connection: Connection, *, everything: bool) -> Sequence[Any]:
    """The waiting reports that can be applied now; ``everything``: also those that wait for long."""
    return connection.execute(_KNOWN, {"since": -(WAITS if everything else FRESH)}).all()


def forget(connection: Connection) -> None:
    """Drop the reports that waited for a day, and the oldest of far too many."""
    connection.execute(delete(_waiting).where(_waiting.c.at <= from_now(-WAITS)))
    crowded = (
        select(_waiting.c.gateway_id).group_by(_waiting.c.gateway_id).having(func.count() > MOST_WAITING)
    )
    for gateway_id in connection.execute(crowded).scalars().all():
        last = (
            select(_waiting.c.id)
            .where(_waiting.c.gateway_id == gateway_id)
            .order_by(_waiting.c.id.desc())
            .offset(MOST_WAITING)
            .limit(1)
            .scalar_subquery()
        )
        connection.execute(delete(_waiting).where(_waiting.c.gateway_id == gateway_id, _waiting.c.id <= last))


def _take(connection: Connection, gateway_id: int, told: Told) -> tuple[Came, str | None]:
    if told.meaning is None or told.meaning == "ignore":
        return "unread" if told.meaning is None else "unchanged", None
    came, message_id = _apply(connection, gateway_id, told.id, told.word, told.meaning)
    if came == "waits":
        like = {"gateway": gateway_id, "named": told.id, "meaning": told.meaning}
        if _WAITS_ALREADY.first(connection, like) is None:
            row = {"gateway_id": gateway_id, "named": told.id, "word": told.word, "meaning": told.meaning}
            connection.execute(_WAIT, row)
    return came, message_id


def _apply(
    connection: Connection, gateway_id: int, named: str, word: str, meaning: str
) -> tuple[Came, str | None]:
    """What came of one report, and the id of the message that it changed."""
    found = _BY_PROVIDERS_ID.first(connection, {"gateway": gateway_id, "named": named})
    if found is None:
        found = _BY_OUR_ID.first(connection, {"named": named})
        if found and not _is_of(connection, found, gateway_id):
            return "foreign", None
    if found is None or found.state == "sending":
        return "waits", None
    became = arrival.after(found.state, found.attempt_count, meaning)
    if became is None:
        return "unchanged", None
    reason = {"code": "reported", "values": {"word": word}}
    given = {"of": found.id, "was": found.state, "state": became, "reason": reason}
    if not connection.execute(_CHANGE, given).rowcount:
        # Somebody else changed it in this moment; the next sweep looks again.
        return "waits", None
    ledger.note(connection, found.id, f"event_reported_{became}", {"word": word})
    callbacks.queue(connection, found.id)
    return "applied", found.id


def _is_of(connection: Connection, found: Any, gateway_id: int) -> bool:
    """Whether the gateway has the message, or made an attempt before another one got it."""
    if found.gateway_id == gateway_id:
        return True
    return _SENT_BY.first(connection, {"of": found.id, "gateway": gateway_id}) is not None


def _forget(connection: Connection, gateway_id: int) -> None:
    last = (
        select(_received.c.id)
        .where(_received.c.gateway_id == gateway_id)
        .order_by(_received.c.id.desc())
        .offset(KEPT)
        .limit(1)
        .scalar_subquery()
    )
    connection.execute(delete(_received).where(_received.c.gateway_id == gateway_id, _received.c.id <= last))
