"""The rows of delivery: claim, mark, finish, give back, and what the sweep mends.

A room of its own because these statements are the promise of DESIGN section 4, and are read beside it.
Each function runs inside one group of :meth:`webpanel.store.Store.write`, or reads. All times are the
database's. A change of a message asks for its state and its lease's token, never only for its id.
"""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, case, func, insert, select, update

from webpanel import callbacks, models
from webpanel.prepared import Prepared
from webpanel.sending.attempt import Report
from webpanel.sending.policy import Step
from webpanel.sending.questions import due, is_ready, may_send
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
# to execute it.
_MARK = Prepared(
    update(_message)
    .where(
        _HELD,
        _message.c.lease_until > from_now(),
        select(1)
        .where(_gateway.c.id == bindparam("by"), _gateway.c.version == bindparam("version"), may_send())
        .exists(),
    )
    .values(lease_until=from_now_by("lease")),
    ("attempt_count",),
)
_BEGIN = Prepared(
    insert(_attempt).values(started_at=from_now(), reply_cut=False),
    ("message_id", "gateway_id", "number", "token"),
)
_LET_GO = (
    update(_message)
    .where(_HELD)
    .values(
        lease_token=None,
        lease_until=None,
        provider_message_id=func.coalesce(bindparam("provider_id"), _message.c.provider_message_id),
    )
)
_OUTCOME = ("state", "possible_duplicate", "reason")
#: What changes in a message that moves to a :class:`Target`, by the parameters of :func:`moving`.
MOVED = {
    "gateway_id": bindparam("to"),
    "gateway_name": bindparam("named"),
    "sender": case((_message.c.sender == bindparam("own"), bindparam("theirs")), else_=_message.c.sender),
}
_DUE = _LET_GO.values(due_at=from_now_by("due_in"))
_QUEUE = Prepared(_DUE, _OUTCOME)
_MOVE = Prepared(_DUE.values(MOVED), _OUTCOME)
_END = Prepared(_LET_GO.values(due_at=None, sealed_text=None, final_at=from_now()), _OUTCOME)
#: What a report may say of an attempt, and what it says where it is silent.
_SILENT: dict[str, Any] = {
    **dict.fromkeys(("outcome", "reason", "duration_ms", "request")),
    **dict.fromkeys(("reply_status", "reply_head", "reply_body")),
    "reply_cut": False,
}
_FINISH = Prepared(
    update(_attempt)
    .where(_attempt.c.token == bindparam("under"), _attempt.c.finished_at.is_(None))
    .values(finished_at=from_now()),
    _SILENT,
)
_NOTE = Prepared(insert(_event).values(at=from_now()), ("message_id", "code", "values", "actor"))
_DUE_NOW = (
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
        _message.c.gateway_id == bindparam("gateway"),
        due(),
        select(1).where(_gateway.c.id == bindparam("gateway"), may_send()).exists(),
    )
    # Those of one moment come as the index has them, which is about as they were stored: to sort them
    # too, all of a large batch would be read for each claim.
    .order_by(_message.c.due_at)
    .limit(bindparam("most"))
    # For PostgreSQL, where others write at the same time; SQLite has no such clause and needs none.
    .with_for_update(skip_locked=True, of=_message)
)
_TAKE = Prepared(
    update(_message)
    .where(_message.c.id == bindparam("of"), is_ready())
    .values(state="sending", due_at=None, lease_until=from_now_by("lease")),
    ("lease_token",),
)
_GIVE_BACK = Prepared(
    update(_message).where(_HELD).values(state="queued", lease_token=None, lease_until=None), ("due_at",)
)

#: As ``Message.priority``.
URGENT, NORMAL, BULK = 0, 1, 2

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
    """A gateway that a message moves to; ``before`` is the name of the one that it leaves.

    ``own`` and ``theirs`` are the senders that stand in the two's settings: a message that bears the one
    bears the other from now on.
    """

    id: int
    name: str
    before: str
    own: str
    theirs: str


