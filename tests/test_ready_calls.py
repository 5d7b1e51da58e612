"""The calls that pages and terminal print, executed exactly as they are printed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from sqlalchemy import update

from tests.instances import furnish, opened
from tests.pages import CheckingClient
from tests.server import Server, running_server, webpanel
from tests.tools import program
from webpanel import ready_calls
from webpanel.models import Gateway
from webpanel.store import from_now

#: What Moodle's plugin says that it is.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"


def messages(server: Server, key: str) -> list[dict[str, str]]:
    headers = {"Authorization": f"Bearer {key}"}
    return requests.get(f"{server.url}api/v1/messages", headers=headers, timeout=30).json()["messages"]


def stop_gateways(folder: Path) -> None:
    reason = {"code": "rejections_in_a_row", "values": {"count": 10}}
    with opened(folder) as app:
        app.extensions["webpanel"].store.write(
            lambda connection: connection.execute(
                update(Gateway).values(stopped_at=from_now(), stopped_reason=reason)
            )
        )


def test_the_calls_send_as_they_are_printed(tmp_path: Path) -> None:
    key = furnish(tmp_path / "instance", "http://127.0.0.1:1/")
    with running_server(tmp_path / "instance") as server:
        script = tmp_path / "call.php"
        script.write_text(ready_calls.php(server.url, key), encoding="utf-8")
        for words in (
            ["bash", "-c", ready_calls.curl(server.url, key)],
            [sys.executable, "-c", ready_calls.python(server.url, key)],
            [program("php"), script],
        ):
            done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
            assert '"state":"queued","outcome":"pending"' in done.stdout
        assert [each["to"] for each in messages(server, key)] == [ready_calls.TO] * 3


def test_the_numbers_of_examples_reach_nobody(administrator: CheckingClient) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    texts = (
        f"{ready_calls.TO} {ready_calls.ALSO_TO}",
        readme[readme.index("From a terminal, beside") :],
        administrator.page("/api/reference").text,
        administrator.get("/api/v1/openapi.json").text,
    )
    for text in texts:
        numbers = re.findall(r"(?:\+|%2B)44([\d ]{10,})", text)
        assert numbers
        assert all(re.fullmatch("7700900[0-9]{3}", each.replace(" ", "")) for each in numbers)


def test_php_names_what_it_needs() -> None:
    text = ready_calls.php("https://www.school.example/sms/", "smsgw_x")
    for part in (
        "https://www.school.example/sms/api/v1/messages",
        "Bearer smsgw_x",
        '"to" =>',
        '"message" =>',
    ):
        assert part in text


@pytest.mark.parametrize(
    ("test_state", "outcome"),
    [("sent", "accepted"), ("failed", "failed"), ("unknown", "unclear"), ("", "pending")],
)
def test_moodles_own_request(tmp_path: Path, test_state: str, outcome: str) -> None:
    key = furnish(tmp_path / "instance", "http://127.0.0.1:1/", test_state=test_state)
    # Without test mode the message waits for an administrator to let the gateway go on.
    stop_gateways(tmp_path / "instance")
    fields = dict(line.split("=", 1) for line in ready_calls.moodle_body().splitlines())
    fields |= {"to": "447911123456", "message": "Your code is 4711", "wait": "1"}
    with running_server(tmp_path / "instance") as server:
        reply = requests.post(
            f"{server.url}api/v1/messages",
            data=fields,
            headers={"Authorization": f"Bearer {key}", "User-Agent": BROWSER},
            timeout=30,
        )
        assert reply.status_code == 200
        assert reply.json()["outcome"] == outcome
        assert (reply.json()["reason"] is None) == (outcome == "pending"), "nothing was tried"
        assert (ready_calls.MOODLE_SUCCESS in reply.text) == (outcome == "accepted")
        assert [each["to"] for each in messages(server, key)] == ["+447911123456"]


def test_an_application_from_the_terminal(tmp_path: Path) -> None:
    furnish(tmp_path / "instance", "http://127.0.0.1:1/")
    with running_server(tmp_path / "instance") as server:
        done = webpanel(tmp_path / "instance", "application", "add", "Library")
        assert done.returncode == 0, done.stderr
        key = done.stdout.strip()
        assert ready_calls.curl(server.url, key) in done.stderr
        call = ["bash", "-c", done.stderr.splitlines()[-1]]
        subprocess.run(call, capture_output=True, timeout=60, check=True)
        assert len(messages(server, key)) == 1
        again = webpanel(tmp_path / "instance", "application", "add", "Library")
        assert (again.returncode, "has this name already" in again.stderr) == (1, True)
        assert webpanel(tmp_path / "instance", "application", "list").stdout == "Library\t1\nSchool\t1\n"
