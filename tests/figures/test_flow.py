"""The counts, against a count by hand over random histories."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from tests.figures.rows import message, put
from webpanel.figures import flow, spans
from webpanel.figures.flow import OUTCOMES, Counts, Flow
from webpanel.figures.spans import Span
from webpanel.models import Message
from webpanel.store import Store
from webpanel.words.events import STATES
from webpanel.words.figures import FLOW

#: The morning after a night of 25 hours in Berlin.
NOW = datetime(2026, 10, 25, 11, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")

#: Milliseconds before the present: often near an hour's or a day's boundary.
AGES = st.one_of(
    st.integers(0, 33 * 86_400_000),
    st.builds(lambda hours, off: max(0, hours * 3_600_000 + off), st.integers(0, 800), st.integers(-2, 2)),
)
HISTORIES = st.lists(st.tuples(AGES, st.sampled_from(sorted(STATES))), max_size=40)


def by_hand(history: list[tuple[datetime, str]], span: Span) -> Counts:
    of = {state: outcome for outcome, states in OUTCOMES.items() for state in states}
    found = Counter(of[state] for at, state in history if span.start <= at < span.end)
    return {outcome: found[outcome] for outcome in OUTCOMES}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ages=HISTORIES, zone=st.sampled_from((UTC, BERLIN, ZoneInfo("Asia/Kolkata"))))
def test_each_message_is_counted_once_in_its_hour_and_its_day(store: Store, ages, zone) -> None:
    history = [(NOW - timedelta(milliseconds=age), state) for age, state in ages]
    store.write(lambda connection: connection.execute(delete(Message.__table__)))
    put(store, [message(state, at) for at, state in history])
    with store.engine.connect() as connection:
        day, month = (look(connection, NOW, zone) for look in (Flow().last_day, Flow().last_month))
    assert [span for span, _ in day] == spans.hours(NOW, zone)
    assert [span for span, _ in month] == spans.days(NOW, zone)
    for span, counts in (*day, *month):
        assert counts == by_hand(history, span)
    assert flow.total(counts for _, counts in month) == by_hand(
        history, Span(month[0][0].start, month[-1][0].end)
    )


def test_nothing_is_counted_as_nothing(store: Store) -> None:
    with store.engine.connect() as connection:
        counts = [*Flow().last_day(connection, NOW, UTC), *Flow().last_month(connection, NOW, UTC)]
    assert {number for _, each in counts for number in each.values()} == {0}


@pytest.mark.parametrize(
    ("back", "at_once"), [(timedelta(hours=3), True), (timedelta(days=1), True), (timedelta(days=4), False)]
)
def test_what_changes_later_changes_its_count(store: Store, back: timedelta, at_once: bool) -> None:
    """At once for the last hours; a day that is long over is counted anew when its count is a minute old."""
    put(store, [message("unknown", NOW - back)])
    counts, impatient = Flow(), Flow(kept=0)
    with store.engine.connect() as connection:
        for each in (counts, impatient):
            assert flow.total(found for _, found in each.last_month(connection, NOW, UTC))["unclear"] == 1
    store.write(lambda connection: connection.execute(update(Message.__table__).values(state="sent")))
    with store.engine.connect() as connection:
        assert flow.total(found for _, found in impatient.last_month(connection, NOW, UTC))["sent"] == 1
        assert flow.total(found for _, found in counts.last_month(connection, NOW, UTC))["sent"] == at_once
        if back < timedelta(days=1):
            assert flow.total(found for _, found in counts.last_day(connection, NOW, UTC))["sent"] == 1


def test_every_state_is_somewhere_and_every_outcome_has_a_word() -> None:
    assert sorted(state for states in OUTCOMES.values() for state in states) == sorted(STATES)
    assert FLOW.keys() == OUTCOMES.keys()


def test_a_count_is_one_walk_along_an_index(store: Store) -> None:
    with store.engine.connect() as connection:
        sql = flow._COUNT._for(connection.dialect)._sql
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("x",) * sql.count("?")).all()
    assert [row[3] for row in plan] == [
        "SEARCH message USING COVERING INDEX ix_message_state_id (state=? AND id>? AND id<?)"
    ]
