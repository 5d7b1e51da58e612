"""How a gateway stands: what a person decided goes before what happened to it."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from webpanel.wire import standing

NOW = datetime(2026, 11, 28, tzinfo=UTC)
PAST, FUTURE = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)


@dataclass
class Row:
    enabled: bool = True
    held_at: datetime | None = None
    stopped_at: datetime | None = None
    failing_since: datetime | None = None
    paused_until: datetime | None = None


@pytest.mark.parametrize("given", list(itertools.product([True, False], repeat=5)))
def test_the_first_that_holds_is_told(given: tuple[bool, ...]) -> None:
    off, held, stopped, failing, paused = given
    row = Row(
        not off,
        PAST if held else None,
        PAST if stopped else None,
        PAST if failing else None,
        FUTURE if paused else PAST,
    )
    named = zip(("off", "held", "stopped", "failing", "paused"), given, strict=True)
    assert standing.of(row, NOW) == next((name for name, holds in named if holds), "on")
