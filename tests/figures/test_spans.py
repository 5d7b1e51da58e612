"""Hours and days as a clock on the wall has them, also where it was moved."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.figures import spans
from webpanel.usage import windows

ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "America/Havana", "Africa/Cairo", "Australia/Lord_Howe")
MOMENTS = st.integers(1_546_300_800, 1_830_297_600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(at=MOMENTS, name=st.sampled_from(ZONES))
def test_spans_follow_each_other_and_the_last_holds_the_present(at: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    for found, number in ((spans.hours(at, zone), spans.HOURS), (spans.days(at, zone), spans.DAYS)):
        assert len(found) == number
        assert all(one.end == other.start for one, other in pairwise(found))
        assert found[-1].start <= at < found[-1].end
    assert all(span.end - span.start == timedelta(hours=1) for span in spans.hours(at, zone))
    assert spans.hours(at, zone)[-1].start.astimezone(zone).minute == 0


@given(at=MOMENTS, name=st.sampled_from(("UTC", "Europe/Berlin", "Asia/Kolkata")))
def test_today_is_the_day_by_which_applications_are_limited(at: datetime, name: str) -> None:
    day = windows(at, name)["day"]
    assert spans.days(at, ZoneInfo(name))[-1] == (day.start, day.end)


@pytest.mark.parametrize(
    ("name", "at", "hours"),
    [
        ("Europe/Berlin", "2026-03-29T12:00+00:00", 23),
        ("Europe/Berlin", "2026-10-25T12:00+00:00", 25),
        ("Europe/Berlin", "2026-10-26T12:00+00:00", 24),
        # At midnight itself: skipped there, and shown twice.
        ("Africa/Cairo", "2026-04-24T12:00+00:00", 23),
        ("America/Havana", "2026-11-01T12:00+00:00", 25),
        ("Australia/Lord_Howe", "2026-10-04T02:00+00:00", 23.5),
    ],
)
def test_a_day_is_as_long_as_its_clock_makes_it(name: str, at: str, hours: float) -> None:
    today = spans.days(datetime.fromisoformat(at), ZoneInfo(name))[-1]
    assert today.end - today.start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("at", "start"), [("14:59:59.999999", "14:00"), ("15:00:00", "15:00"), ("15:00:00.000001", "15:00")]
)
def test_an_hour_begins_on_the_hour(at: str, start: str) -> None:
    hour = spans.hours(datetime.fromisoformat(f"2026-11-28T{at}+00:00"), UTC)[-1]
    assert hour.start == datetime.fromisoformat(f"2026-11-28T{start}+00:00")


def test_a_zone_that_is_not_known_is_utc() -> None:
    assert spans.zone("Mars/Olympus") is UTC
    assert spans.zone("Asia/Kolkata") == ZoneInfo("Asia/Kolkata")
