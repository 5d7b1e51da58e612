"""The commands, each as a process: what they print, and how they end."""

import json
import os
import re
import shlex
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest
import requests

from tests import provider as demonstration
from tests.sending.sockets import Server, answer
from tests.server import running_server, webpanel
from webpanel import database, demo, instance
from webpanel.config import Config
from webpanel.gateways import create
from webpanel.store import Store, configure
from webpanel.vault import Vault
from webpanel.wire.gateway import Gateway

NUMBER = "+44 7911 123456"
TEXT = "The library closes at five."
KEY = "canary-of-the-gateway"


@pytest.fixture(scope="module")
def provider() -> Iterator[demonstration.Provider]:
    with demonstration.running() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "instance"


@pytest.fixture
def env(provider: demonstration.Provider) -> dict[str, str]:
    provider.set_mode("accept")
    return {"WEBPANEL_ALLOW_NETWORKS": f"127.0.0.1:{provider.port}"}


@pytest.fixture
def gateway(folder: Path, provider: demonstration.Provider) -> None:
    """A gateway named School that leads to the demonstration provider, which accepts."""
    provider.set_mode("accept")
    instance.prepare(folder)
    config = Config(instance=folder)
    database.upgrade(config)
    app = database.migration_app(config)
    with app.app_context():
        store = Store(configure(database.db.engine))
        settings = Gateway(
            name="School",
            url=f"{provider.url}/v1/send",
            headers="X-API-Key: {{secret.api_key}}",
            body_form="destination={{recipient}}\ntext={{message}}",
            success_kind="jmespath",
            success_rule="result.sent",
            timeout=10.0,
        )
        create(store, Vault(instance.keys(config).secrets), settings, {"api_key": KEY}, "ada")
        store.close()
        database.db.engine.dispose()


def states(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "webpanel.sqlite")) as connection:
        return [state for (state,) in connection.execute("SELECT state FROM message ORDER BY id")]


def send(
    folder: Path, env: dict[str, str], name: str = "School", to: str = NUMBER
) -> subprocess.CompletedProcess:
    return webpanel(folder, "send", "--gateway", name, "--to", to, "--message", TEXT, env=env)


def refused(result: subprocess.CompletedProcess, *said: str) -> str:
    """The sentence with which a command ended: no traceback, nothing printed as if it had worked."""
    assert (result.returncode, result.stdout) == (1, ""), result
    assert "Traceback" not in result.stderr
    for part in said:
        assert part in result.stderr
    return result.stderr


def test_version(folder: Path) -> None:
    assert webpanel(folder, "--version").stdout == f"{version('webpanel')}\n"
    assert not folder.exists()


def test_run_serves_until_it_is_told_to_stop(folder: Path) -> None:
    with running_server(folder) as server:
        assert str(folder) in server.output
        page = requests.get(server.url, timeout=20)
        assert page.status_code == 200
        assert 'type="password"' in page.text
        assert "Server" not in page.headers
        assert requests.get(server.setup_link, timeout=20).status_code == 200
        assert server.stop() == 0
    # All of it is in the one file that a backup would take.
    assert not list(folder.glob("webpanel.sqlite-*"))
    with running_server(folder) as server:
        assert server.interrupt() == 0


def test_the_link_of_the_first_administrator(folder: Path) -> None:
    with running_server(folder) as server:
        newer = webpanel(folder, "setup-link").stdout.strip()
        assert newer.startswith(server.url)
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", newer.rpartition("/")[2])
        assert requests.get(server.setup_link, timeout=20).status_code == 404
        assert requests.get(newer, timeout=20).status_code == 200
        added = webpanel(folder, "user", "add", "ada", "--role", "administrator").stdout.strip()
        assert requests.get(added, timeout=20).status_code == 200
        assert requests.get(newer, timeout=20).status_code == 404
        refused(webpanel(folder, "setup-link"), "There are users already")
        server.stop()
    with running_server(folder) as server:
        assert server.setup_link == ""


