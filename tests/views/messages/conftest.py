"""Messages and a gateway to look at."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import insert

from tests.views.messages.forms import NUMBER, add_gateway
from webpanel.models import Attempt, Message
from webpanel.services import Services
from webpanel.store import from_now
from webpanel.words.events import FINAL_STATES


@pytest.fixture
def parts(app: Flask) -> Services:
    return app.extensions["webpanel"]


@pytest.fixture
def gateway(parts: Services) -> int:
    return add_gateway(parts)


@pytest.fixture
def stored(parts: Services) -> Callable[..., str]:
    """Stores one message in a state, with attempts; returns its page's path."""
    numbers = iter(range(1000))

    def store(state: str, *attempts: dict, **columns) -> str:
        message_id = f"01M85000{next(numbers):018d}"
        row = {
            "id": message_id,
            "created_at": from_now(),
            "expires_at": from_now(3600),
            "due_at": None if state in FINAL_STATES else from_now(600),
            "gateway_name": "Some",
            "created_by": "ada",
            "source": "page",
            "recipient": NUMBER,
            "text": "Hello",
            "encoding": "gsm7",
            "parts": 1,
            "state": state,
            "attempt_count": len(attempts),
            **columns,
        }

        def group(connection) -> None:
            connection.execute(insert(Message.__table__).values(row))
            for number, attempt in enumerate(attempts, 1):
                common = {"message_id": message_id, "number": number, "started_at": from_now()}
                connection.execute(
                    insert(Attempt.__table__).values(**common, token=f"{message_id}-{number}", **attempt)
                )

        parts.store.write(group)
        return f"/messages/{message_id}"

    return store
