"""What waits: how much and for how long, for a person, and for a sender that does not come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select

from webpanel import models
from webpanel.prepared import Prepared
from webpanel.sending.questions import due, may_send
from webpanel.store import from_now

#: Seconds for which a gateway may leave what is due before that is worth a word.
TOO_LONG = 300

#: The states of messages that should be on their way; ``scheduled`` ones wait by somebody's wish.
_ON_THE_WAY = ("queued", "sending", "held")

_gateway = models.Gateway.__table__
_message = models.Message.__table__
_attempt = models.Attempt.__table__

_COUNT = Prepared(
    select(_message.c.state, func.count().label("number"))
    .where(or_(*(_message.c.state == state for state in (*_ON_THE_WAY, "unknown"))))
    .group_by(_message.c.state)
)
_OLDEST = Prepared(
    select(_message.c.id, _message.c.created_at)
    .where(_message.c.state == bindparam("state"))
    .order_by(_message.c.id)
    .limit(1)
)
_BY_STATE = Prepared(select(_message.c.state, func.count().label("number")).group_by(_message.c.state))
_OPEN = Prepared(
    select(_message.c.gateway_id, _message.c.state, func.count().label("number"))
    .where(
        or_(*(_message.c.state == state for state in (*_ON_THE_WAY, "scheduled", "unknown"))),
        _message.c.gateway_id.is_not(None),
    )
    .group_by(_message.c.gateway_id, _message.c.state)
)
_UNCLEAR = Prepared(select(func.count().label("number")).where(_message.c.state == "unknown"))


def _calm(moment: Any) -> Any:
    """Not within the last :data:`TOO_LONG` seconds, nor to come."""
    return or_(moment.is_(None), moment <= from_now(-TOO_LONG))


_LEFT = (
    select(
        _gateway.c.id,
        _gateway.c.name,
        select(_message.c.due_at)
        .where(_message.c.gateway_id == _gateway.c.id, due())
        .order_by(_message.c.due_at)
        .limit(1)
        .scalar_subquery()
        .label("since"),
    )
    .where(
        may_send(),
        # One that paced itself, or just came out of a pause, has a reason.
        _calm(_gateway.c.paced_until * 1000),
        _calm(_gateway.c.paused_until),
        _calm(_gateway.c.resumed_at),
        select(1)
        .where(_message.c.gateway_id == _gateway.c.id, due(), _message.c.due_at <= from_now(-TOO_LONG))
        .exists(),
        _calm(
            select(_attempt.c.started_at)
            .where(_attempt.c.gateway_id == _gateway.c.id)
            .order_by(_attempt.c.id.desc())
            .limit(1)
            .scalar_subquery()
        ),
    )
    .order_by(_gateway.c.position, _gateway.c.id)
)


@dataclass(frozen=True)
class Queue:
    """``waiting`` messages, the one that was accepted first and when, and those that a person must decide."""

    waiting: int
    oldest_id: str | None
    oldest_at: datetime | None
    unclear: int


@dataclass(frozen=True)
class Left:
    """A gateway that may send and does not: what is due since ``since`` was left for too long."""

    id: int
    name: str
    since: datetime


def standing(connection: Connection) -> Queue:
    counts = {row.state: row.number for row in _COUNT.all(connection)}
    oldest = [_OLDEST.first(connection, {"state": state}) for state in _ON_THE_WAY if state in counts]
    first = min((row for row in oldest if row is not None), default=None)
    return Queue(
        waiting=sum(counts.get(state, 0) for state in _ON_THE_WAY),
        oldest_id=first and first.id,
        oldest_at=first and first.created_at,
        unclear=counts.get("unknown", 0),
    )


def unclear(connection: Connection) -> int:
    """How many messages wait for a person to say what became of them."""
    return _UNCLEAR.first(connection).number


def by_state(connection: Connection) -> dict[str, int]:
    """State -> number of all messages that there are. A walk through a whole index."""
    return {row.state: row.number for row in _BY_STATE.all(connection)}


def open_ones(connection: Connection) -> dict[tuple[int, str], int]:
    """Gateway's id and state -> number of messages that wait, for their turn or for a person."""
    return {(row.gateway_id, row.state): row.number for row in _OPEN.all(connection)}


def left(connection: Connection) -> list[Left]:
    """The gateways of which nobody has sent for :data:`TOO_LONG` what is due, though they may send."""
    return [Left(row.id, row.name, row.since) for row in connection.execute(_LEFT)]