@dataclass(frozen=True)
class Wanted:
    """Which of the due messages are taken: a statement, and its values one after the other."""

    statement: Prepared
    values: Sequence[Mapping[str, Any]] = ({},)


#: Urgent before normal before bulk, and by time due within each. One class at a time is a look into the
#: index; all of them together, every waiting message would be sorted for each claim.
IN_ORDER = Wanted(
    Prepared(_DUE_NOW.where(_message.c.priority == bindparam("priority"))),
    [{"priority": priority} for priority in (URGENT, NORMAL, BULK)],
)

#: By time due alone, so that no priority waits for ever.
BY_TIME = Wanted(Prepared(_DUE_NOW))

_ONLY = Prepared(_DUE_NOW.where(_message.c.id == bindparam("message")))


def only(message_id: str) -> Wanted:
    """That one, if it is due."""
    return Wanted(_ONLY, [{"message": message_id}])


def claim(
    connection: Connection, gateway_id: int, limit: int, lease: float, wanted: Wanted = IN_ORDER
) -> list[Claim]:
    """Take up to ``limit`` due messages of a gateway that may send, for ``lease`` seconds."""
    rows: list[Any] = []
    for values in wanted.values:
        asked = {"gateway": gateway_id, "most": limit - len(rows), **values}
        rows += wanted.statement.all(connection, asked)
        if len(rows) == limit:
            break
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
        for row in rows
    ]
    if claims:
        rows = [{"of": each.message_id, "lease_token": each.token, "lease": lease} for each in claims]
        _TAKE.run(connection, rows)
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
    if not _MARK.change(connection, given):
        return False
    begin(connection, claim.message_id, gateway_id, claim.number, claim.token)
    return True


def begin(connection: Connection, message_id: str, gateway_id: int | None, number: int, token: str) -> None:
    """The row of an attempt that is about to be made."""
    row = {"message_id": message_id, "gateway_id": gateway_id, "number": number, "token": token}
    _BEGIN.change(connection, row)


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
        changed = _END.change(connection, given)
    elif target is None:
        changed = _QUEUE.change(connection, {**given, "due_in": step.due_in})
    else:
        changed = _MOVE.change(connection, {**given, "due_in": step.due_in, **moving(target)})
    if not changed:
        late = {"outcome": report.verdict.outcome, "reason": reason}
        note(connection, held.message_id, "event_reply_too_late", late)
        return False
    _FINISH.change(connection, {"under": held.token, **_SILENT, **report.columns})
    way = {} if target is None else {"from": target.before, "gateway": target.name}
    note(connection, held.message_id, step.event, {**step.values, **way, "reason": reason})
    if step.due_in is None:
        callbacks.queue(connection, held.message_id)
    return True


def moving(target: Target) -> dict[str, Any]:
    """The parameters of :data:`MOVED`."""
    return {"to": target.id, "named": target.name, "own": target.own, "theirs": target.theirs}


def refuse(connection: Connection, claim: Claim, reason: Reason) -> None:
    """End a claimed message that cannot be put into its gateway's request; nothing of it was sent now."""
    state = "unknown" if claim.possible_duplicate else "failed"
    given = {
        "of": claim.message_id,
        "under": claim.token,
        "state": state,
        "possible_duplicate": claim.possible_duplicate,
        "reason": reason,
        "provider_id": None,
    }
    if _END.change(connection, given):
        note(connection, claim.message_id, f"event_{state}", {"reason": reason})
        callbacks.queue(connection, claim.message_id)


def give_back(connection: Connection, claims: Sequence[Claim]) -> None:
    """Put claimed messages that were not marked back to their places."""
    rows = [{"of": each.message_id, "under": each.token, "due_at": each.due_at} for each in claims]
    _GIVE_BACK.run(connection, rows)


def note(connection: Connection, message_id: str, code: str, values: dict[str, Any], actor: str = "") -> None:
    """One step in a message's life."""
    _NOTE.change(connection, {"message_id": message_id, "code": code, "values": values, "actor": actor})
