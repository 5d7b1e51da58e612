"""How each gateway does: whether it sends, how much a minute, how often and how quickly with success."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from webpanel import models
from webpanel.prepared import Prepared
from webpanel.sending import failover
from webpanel.wire import standing
from webpanel.wire.standing import Standing

#: So many of a gateway's last attempts are looked at, none of them older than a day.
LAST = 200
_OLDEST = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
#: Share of the attempts that took no longer than what is told.
_SLOW = 0.95

_gateway = models.Gateway.__table__
_message = models.Message.__table__
_attempt = models.Attempt.__table__

_GATEWAYS = Prepared(
    select(
        *(_gateway.c[name] for name in ("id", "name", "enabled", "stopped_at", "stopped_reason")),
        *(_gateway.c[name] for name in ("held_at", "held_by", "paused_until", "paused_reason")),
        _gateway.c.failing_since,
    ).order_by(_gateway.c.position, _gateway.c.id)
)
_WAITING = Prepared(
    select(_message.c.gateway_id, func.count().label("number"))
    .where(_message.c.due_at.is_not(None))
    .group_by(_message.c.gateway_id)
)
_ATTEMPTS = Prepared(
    select(_attempt.c.started_at, _attempt.c.duration_ms, _attempt.c.outcome)
    .where(_attempt.c.gateway_id == bindparam("gateway"))
    .order_by(_attempt.c.id.desc())
    .limit(LAST)
)


@dataclass(frozen=True)
class Lately:
    """A gateway's last attempts: of ``finished`` ones ``accepted`` succeeded, 95 of 100 within ``slow_ms``.

    ``a_minute``: messages that the provider took in the last minute.
    """

    finished: int
    accepted: int
    slow_ms: int | None
    a_minute: int


@dataclass(frozen=True)
class Doing:
    """``at`` is since when it stands so, for a pause until when; ``reason`` as rows hold it."""

    id: int
    name: str
    stands: Standing
    at: datetime | None
    reason: dict[str, Any] | None
    held_by: str
    waiting: int
    #: The gateway that sends in its place; blank where none does.
    taken_by: str
    lately: Lately


def doing(connection: Connection, now: datetime) -> list[Doing]:
    """Every gateway, in the administrator's order."""
    takers = failover.takers(connection)
    waiting = {row.gateway_id: row.number for row in _WAITING.all(connection)}
    found = []
    for row in _GATEWAYS.all(connection):
        stands = standing.of(row, now)
        at, reason = _since(row, stands)
        attempts = _ATTEMPTS.all(connection, {"gateway": row.id})
        found.append(
            Doing(
                id=row.id,
                name=row.name,
                stands=stands,
                at=at,
                reason=reason,
                held_by=row.held_by,
                waiting=waiting.get(row.id, 0),
                taken_by=takers.get(row.id, ""),
                lately=lately(attempts, now),
            )
        )
    return found


def _since(row: Any, stands: Standing) -> tuple[datetime | None, dict[str, Any] | None]:
    """Since when a row of gateways stands so, for a pause until when; and why."""
    match stands:
        case "stopped":
            return row.stopped_at, row.stopped_reason
        case "held":
            return row.held_at, None
        case "failing":
            return row.failing_since, row.paused_reason
        case "paused":
            return row.paused_until, row.paused_reason
        case _:
            return None, None


def lately(attempts: Sequence[Any], now: datetime) -> Lately:
    """``attempts`` are a gateway's last :data:`LAST` (or all), newest first."""
    fresh = [each for each in attempts if each.started_at > now - _OLDEST]
    finished = [each for each in fresh if each.outcome is not None]
    durations = sorted(each.duration_ms for each in finished if each.duration_ms is not None)
    # The nearest rank: a duration that was measured, not one between two.
    rank = -(-len(durations) * round(_SLOW * 100) // 100)
    return Lately(
        finished=len(finished),
        accepted=sum(each.outcome == "accepted" for each in finished),
        slow_ms=durations[rank - 1] if durations else None,
        a_minute=_a_minute(attempts, now),
    )


def _a_minute(attempts: Sequence[Any], now: datetime) -> int:
    within = [each for each in attempts if each.started_at > now - _MINUTE]
    accepted = sum(each.outcome == "accepted" for each in within)
    if len(within) < LAST:
        return accepted
    # The minute had more than were looked at: they stand for it.
    seconds = max((now - within[-1].started_at).total_seconds(), 0.001)
    return round(accepted * _MINUTE.total_seconds() / seconds)
