"""What the code knows by name stands in the documentation."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from webpanel import words
from webpanel.config import INSTANCE, SETTINGS
from webpanel.wire import template
from webpanel.words.events import FINAL_STATES, MEANINGS, OUTCOMES, STATES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def wanted() -> Iterator[tuple[str, str]]:
    """What must stand there, and in which page."""
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


def test_each_setting_stands_there_with_its_default_and_meaning() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    rows = [row for row in page.splitlines() if row.startswith("| `WEBPANEL_")]
    assert rows == [
        f"| `{setting.name}` | {f'`{setting.default}`' if setting.default else 'blank'} | {setting.meaning} |"
        for setting in (INSTANCE, *SETTINGS)
    ]


def test_what_the_panel_is_quoted_with_it_says() -> None:
    page = " ".join((DOCS / "when-something-fails.md").read_text(encoding="utf-8").split())
    quotes = re.findall(r'\b(?:It|The page) says "([^"]+)"(?:\*\* \(or "([^"]+)")?', page)
    quoted = [quote for pair in quotes for quote in pair if quote]
    assert len(quoted) >= 3
    said = [str(sentence) for sentence in words.SENTENCES.values()]
    pages = (*ROOT.glob("templates/**/*.html"), *ROOT.glob("webpanel/views/**/*.py"))
    said += [path.read_text(encoding="utf-8") for path in pages]
    assert [quote for quote in quoted if not any(quote in text for text in said)] == []


def test_every_state_has_a_meaning() -> None:
    assert MEANINGS.keys() == STATES.keys()
    assert STATES.keys() > FINAL_STATES