def test_links_lead_to_the_public_address(folder: Path) -> None:
    url = "https://www.school.example/sms/"
    link = webpanel(folder, "setup-link", env={"WEBPANEL_URL": url}).stdout
    assert re.fullmatch(rf"{re.escape(url)}link/\S+\n", link)


def test_the_first_user_becomes_an_administrator_and_others_senders(folder: Path) -> None:
    for name in ("ada", "bob"):
        webpanel(folder, "user", "add", name)
    with sqlite3.connect(folder / "webpanel.sqlite") as database:
        roles = database.execute(
            "SELECT username, name FROM user JOIN roles_users ON user_id = user.id"
            " JOIN role ON role_id = role.id"
        ).fetchall()
    database.close()
    assert dict(roles) == {"ada": "administrator", "bob": "sender"}


def test_users_are_added_and_reset(folder: Path) -> None:
    first = webpanel(folder, "user", "add", "ada", "--role", "administrator")
    again = webpanel(folder, "user", "reset", "ada")
    assert first.returncode == again.returncode == 0
    assert first.stdout != again.stdout
    refused(webpanel(folder, "user", "add", "ADA"))
    refused(webpanel(folder, "user", "reset", "grace"), "grace")
    assert webpanel(folder, "user", "add", "bob", "--role", "owner").returncode == 2


def test_a_taken_port_is_one_sentence(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        sentence = refused(webpanel(folder, "run", env={"WEBPANEL_PORT": port}), port, "WEBPANEL_PORT")
    assert sentence.count("\n") == 1


def test_an_address_of_another_machine_is_one_sentence(folder: Path) -> None:
    refused(webpanel(folder, "run", env={"WEBPANEL_HOST": "192.0.2.1"}), "192.0.2.1", "WEBPANEL_HOST")


def test_a_second_server_on_a_folder_is_one_sentence(folder: Path) -> None:
    with running_server(folder) as server:
        sentence = refused(webpanel(folder, "run"), f"process {server.pid}", str(folder))
        assert sentence.count("\n") == 1
        assert requests.get(server.url, timeout=20).status_code == 200


def test_a_newer_database_is_one_sentence(folder: Path) -> None:
    webpanel(folder, "setup-link")
    with closing(sqlite3.connect(folder / "webpanel.sqlite")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    for words in (["run"], ["setup-link"]):
        assert refused(webpanel(folder, *words), "newer webpanel").count("\n") == 1


def test_wider_modes_are_one_sentence_with_the_command_that_mends_them(folder: Path) -> None:
    webpanel(folder, "setup-link")
    folder.chmod(0o755)
    sentence = refused(webpanel(folder, "run"), str(folder))
    subprocess.run(shlex.split(sentence.partition("; run: ")[2]), check=True)
    assert webpanel(folder, "setup-link").returncode == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("WEBPANEL_PORT", "eighty"),
        ("WEBPANEL_URL", "sms"),
        ("WEBPANEL_ALLOW_NETWORKS", "intranet"),
        ("WEBPANEL_ALLOW_NETWORKS", "169.254.0.0/16:port"),
    ],
)
def test_a_slip_in_a_setting_is_said_with_its_name_and_place(folder: Path, name: str, text: str) -> None:
    for words in (["run"], ["setup-link"]):
        sentence = refused(webpanel(folder, *words, env={name: text}))
        assert sentence.startswith(f"{name} in the environment")


def test_a_slip_in_the_file_is_said_with_its_path(folder: Path) -> None:
    instance.prepare(folder)
    file = folder / "settings.env"
    file.write_text("WEBPANEL_ALLOW_NETWORKS=foo, 10.0.0.5/8\n")
    sentence = refused(webpanel(folder, "run"), "foo is neither", "10.0.0.5/8 is an address")
    assert sentence.startswith(f"WEBPANEL_ALLOW_NETWORKS in {file}: foo ")
    assert sentence.count("\n") == 1


def test_everything_it_writes_is_nobody_elses(folder: Path) -> None:
    before = os.umask(0o022)
    try:
        with running_server(folder) as server:
            requests.get(server.url, timeout=20)
            assert {"webpanel.sqlite-wal", "webpanel.lock"} <= {path.name for path in folder.iterdir()}
            instance.check(folder)
    finally:
        os.umask(before)


