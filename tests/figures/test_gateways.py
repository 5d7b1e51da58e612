"""How a gateway does, against a count by hand."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.figures.gateways import LAST, lately

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)

ATTEMPTS = st.lists(
    st.tuples(
        st.one_of(st.floats(0, 120), st.floats(0, 200_000)),
        st.one_of(st.none(), st.integers(1, 60_000)),
        st.sampled_from([None, "accepted", "accepted", "rejected", "not_sent", "ambiguous"]),
    ),
    max_size=LAST - 1,
)


def row(seconds: float, duration: int | None = 100, outcome: str | None = "accepted") -> SimpleNamespace:
    at = NOW - timedelta(seconds=seconds)
    return SimpleNamespace(started_at=at, duration_ms=duration if outcome else None, outcome=outcome)


@given(ATTEMPTS)
def test_lately_is_what_a_count_by_hand_says(made) -> None:
    attempts = [row(*each) for each in sorted(made, key=lambda each: each[0])]
    found = lately(attempts, NOW)
    today = [each for each in attempts if each.outcome and each.started_at > NOW - timedelta(days=1)]
    assert found.finished == len(today)
    assert found.accepted == sum(each.outcome == "accepted" for each in today)
    assert found.a_minute == sum(seconds < 60 and outcome == "accepted" for seconds, _, outcome in made)
    durations = [each.duration_ms for each in today if each.duration_ms is not None]
    if not durations:
        assert found.slow_ms is None
    else:
        within = sum(each <= found.slow_ms for each in durations)
        faster = sum(each < found.slow_ms for each in durations)
        # The smallest of them within which 95 of 100 stayed.
        assert found.slow_ms in durations
        assert within * 100 >= 95 * len(durations) > faster * 100


@pytest.mark.parametrize(("seconds", "rate"), [(10, 1200), (30, 400), (59, 203)])
def test_a_rate_is_told_of_more_than_is_looked_at(seconds: int, rate: int) -> None:
    attempts = [row(seconds * (number + 1) / LAST) for number in range(LAST)]
    assert lately(attempts, NOW).a_minute == rate
