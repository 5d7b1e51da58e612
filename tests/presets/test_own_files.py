"""An institution's own files: they appear, replace, are told when broken, and cannot do harm."""

import os
import time
from pathlib import Path

import pytest

from tests.wire.composing import said
from webpanel import presets
from webpanel.presets import Catalogue
from webpanel.presets.catalogue import MOST_OWN
from webpanel.presets.reading import LONGEST_FILE
from webpanel.wire.gateway import Gateway

WORKING = """
name = "Town SMS"
keywords = ["rathaus"]
checked = 2026-11-23
hosts = ["sms.town.example"]

[[questions]]
id = "key"
label = "API key"
secret = true

[settings]
url = "https://sms.town.example/send"
body_form = '''
to={{recipient}}
text={{message}}
key={{secret.key}}
'''

[secrets]
key = "{{ask.key}}"
"""


def with_files(folder: Path, **files: str | bytes) -> Catalogue:
    """The catalogue with these own files; ``_`` in a name stands for a hyphen."""
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / f"{name.replace('_', '-')}.toml").write_bytes(data)
    return presets.catalogue(folder)


def told(catalogue: Catalogue, file: str) -> list[tuple[int | None, str]]:
    """Line and sentence of each fault of that own file."""
    (fault,) = [fault for fault in catalogue.faults if fault.file == file]
    return [(problem.line, said(problem)) for problem in fault.problems]


def broken(folder: Path, old: str, new: str) -> list[tuple[int | None, str]]:
    """What is told of the working file with ``old`` replaced."""
    assert WORKING.count(old) == 1, old
    return told(with_files(folder, town=WORKING.replace(old, new)), "town.toml")


def line_of(text: str) -> int:
    return WORKING[: WORKING.index(text)].count("\n") + 1


def test_an_own_file_appears_beside_those_that_ship(tmp_path: Path) -> None:
    catalogue = with_files(tmp_path, town=WORKING)
    town = catalogue.find("town")
    assert town is not None
    assert town.own
    assert not town.verified
    assert catalogue.faults == ()
    assert len(catalogue.presets) == len(presets.catalogue(None).presets) + 1
    assert catalogue.search("RATH") == (town,)
    assert catalogue.for_gateway(Gateway(url="https://sms.town.example/other")) == town


def test_it_is_read_anew_each_time(tmp_path: Path) -> None:
    with_files(tmp_path, town=WORKING)
    found = with_files(tmp_path, town=WORKING.replace("Town SMS", "City SMS")).find("town")
    assert found is not None
    assert found.name == "City SMS"
    (tmp_path / "town.toml").unlink()
    assert presets.catalogue(tmp_path).find("town") is None


def test_one_of_the_same_name_replaces_the_shipped_one(tmp_path: Path) -> None:
    shipped = presets.catalogue(None)
    catalogue = with_files(tmp_path, twilio=WORKING)
    found = catalogue.find("twilio")
    assert found is not None
    assert (found.name, found.own) == ("Town SMS", True)
    assert len(catalogue.presets) == len(shipped.presets)


def test_a_broken_one_takes_the_shipped_one_away_and_is_told(tmp_path: Path) -> None:
    catalogue = with_files(tmp_path, twilio="name = ")
    assert catalogue.find("twilio") is None
    assert [fault.file for fault in catalogue.faults] == ["twilio.toml"]


def test_a_broken_one_leaves_the_others_alone(tmp_path: Path) -> None:
    catalogue = with_files(tmp_path, town=WORKING, village="[[[")
    assert catalogue.find("town")
    assert [fault.file for fault in catalogue.faults] == ["village.toml"]


