"""Kannel's sendsms: requests as programs for Kannel write them, and its own words in answer."""

import http.client
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.calling import NUMBER, add_application, add_gateway
from tests.instances import LOOPBACK, furnish
from tests.sending.counting import OK, CountingProvider
from tests.sending.panel import eventually
from tests.server import Server, running_server
from webpanel.applications import KeyTerms
from webpanel.models import Message, db

PATH = "/cgi-bin/sendsms"
ACCEPTED = (202, "0: Accepted for delivery")
MISFORMED = "Charset or body misformed, rejected"
DENIED = "Number(s) has/have been denied by white- and/or black-lists."


@pytest.fixture(autouse=True)
def gateway(app: Flask) -> int:
    return add_gateway(app)


@pytest.fixture
def key(app: Flask) -> str:
    return add_application(app, door_kannel=True)


def ask(app: Flask, key: str, **more: Any) -> TestResponse:
    """A GET, its values written as bytes or texts."""
    fields = {"username": "school", "password": key, "to": "447911123456", "text": "Hello", **more}
    query = urlencode({name: value for name, value in fields.items() if value is not None})
    return app.test_client().get(f"{PATH}?{query}", token=False)


def told(response: TestResponse) -> tuple[int, str]:
    """The status, and the first line: Kannel's own text."""
    assert response.mimetype == "text/plain"
    return response.status_code, response.text.split("\n")[0]


def stored(app: Flask) -> list[Message]:
    with app.app_context():
        return list(db.session.scalars(select(Message).order_by(Message.id)))


@pytest.mark.parametrize(
    ("text", "more", "arrives"),
    [
        ("Grüße ✓".encode(), {}, "Grüße ✓"),
        ("Grüße".encode("latin-1"), {}, "Grüße"),
        ("50 € — “ok”".encode("cp1252"), {"coding": "0"}, "50 € — “ok”"),
        ("Grüße ✓".encode(), {"coding": "2", "charset": "utf8"}, "Grüße ✓"),
        ("Grüße ✓".encode(), {"coding": "2", "charset": "UTF-8"}, "Grüße ✓"),
        ("Привет 🙂".encode("utf-16-be"), {"coding": "2"}, "Привет 🙂"),
        ("Привет".encode("utf-16-be"), {"coding": "2", "charset": "UCS-2"}, "Привет"),
        ("Привет".encode("utf-16"), {"coding": "2", "charset": "UTF-16"}, "Привет"),
        ("Привет".encode("koi8-r"), {"coding": "0", "charset": "KOI8-R"}, "Привет"),
        ("Grüße".encode("latin-1"), {"coding": "0", "charset": "ISO-8859-1"}, "Grüße"),
        ("你好".encode("gb18030"), {"charset": "GB18030"}, "你好"),
        (b"two\r\nlines + & = 100 %", {}, "two\nlines + & = 100 %"),
    ],
)
def test_the_text_in_its_charset(
    app: Flask, key: str, text: bytes, more: Mapping[str, str], arrives: str
) -> None:
    assert told(ask(app, key, text=text, **more)) == ACCEPTED
    assert [each.text for each in stored(app)] == [arrives]


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({"password": "wrong"}, (403, "Authorization failed for sendsms")),
        ({"password": None}, (403, "Authorization failed for sendsms")),
        ({"to": None}, (400, "Missing receiver number, rejected")),
        ({"to": " "}, (400, "Empty receiver number not allowed, rejected")),
        ({"to": "12"}, (400, DENIED)),
        ({"to": "school"}, (400, DENIED)),
        ({"to": "1 " * 10_001 + " ".join(map(str, range(10_001)))}, (400, DENIED)),
        ({"text": None}, (400, "Empty text not allowed, rejected.")),
        ({"text": ""}, (400, "Empty text not allowed, rejected.")),
        ({"text": "x\0"}, (400, MISFORMED)),
        ({"text": b"\xff", "charset": "UTF-8"}, (400, MISFORMED)),
        ({"text": b"\xff", "coding": "2"}, (400, MISFORMED)),
        ({"charset": "klingon"}, (400, MISFORMED)),
        ({"charset": "punycode"}, (400, MISFORMED)),
        ({"charset": "hex"}, (400, MISFORMED)),
        ({"charset": "utf-8\0"}, (400, MISFORMED)),
        ({"text": "x" * 700}, (400, MISFORMED)),
        ({"udh": b"\x05\x00\x03\x01\x02\x01"}, (400, "UDH field misformed, rejected")),
        ({"coding": "1"}, (400, "Coding field misformed, rejected")),
        ({"priority": "4"}, (400, "Priority field misformed, rejected")),
        ({"validity": "-2"}, (400, "Validity field misformed, rejected")),
        ({"deferred": "-2"}, (400, "Deferred field misformed, rejected")),
        ({"deferred": "999999999"}, (400, "Deferred field misformed, rejected")),
        ({"smsc": "None such"}, (403, "Not routable. Do not try again.")),
        ({"from": "x" * 201}, (400, "Sender missing and no global set, rejected")),
        ({f"x{number}": "" for number in range(200)}, (403, "Authorization failed for sendsms")),
    ],
)
def test_what_cannot_be(app: Flask, more: Mapping[str, Any], answer: tuple[int, str]) -> None:
    key = add_application(app, door_kannel=True, most_parts=4)
    assert told(ask(app, key, **more)) == answer
    assert stored(app) == []


