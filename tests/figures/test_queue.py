"""What waits, against a count by hand."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from tests.figures.rows import message, put
from webpanel.figures import queue
from webpanel.figures.queue import Queue
from webpanel.models import Message
from webpanel.store import Store
from webpanel.words.events import STATES

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(sorted(STATES))), max_size=20))
def test_the_queue_is_what_a_count_by_hand_says(store: Store, made) -> None:
    rows = [message(state, NOW - timedelta(seconds=age)) for age, state in made]
    store.write(lambda connection: connection.execute(delete(Message.__table__)))
    put(store, rows)
    waiting = sorted(
        (row["id"], row["created_at"]) for row in rows if row["state"] in ("queued", "sending", "held")
    )
    oldest = waiting[0] if waiting else (None, None)
    unclear = sum(row["state"] == "unknown" for row in rows)
    with store.engine.connect() as connection:
        assert queue.standing(connection) == Queue(len(waiting), *oldest, unclear)
        assert queue.unclear(connection) == unclear
