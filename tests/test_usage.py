"""Windows of time and what is counted in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.sending.panel import open_engine
from webpanel import applications, usage
from webpanel.application_terms import Terms
from webpanel.store import Store
from webpanel.usage import Limits
from webpanel.wire.problem import Problem

BERLIN = "Europe/Berlin"
SECONDS = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2035, 1, 1, tzinfo=UTC).timestamp())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(open_engine(tmp_path / "webpanel.sqlite"))
    yield store
    store.close()


@dataclass(frozen=True)
class Till:
    """The counters of one application."""

    store: Store
    application: int

    def take(
        self, limits: Limits, wanted: list[tuple[str, int]], at: datetime, zone: str = "UTC"
    ) -> list[str]:
        """The code of what each was refused for, blank for what was taken."""
        return [
            "" if problem is None else problem.code for problem in self.problems(limits, wanted, at, zone)
        ]

    def problems(
        self, limits: Limits, wanted: list[tuple[str, int]], at: datetime, zone: str = "UTC"
    ) -> list[Problem | None]:
        return self.store.write(
            lambda connection: usage.take(connection, self.application, limits, wanted, at=at, time_zone=zone)
        )


@pytest.fixture
def till(store: Store) -> Till:
    return Till(store, applications.add(store, Terms(name="School"), "ada"))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "day", "month"),
    [
        (utc(2026, 11, 30, 23, 30), "UTC", utc(2026, 12, 1), utc(2026, 12, 1)),
        # Half past midnight on the first of December there.
        (utc(2026, 11, 30, 23, 30), BERLIN, utc(2026, 12, 1, 23), utc(2026, 12, 31, 23)),
        # The clocks go forward and back: days of 23 and 25 hours.
        (utc(2026, 3, 28, 23, 30), BERLIN, utc(2026, 3, 29, 22), utc(2026, 3, 31, 22)),
        (utc(2026, 10, 24, 22, 30), BERLIN, utc(2026, 10, 25, 23), utc(2026, 10, 31, 23)),
        (utc(2028, 2, 29, 12), "UTC", utc(2028, 3, 1), utc(2028, 3, 1)),
        (utc(2026, 12, 31, 12), "No/Where", utc(2027, 1, 1), utc(2027, 1, 1)),
    ],
)
def test_ends_of_windows(at: datetime, zone: str, day: datetime, month: datetime) -> None:
    found = usage.windows(at, zone)
    assert (found["day"].end, found["month"].end) == (day, month)


@given(
    some.integers(*SECONDS),
    some.sampled_from(
        ["UTC", BERLIN, "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe"]
    ),
)
def test_windows_follow_each_other_without_a_gap(second: int, zone: str) -> None:
    at = datetime.fromtimestamp(second, UTC)
    for scope, window in usage.windows(at, zone).items():
        assert window.start <= at < window.end
        assert usage.windows(window.start, zone)[scope] == window
        assert usage.windows(window.end, zone)[scope].start == window.end
        assert usage.windows(window.end - timedelta(microseconds=1), zone)[scope] == window


def test_a_day_ends_in_the_panels_time_zone(till: Till) -> None:
    limits = Limits(parts_per_day=2)
    before, after = utc(2026, 11, 30, 22, 59, 59), utc(2026, 11, 30, 23)
    assert till.take(limits, [("+1", 2), ("+1", 1)], before, BERLIN) == ["", "limit_day"]
    assert till.take(limits, [("+1", 1)], before, BERLIN) == ["limit_day"]
    assert till.take(limits, [("+1", 2)], after, BERLIN) == [""]


def test_a_month_counts_on_over_its_days(till: Till) -> None:
    limits = Limits(parts_per_month=2)
    for day, said in ((1, ""), (2, ""), (3, "limit_month"), (30, "limit_month")):
        assert till.take(limits, [("+1", 1)], utc(2026, 11, day)) == [said]
    assert till.take(limits, [("+1", 1)], utc(2026, 12, 1)) == [""]


def test_recipients_and_minutes(till: Till) -> None:
    at = utc(2026, 11, 27, 12, 30)
    limits = Limits(per_minute=4, per_recipient_hour=2)
    wanted = [("+1", 1), ("+1", 1), ("+1", 1), ("+2", 1), ("+3", 9), ("+4", 1)]
    assert till.take(limits, wanted, at) == [*("", "", "limit_recipient", "", "", "limit_minute")]
    later = at + timedelta(minutes=1)
    assert till.take(limits, [("+1", 1), ("+2", 1)], later) == ["limit_recipient", ""]
    assert till.take(limits, [("+1", 1)], utc(2026, 11, 27, 13)) == [""]


def test_what_is_refused_counts_nowhere(till: Till) -> None:
    at = utc(2026, 11, 27, 12, 30)
    till.take(Limits(parts_per_day=1), [("+1", 5), ("+1", 5)], at)
    with till.store.engine.connect() as connection:
        assert usage.used(connection, till.application, at, "UTC") == {"minute": 0, "day": 0, "month": 0}
    till.take(Limits(), [("+1", 5), ("+2", 1)], at)
    with till.store.engine.connect() as connection:
        assert usage.used(connection, till.application, at, "UTC") == {"minute": 2, "day": 6, "month": 6}


def test_a_problem_says_when_it_ends(till: Till) -> None:
    at = utc(2026, 11, 27, 12, 30, 58)
    _taken, problem = till.problems(Limits(per_minute=1), [("+1", 1), ("+1", 1)], at)
    assert problem is not None
    assert problem.values == {
        "limit": 1,
        "remaining": 0,
        "seconds": 2,
        "until": "2026-11-27T12:31:00+00:00",
    }