def test_the_second_line_says_what_the_panel_knows(app: Flask, key: str) -> None:
    assert ask(app, key, to="12").text.splitlines()[1] == "12 is too short to be a phone number."


def test_the_other_parameters(app: Flask, key: str) -> None:
    add_gateway(app, "Second")
    more = {"from": "School", "validity": "10", "deferred": "90", "priority": "2", "smsc": "Second"}
    assert told(ask(app, key, **more)) == ACCEPTED
    (message,) = stored(app)
    assert (message.sender, message.priority, message.gateway_name) == ("School", 0, "Second")
    assert (message.state, message.source) == ("scheduled", "kannel")
    assert (message.expires_at - message.due_at).total_seconds() == 600
    assert abs((message.due_at - message.created_at).total_seconds() - 5400) < 5
    # As Kannel's own reading: what is no number counts as left out.
    assert told(ask(app, key, validity="soon", priority="", coding="", deferred="0")) == ACCEPTED
    assert stored(app)[-1].state == "queued"


def test_several_recipients(app: Flask, key: str) -> None:
    some = ask(app, key, to="447911123456 12 447911123457  447911123456")
    assert told(some) == (202, "0: Accepted for delivery Denied receivers are: 12")
    assert [each.recipient for each in stored(app)] == ["+447911123456", "+447911123457"]
    many = " ".join(f"4479111{number:05}" for number in range(500))
    assert told(ask(app, key, to=many)) == ACCEPTED
    assert len(stored(app)) == 502


def test_a_form_and_headers_are_as_good_as_the_address(app: Flask, key: str) -> None:
    client = app.test_client()
    form = {"user": "school", "pass": key, "to": "447911123456", "text": "By a form"}
    assert told(client.post(PATH, data=form, token=False)) == ACCEPTED
    headers = {
        "X-Kannel-Username": "school",
        "X-Kannel-Password": key,
        "X-Kannel-To": "447911123456",
        "X-Kannel-From": "School",
    }
    plain = client.post(
        PATH,
        data="Grüße".encode("latin-1"),
        content_type="text/plain; charset=iso-8859-1",
        headers=headers,
        token=False,
    )
    assert told(plain) == ACCEPTED
    assert [(each.text, each.sender) for each in stored(app)] == [("By a form", ""), ("Grüße", "School")]
    query = urlencode({"username": "x", "password": key, "to": "447911123456", "text": "By the address"})
    assert told(client.post(f"{PATH}?{query}", token=False)) == ACCEPTED
    xml = client.post(PATH, data="<message/>", content_type="text/xml", headers=headers, token=False)
    assert told(xml) == (400, "Invalid content-type")
    long = client.post(PATH, data={**form, "text": "x" * 1_000_001}, token=False)
    assert told(long) == (413, MISFORMED)
    assert len(stored(app)) == 3


def test_limits_and_permissions(app: Flask) -> None:
    limited = add_application(app, name="Limited", door_kannel=True, parts_per_day=1)
    assert told(ask(app, limited)) == ACCEPTED
    full = ask(app, limited)
    assert told(full) == (503, "Temporal failure, try again later.")
    assert "SMS parts a day are used up" in full.text
    assert int(full.headers["Retry-After"]) > 0
    closed = ask(app, add_application(app, name="Closed"))
    assert told(closed) == (403, "Authorization failed for sendsms")
    assert "Applications page" in closed.text
    mute = add_application(app, name="Mute", door_kannel=True, key=KeyTerms(may_send=False))
    assert told(ask(app, mute)) == (403, "Authorization failed for sendsms")
    abroad = add_application(app, name="Abroad", door_kannel=True, countries="FR")
    assert told(ask(app, abroad)) == (400, DENIED)
    assert len(stored(app)) == 1


def test_other_methods_do_nothing(app: Flask, key: str) -> None:
    query = urlencode({"username": "x", "password": key, "to": "447911123456", "text": "Hello"})
    client = app.test_client()
    assert client.head(f"{PATH}?{query}", token=False).status_code == 405
    assert told(client.put(f"{PATH}?{query}", token=False))[0] == 405
    assert stored(app) == []


def test_a_program_for_kannel_sends_through_the_running_panel(tmp_path: Path) -> None:
    """As PHP and C programs do: HTTP/1.0, one connection a message, and the answer read as a text."""
    with CountingProvider(OK) as provider:
        key = furnish(tmp_path / "instance", provider.url, door_kannel=True)
        with running_server(tmp_path / "instance", LOOPBACK) as server:
            text = quote("Código: 123456 “ok” & 50%\nline2 ✓")
            query = f"username=school&password={key}&from=School&to=%2B447911123456&text={text}&charset=UTF-8"
            assert fetched(server, f"{PATH}?{query}&coding=2") == ACCEPTED
            eventually(lambda: provider.total == 1)
            sent = dict(parse_qsl(provider.bodies[0].decode()))
            assert sent == {"to": NUMBER[1:], "text": "Código: 123456 “ok” & 50%\nline2 ✓"}
            assert fetched(server, f"{PATH}?{query}&password=x") == ACCEPTED, "the first one counts"
            assert fetched(server, PATH) == (403, "Authorization failed for sendsms")
            eventually(lambda: "/cgi-bin/sendsms" in server.output)
            assert key not in server.output
            assert key.split("_")[2] not in server.output


def fetched(server: Server, target: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)) as connection:
        connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"  # type: ignore[attr-defined]
        connection.request("GET", target, headers={"Host": urlsplit(server.url).netloc})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