@pytest.mark.parametrize("folder", ["missing", "empty"])
def test_no_own_files(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    assert presets.catalogue(tmp_path / folder) == presets.catalogue(None)


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ('name = "Town SMS"', "name = Town", 'name = "Town', "This is not TOML"),
        ('name = "Town SMS"\n', "\n", None, "“name” is missing."),
        ("keywords", "keyword", "keywords", "“keyword” means nothing here."),
        ('["rathaus"]', '"rathaus"', "keywords", 'write it like ["…"]'),
        ("2026-11-23", '"2026-11-23"', "checked", "write it like 2026-11-23"),
        ('hosts = ["', 'hosts = ["https://', "hosts", "Hosts are names"),
        ('id = "key"', 'id = "the key"', 'id = "key"', "“the key” cannot be a question's id"),
        ('label = "API key"', r'label = "API\nkey"', "label", "holds a line break"),
        ('name = "Town SMS"', f'name = "{"x" * 81}"', "name", "“name” is blank, too long"),
        ('label = "API key"\n', "\n", "[[questions]]", "“label” is missing."),
        ("secret = true", 'secret = true\nkind = "url"', "[[questions]]", "A secret question has no default"),
        ("secret = true", 'kind = "choice"', "[[questions]]", "has choices"),
        ("secret = true", 'kind = "number"', "secret = true", "“kind” can only be: text, url, label, choice"),
        ("body_form =", "body_from =", "body_form =", "“body_form” is probably meant."),
        ("https://sms.town.example/send", "sms.town.example", "url =", "begins with https://"),
        ("{{secret.key}}", "{{ask.key}}", "body_form", "Put it under [secrets]"),
        ("{{secret.key}}", "{{secret.kye}}", "key={{", "This gateway has no secret called “kye”."),
        ("{{ask.key}}", "{{ask.kye}}", 'key = "{{', "{{ask.kye}} asks a question that is not in the file."),
        ("text={{message}}\n", "", "body_form", "has no place for the text"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: str | None, sentence: str
) -> None:
    found = broken(tmp_path, old, new)
    assert any(sentence in text for _, text in found), found
    at = next(number for number, text in found if sentence in text)
    assert at == (line_of(line) if line else None), found


REPLY = """
[[replies]]
means = "accepted"
title = "Taken"
body = 'yes 17'
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("'yes 17'", "'no'", "means", "that reply means failed, not accepted"),
        ('"accepted"', '"failed"', "means", "that reply means accepted, not failed"),
        ("body =", 'message_id = "18"\nbody =', "body =", "find another message id"),
        ('"accepted"', '"taken"', "means", "“means” can only be: accepted, failed"),
        ("body =", "status = 2\nbody =", "body =", "“status” is blank, too long or out of range"),
        ('title = "Taken"\n', "", "[[replies]]", "“title” is missing"),
    ],
)
def test_an_example_that_the_rules_contradict_is_told(
    tmp_path: Path, old: str, new: str, line: str, sentence: str
) -> None:
    rules = "number_format = 'digits'\nsuccess_kind = 'text'\nsuccess_rule = 'yes'\n[secrets]"
    working = WORKING.replace("[secrets]", rules) + REPLY
    assert with_files(tmp_path, town=working).faults == ()
    found = told(with_files(tmp_path, town=working.replace(old, new)), "town.toml")
    assert [(number, sentence in text) for number, text in found] == [
        (working[: working.rindex(line)].count("\n") + 1, True)
    ]


def test_a_question_that_nothing_needs_is_told(tmp_path: Path) -> None:
    found = broken(tmp_path, "[settings]", '[[questions]]\nid = "other"\nlabel = "Other"\n\n[settings]')
    assert found == [(line_of("[settings]") + 1, "The answer to “other” is used nowhere.")]


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    found = broken(tmp_path, 'label = "API key"', "lable = 5")
    assert len(found) == 2


def test_a_line_inside_a_value_is_told(tmp_path: Path) -> None:
    found = broken(tmp_path, "text={{message}}", "text")
    assert found[0][0] == line_of("text={{message}}")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"name = '\xff\xfe'", "preset_not_utf8"),
        (b"\x00", "preset_toml"),
        (b"a = " + b"[" * 16_000, "preset_toml"),
        (b"a = " + b"{a=" * 5_000, "preset_toml"),
        (b"a = " + b"9" * 16_000, "preset_toml"),
        (b"x" * (LONGEST_FILE + 1), "preset_too_long"),
        (b"x" * (64 * LONGEST_FILE), "preset_too_long"),
        (b"[[questions]]\n" * 1_000, "preset_key_missing"),
        (b"settings = 1\nname = 2\nchecked = 3", "setting_type"),
        (b"questions = 1\nreplies = [1]\nsecrets = []", "setting_type"),
        (b"settings = { url = 1, name = [] }\nname = ''\nchecked = 2026-11-23", "setting_type"),
    ],
)
def test_a_hostile_file_is_told_and_bounded(tmp_path: Path, content: bytes, code: str) -> None:
    begun = time.perf_counter()
    catalogue = with_files(tmp_path, hostile=content)
    assert time.perf_counter() - begun < 2
    (fault,) = catalogue.faults
    assert code in {problem.code for problem in fault.problems}
    assert len(fault.problems) <= 20
    assert all(len(said(problem)) < 1000 for problem in fault.problems)


@pytest.mark.parametrize(
    "key", ["a." * 8_000 + "a = 1", "".join(f"{'a.' * 200}k{n} = 1\n" for n in range(38))]
)
def test_deep_keys_are_read_in_bounded_time(tmp_path: Path, key: str) -> None:
    begun = time.perf_counter()
    assert with_files(tmp_path, deep=key).faults
    assert time.perf_counter() - begun < 2


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nowhere")
    assert {fault.file for fault in presets.catalogue(tmp_path).faults} == {
        "pipe.toml",
        "folder.toml",
        "gone.toml",
    }


@pytest.mark.parametrize("name", ["Town.toml", "to wn.toml", "tówn.toml", f"{'a' * 61}.toml", ".toml.toml"])
def test_a_name_that_cannot_stand_in_an_address_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(WORKING, encoding="utf-8")
    (fault,) = presets.catalogue(tmp_path).faults
    assert (fault.file, fault.problems[0].code) == (name, "preset_file_name")


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    for name in ("town.toml~", "town.txt", "notes"):
        (tmp_path / name).write_text("not a preset", encoding="utf-8")
    assert presets.catalogue(tmp_path).faults == ()


def test_too_many_files_are_told(tmp_path: Path) -> None:
    for number in range(MOST_OWN + 1):
        (tmp_path / f"town-{number}.toml").write_text(WORKING, encoding="utf-8")
    catalogue = presets.catalogue(tmp_path)
    assert sum(preset.own for preset in catalogue.presets) == MOST_OWN
    assert [problem.code for fault in catalogue.faults for problem in fault.problems] == ["presets_too_many"]


def test_searching_is_by_every_word_without_capitals_and_accents(tmp_path: Path) -> None:
    catalogue = with_files(tmp_path, town=WORKING.replace("Town SMS", "Säntis SMS"))
    assert [preset.id for preset in catalogue.search("  SANTIS  sms ")] == ["town"]
    assert catalogue.search("santis whatsapp") == ()
    assert catalogue.search("") == catalogue.presets


def test_the_preset_that_a_gateway_was_made_from_comes_before_its_host() -> None:
    catalogue = presets.catalogue(None)
    twilio = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json"
    found = catalogue.for_gateway(Gateway(url=twilio, preset="zender-sms"))
    assert found is not None
    assert found.id == "zender-sms"
    by_host = catalogue.for_gateway(Gateway(url=twilio, preset="gone"))
    assert by_host is not None
    assert by_host.id.startswith("twilio")
    assert catalogue.for_gateway(Gateway(url="https://api.twilio.com.evil.example/")) is None
    assert catalogue.for_gateway(Gateway(url="no address")) is None
