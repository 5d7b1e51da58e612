"""What every door does with a request that it has read: hand it to intake, and say what is known after."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import Response
from sqlalchemy import ColumnElement, Row, select

from webpanel import intake, words
from webpanel.api import problems
from webpanel.api.keys import grant
from webpanel.application_terms import PRIORITIES
from webpanel.applications import Grant
from webpanel.intake import Caller, Repeat, Result, Submitted, Wanted
from webpanel.models import Message
from webpanel.services import services

#: State -> what it means to a caller; every other state is ``pending``.
OUTCOMES = {
    "sent": "accepted",
    "delivered": "accepted",
    "failed": "failed",
    "undelivered": "failed",
    "expired": "failed",
    "cancelled": "failed",
    "unknown": "unclear",
}

STATES = ("scheduled", "queued", "sending", "held", *OUTCOMES)

_message = Message.__table__


def outcome(state: str) -> str:
    return OUTCOMES.get(state, "pending")


def submit(wanted: Sequence[Wanted], source: str, repeat: Repeat | None = None) -> Submitted:
    """Hand the messages of the present caller to intake. Raises Refused and StoreUnavailable."""
    parts, holder = services(), grant()
    lifetime = timedelta(hours=parts.config.lifetime_hours)
    return intake.submit(
        parts.store,
        vault=parts.vault,
        caller=Caller(holder.terms.name, source, holder),
        place=intake.Place(holder.panel_country, lifetime, holder.time_zone),
        wanted=wanted,
        ring=parts.sender.ring,
        repeat=repeat,
    )


def visible(holder: Grant) -> ColumnElement[bool]:
    """The condition on a message that the holder of a key may see it."""
    if holder.may_read_all:
        return _message.c.id.is_not(None)
    return _message.c.application_id == holder.application_id


def find(message_id: str, condition: ColumnElement[bool]) -> Row[Any] | None:
    with services().store.engine.connect() as connection:
        return connection.execute(select(_message).where(_message.c.id == message_id, condition)).first()


def page(conditions: Sequence[ColumnElement[bool]], length: int) -> tuple[Sequence[Row[Any]], str | None]:
    """The newest messages that fit, and the id after which the next page begins; None on the last."""
    wanted = select(_message).where(*conditions).order_by(_message.c.id.desc()).limit(length + 1)
    with services().store.engine.connect() as connection:
        rows = connection.execute(wanted).all()
    return rows[:length], rows[length - 1].id if len(rows) > length else None


def just_stored(result: Result) -> Any:
    """The row of a message that this very request made, without reading it; None for an older one."""
    if result.row is None:
        return None
    return SimpleNamespace(**result.row)


def described(row: Any) -> dict[str, Any]:
    """A message's row as ``shapes.MessageAnswer``; state and outcome stand next to each other."""
    return {
        "id": row.id,
        "state": row.state,
        "outcome": outcome(row.state),
        "to": row.recipient,
        "gateway": row.gateway_name,
        "parts": row.parts,
        "priority": PRIORITIES[row.priority],
        "reference": row.reference,
        "sensitive": row.sensitive,
        "test": row.test,
        "possible_duplicate": row.possible_duplicate,
        "provider_message_id": row.provider_message_id,
        "created_at": written(row.created_at),
        "due_at": written(row.due_at),
        "expires_at": written(row.expires_at),
        "final_at": written(row.final_at),
        "reason": _reason(row.reason),
    }


def answer(value: Any, status: int = 200) -> Response:
    """``value`` as the compact JSON that is promised."""
    return Response(problems.compact(value), status, content_type="application/json")


def written(moment: datetime | None) -> str | None:
    """A time as the API writes it."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _reason(reason: dict[str, Any] | None) -> dict[str, str] | None:
    if not reason:
        return None
    return {"code": reason["code"], "detail": words.stored(reason)}
