"""The page about providers' files says what the code reads, and its example is one."""

import re
from pathlib import Path

import pytest

from tests.presets.test_shipped import judged
from webpanel import presets
from webpanel.presets import reading
from webpanel.presets.filling import ESCAPES
from webpanel.presets.preset import EVIDENCE, QUESTION_KINDS
from webpanel.wire.gateway import AUTH_SECRETS, NUMBER_FORMATS

PAGE = (Path(__file__).parents[2] / "docs" / "presets.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
ROWS = set(re.findall(r"^\| `([a-z0-9_]+)` \|", PAGE, re.MULTILINE))

TABLES = {"questions", "settings", "secrets", "replies"}


def test_each_key_has_its_row_and_each_row_its_key() -> None:
    keys = {*reading.FILE_KEYS, *reading.QUESTION_KEYS, *reading.REPLY_KEYS}
    assert keys - TABLES == ROWS
    for table in TABLES:
        assert re.search(rf"^## `\[+{table}\]+`", PAGE, re.MULTILINE), table


@pytest.mark.parametrize(
    "word",
    [
        *(*QUESTION_KINDS, *EVIDENCE, *NUMBER_FORMATS, *ESCAPES),
        *(name for names in AUTH_SECRETS.values() for name in names),
    ],
)
def test_each_choice_stands_there(word: str) -> None:
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("number", [reading.MOST_QUESTIONS, reading.MOST_REPLIES])
def test_limits_are_those_of_the_code(number: int) -> None:
    assert f"at most {number}" in PAGE


def test_the_example_works_and_uses_nearly_every_key() -> None:
    town = reading.read(EXAMPLE, "town-sms", own=True)
    made = presets.answered(town, {"key": "not-a-real-key", "sender": "Town"}, "Town")
    assert made.settings.url == "https://sms.town.example/north/messages"
    for reply in town.replies:
        verdict = judged(made.settings, reply.status, reply.content_type, reply.body)
        assert (verdict.outcome == "accepted") == (reply.means == "accepted")
        assert (verdict.message_id or "") == reply.message_id
    used = set(re.findall(r"^([a-z0-9_]+) =", EXAMPLE, re.MULTILINE)) | TABLES
    assert {*reading.FILE_KEYS, *reading.QUESTION_KEYS, *reading.REPLY_KEYS} - used == {
        "only_with",
        "content_type",
    }
