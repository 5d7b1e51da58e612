"""Which messages a list holds: its filters as conditions on their rows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, select

from webpanel.api import calls, problems, shapes
from webpanel.api.keys import grant
from webpanel.api.problems import Failed
from webpanel.models import Gateway, Message
from webpanel.services import services
from webpanel.wire import phone
from webpanel.wire.problem import Problem, Refused

#: A message's id is made before it is stored, and its time is that of the commit, by another clock.
_APART = timedelta(minutes=1)
#: Times beyond these mean no more than these do, and have ids around them.
_EARLIEST, _LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

_message = Message.__table__
_gateway = Gateway.__table__


def conditions(asked: shapes.MessageFilters) -> Iterator[ColumnElement[bool]]:
    """Raises Failed for a gateway that does not exist."""
    if asked.state is not None:
        yield _message.c.state == asked.state
    if asked.outcome is not None:
        yield _message.c.state.in_([state for state in calls.STATES if calls.outcome(state) == asked.outcome])
    if asked.reference is not None:
        yield _message.c.reference == asked.reference
    if asked.to is not None:
        yield _message.c.recipient == _recipient(asked.to)
    if asked.gateway is not None:
        yield _message.c.gateway_id == _gateway_id(asked.gateway)
    yield from between(asked.since, asked.until)
    if asked.before is not None:
        yield _message.c.id < asked.before


def between(since: datetime | None, until: datetime | None) -> Iterator[ColumnElement[bool]]:
    """Accepted at ``since`` or later, and before ``until``."""
    # The range of ids is what an index is walked by; no index has the time itself.
    if since is not None:
        yield _message.c.created_at >= since
        yield _message.c.id >= _id_near(since, -_APART)
    if until is not None:
        yield _message.c.created_at < until
        yield _message.c.id < _id_near(until, _APART)


def _recipient(typed: str) -> str:
    """The number as messages hold it."""
    holder = grant()
    # A plus that was not escaped arrives as a blank.
    written = f"+{typed.strip()}" if typed.startswith(" ") else typed
    region = holder.terms.country or holder.panel_country
    try:
        return phone.parse(written, region=region, allow_short_codes=True, allow_alphanumeric=True).value
    except Refused as refused:
        raise problems.refused(refused.problems) from None


def _gateway_id(wanted: str) -> int:
    """A name goes before an id that is written like it, as when a message is sent."""
    with services().store.engine.connect() as connection:
        rows = connection.execute(select(_gateway.c.id, _gateway.c.name)).all()
    known = {str(row.id): row.id for row in rows} | {row.name: row.id for row in rows}
    if wanted not in known:
        raise Failed("invalid_request", [Problem("gateway_gone", "gateway")])
    return known[wanted]


def _id_near(moment: datetime, apart: timedelta) -> str:
    return Message.id_at(min(max(moment, _EARLIEST), _LATEST) + apart)
