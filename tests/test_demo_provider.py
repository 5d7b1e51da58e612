"""The demonstration provider, used as the program it is."""

import json
import socket
import time
from collections.abc import Iterator
from email.message import Message
from xml.sax.saxutils import escape

import pytest
import requests

from tests import provider
from tests.provider import Provider
from webpanel.demo_provider.inbox import MODES
from webpanel.demo_provider.request import read
from webpanel.demo_provider.server import Server

NUMBER = "447911123456"
TEXT = "Grüße & <b>1 + 1</b>\nSee you"


@pytest.fixture(scope="module")
def program() -> Iterator[Provider]:
    with provider.running() as started:
        yield started


@pytest.fixture
def demo(program: Provider) -> Provider:
    program.set_mode("accept", 10)
    return program


def send(demo: Provider, text: str = "Hello", **fields: str) -> requests.Response:
    data = {"destination": NUMBER, "text": text} | fields
    return requests.post(f"{demo.url}/v1/send", data=data, timeout=10)


def test_accepts_and_shows_what_arrived(demo: Provider) -> None:
    reply = requests.post(
        f"{demo.url}/v1/send?again=1",
        data={"destination": NUMBER, "text": TEXT},
        headers={"X-API-Key": "xyz123"},
        timeout=10,
    )
    got = demo.messages()[-1]
    assert reply.json() == {"id": got["id"], "result": {"sent": True}}
    assert (got["recipient"], got["text"], got["delivered"]) == (NUMBER, TEXT, True)
    assert (got["method"], got["target"]) == ("POST", "/v1/send?again=1")
    assert ["X-API-Key", "xyz123"] in got["headers"]
    assert got["body"].startswith("destination=447911123456&text=Gr%C3%BC")


@pytest.mark.parametrize(
    ("mode", "status", "delivered"),
    [
        ("accept", 200, True),
        ("refuse400", 400, False),
        ("error200", 200, False),
        ("later429", 429, False),
        ("fail500", 500, False),
        ("slow", 200, True),
    ],
)
def test_each_mode_answers_its_way(demo: Provider, mode: str, status: int, delivered: bool) -> None:
    demo.set_mode(mode, 0.3)
    started = time.monotonic()
    reply = send(demo)
    took = time.monotonic() - started
    assert reply.status_code == status
    assert demo.messages()[-1]["delivered"] is delivered
    if mode != "fail500":
        assert reply.json()["result"]["sent"] is delivered
    assert reply.headers.get("Retry-After") == ("1" if mode == "later429" else None)
    assert (took >= 0.3) is (mode == "slow")


def test_close_answers_with_no_byte(demo: Provider) -> None:
    demo.set_mode("close")
    body = f"to={NUMBER}&message=Hi".encode()
    with socket.create_connection(("127.0.0.1", demo.port), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/send HTTP/1.1\r\nHost: provider\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        assert connection.recv(1) == b""
    assert demo.messages()[-1]["delivered"] is True


def test_counts_a_message_that_comes_twice(demo: Provider) -> None:
    for _ in range(3):
        send(demo, text="Only once, please")
    seen = [got["seen"] for got in demo.messages() if got["text"] == "Only once, please"]
    assert seen == [1, 2, 3]


def test_says_what_is_missing(demo: Provider) -> None:
    reply = requests.post(f"{demo.url}/v1/send", data={"destination": NUMBER}, timeout=10)
    assert reply.status_code == 400
    assert "no text" in reply.json()["error"]


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("target", "kind", "body"),
    [
        ("/?to=1&text=Hi", "", ""),
        ("/?api=1", FORM, "phone_number=1&Body=Hi"),
        ("/", FORM, "to[]=1&to[]=2&sms=Hi"),
        ("/", "application/json", '{"recipient": 1, "message": {"text": "Hi"}}'),
        ("/", "application/json; charset=utf-8", '[{"to": [{"number": "1"}, 2], "text": "Hi"}]'),
        ("/", "application/vnd.api+json", '{"numbers": ["1", "2"], "content": "Hi"}'),
        ("/", "text/xml", "<s:sms xmlns:s='urn:x'><s:msisdn>1</s:msisdn><s:text>Hi</s:text></s:sms>"),
        ("/", "application/xml", "<sms to='1'><message>Hi</message></sms>"),
        ("/", "text/plain", '{"to": "1", "text": "Hi"}'),
        ("/", "text/plain", "to=1&text=Hi"),
    ],
)  # fmt: skip
def test_recognises_recipient_and_text(target: str, kind: str, body: str) -> None:
    headers = Message()
    if kind:
        headers["Content-Type"] = kind
    assert read(target, headers, body.encode()) == ("1", "Hi")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", "[" * 100_000),
        ("application/json", '{"to": '),
        ("text/xml", "<to>1"),
        ("text/plain", "\x00\xff"),
    ],
)
def test_what_cannot_be_read_carries_nothing(kind: str, body: str) -> None:
    headers = Message()
    headers["Content-Type"] = kind
    assert read("/", headers, body.encode("latin-1")) == (None, None)


def test_the_page_shows_messages_as_text_only(demo: Provider) -> None:
    send(demo, text=TEXT)
    page = requests.get(f"{demo.url}/", timeout=10)
    assert escape(TEXT) in page.text
    assert "<b>1" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert all(f'value="{mode}"' in page.text for mode in MODES)
    assert requests.get(f"{demo.url}/static/demo_provider.css", timeout=10).ok


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Host": "rebound.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_site_cannot_switch_or_read_it(demo: Provider, headers: dict[str, str]) -> None:
    switch = requests.post(f"{demo.url}/mode", data={"mode": "close"}, headers=headers, timeout=10)
    assert switch.status_code == 403
    assert requests.get(f"{demo.url}/messages.json", headers=headers, timeout=10).status_code == 403
    assert send(demo).ok


@pytest.mark.parametrize(
    "fields", [{}, {"mode": "nap"}, {"mode": "slow", "seconds": "x"}, {"mode": "slow", "seconds": "nan"}]
)
def test_an_unknown_mode_is_refused(demo: Provider, fields: dict[str, str]) -> None:
    assert requests.post(f"{demo.url}/mode", data=fields, timeout=10).status_code == 422
    assert send(demo).json()["result"]["sent"] is True


@pytest.mark.parametrize("name", ["../pyproject.toml", "%2e%2e/pyproject.toml", "no-such-file"])
def test_static_files_only(demo: Provider, name: str) -> None:
    with socket.create_connection(("127.0.0.1", demo.port), timeout=10) as connection:
        connection.sendall(f"GET /static/{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 404 ")


def test_keeps_the_connection_and_the_target_as_asked(demo: Provider) -> None:
    body = json.dumps({"to": NUMBER, "text": "Hi"})
    with requests.Session() as session:
        for _ in range(2):
            raw = session.post(f"{demo.url}//v1//send", data=body, timeout=10)
            assert raw.ok
    assert demo.messages()[-1]["target"] == "//v1//send"


def test_listens_on_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback"):
        Server("0.0.0.0", 0)  # noqa: S104 - the very thing that must be refused
