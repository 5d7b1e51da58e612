"""Where bars stand: inside the plot, one on the other, as high as what they count."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from webpanel.figures.flow import OUTCOMES
from webpanel.figures.spans import Span
from webpanel.views.plot import Column, axis, plot

SPAN = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
COUNTS = st.fixed_dictionaries({outcome: st.integers(0, 10_000_000) for outcome in OUTCOMES})


@given(st.lists(COUNTS, min_size=1, max_size=31))
def test_bars_stand_inside_and_on_each_other(counted) -> None:
    columns = [Column(SPAN, str(number), str(number), counts) for number, counts in enumerate(counted)]
    drawn = plot(columns, every=3, narrow=6)
    for bar in drawn.bars:
        assert 0 <= bar.x < bar.x + bar.width <= 100
        assert 0 <= bar.label_x <= 100
        floor = 100.0
        for piece in bar.pieces:
            assert abs(piece.y + piece.height - floor) < 0.05
            assert abs(piece.height - 100 * bar.column.counts[piece.outcome] / drawn.top) < 0.05
            floor = piece.y
        assert floor >= 0
        assert [piece.outcome for piece in bar.pieces] == [
            name for name in OUTCOMES if bar.column.counts[name]
        ]
    assert drawn.bars[-1].label
    assert not drawn.bars[-1].rare


@given(st.integers(1, 10**9))
def test_an_axis_ends_at_a_round_number_that_can_be_halved(most: int) -> None:
    top = axis(most)
    assert most <= top <= max(2, 2 * most)
    assert top % 2 == 0
    assert len(str(top).rstrip("0")) <= 1


def test_nothing_has_no_axis() -> None:
    drawn = plot([Column(SPAN, "a", "a", dict.fromkeys(OUTCOMES, 0))], every=3, narrow=6)
    assert drawn.top == 0
    assert drawn.bars[0].pieces == ()
