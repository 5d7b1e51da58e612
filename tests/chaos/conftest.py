import pytest

from tests.chaos.extent import FULL
from tests.chaos.reckoning import FIGURES, Figures

COLUMNS = ("kills", "messages", "requests", "uncertain", "doubled", "flagged", "unclear", "lost", "hidden")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures of ``make chaos``, as docs/delivery.md quotes them."""
    if not (FULL and FIGURES):
        return
    terminalreporter.section("figures")
    rows = {**FIGURES, "all": sum(FIGURES.values(), Figures())}
    terminalreporter.write_line(f"| what was done | {' | '.join(COLUMNS)} |")
    terminalreporter.write_line(f"|---|{'---:|' * len(COLUMNS)}")
    for name, figures in rows.items():
        values = " | ".join(f"{getattr(figures, column):,}" for column in COLUMNS)
        terminalreporter.write_line(f"| {name} | {values} |")
