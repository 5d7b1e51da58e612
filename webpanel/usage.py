"""What an application may use, and has used: counters of messages and SMS parts in windows of time.

A room of its own because intake takes from the counters and pages show them. A window is a calendar's:
a minute, an hour of one recipient, and a day or month of the panel's time zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, bindparam, delete, or_, select

from webpanel import models
from webpanel.prepared import Prepared
from webpanel.store import INSERTS
from webpanel.wire.problem import Problem

Scope = Literal["minute", "recipient", "day", "month"]

_usage = models.Usage.__table__

#: Parameters of one statement.
_CHUNK = 500
#: So long counters stay after they began.
_KEPT = {
    "minute": timedelta(hours=1),
    "recipient": timedelta(hours=3),
    "day": timedelta(days=62),
    "month": timedelta(days=800),
}


_PRESENT = Prepared(
    select(_usage.c.scope, _usage.c.subject, _usage.c.amount).where(
        _usage.c.application_id == bindparam("application"),
        or_(
            *(
                (_usage.c.scope == scope)
                & (_usage.c.subject == (bindparam("subject") if scope == "recipient" else ""))
                & (_usage.c.starts_at == bindparam(scope))
                for scope in ("minute", "recipient", "day", "month")
            )
        ),
    )
)
_COUNT = {
    name: Prepared(
        insert(_usage).on_conflict_do_update(
            index_elements=list(_usage.primary_key), set_={"amount": insert(_usage).excluded.amount}
        ),
        columns=_usage.c.keys(),
    )
    for name, insert in INSERTS.items()
}


@dataclass(frozen=True)
class Limits:
    """Messages for ``per_minute`` and ``per_recipient_hour``, SMS parts for the others; 0 is no limit."""

    per_minute: int = 0
    per_recipient_hour: int = 0
    parts_per_day: int = 0
    parts_per_month: int = 0


@dataclass(frozen=True)
class Window:
    """From ``start`` to before ``end``, both UTC."""

    start: datetime
    end: datetime


def windows(at: datetime, time_zone: str) -> dict[Scope, Window]:
    """The windows that ``at`` (aware) stands in; ``time_zone`` by its name, UTC where it is not known."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    at = at.astimezone(UTC)
    minute = at.replace(second=0, microsecond=0)
    hour = minute.replace(minute=0)
    day = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    month = day.replace(day=1)
    # Calendar days, not 24 hours: two days of the year have 23 or 25.
    following = (month + timedelta(days=32)).replace(day=1)
    return {
        "minute": Window(minute, minute + timedelta(minutes=1)),
        "recipient": Window(hour, hour + timedelta(hours=1)),
        "day": Window(day.astimezone(UTC), (day + timedelta(days=1)).astimezone(UTC)),
        "month": Window(month.astimezone(UTC), following.astimezone(UTC)),
    }


def take(  # noqa: PLR0913 - who takes, what, when
    connection: Connection,
    application_id: int,
    limits: Limits,
    wanted: Sequence[tuple[str, int]],
    *,
    at: datetime,
    time_zone: str,
) -> list[Problem | None]:
    """Count each message (recipient, parts) that fits within the limits; a problem for each that does not.

    Inside a group of the writer that holds the application's row, so that nobody counts beside it.
    """
    now = windows(at, time_zone)
    # Whose number is in no limit is in no counter either.
    by_recipient = bool(limits.per_recipient_hour)
    recipients = {recipient for recipient, _parts in wanted} if by_recipient else set()
    used = _used(connection, application_id, now, recipients)
    if ("minute", "") not in used:
        _forget(connection, application_id, now)
    before = dict(used)
    found: list[Problem | None] = []
    for recipient, parts in wanted:
        # What is counted where, by how much, against which limit; the first that is full is named.
        counts: tuple[tuple[Scope, str, int, int], ...] = (
            ("month", "", parts, limits.parts_per_month),
            ("day", "", parts, limits.parts_per_day),
            *((("recipient", recipient, 1, limits.per_recipient_hour),) if by_recipient else ()),
            ("minute", "", 1, limits.per_minute),
        )
        problem = None
        for scope, subject, amount, limit in counts:
            if limit and used.get((scope, subject), 0) + amount > limit:
                problem = _full(scope, limit, used.get((scope, subject), 0), at, now[scope].end)
                break
        else:
            for scope, subject, amount, _limit in counts:
                used[scope, subject] = used.get((scope, subject), 0) + amount
        found.append(problem)
    _count(connection, application_id, now, {k: v for k, v in used.items() if v != before.get(k)})
    return found


def used(connection: Connection, application_id: int, at: datetime, time_zone: str) -> dict[Scope, int]:
    """What the present minute, day and month hold."""
    found = _used(connection, application_id, windows(at, time_zone), set())
    return {scope: found.get((scope, ""), 0) for scope in ("minute", "day", "month")}


def _used(
    connection: Connection, application_id: int, now: dict[Scope, Window], recipients: set[str]
) -> dict[tuple[Scope, str], int]:
    first, *more = sorted(recipients) or [""]
    starts = {scope: window.start for scope, window in now.items()}
    rows = _PRESENT.all(connection, {"application": application_id, "subject": first, **starts})
    for begin in range(0, len(more), _CHUNK):
        several = select(_usage.c.scope, _usage.c.subject, _usage.c.amount).where(
            _usage.c.application_id == application_id,
            _usage.c.scope == "recipient",
            _usage.c.subject.in_(more[begin : begin + _CHUNK]),
            _usage.c.starts_at == now["recipient"].start,
        )
        rows += connection.execute(several).all()
    return {(row.scope, row.subject): row.amount for row in rows}


def _count(
    connection: Connection,
    application_id: int,
    now: dict[Scope, Window],
    amounts: dict[tuple[Scope, str], int],
) -> None:
    if not amounts:
        return
    _COUNT[connection.dialect.name].run(
        connection,
        [
            {
                "application_id": application_id,
                "scope": scope,
                "subject": subject,
                "starts_at": now[scope].start,
                "amount": amount,
            }
            for (scope, subject), amount in amounts.items()
        ],
    )


def _forget(connection: Connection, application_id: int, now: dict[Scope, Window]) -> None:
    """Once a minute: the counters of windows that are long over."""
    for scope, kept in _KEPT.items():
        connection.execute(
            delete(_usage).where(
                _usage.c.application_id == application_id,
                _usage.c.scope == scope,
                _usage.c.starts_at < now["minute"].start - kept,
            )
        )


def _full(scope: Scope, limit: int, taken: int, at: datetime, end: datetime) -> Problem:
    seconds = max(1, -(-(end - at) // timedelta(seconds=1)))
    values = {"limit": limit, "remaining": max(0, limit - taken), "seconds": seconds}
    return Problem(f"limit_{scope}", values={**values, "until": end.isoformat(timespec="seconds")})
