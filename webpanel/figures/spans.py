"""The hours and days that figures are told for, in the panel's time zone."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

HOURS, DAYS = 24, 30

_HOUR = timedelta(hours=1)


class Span(NamedTuple):
    """From ``start`` to before ``end``, both UTC."""

    start: datetime
    end: datetime


def zone(name: str) -> tzinfo:
    """The time zone of that name; UTC where it is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def hours(now: datetime, where: tzinfo) -> list[Span]:
    """The last :data:`HOURS` hours, the present one last; a clock there shows a full hour at each start."""
    local = now.astimezone(where)
    begun = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    # An hour that a clock shows twice, or skips, is two, or none: they are counted in UTC.
    first = now.astimezone(UTC) - begun - (HOURS - 1) * _HOUR
    return [Span(first + number * _HOUR, first + (number + 1) * _HOUR) for number in range(HOURS)]


def days(now: datetime, where: tzinfo) -> list[Span]:
    """The last :data:`DAYS` calendar days there, today last; two of a year have 23 or 25 hours."""
    today = now.astimezone(where).date()
    midnights = [
        datetime.combine(today + timedelta(days=number), time(), where).astimezone(UTC)
        for number in range(1 - DAYS, 2)
    ]
    return [Span(*pair) for pair in pairwise(midnights)]