@pytest.mark.usefixtures("gateway")
def test_send_succeeds_only_when_the_provider_accepted(
    folder: Path, provider: demonstration.Provider, env: dict[str, str]
) -> None:
    count = len(provider.messages())
    result = send(folder, env)
    assert (result.returncode, result.stderr) == (0, ""), result
    assert re.fullmatch(r"[0-9A-Z]{26} Sent\b.*\n", result.stdout)
    taken = provider.messages()[count:]
    assert [(message["recipient"], message["text"]) for message in taken] == [("447911123456", TEXT)]
    assert states(folder) == ["sent"]


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize(
    ("mode", "state"), [("refuse400", "failed"), ("error200", "failed"), ("later429", "queued")]
)
def test_send_fails_with_the_reason(
    folder: Path, provider: demonstration.Provider, env: dict[str, str], mode: str, state: str
) -> None:
    provider.set_mode(mode)
    sentence = refused(send(folder, env))
    assert re.match(r"[0-9A-Z]{26} \w+: \w+", sentence)
    assert ("It is kept" in sentence) is (state == "queued")
    assert states(folder) == [state]


@pytest.mark.usefixtures("gateway")
def test_send_through_a_stopped_gateway_says_what_it_waits_for(folder: Path) -> None:
    with Server(answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")) as server:
        with closing(sqlite3.connect(folder / "webpanel.sqlite")) as connection:
            connection.execute("UPDATE gateway SET url = ?", (f"http://127.0.0.1:{server.port}/",))
            connection.commit()
        # The first message stops the gateway; the second finds it stopped.
        for _ in range(2):
            said = refused(
                send(folder, {"WEBPANEL_ALLOW_NETWORKS": "127.0.0.1"}),
                "It is kept, but the gateway School is stopped",
                "until an administrator lets it go on",
            )
            assert said.count("The provider answered 404: nothing is at this address.") == 1
            assert "tries again" not in said
        assert len(server.requests) == 1
    assert states(folder) == ["queued", "queued"]


def told(sentence: str) -> str:
    """What is to be set, as a refused address's reason has it."""
    found = re.search(r"WEBPANEL_ALLOW_NETWORKS=(\S+)", sentence)
    assert found, sentence
    return found[1]


@pytest.mark.usefixtures("gateway")
def test_an_address_that_is_refused_can_be_allowed_as_the_reason_says(
    folder: Path, provider: demonstration.Provider
) -> None:
    provider.set_mode("accept")
    file = folder / "settings.env"
    said = refused(send(folder, {}), f" into {file} and start")
    file.write_text(f"{file.read_text()}WEBPANEL_ALLOW_NETWORKS={told(said)}\n")
    assert send(folder, {}).returncode == 0
    # What the file allows means nothing while the environment has the setting, blank too.
    for text in ("", "10.0.0.0/8"):
        said = refused(send(folder, {"WEBPANEL_ALLOW_NETWORKS": text}), "in the environment, where it is set")
        assert send(folder, {"WEBPANEL_ALLOW_NETWORKS": told(said)}).returncode == 0


@pytest.mark.usefixtures("gateway")
def test_send_refuses_what_cannot_be_sent(folder: Path, env: dict[str, str]) -> None:
    refused(send(folder, env, name="Library"), "Library", "School")
    refused(send(folder, env, to="12"))
    refused(send(folder, env, to="call me"))
    assert states(folder) == []


@pytest.mark.usefixtures("gateway")
def test_send_works_beside_a_server(
    folder: Path, provider: demonstration.Provider, env: dict[str, str]
) -> None:
    count = len(provider.messages())
    with running_server(folder, env) as server:
        assert send(folder, env).returncode == 0
        assert server.stop() == 0
    assert len(provider.messages()) == count + 1


@pytest.mark.usefixtures("gateway")
def test_stopping_finishes_what_is_in_flight(
    folder: Path, provider: demonstration.Provider, env: dict[str, str]
) -> None:
    # Queued while the provider asks for patience; due again, and on its way, when the server is stopped.
    provider.set_mode("later429", 1)
    refused(send(folder, env))
    provider.set_mode("slow", 3)
    count = len(provider.messages())
    with running_server(folder, env) as server:
        ends = time.monotonic() + 30
        while len(provider.messages()) == count:
            assert time.monotonic() < ends, server.output
        assert server.stop() == 0
    assert states(folder) == ["sent"]
    assert len(provider.messages()) == count + 1


@pytest.mark.usefixtures("gateway")
def test_the_log_names_no_secret_number_or_text(
    folder: Path, provider: demonstration.Provider, env: dict[str, str]
) -> None:
    provider.set_mode("close")
    refused(send(folder, env))
    with running_server(folder, env) as server:
        for path in (TEXT, NUMBER, KEY):
            requests.get(f"{server.url}{path}", timeout=20)
        server.stop()
        said = server.output
    for private in (
        KEY,
        TEXT,
        "7911",
        (folder / "secret.key").read_text(),
        (folder / "session.key").read_text(),
    ):
        assert private not in said


@pytest.mark.usefixtures("gateway")
def test_another_key_takes_over(folder: Path, provider: demonstration.Provider, env: dict[str, str]) -> None:
    old = (folder / "secret.key").read_text()
    new = instance.Fernet.generate_key().decode()
    with running_server(folder, {**env, "WEBPANEL_SECRET_KEYS": f"{new},{old}"}) as server:
        server.stop()
    refused(send(folder, env))
    assert send(folder, {**env, "WEBPANEL_SECRET_KEYS": new}).returncode == 0
    assert ["X-API-Key", KEY] in [list(header) for header in provider.messages()[-1]["headers"]]


def test_demo_is_a_whole_panel_that_leaves_nothing(tmp_path: Path) -> None:
    env = {"TMPDIR": str(tmp_path), "WEBPANEL_ALLOW_NETWORKS": "10.0.0.0/8"}
    with running_server(tmp_path / "unused", env, command="demo") as server:
        (folder,) = tmp_path.glob("webpanel-demo-*")
        assert requests.get(server.setup_link, timeout=20).status_code == 200
        found = re.search(
            r"^Demonstration provider: http://127\.0\.0\.1:(\d+)/$", server.output, re.MULTILINE
        )
        assert found
        provider = demonstration.Provider(f"http://127.0.0.1:{found[1]}")
        allowed = {"WEBPANEL_ALLOW_NETWORKS": f"127.0.0.1:{found[1]}"}
        assert send(folder, allowed, name=demo.NAME).returncode == 0
        assert [message["text"] for message in provider.messages()] == [TEXT]
        assert refusal_in(folder) == "network_loopback_demonstration"
        assert server.stop() == 0
    assert list(tmp_path.iterdir()) == []


def refusal_in(folder: Path) -> str:
    """The reason, as a code, for which the server that runs on ``folder`` does not send to port 1."""
    with closing(sqlite3.connect(folder / "webpanel.sqlite", timeout=20)) as connection:
        connection.execute("UPDATE gateway SET url = 'http://127.0.0.1:1/'")
        connection.commit()
        # The terminal's attempt fails for its own reason, and the server takes the next one.
        refused(send(folder, {}, name=demo.NAME), "settings.env")
        connection.execute("UPDATE message SET due_at = 0 WHERE state = 'queued'")
        connection.commit()
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            found = connection.execute("SELECT reason FROM attempt WHERE number = 2 AND reason IS NOT NULL")
            if row := found.fetchone():
                return json.loads(row[0])["code"]
            time.sleep(0.1)
    raise AssertionError("the server did not try it")


def test_demo_allows_its_providers_address_and_port_only() -> None:
    given = {
        "WEBPANEL_ALLOW_NETWORKS": "10.0.0.0/8",
        "WEBPANEL_EGRESS_PROXY": "http://a:1",
        "WEBPANEL_PORT": "1",
    }
    assert demo.environment(given, 9000) == {
        "WEBPANEL_ALLOW_NETWORKS": "127.0.0.1:9000",
        "WEBPANEL_PORT": "1",
    }
