"""Figures as a benchmark prints them: medians with their spread, in columns."""

import statistics
import sys
from collections.abc import Sequence


def spread(values: Sequence[float], digits: int = 0) -> str:
    """The median, with the lowest and the highest."""
    median, low, high = (
        f"{each:,.{digits}f}" for each in (statistics.median(values), min(values), max(values))
    )
    return f"{median} ({low} to {high})"


def milliseconds(seconds: Sequence[float], share: float) -> str:
    """What ``share`` of them do not exceed."""
    return f"{sorted(seconds)[int((len(seconds) - 1) * share)] * 1000:.1f}"


def say(*cells: object) -> None:
    sys.stdout.write("".join(f"{cell!s:<24}" for cell in cells).rstrip() + "\n")
    sys.stdout.flush()
