"""The page about providers' files says what the code reads, and its example is one."""

import re
from pathlib import Path

import pytest

from tests.presets.test_shipped import judged
from webpanel import presets, words
from webpanel.presets import checking, reading
from webpanel.presets.filling import ESCAPES
from webpanel.presets.preset import EVIDENCE, QUESTION_KINDS
from webpanel.wire.gateway import AUTH_SECRETS, NUMBER_FORMATS
from webpanel.words import files

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


@pytest.mark.parametrize(
    "limit",
    [
        f"at most {reading.MOST_QUESTIONS}",
        f"at most {reading.MOST_REPLIES}",
        f"{reading.LONGEST_FILE:,} characters",
        f"sentences {checking.LONGEST_TEXT}.",
    ],
)
def test_limits_are_those_of_the_code(limit: str) -> None:
    assert limit in " ".join(PAGE.split())


def test_every_fault_has_its_sentence() -> None:
    sources = Path(reading.__file__).parent.glob("*.py")
    code = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    used = set(re.findall(r'"((?:presets?|answer|setting)_[a-z0-9_]+)"', code))
    assert len(used) > 30
    assert used - set(words.SENTENCES) == set()
    said = {code for code in files.SENTENCES if code.startswith(("preset_", "presets_", "answer_"))}
    assert said - used == set()


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
