"""Pace: never above the limit and its burst in any window, and close to it when there is enough to send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sending.counting import CountingProvider
from tests.sending.panel import SendingPanel, ago
from webpanel.sending import pace

PACES = st.floats(0.01, 1000, allow_nan=False)


@given(PACES, st.lists(st.floats(0, 30), min_size=1, max_size=200), st.floats(0.1, 120))
def test_no_window_holds_more_than_the_pace_and_its_burst(
    per_second: float, gaps: list[float], window: float
) -> None:
    used, now, begun = None, 1_800_000_000.0, []
    for gap in gaps:
        now += gap
        if (until := pace.begun(used, now, per_second)) is not None:
            used = until
            begun.append(now)
    for first in begun:
        inside = sum(first <= each < first + window for each in begun)
        assert inside <= pace.burst(per_second) + window * per_second + 0.01


@given(PACES, st.integers(1, 300))
def test_whoever_comes_when_it_opens_is_let_in_and_loses_no_time(per_second: float, count: int) -> None:
    used, start = None, 1_800_000_000.0
    now = start
    for _ in range(count):
        now = max(now, pace.opens_at(used, now, per_second))
        used = pace.begun(used, now, per_second)
        assert used is not None
    assert now - start <= max(0, count - pace.burst(per_second)) / per_second + 0.01


@given(PACES, st.floats(-86_400, 86_400))
def test_a_clock_that_was_set_back_holds_nothing_up_for_longer_than_a_burst(
    per_second: float, off: float
) -> None:
    now = 1_800_000_000.0
    assert pace.opens_at(now + off, now, per_second) - now <= 1 / per_second + 0.01


def test_a_gateway_goes_on_after_the_clock_was_set_back(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    gateway_id = panel.gateway(provider.url, pace=5.0, paced_until=ago(-3600).timestamp())
    panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert panel.states() == ["sent"]


@pytest.mark.parametrize(
    ("per_second", "burst"), [(0.2, 1), (1, 1), (1.9, 1), (5, 5), (7.5, 7), (1000, 1000)]
)
def test_burst_is_a_second_s(per_second: float, burst: int) -> None:
    assert pace.burst(per_second) == burst
    assert pace.room(None, 1000.0, per_second) == burst
    assert pace.room(1000.0 + burst / per_second, 1000.0, per_second) == 0
