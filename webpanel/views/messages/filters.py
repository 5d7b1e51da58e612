"""What the Messages page was asked to show, and the query for it.

Pages go by the message's id, which sorts by time: each is one walk along an index, however long the
table is. So are the filters by state, gateway and number; dates are a range of ids. Only the search
in texts reads what it passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import ColumnElement, Select, and_, or_, select

from webpanel.models import Message
from webpanel.views import numbers
from webpanel.wire import phone
from webpanel.wire.problem import Refused
from webpanel.words.events import STATES

#: The parameters of a query string; ``zone`` is the browser's time zone, in which days are meant.
NAMES = ("state", "gateway", "number", "since", "until", "text", "zone")
PAGE_LENGTH = 50
#: The gateway filter's choice for messages whose gateway was deleted.
DELETED = "deleted"
#: Digits of a number, or of its beginning: E.164 has at most 15, and some write two zeros in front.
_SHORTEST_START, _LONGEST_START = 3, 17


@dataclass(frozen=True)
class Filters:
    """As typed; ``wrong`` names those that could not be read."""

    state: str = ""
    gateway: str = ""
    number: str = ""
    since: str = ""
    until: str = ""
    text: str = ""
    zone: str = ""
    wrong: frozenset[str] = frozenset()
    conditions: tuple[ColumnElement[bool], ...] = ()

    @property
    def given(self) -> dict[str, str]:
        """What is not blank, as the parameters of a link to the same filters."""
        return {name: value for name in NAMES if (value := getattr(self, name))}

    @property
    def narrows(self) -> bool:
        return any(name != "zone" for name in self.given)


@dataclass(frozen=True)
class Page:
    """Messages, newest first, and whether there are more on either side."""

    messages: list[Message]
    newer: bool
    older: bool


def read(args: Mapping[str, str], region: str) -> Filters:
    """The filters that a query string asks for; ``region`` is that of numbers without a country."""
    given = {name: args.get(name, "").strip() for name in NAMES}
    zone = _zone(given["zone"])
    readings = {
        "state": lambda value: Message.state == value if value in STATES else None,
        "gateway": _gateway,
        "number": lambda value: _number(value, region),
        "since": lambda value: _from(value, zone),
        "until": lambda value: _through(value, zone),
        "text": lambda value: Message.text.icontains(value, autoescape=True),
    }
    conditions = {name: reading(given[name]) for name, reading in readings.items() if given[name]}
    return Filters(
        **given,
        wrong=frozenset(name for name, condition in conditions.items() if condition is None),
        conditions=tuple(condition for condition in conditions.values() if condition is not None),
    )


def query(filters: Filters, *, before: str = "", after: str = "") -> Select[tuple[Message]]:
    """One page and one message more: older than ``before``, or newer than ``after`` (oldest first)."""
    wanted = select(Message).where(*filters.conditions).limit(PAGE_LENGTH + 1)
    if after:
        return wanted.where(Message.id > after).order_by(Message.id)
    if before:
        wanted = wanted.where(Message.id < before)
    return wanted.order_by(Message.id.desc())


def page(session: Any, filters: Filters, *, before: str = "", after: str = "") -> Page:
    rows = list(session.scalars(query(filters, before=before, after=after)))
    more = len(rows) > PAGE_LENGTH
    rows = rows[:PAGE_LENGTH]
    if after:
        return Page(rows[::-1], newer=more, older=True)
    return Page(rows, newer=bool(before), older=more)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _gateway(value: str) -> ColumnElement[bool] | None:
    if value == DELETED:
        return Message.gateway_id.is_(None)
    gateway_id = numbers.read(value)
    return None if gateway_id is None else Message.gateway_id == gateway_id


def _from(day: str, zone: tzinfo) -> ColumnElement[bool] | None:
    start = _id_at(day, zone)
    return None if start is None else Message.id >= start


def _through(day: str, zone: tzinfo) -> ColumnElement[bool] | None:
    end = _id_at(day, zone, days=1)
    return None if end is None else Message.id < end


def _id_at(day: str, zone: tzinfo, days: int = 0) -> str | None:
    """What every id from that day's midnight on is not less than; None when it is no day."""
    try:
        midnight = datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), zone)
        return Message.id_at(midnight)
    except (ValueError, OverflowError):
        return None


def _number(typed: str, region: str) -> ColumnElement[bool] | None:
    """Messages to numbers that begin so, written in any way; None when it is no beginning of one."""
    if any(map(str.isalpha, typed)):
        return Message.recipient == typed
    try:
        whole = phone.parse(typed, region=region, allow_short_codes=True).value
    except Refused:
        whole = ""
    if whole.startswith("+"):
        return _starts_with(whole[1:])
    digits = "".join(filter(str.isdigit, typed))
    if not digits.isascii() or not _SHORTEST_START <= len(digits) <= _LONGEST_START:
        return None
    starts = [_starts_with(digits.removeprefix("00")), Message.recipient == digits]
    if digits.startswith("0") and not digits.startswith("00") and region:
        starts.append(_starts_with(phone.country(region).calling_code + digits[1:]))
    return or_(*starts)


def _starts_with(digits: str) -> ColumnElement[bool]:
    """A range, not LIKE: SQLite's LIKE ignores case and so walks no index."""
    following = str(int(digits or "0") + 1).zfill(len(digits))
    end = f"+{following}" if len(following) == len(digits) else "+a"
    return and_(Message.recipient >= f"+{digits}", Message.recipient < end)
