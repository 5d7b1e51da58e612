"""Lists of waits, as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.wire import durations
from webpanel.wire.problem import Refused


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h", (10, 30, 120, 600, 1800, 3600, 7200, 14400)),
        ("3s 10s 20s 40s 1m", (3, 10, 20, 40, 60)),
        ("3;10", (3, 10)),
        (" 1.5 h ,\t2 sec. ", (5400, 2)),
        ("0.001", (0.001,)),
        ("24H", (86400,)),
    ],
)
def test_what_is_meant(text: str, seconds: tuple[float, ...]) -> None:
    assert durations.read(text) == seconds


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("", "durations_count", None),
        (" , ", "durations_count", None),
        ("1 " * 21, "durations_count", None),
        ("10 s, soon", "duration_unreadable", 7),
        ("10 s, 2 days", "duration_unreadable", 7),
        ("-3", "duration_unreadable", 1),
        ("1e9", "duration_unreadable", 1),
        ("1, 0 s", "duration_range", 4),
        ("25 h", "duration_range", 1),
        ("٣ s", "duration_unreadable", 1),
    ],
)
def test_what_is_refused(text: str, code: str, column: int | None) -> None:
    with pytest.raises(Refused) as refused:
        durations.read(text, "retry_delays")
    (problem,) = refused.value.problems
    assert (problem.field, problem.code, problem.column) == ("retry_delays", code, column)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = durations.read(text)
    except Refused:
        return
    assert found
    assert all(0 < each <= durations.LONGEST for each in found)
