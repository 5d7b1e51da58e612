"""Anything may happen in any order, and what is promised holds (DESIGN section 4)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.chaos import extent
from tests.chaos.machine.panel import Tables
from tests.chaos.machine.rules import Machine


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Tables]:
    tables = Tables(tmp_path)
    yield tables
    tables.close()


def test_whatever_happens_what_is_promised_holds(tables: Tables) -> None:
    """Among all tests the same runs each time; others each time with ``make chaos``."""
    run_state_machine_as_test(
        lambda: Machine(tables),
        settings=settings(
            max_examples=extent.RUNS,
            stateful_step_count=extent.STEPS,
            deadline=None,
            derandomize=not extent.FULL,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            # What hypothesis says of the lines of the program takes longer than the runs.
            phases=(Phase.generate, Phase.shrink),
        ),
    )
