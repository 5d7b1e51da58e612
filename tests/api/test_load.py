"""The running server under many callers at once: limits stay exact, one key makes one message."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.calling import NUMBER
from tests.instances import LOOPBACK, furnish
from tests.sending.counting import OK, CountingProvider
from tests.sending.panel import eventually
from tests.server import Server, running_server

PATIENCE = 60


class Client:
    """Calls the API of a running server; each thread has a connection of its own."""

    def __init__(self, server: Server, key: str) -> None:
        self._url, self._key = f"{server.url}api/v1", key
        self._own = threading.local()

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._own, "session"):
            self._own.session = requests.Session()
        return self._own.session

    def send(self, headers: dict[str, str] | None = None, **more: Any) -> requests.Response:
        body = {"to": NUMBER, "message": "Hello", **more}
        return self._session.post(
            f"{self._url}/messages",
            json=body,
            headers={"Authorization": f"Bearer {self._key}", **(headers or {})},
            timeout=PATIENCE,
        )

    def get(self, path: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._key}"}
        return self._session.get(f"{self._url}{path}", headers=headers, timeout=PATIENCE)


def at_once(number: int, threads: int, call: Any) -> list[Any]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(call, range(number)))


@pytest.mark.parametrize("limit", ["parts_per_month", "per_recipient_hour"])
def test_limits_are_exact(tmp_path: Path, limit: str) -> None:
    key = furnish(tmp_path / "instance", "http://127.0.0.1:1/", **{limit: 20})
    with running_server(tmp_path / "instance") as server:
        client = Client(server, key)
        answers = at_once(128, 64, lambda _number: client.send())
        counted = Counter(answer.status_code for answer in answers)
        # An hour may end in the middle of it, and another one begins: then there are two windows.
        hours = {answer.json()["created_at"][:13] for answer in answers if answer.ok}
        windows = len(hours) if limit == "per_recipient_hour" else 1
        assert counted == {202: 20 * windows, 429: 128 - 20 * windows}
        assert all("Retry-After" in answer.headers for answer in answers if not answer.ok)
        assert len(client.get("/messages?limit=200").json()["messages"]) == 20 * windows


def test_a_thousand_equal_requests_make_one_message(tmp_path: Path) -> None:
    key = furnish(tmp_path / "instance", "http://127.0.0.1:1/")
    with running_server(tmp_path / "instance") as server:
        client = Client(server, key)
        answers = at_once(1000, 64, lambda _number: client.send({"Idempotency-Key": "once"}))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert sum(not answer.json()["repeated"] for answer in answers) == 1
        assert len(client.get("/messages").json()["messages"]) == 1


def test_the_outcome_is_waited_for(tmp_path: Path) -> None:
    with CountingProvider(lambda _message_id, _body: OK) as provider:
        key = furnish(tmp_path / "instance", provider.url)
        with running_server(tmp_path / "instance", LOOPBACK) as server:
            client = Client(server, key)
            answer = client.send(wait=20)
            assert (answer.status_code, answer.json()["outcome"]) == (200, "accepted")
            assert '"state":"sent","outcome":"accepted"' in answer.text
            preferred = client.send({"Prefer": "respond-async, wait=20"})
            assert (preferred.status_code, preferred.json()["outcome"]) == (200, "accepted")
            assert client.send().status_code == 202


def test_a_hundred_who_wait_hold_up_nobody(tmp_path: Path) -> None:
    over = threading.Event()

    def hang(_message_id: str, _body: bytes) -> Any:
        over.wait(PATIENCE)
        return OK

    with CountingProvider(hang) as provider:
        key = furnish(tmp_path / "instance", provider.url)
        with running_server(tmp_path / "instance", LOOPBACK) as server, ThreadPoolExecutor(100) as pool:
            client = Client(server, key)
            waiting = [pool.submit(client.send, wait=8) for _ in range(100)]
            eventually(lambda: sum(each.done() for each in waiting) >= 84)
            for _ in range(5):
                began = time.monotonic()
                assert client.send().status_code == 202
                assert requests.get(f"{server.url}login", timeout=PATIENCE).status_code == 200
                assert time.monotonic() - began < 2, "two requests, a second each"
            answers = [each.result() for each in waiting]
            counted = Counter(answer.status_code for answer in answers)
            assert counted == {202: 84, 200: 16}, "half of the server's threads may wait"
            waited = {answer.json()["outcome"] for answer in answers if answer.status_code == 200}
            over.set()
            assert waited == {"pending"}


def test_killed_between_storing_and_answering(tmp_path: Path) -> None:
    with CountingProvider(lambda _message_id, _body: time.sleep(10) or OK) as provider:
        key = furnish(tmp_path / "instance", provider.url)
        once = {"Idempotency-Key": "once"}
        with running_server(tmp_path / "instance", LOOPBACK) as server, ThreadPoolExecutor(1) as pool:
            client = Client(server, key)
            unanswered = pool.submit(client.send, once, wait=20)
            eventually(lambda: provider.total == 1)
            server.kill()
            assert isinstance(unanswered.exception(PATIENCE), requests.ConnectionError)
        with running_server(tmp_path / "instance", {**LOOPBACK, "WEBPANEL_LEASE_SECONDS": "60"}) as server:
            again = Client(server, key).send(once)
            assert (again.status_code, again.json()["repeated"]) == (202, True)
            messages = Client(server, key).get("/messages").json()["messages"]
            assert [each["id"] for each in messages] == [again.json()["id"]]


def test_a_stolen_database_authenticates_nobody(tmp_path: Path) -> None:
    key = furnish(tmp_path / "instance", "http://127.0.0.1:1/", door_get=True)
    public, secret = key.split("_")[1:]
    with running_server(tmp_path / "instance") as server:
        assert Client(server, key).send().status_code == 202
        query = {"key": key, "to": NUMBER, "message": "Hello"}
        by_address = requests.get(f"{server.url}api/v1/send", params=query, timeout=PATIENCE)
        assert by_address.status_code == 202
        assert server.stop() == 0
        assert secret not in server.output
    stolen = b"".join(each.read_bytes() for each in (tmp_path / "instance").glob("webpanel.sqlite*"))
    assert public.encode() in stolen
    for shape in (secret.encode(), bytes.fromhex(secret), secret[:32].encode()):
        assert shape not in stolen
