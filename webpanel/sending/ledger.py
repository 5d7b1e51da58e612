"""The rows of delivery: claim, mark, finish, give back, and what the sweep mends.

A room of its own because these statements are the promise of DESIGN section 4, and are read beside it.
Each function runs inside one group of :meth:`webpanel.store.Store.write`, or reads. All times are the
database's. A change of a message asks for its state and its lease's token, never only for its id.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, insert, or_, select, update

from webpanel import callbacks, models
from webpanel.sending.attempt import Report
from webpanel.sending.policy import Step
from webpanel.sending.questions import due, may_send
from webpanel.store import from_now, from_now_by
from webpanel.wire.gateway import OnAmbiguous

_gateway = models.Gateway.__table__
_message = models.Message.__table__
_attempt = models.Attempt.__table__
_event = models.Event.__table__

#: The condition that a message is held under a token.
_HELD = (
    (_message.c.id == bindparam("of"))
    & (_message.c.lease_token == bindparam("under"))
    & (_message.c.state == "sending")
)

# What each attempt executes is made once: SQLAlchemy takes longer to make a statement than SQLite
# to execute it. Parameters with a column's name set that column.
_MARK = (
    update(_message)
    .where(
        _HELD,
        _message.c.lease_until > from_now(),
        select(1)
        .where(_gateway.c.id == bindparam("by"), _gateway.c.version == bindparam("version"), may_send())
        .exists(),
    )
    .values(lease_until=from_now_by("lease"))
)
_BEGIN = insert(_attempt).values(started_at=from_now())
_LET_GO = (
    update(_message)
    .where(_HELD)
    .values(
        lease_token=None,
        lease_until=None,
        provider_message_id=func.coalesce(bindparam("provider_id"), _message.c.provider_message_id),
    )
)
_QUEUE = _LET_GO.values(due_at=from_now_by("due_in"))
_MOVE = _QUEUE.values(gateway_id=bindparam("to"), gateway_name=bindparam("named"))
_END = _LET_GO.values(due_at=None, sealed_text=None, final_at=from_now())
_FINISH = (
    update(_attempt)
    .where(_attempt.c.token == bindparam("under"), _attempt.c.finished_at.is_(None))
    .values(finished_at=from_now())
)
_NOTE = insert(_event).values(at=from_now())

#: As ``Message.priority``.
URGENT = 0

#: A code with values, as the columns ``reason`` and ``stopped_reason`` hold it.
Reason = dict[str, Any]


@dataclass(frozen=True)
class Claim:
    """A message that this process may send, for as long as its lease lasts."""

    message_id: str
    token: str
    recipient: str
    #: None for a sensitive one: see ``sealed_text``.
    text: str | None
    sender: str
    #: Of the attempt to be made, from 1.
    number: int
    possible_duplicate: bool
    sealed_text: bytes | None
    urgent: bool
    #: The message's own word for what to do when it is not certain; None: the gateway's.
    on_ambiguous: OnAmbiguous | None
    #: When it was due, to give it back to its place.
    due_at: datetime
    #: End of its lifetime, by this process's monotonic clock.
    ends: float

    @property
    def seconds_left(self) -> float:
        return self.ends - time.monotonic()


class Held(NamedTuple):
    """A message, and the token under which it is being sent."""

    message_id: str
    token: str


@dataclass(frozen=True)
class Target:
    """A gateway that a message moves to; ``before`` is the name of the one that it leaves."""

    id: int
    name: str
    before: str


#: Which of the due messages are taken: it narrows a SELECT, or puts it in order.
Wanted = Callable[[Select[Any]], Select[Any]]


def in_order(due_now: Select[Any]) -> Select[Any]:
    """Urgent before normal before bulk, and by time due within each."""
    return due_now.order_by(_message.c.priority, _message.c.due_at, _message.c.id)


def by_time(due_now: Select[Any]) -> Select[Any]:
    """By time due alone, so that no priority waits for ever."""
    return due_now.order_by(_message.c.due_at, _message.c.id)


def only(message_id: str) -> Wanted:
    """That one, if it is due."""
    return lambda due_now: due_now.where(_message.c.id == message_id)


def claim(
    connection: Connection, gateway_id: int, limit: int, lease: float, wanted: Wanted = in_order
) -> list[Claim]:
    """Take up to ``limit`` due messages of a gateway that may send, for ``lease`` seconds."""
    due_now = (
        select(
            _message.c.id,
            _message.c.recipient,
            _message.c.text,
            _message.c.sealed_text,
            _message.c.on_ambiguous,
            _message.c.priority,
            _message.c.sender,
            _message.c.attempt_count,
            _message.c.possible_duplicate,
            _message.c.due_at,
            _message.c.expires_at,
            from_now().label("present"),
        )
        .where(
            _message.c.gateway_id == gateway_id,
            due(),
            select(1).where(_gateway.c.id == gateway_id, may_send()).exists(),
        )
        .limit(limit)
        # For PostgreSQL, where others write at the same time; SQLite has no such clause and needs none.
        .with_for_update(skip_locked=True, of=_message)
    )
    claims = [
        Claim(
            message_id=row.id,
            token=secrets.token_hex(16),
            recipient=row.recipient,
            text=row.text,
            sealed_text=row.sealed_text,
            on_ambiguous=row.on_ambiguous,
            urgent=row.priority == URGENT,
            sender=row.sender,
            number=row.attempt_count + 1,
            possible_duplicate=row.possible_duplicate,
            due_at=row.due_at,
            ends=time.monotonic() + (row.expires_at - row.present).total_seconds(),
        )
        for row in connection.execute(wanted(due_now))
    ]
    if claims:
        connection.execute(
            update(_message)
            .where(
                _message.c.id == bindparam("of"),
                # Not IN: that is spelled anew for each execution, and this is one for many.
                or_(_message.c.state == "queued", _message.c.state == "scheduled"),
            )
            .values(state="sending", due_at=None, lease_until=from_now(lease)),
            [{"of": each.message_id, "lease_token": each.token} for each in claims],
        )
    return claims


def mark(connection: Connection, claim: Claim, gateway_id: int, version: int, lease: float) -> bool:
    """Record that an attempt begins; the lease then lasts ``lease`` seconds from now.

    False when nothing may be sent: the lease is over or somebody else's, or the gateway was changed,
    stopped, paused or switched off meanwhile.
    """
    given = {
        "of": claim.message_id,
        "under": claim.token,
        "by": gateway_id,
        "version": version,
        "lease": lease,
        "attempt_count": claim.number,
    }
    if not connection.execute(_MARK, given).rowcount:
        return False
    begin(connection, claim.message_id, gateway_id, claim.number, claim.token)
    return True


def begin(connection: Connection, message_id: str, gateway_id: int | None, number: int, token: str) -> None:
    """The row of an attempt that is about to be made."""
    row = {"message_id": message_id, "gateway_id": gateway_id, "number": number, "token": token}
    connection.execute(_BEGIN, row)


def finish(
    connection: Connection, held: Held | Claim, report: Report, step: Step, target: Target | None = None
) -> bool:
    """Store how an attempt went and what follows for its message; ``target`` is the gateway it moves to.

    False when the message is no longer held under ``token``: then only the late reply is noted.
    """
    reason: Reason = report.columns["reason"]
    given = {
        "of": held.message_id,
        "under": held.token,
        "state": step.state,
        "possible_duplicate": step.possible_duplicate,
        "reason": reason,
        "provider_id": report.provider_message_id,
    }
    if step.due_in is None:
        changed = connection.execute(_END, given)
    elif target is None:
        changed = connection.execute(_QUEUE, {**given, "due_in": step.due_in})
    else:
        to = {"due_in": step.due_in, "to": target.id, "named": target.name}
        changed = connection.execute(_MOVE, {**given, **to})
    if not changed.rowcount:
        late = {"outcome": report.verdict.outcome, "reason": reason}
        note(connection, held.message_id, "event_reply_too_late", late)
        return False
    connection.execute(_FINISH, {"under": held.token, **report.columns})
    way = {} if target is None else {"from": target.before, "gateway": target.name}
    note(connection, held.message_id, step.event, {**step.values, **way, "reason": reason})
    if step.due_in is None:
        callbacks.queue(connection, held.message_id)
    return True


def refuse(connection: Connection, claim: Claim, reason: Reason) -> None:
    """End a claimed message that cannot be put into its gateway's request; nothing of it was sent now."""
    state = "unknown" if claim.possible_duplicate else "failed"
    given = {
        "of": claim.message_id,
        "under": claim.token,
        "state": state,
        "reason": reason,
        "provider_id": None,
    }
    if connection.execute(_END, {**given, "provider_id": None}).rowcount:
        note(connection, claim.message_id, f"event_{state}", {"reason": reason})
        callbacks.queue(connection, claim.message_id)


def give_back(connection: Connection, claims: Sequence[Claim]) -> None:
    """Put claimed messages that were not marked back to their places."""
    connection.execute(
        update(_message).where(_HELD).values(state="queued", lease_token=None, lease_until=None),
        [{"of": each.message_id, "under": each.token, "due_at": each.due_at} for each in claims],
    )


def note(connection: Connection, message_id: str, code: str, values: dict[str, Any], actor: str = "") -> None:
    """One step in a message's life."""
    connection.execute(_NOTE, {"message_id": message_id, "code": code, "values": values, "actor": actor})
