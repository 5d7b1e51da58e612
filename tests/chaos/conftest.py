from collections.abc import Iterator
from dataclasses import asdict

import pytest

from tests.chaos.extent import FULL
from tests.chaos.reckoning import FIGURES, Figures

COLUMNS = ("kills", "messages", "requests", "uncertain", "doubled", "flagged", "unclear", "lost", "hidden")


@pytest.fixture(autouse=True)
def figures(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hand what a test reckoned to the process that sums up, which may be another one."""
    yield
    request.node.user_properties.extend((name, asdict(each)) for name, each in FIGURES.items())
    FIGURES.clear()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of ``make chaos``, as docs/delivery.md quotes them."""
    reports = [each for several in terminalreporter.stats.values() for each in several]
    told = [
        (name, Figures(**figures))
        for report in reports
        if getattr(report, "when", "") == "teardown"
        for name, figures in report.user_properties
    ]
    if not (FULL and told):
        return
    terminalreporter.section("figures")
    terminalreporter.write_line(f"| what was done | {' | '.join(COLUMNS)} |")
    terminalreporter.write_line(f"|---|{'---:|' * len(COLUMNS)}")
    for name, figures in [*told, ("all", sum((each for _, each in told), Figures()))]:
        values = " | ".join(f"{getattr(figures, column):,}" for column in COLUMNS)
        terminalreporter.write_line(f"| {name} | {values} |")
