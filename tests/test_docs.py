"""What the code knows by name stands in the documentation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from webpanel.config import SETTINGS
from webpanel.wire import template
from webpanel.words.events import FINAL_STATES, MEANINGS, OUTCOMES, STATES

DOCS = Path(__file__).parents[1] / "docs"


def wanted() -> Iterator[tuple[str, str]]:
    """What must stand there, and in which page."""
    for setting in SETTINGS:
        yield setting.name, "settings.md"
    for name in template.NAMES:
        yield f"{{{{{name}}}}}", "placeholders.md"
    yield f"{{{{{template.SECRET}", "placeholders.md"
    for state, word in STATES.items():
        yield f"**{word}** (`{state}`)", "when-something-fails.md"
    for word in OUTCOMES.values():
        yield f"**{word}**", "when-something-fails.md"


@pytest.mark.parametrize(("name", "page"), list(wanted()))
def test_stands_in_the_documentation(name: str, page: str) -> None:
    assert name in (DOCS / page).read_text(encoding="utf-8"), f"docs/{page} does not say {name}"


def test_every_state_has_a_meaning() -> None:
    assert MEANINGS.keys() == STATES.keys()
    assert STATES.keys() > FINAL_STATES
