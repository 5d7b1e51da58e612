"""Many messages at once, and whose hand decides about them."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.orm import Session

from tests.sending.panel import SendingPanel
from webpanel.intake import Caller, Chosen, Count, Hand, Place, Progress, count, decide
from webpanel.models import Message
from webpanel.store import Store

URL = "http://127.0.0.1:1/v1/send"


def hand(panel: SendingPanel, actor: str = "ada") -> Hand:
    place = Place("GB", timedelta(hours=24))
    return Hand(panel.store, panel.vault, Caller(actor, "page"), place, panel.rings.append)


def put(store: Store, state: str, number: int = 1, *, first: int = 0, **columns: Any) -> list[str]:
    """Store so many messages in a state, which they came to five minutes ago; returns their ids."""
    at = datetime.now(UTC) - timedelta(minutes=5)
    waits = state in ("queued", "scheduled", "held")
    common = {
        "created_at": at,
        "expires_at": at + timedelta(hours=24),
        "due_at": at + timedelta(hours=1) if waits else None,
        "final_at": None if waits else at,
        "gateway_name": "Generic",
        "created_by": "ada",
        "source": "page",
        "encoding": "gsm7",
        "parts": 1,
        "text": "Hello",
        "state": state,
        **columns,
    }
    rows = [
        {"recipient": f"+4479111{each:05d}", **common, "id": f"01M8500000{first + each:016d}"}
        for each in range(number)
    ]

    def group(connection: Connection) -> None:
        connection.execute(insert(Message.__table__), rows)

    store.write(group)
    return [row["id"] for row in rows]


def counted(panel: SendingPanel, chosen: Chosen, decision: str = "resend") -> Count:
    with panel.engine.connect() as connection:
        return count(connection, chosen, decision)


def to_the_end(panel: SendingPanel, chosen: Chosen, decision: str, actor: str = "ada") -> Progress:
    progress = Progress()
    while not progress.finished:
        progress = decide(hand(panel, actor), chosen, decision, progress)
    return progress


def numbers(progress: Progress) -> dict[str, int]:
    return {code: left.count for code, left in progress.left.items()}


def states(panel: SendingPanel) -> dict[str, int]:
    with Session(panel.engine) as session:
        return dict(session.execute(select(Message.state, func.count()).group_by(Message.state)).all())


def again(panel: SendingPanel) -> list[str]:
    """The messages that were sent once more, once for each time."""
    with Session(panel.engine) as session:
        return list(
            session.scalars(
                select(Message.resent_from).where(Message.resent_from.is_not(None)).order_by(Message.id)
            )
        )


def at_once(*acts: Callable[[], object]) -> None:
    """Every one in a thread of its own, all from the same moment on."""
    ready = threading.Barrier(len(acts))
    threads = [threading.Thread(target=lambda act=act: (ready.wait(), act())) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
