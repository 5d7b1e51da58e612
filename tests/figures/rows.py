"""Rows of messages and attempts as a day leaves them, put into the tables at once."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from ulid import ULID

from webpanel.models import Attempt, Gateway, Instant, Message
from webpanel.store import Store, from_now
from webpanel.words.events import FINAL_STATES


def message(state: str, at: datetime, **columns: Any) -> dict[str, Any]:
    """One that was accepted ``at``; what waits is due since then."""
    return {
        "id": str(ULID.from_datetime(at)),
        "created_at": at,
        "expires_at": at + timedelta(days=1),
        "due_at": at if state in ("queued", "scheduled", "held") else None,
        "final_at": at if state in FINAL_STATES else None,
        "gateway_name": "Some",
        "created_by": "ada",
        "source": "page",
        "recipient": "+447911123456",
        "text": "Hello",
        "encoding": "gsm7",
        "parts": 1,
        "state": state,
        "gateway_id": None,
        **columns,
    }


def attempt(message_id: str, gateway_id: int | None, at: datetime, **columns: Any) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "gateway_id": gateway_id,
        "number": 1,
        "token": message_id,
        "started_at": at,
        "finished_at": at,
        "duration_ms": 100,
        "outcome": "accepted",
        **columns,
    }


def put(
    store: Store, messages: Iterable[Mapping[str, Any]], attempts: Iterable[Mapping[str, Any]] = ()
) -> None:
    rows, tries = list(messages), list(attempts)

    def group(connection) -> None:
        if rows:
            connection.execute(insert(Message.__table__), rows)
        if tries:
            connection.execute(insert(Attempt.__table__), tries)

    store.write(group)


def alter_gateway(store: Store, gateway_id: int, **columns: Any) -> None:
    """Numbers are seconds from now, in columns of time."""
    table = Gateway.__table__
    values = {
        name: from_now(value) if isinstance(table.c[name].type, Instant) and value is not None else value
        for name, value in columns.items()
    }
    if values:
        change = update(table).where(table.c.id == gateway_id).values(values)
        store.write(lambda connection: connection.execute(change))


def ago(**delta: float) -> datetime:
    return datetime.now(UTC) - timedelta(**delta)
