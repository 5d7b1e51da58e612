"""``webpanel doctor``: a real instance, broken in each way that it must find, and one that is well."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from sqlalchemy import Engine, event

from tests.calling import Caller, add_application, add_gateway
from tests.instances import opened
from tests.pages import CheckingClient
from tests.sending.certificates import authority, issue
from tests.sending.panel import eventually
from tests.sending.sockets import Peer, Server, answer, unanswered_port
from tests.server import running_server, webpanel
from tests.test_canary_ways import put_back
from webpanel import cli, heartbeat, instance
from webpanel.doctor import folder as folder_checks
from webpanel.doctor import hosts, tables

LOOPBACK = {"WEBPANEL_ALLOW_NETWORKS": "127.0.0.1"}
CHECKS = ["settings", "modes", "disk", "keys", "database"]
ROWS = ["clock", "sender", "secrets", "gateways", "messages", "hosts"]

Finding = dict[str, Any]
Examine = Callable[..., list[Finding]]
Execute = Callable[..., None]


@pytest.fixture
def folder(migrated: Path, tmp_path: Path) -> Path:
    """One gateway with a secret, an application, and messages that wait, one of them sensitive."""
    folder = tmp_path / "instance"
    shutil.copytree(migrated, folder)
    with opened(folder) as app:
        app.test_client_class = CheckingClient
        parts = app.extensions["webpanel"]
        gateway_id = add_gateway(app, headers="X-API-Key: {{secret.api_key}}")
        parts.store.write(
            lambda connection: connection.exec_driver_sql(
                "INSERT INTO secret (gateway_id, name, ciphertext) VALUES (?, 'api_key', ?)",
                (gateway_id, parts.vault.encrypt("the key of the provider")),
            )
        )
        caller = Caller(app, add_application(app))
        for sensitive in (False, True):
            given = caller.send(
                sensitive=sensitive,
                callback_url="https://127.0.0.1/told",
                headers={"Idempotency-Key": f"{sensitive}"},
            )
            assert given.status_code == 202, given.get_json()
    heartbeat.Heartbeat(folder).beat()
    return folder


@pytest.fixture
def examine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Examine]:
    """``webpanel doctor --json`` in this process: its findings, the exit status checked."""
    for name in os.environ:
        if name.startswith("WEBPANEL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("WEBPANEL_INSTANCE", str(folder))
    monkeypatch.setattr(tables, "BUSY_SECONDS", 0.2)
    before = os.umask(0o022)

    def examine(**env: str) -> list[Finding]:
        result = CliRunner(env={**LOOPBACK, **env}).invoke(cli.main, ["doctor", "--json"])
        assert result.stderr == ""
        said = json.loads(result.stdout)
        assert result.exit_code == (0 if said["ok"] else 1)
        assert said["ok"] == all(each["level"] != "wrong" for each in said["findings"])
        return said["findings"]

    yield examine
    os.umask(before)


@pytest.fixture
def execute(folder: Path) -> Execute:
    def execute(statement: str, *given: Any) -> None:
        with closing(sqlite3.connect(folder / "webpanel.sqlite")) as connection, connection:
            connection.execute(statement, given)

    return execute


def wrong(findings: list[Finding], check: str) -> list[str]:
    return [each["code"] for each in findings if each["check"] == check and each["level"] == "wrong"]


def said(findings: list[Finding], check: str) -> str:
    return "\n".join(each["said"] for each in findings if each["check"] == check)


def test_a_panel_that_is_well(folder: Path, tmp_path: Path) -> None:
    """Beside its running server, as a process: all lines say ok, and nothing was sent."""
    trusted = authority()
    bundle = tmp_path / "trusted.pem"
    bundle.write_bytes(trusted.pem())
    env = {**LOOPBACK, "WEBPANEL_CA_BUNDLE": str(bundle)}
    context = issue(trusted, "127.0.0.1").server_context(tmp_path)
    with (
        Server(answer(b""), context=context) as server,
        closing(sqlite3.connect(folder / "webpanel.sqlite")) as connection,
    ):
        connection.execute(
            "UPDATE gateway SET url = ?, paused_until = 9999999999999",
            (f"https://127.0.0.1:{server.port}/",),
        )
        connection.commit()
        (folder / heartbeat.FILE).unlink()
        with running_server(folder, env):
            eventually(lambda: heartbeat.alive(folder))
            result = webpanel(folder, "doctor", env=env)
        assert server.connections == 1
        assert server.requests == []
    lines = result.stdout.splitlines()
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    assert [line.split()[:2] for line in lines] == [["ok", check] for check in (*CHECKS, *ROWS)]
    assert "answers with a good certificate (Generic)" in lines[-1]


def test_it_changes_nothing(folder: Path, examine: Examine) -> None:
    def stands() -> dict[str, bytes]:
        with closing(sqlite3.connect(folder / "webpanel.sqlite")) as connection:
            dump = "\n".join(connection.iterdump()).encode()
        files = {path.name: path for path in folder.iterdir() if not path.name.startswith("webpanel.sqlite")}
        return {"rows": dump, **{name: path.read_bytes() for name, path in files.items()}}

    before = stands()
    examine()
    assert stands() == before
    instance.check(folder)


def test_a_folder_that_is_not_there(examine: Examine, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    findings = examine(WEBPANEL_INSTANCE=str(missing))
    assert wrong(findings, "settings") == ["doctor_no_folder"]
    assert not missing.exists()


@pytest.mark.parametrize(
    "env",
    [
        {"WEBPANEL_PORT": "none"},
        {"WEBPANEL_ALLOW_NETWORKS": "10.0.0.1/8"},
        {"WEBPANEL_CA_BUNDLE": __file__},
        {"WEBPANEL_SECRET_KEYS": "no-key"},
    ],
)
def test_a_setting_that_cannot_be_used(examine: Examine, env: dict[str, str]) -> None:
    findings = examine(**env)
    assert wrong(findings, "settings"), findings
    assert len(findings) == 1


def test_files_that_others_may_read(folder: Path, examine: Examine) -> None:
    (folder / "secret.key").chmod(0o644)
    (folder / "settings.env").chmod(0o660)
    findings = examine()
    assert wrong(findings, "modes") == ["doctor_said"] * 2
    for command in (f"chmod 0600 {folder / 'secret.key'}", f"chmod 0600 {folder / 'settings.env'}"):
        assert command in said(findings, "modes")


@pytest.mark.parametrize(("bound", "level"), [("LEAST", "wrong"), ("LITTLE", "advice")])
def test_a_disk_with_little_room(
    examine: Examine, monkeypatch: pytest.MonkeyPatch, bound: str, level: str
) -> None:
    monkeypatch.setattr(folder_checks, bound, 1 << 60)
    found = [each for each in examine() if each["check"] == "disk"]
    assert [each["level"] for each in found] == [level]


@pytest.mark.parametrize("content", [None, b"no key"])
def test_keys_that_cannot_be_used(folder: Path, examine: Examine, content: bytes | None) -> None:
    key = folder / "secret.key"
    key.unlink()
    if content is not None:
        key.touch(0o600)
        key.write_bytes(content)
    findings = examine()
    assert wrong(findings, "keys") == ["doctor_said"]
    assert str(key) in said(findings, "keys")
    assert key.exists() == (content is not None)


def test_keys_of_another_panel(folder: Path, examine: Examine) -> None:
    key = folder / "secret.key"
    right, other = key.read_bytes(), Fernet.generate_key()
    key.write_bytes(other)
    findings = examine()
    assert wrong(findings, "secrets") == [
        "doctor_secrets_closed",
        "doctor_texts_closed",
        "doctor_callbacks_closed",
    ]
    assert "Generic" in said(findings, "secrets")
    assert not any(each.decode() in json.dumps(findings) for each in (right, other))
    assert wrong(examine(WEBPANEL_SECRET_KEYS=f"{other.decode()},{right.decode()}"), "secrets") == []


def test_no_database(folder: Path, examine: Examine) -> None:
    (folder / "webpanel.sqlite").unlink()
    assert wrong(examine(), "database") == ["doctor_database_missing"]
    assert not (folder / "webpanel.sqlite").exists()


def test_a_file_that_is_no_database(folder: Path, examine: Examine) -> None:
    (folder / "webpanel.sqlite").write_bytes(b"This is no database. " * 500)
    findings = examine()
    assert wrong(findings, "database") == ["doctor_said"]
    assert "not a database" in said(findings, "database")


def test_a_database_with_a_damaged_page(folder: Path, examine: Examine) -> None:
    database = folder / "webpanel.sqlite"
    with closing(sqlite3.connect(database)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'message'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with database.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    findings = examine()
    assert wrong(findings, "database") == ["doctor_database_damaged"]
    assert [each["check"] for each in findings] == CHECKS


def test_a_row_that_belongs_to_nothing(execute: Execute, examine: Examine) -> None:
    execute("DELETE FROM gateway")
    assert wrong(examine(), "database") == ["doctor_database_damaged"]


def test_a_database_of_another_version(execute: Execute, examine: Examine) -> None:
    execute("UPDATE alembic_version SET version_num = 'later'")
    assert "newer webpanel" in said(examine(), "database")


def test_a_database_that_is_to_be_upgraded(folder: Path, examine: Examine) -> None:
    put_back(folder / "webpanel.sqlite")
    assert wrong(examine(), "database") == ["doctor_database_old"]


def test_a_database_that_somebody_holds(folder: Path, examine: Examine) -> None:
    with closing(sqlite3.connect(folder / "webpanel.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert wrong(examine(), "database") == ["doctor_database_locked"]
        connection.execute("ROLLBACK")
        # Not even read.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        findings = examine()
        assert wrong(findings, "database") == ["doctor_said"]
        assert "locked" in said(findings, "database")


def test_a_clock_that_was_set_back(execute: Execute, examine: Examine) -> None:
    execute("UPDATE event SET at = at + 3600000")
    findings = examine()
    assert wrong(findings, "clock") == ["doctor_clock_back"]
    assert "60 minutes" in said(findings, "clock")


def test_clocks_that_differ(examine: Examine) -> None:
    def wrong_by_a_minute(connection: Any, _record: Any) -> None:
        connection.create_function("julianday", 1, lambda _now: 2440587.5)

    event.listen(Engine, "connect", wrong_by_a_minute)
    try:
        assert wrong(examine(), "clock") == ["doctor_clock_apart"]
    finally:
        event.remove(Engine, "connect", wrong_by_a_minute)


def test_nobody_sends(folder: Path, execute: Execute, examine: Examine) -> None:
    late = folder.stat().st_mtime - 3600
    os.utime(folder / heartbeat.FILE, (late, late))
    assert wrong(examine(), "sender") == ["doctor_sender_missing"]
    with instance.served(folder) as lock:
        lock.tell("http://127.0.0.1:8000/")
        findings = examine()
        assert wrong(findings, "sender") == ["doctor_sender_silent"]
        assert "waiting messages: 2" in said(findings, "sender")
    execute("UPDATE message SET state = 'cancelled', due_at = NULL, final_at = 1, sealed_text = NULL")
    (found,) = [each for each in examine() if each["check"] == "sender"]
    assert (found["level"], found["code"]) == ("advice", "doctor_sender_idle")


def test_a_server_that_was_killed_a_moment_ago(folder: Path, examine: Examine) -> None:
    """Its last sign of life is still fresh."""
    (folder / heartbeat.FILE).touch()
    assert wrong(examine(), "sender") == ["doctor_sender_missing"]


def test_gateways_that_wait_for_a_person(execute: Execute, examine: Examine) -> None:
    execute("UPDATE gateway SET enabled = 0")
    assert wrong(examine(), "gateways") == ["doctor_gateway_off"]
    execute(
        "UPDATE gateway SET enabled = 1, stopped_at = 1, "
        """stopped_reason = '{"code": "rejections_in_a_row", "values": {"count": 10}}'"""
    )
    findings = examine()
    assert wrong(findings, "gateways") == ["doctor_gateway_stopped"]
    assert "waiting messages: 2. " in said(findings, "gateways")
    assert "10" in said(findings, "gateways")
    reason = """'{"code": "connect_failed", "values": {}}'"""
    execute(f"UPDATE gateway SET stopped_at = NULL, failing_since = 1, paused_reason = {reason}")  # noqa: S608 - of a test
    findings = examine()
    assert wrong(findings, "gateways") == ["doctor_gateway_failing"]
    assert "is paused after failures; waiting messages: 2. " in said(findings, "gateways")
    execute("UPDATE gateway SET held_at = 1, held_by = 'grace'")
    assert wrong(examine(), "gateways") == ["doctor_gateway_held"]


def test_tables_that_say_what_cannot_be(execute: Execute, examine: Examine) -> None:
    execute("UPDATE message SET due_at = NULL")
    findings = examine()
    assert wrong(findings, "messages") == ["invariant_never_due", "doctor_messages_report"]


def test_messages_that_a_running_panel_would_have_ended(execute: Execute, examine: Examine) -> None:
    execute("UPDATE message SET expires_at = 1000")
    assert wrong(examine(), "messages") == ["invariant_overdue"]


def test_a_row_that_cannot_be_read(execute: Execute, examine: Examine) -> None:
    execute("UPDATE gateway SET stopped_at = 1, stopped_reason = 'no JSON'")
    assert wrong(examine(), "gateways") == ["doctor_broke"]


def test_hosts_that_cannot_be_reached(execute: Execute, examine: Examine, tmp_path: Path) -> None:
    context = issue(None, "127.0.0.1").server_context(tmp_path)
    with (
        unanswered_port() as closed,
        Server(answer(b""), context=context) as server,
        Server(Peer.hang) as plain,
    ):
        for url, why in {
            f"http://127.0.0.1:{closed}/": "refused the connection",
            f"https://127.0.0.1:{server.port}/": "certificate",
            "https://127.0.0.2:1/": "WEBPANEL_ALLOW_NETWORKS=127.0.0.1,127.0.0.2:1",
            "::": "cannot be read",
        }.items():
            execute("UPDATE gateway SET url = ?", url)
            findings = examine()
            assert wrong(findings, "hosts"), findings
            assert "Generic" in said(findings, "hosts")
            assert why in said(findings, "hosts")
        execute("UPDATE gateway SET url = ?", f"http://127.0.0.1:{plain.port}/")
        findings = examine()
        assert wrong(findings, "hosts") == []
        assert server.requests == plain.requests == []


def test_a_host_that_says_nothing_is_left(
    execute: Execute, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "TIMEOUT", 0.3)
    with Server(Peer.hang) as server:
        execute("UPDATE gateway SET url = ?", f"https://127.0.0.1:{server.port}/")
        found = [each for each in examine() if each["check"] == "hosts"]
    assert [each["why"]["code"] for each in found] == ["tls_timeout"]


def test_what_is_off_is_not_asked(execute: Execute, examine: Examine) -> None:
    execute("UPDATE gateway SET enabled = 0")
    (found,) = [each for each in examine() if each["check"] == "hosts"]
    assert found["code"] == "doctor_hosts_none"
