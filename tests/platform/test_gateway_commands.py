"""``webpanel gateway``, as a process: what it prints, what it does, and how it ends."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.server import environment, webpanel
from webpanel import cli, gateway_file, presets, terminal
from webpanel.gateways import create
from webpanel.models import Gateway, db
from webpanel.replies import Keeping, Written
from webpanel.services import services
from webpanel.wire import difference
from webpanel.wire.gateway import Gateway as Settings

SECRET = "canary-of-the-command"  # noqa: S105 - planted to be looked for
SETTINGS = Settings(
    name="School",
    url="https://api.someprovider.com/v1/send",
    headers="X-API-Key: {{secret.api_key}}",
    body_form="to={{recipient}}\ntext={{message}}",
    success_kind="jmespath",
    success_rule="sent",
)
FILE = gateway_file.dumps(SETTINGS, ["api_key"])
MOODLE = {
    "api_url": "https://api.someprovider.com/v1/send",
    "request_type": "POST",
    "headers": f"X-API-Key: {SECRET}",
    "post_body_parameters": "to={{recipient}}\ntext={{Message}}",
    "success_condition": "0",
}
ROW = {"name": "School", "gateway": r"smsgateway_customapi\gateway", "enabled": 0}


@pytest.fixture
def run(tmp_path, monkeypatch, migrated):
    """Runs ``webpanel gateway WORDS...`` in this process, on an instance of the test."""
    for name in os.environ:
        if name.startswith("WEBPANEL_"):
            monkeypatch.delenv(name)
    folder = tmp_path / "instance"
    shutil.copytree(migrated, folder)
    monkeypatch.setenv("WEBPANEL_INSTANCE", str(folder))
    # The commands set the umask of their process, and here that is the one of all tests.
    before = os.umask(0o022)

    def call(*words: str, text: str = "", env: dict[str, str] | None = None):
        return CliRunner(env=env).invoke(cli.main, ["gateway", *words], input=text)

    yield call
    os.umask(before)


def stored(name: str = "School") -> tuple[Settings, dict[str, str], bool]:
    with terminal.panel() as parts:
        gateway = db.session.scalars(select(Gateway).where(Gateway.name == name)).one()
        secrets = {each.name: parts.vault.decrypt(each.ciphertext) for each in gateway.secrets}
        return gateway.settings(), secrets, gateway.enabled


def add(settings: Settings = SETTINGS, **secrets: str) -> None:
    with terminal.panel():
        create(services().store, services().vault, settings, secrets or {"api_key": SECRET}, "ada")


def test_a_gateway_travels_from_one_panel_to_another(tmp_path):
    """Real processes: export on one instance, import on another, the secret in the environment."""
    first, second = tmp_path / "first", tmp_path / "second"
    made = webpanel(first, "gateway", "import", "-", "--secret", "x=y")
    assert (made.returncode, made.stdout) == (1, "")
    (tmp_path / "school.toml").write_text(FILE, encoding="utf-8")
    env = {"WEBPANEL_SECRET_API_KEY": SECRET}
    made = webpanel(first, "gateway", "import", str(tmp_path / "school.toml"), env=env)
    assert (made.returncode, made.stdout, made.stderr) == (0, "School was imported.\n", "")
    exported = webpanel(first, "gateway", "export", "School")
    assert (exported.returncode, exported.stdout) == (0, FILE)
    imported = subprocess.run(
        [sys.executable, "-m", "webpanel", "gateway", "import", "-"],
        env=environment(second, env),
        input=exported.stdout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (imported.returncode, imported.stderr) == (0, "")
    listed = webpanel(second, "gateway", "list")
    assert listed.stdout == "School\ton\tPOST https://api.someprovider.com:443\n"
    for folder in (first, second):
        assert SECRET.encode() not in (folder / "webpanel.sqlite").read_bytes()


def test_check_needs_no_panel(tmp_path):
    (tmp_path / "school.toml").write_text(FILE.replace("{{message}}", "{{mesage}}"), encoding="utf-8")
    checked = webpanel(tmp_path / "none", "gateway", "check", str(tmp_path / "school.toml"))
    assert checked.returncode == 1
    assert "error: School: body_form, line 2, column 6: " in checked.stdout
    assert checked.stderr == "One error.\n"
    assert not (tmp_path / "none").exists()
    (tmp_path / "school.toml").write_text(FILE, encoding="utf-8")
    checked = webpanel(tmp_path / "none", "gateway", "check", str(tmp_path / "school.toml"))
    assert (checked.returncode, checked.stdout) == (0, "No errors.\n")


def test_advice_is_told_and_is_no_error(run):
    settings = Settings(**{**vars(SETTINGS), "url": "http://api.someprovider.com/v1/send"})
    checked = run("check", "-", text=gateway_file.dumps(settings, ["api_key"]))
    assert checked.exit_code == 0
    assert "advice: School: url: " in checked.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There is nothing in it"),
        ("format = 1\nname = 'A", "line 2: The file cannot be read"),
        ("format = 1\ncolour = 1", "“colour” is no setting"),
        ("[]", "no gateway of the plugin"),
        ("\x00" * 10, "cannot be read"),
    ],
)
@pytest.mark.parametrize("command", ["check", "import"])
def test_what_cannot_be_read_is_said_with_its_place(run, command, text, said):
    result = run(command, "-", text=text)
    assert result.exit_code == 1
    assert said in result.stderr


def test_a_secret_without_a_value_is_asked_for_by_both_its_names(run):
    result = run("import", "-", text=FILE)
    assert result.exit_code == 1
    assert "--secret api_key=" in result.stderr
    assert "WEBPANEL_SECRET_API_KEY" in result.stderr
    assert run("list").stdout == ""


def test_the_option_wins_over_the_environment(run):
    result = run("import", "-", "--secret", "api_key=a=b", text=FILE, env={"WEBPANEL_SECRET_API_KEY": "c"})
    assert result.exit_code == 0
    assert stored() == (SETTINGS, {"api_key": "a=b"}, True)


def test_a_secret_never_takes_a_setting_of_the_panel_for_its_value(run):
    settings = Settings(**{**vars(SETTINGS), "headers": "X-API-Key: {{secret.keys}}"})
    env = {"WEBPANEL_SECRET_KEYS": "cGFuZWw=" * 5}
    result = run("import", "-", text=gateway_file.dumps(settings, ["keys"]), env=env)
    assert result.exit_code == 1
    result = run(
        "import", "-", text=gateway_file.dumps(settings, ["keys"]), env={"WEBPANEL_SECRET_KEYS_VALUE": "k"}
    )
    assert result.exit_code == 0
    assert stored()[1] == {"keys": "k"}


def test_a_secret_that_the_file_does_not_name_is_refused(run):
    result = run("import", "-", "--secret", "api_kye=x", "--secret", "api_key=y", text=FILE)
    assert result.exit_code == 1
    assert "“api_kye” is no secret that this file names. It names: api_key." in result.stderr


def test_a_slip_in_the_option_does_not_repeat_the_secret(run):
    result = run("import", "-", "--secret", SECRET, text=FILE)
    assert result.exit_code == 2
    assert SECRET not in result.output


def test_over_a_gateway_the_difference_is_shown_and_nothing_changes(run):
    add()
    changed = Settings(**{**vars(SETTINGS), "timeout": 12.5, "body_form": "a={{recipient}}\nb={{message}}"})
    text = gateway_file.dumps(changed, ["api_key"])
    result = run("import", "-", text=text)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "School is there already. What would change:",
        "  body_form",
        "    - to={{recipient}}",
        "    - text={{message}}",
        "    + a={{recipient}}",
        "    + b={{message}}",
        "  timeout",
        "    - 30",
        "    + 12.5",
    ]
    assert "--replace" in result.stderr
    assert stored()[0] == SETTINGS
    assert run("import", "-", "--replace", text=text).exit_code == 0
    assert stored() == (changed, {"api_key": SECRET}, True)


def test_the_same_once_more_changes_nothing_and_is_no_failure(run):
    add()
    result = run("import", "-", text=FILE)
    assert (result.exit_code, result.stdout) == (0, "School is there already, with the same settings.\n")
    result = run("import", "-", "--secret", "api_key=new", text=FILE)
    assert result.exit_code == 1
    assert "secrets: api_key" in result.stdout
    assert stored()[1] == {"api_key": SECRET}
    assert run("import", "-", "--secret", "api_key=new", "--replace", text=FILE).exit_code == 0
    assert stored() == (SETTINGS, {"api_key": "new"}, True)


def test_replies_that_would_be_judged_otherwise_are_told_before(run):
    with terminal.panel() as parts:
        reply = Written("accepted", 200, "application/json", b'{"sent": true}')
        create(
            parts.store, parts.vault, SETTINGS, {"api_key": SECRET}, "ada", keeping=Keeping(written=[reply])
        )
    text = gateway_file.dumps(dataclasses.replace(SETTINGS, success_rule="done"), ["api_key"])
    result = run("import", "-", text=text)
    assert result.exit_code == 1
    assert "The reply kept as “accepted” would be judged so: " in result.stdout
    text = gateway_file.dumps(dataclasses.replace(SETTINGS, timeout=12.0), ["api_key"])
    assert "reply kept" not in run("import", "-", text=text).stdout


def test_a_gateway_made_from_a_preset_gets_what_the_page_would_give_it(run):
    preset = presets.catalogue(None).find("waziper")
    asked = {each.id: "x1" for each in preset.questions} | {"base": "https://wa.school.example"}
    answered = presets.answered(preset, asked, "Waziper")
    text = gateway_file.dumps(answered.settings, list(answered.secrets))
    given = [f"--secret={name}={value}" for name, value in answered.secrets.items()]
    assert run("import", "-", *given, text=text).exit_code == 0
    with terminal.panel():
        gateway = db.session.scalars(select(Gateway)).one()
        assert gateway.preset_base == difference.stated(preset.settings)
        assert [each.means for each in gateway.kept_replies] == [each.means for each in preset.replies]


def test_another_address_asks_for_the_secrets_and_drops_those_not_needed(run):
    add(SETTINGS, api_key=SECRET, old="another-one")
    moved = Settings(**{**vars(SETTINGS), "url": "https://api.elsewhere.example/send"})
    text = gateway_file.dumps(moved, ["api_key"])
    result = run("import", "-", "--replace", text=text)
    assert result.exit_code == 1
    assert "--secret api_key=" in result.stderr
    assert run("import", "-", "--replace", "--secret", "api_key=new", text=text).exit_code == 0
    assert stored() == (moved, {"api_key": "new"}, True)


def test_under_another_name_it_stands_beside_the_first(run):
    add()
    assert run("import", "-", "--name", "Second", "--secret", "api_key=b", text=FILE).exit_code == 0
    assert stored("Second")[1] == {"api_key": "b"}
    assert stored("School")[1] == {"api_key": SECRET}


def test_a_credential_in_a_file_is_told_and_not_printed(run):
    text = gateway_file.dumps(SETTINGS, []).replace("{{secret.api_key}}", SECRET)
    for command in ("check", "import"):
        result = run(command, "-", text=text)
        assert result.exit_code == 0
        assert SECRET not in result.output
        assert "changed: School: Credentials stand in the file in clear" in result.stdout
    assert stored() == (SETTINGS, {"api_key": SECRET}, True)


def test_what_is_broken_is_not_imported(run):
    broken = FILE.replace("text={{message}}", "text={{mesage}}")
    result = run("import", "-", "--secret", "api_key=b", text=broken)
    assert result.exit_code == 1
    assert "body_form, line 2, column 6: " in result.stderr
    assert run("list").stdout == ""


def test_an_import_from_moodle_says_what_is_different_and_never_the_key(run):
    result = run("import", "-", text=json.dumps([{**ROW, "config": json.dumps(MOODLE)}]))
    assert result.exit_code == 0, result.stderr
    assert SECRET not in result.output
    assert (
        "changed: School: body_form, line 2, column 6: {{Message}} stands here as {{message}} now"
        in result.stdout
    )
    assert "changed: School: success_rule: The success condition is 0." in result.stdout
    settings, secrets, enabled = stored()
    assert settings.headers == "X-API-Key: {{secret.api_key}}"
    assert (secrets, enabled) == ({"api_key": SECRET}, False)
    assert run("check", "-", text=json.dumps(MOODLE)).exit_code == 0


def test_all_of_a_file_is_imported_or_nothing(run):
    rows = [
        {**ROW, "name": "First", "config": json.dumps(MOODLE)},
        {**ROW, "name": "Second", "config": json.dumps({**MOODLE, "api_url": "nonsense"})},
    ]
    result = run("import", "-", text=json.dumps(rows))
    assert result.exit_code == 1
    assert "url, line 1, column 1: " in result.stderr
    assert run("list").stdout == ""
    rows[1]["config"] = json.dumps(MOODLE)
    assert run("import", "-", "--name", "Both", text=json.dumps(rows)).exit_code == 1
    assert run("import", "-", text=json.dumps(rows)).exit_code == 0
    assert [line.split("\t")[:2] for line in run("list").stdout.splitlines()] == [
        ["First", "off"],
        ["Second", "off"],
    ]


def test_what_a_file_spells_does_not_reach_the_terminal_raw(run):
    hostile = Settings(**{**vars(SETTINGS), "name": "\x1b[2JSchool"})
    result = run("import", "-", "--secret", "api_key=b", text=gateway_file.dumps(hostile, ["api_key"]))
    assert "\x1b" not in result.output + run("list").output


def test_an_unknown_name_is_answered_with_those_that_there_are(run):
    add()
    result = run("export", "Schol")
    assert result.exit_code == 1
    assert "There are: School" in result.stderr


def test_every_command_and_option_stands_in_the_documentation():
    page = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
    group = cli.main.commands["gateway"]
    for name, command in group.commands.items():
        assert re.search(rf"webpanel gateway {name}\b", page), name
        for parameter in command.params:
            for option in parameter.opts:
                assert not option.startswith("--") or f"`{option}" in page, option
