"""Kannel's delivery reports: which are asked for, and every escape of the address."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from tests.callbacks.conftest import Panel
from tests.calling import NUMBER
from tests.receiver import Receiver
from webpanel import callbacks
from webpanel.callbacks import Telling
from webpanel.doors import kannel_reports
from webpanel.models import Message

STATES = {
    "sent": 8,
    "delivered": 1,
    "undelivered": 2,
    "unknown": 2,
    "failed": 16,
    "expired": 16,
}


def send(panel: Panel, key: str, **more: Any) -> TestResponse:
    fields = {"username": "x", "password": key, "to": NUMBER, "text": "Hello", "from": "School", **more}
    query = urlencode({name.replace("_", "-"): value for name, value in fields.items()})
    return panel.app.test_client().get(f"/cgi-bin/sendsms?{query}", token=False)


def caller(panel: Panel, **terms: Any) -> str:
    return panel.caller(door_kannel=True, **terms).key


@pytest.mark.parametrize("state", STATES)
def test_each_event_when_it_is_asked_for(panel: Panel, receiver: Receiver, state: str) -> None:
    key = caller(panel, test_state=state)
    url = f"{receiver.url}?id=7&type=%d&to=%p"
    assert send(panel, key, dlr_mask=31 - STATES[state], dlr_url=url).status_code == 202
    panel.tell()
    assert receiver.told == []
    send(panel, key, dlr_mask=STATES[state], dlr_url=url)
    panel.tell()
    (told,) = receiver.told
    assert (told.method, told.body) == ("GET", b"")
    assert told.path == f"/told?id=7&type={STATES[state]}&to={quote(NUMBER, safe='')}"


def test_from_the_queue_to_the_phone(panel: Panel, receiver: Receiver) -> None:
    send(panel, caller(panel, test_state=""), dlr_mask=31, dlr_url=f"{receiver.url}?%d")

    def becomes(state: str) -> None:
        message_id = panel.message().id
        panel.parts.store.write(
            lambda c: (c.execute(update(Message).values(state=state)), callbacks.queue(c, message_id))
        )

    for state in ("sent", "delivered"):
        panel.tell()
        becomes(state)
    panel.tell()
    assert [told.path for told in receiver.told] == ["/told?4", "/told?8", "/told?1"]


@pytest.mark.parametrize("more", [{}, {"dlr_mask": "0"}, {"dlr_mask": "32"}, {"dlr_mask": "x"}])
def test_without_a_mask_nothing_is_told(panel: Panel, receiver: Receiver, more: dict[str, str]) -> None:
    assert send(panel, caller(panel), dlr_url=receiver.url, **more).status_code == 202
    assert panel.tell() == 0


def test_older_names(panel: Panel, receiver: Receiver) -> None:
    send(panel, caller(panel), dlrmask=8, dlrurl=receiver.url)
    panel.tell()
    assert len(receiver.told) == 1


def test_each_recipient_is_reported(panel: Panel, receiver: Receiver) -> None:
    send(panel, caller(panel), to=f"{NUMBER} +447911123457", dlr_mask=8, dlr_url=f"{receiver.url}?%p")
    panel.tell()
    assert sorted(told.path for told in receiver.told) == [
        "/told?%2B447911123456",
        "/told?%2B447911123457",
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"dlr_mask": "31", "dlr_url": "nonsense"}, "DLR-URL field misformed, rejected"),
        ({"dlr_mask": "31", "dlr_url": "ftp://x/%d"}, "DLR-URL field misformed, rejected"),
        ({"dlr_mask": "64", "dlr_url": "http://x/%d"}, "DLR-Mask field misformed, rejected"),
        ({"dlr_mask": "-2", "dlr_url": "http://x/%d"}, "DLR-Mask field misformed, rejected"),
    ],
)
def test_what_cannot_be_used(panel: Panel, more: dict[str, str], said: str) -> None:
    answer = send(panel, caller(panel), **more)
    assert (answer.status_code, answer.text.split("\n")[0]) == (400, said)


def composed(url: str, **message: Any) -> str:
    told = {
        "id": "01M85000000000000000000000",
        "state": "delivered",
        "recipient": "+447911123456",
        "sender": "00 School",
        "encoding": "gsm7",
        "gateway_name": "Fast & good",
        "provider_message_id": "a/7",
        "reason": None,
        **message,
    }
    at = datetime(2026, 11, 28, 1, 2, 3, tzinfo=UTC)
    telling = Telling("msg_1", at, SimpleNamespace(**told), url, {}, "My app", ())
    return kannel_reports.compose(telling).address.url


REPORT = "id:a/7 sub:001 dlvrd:001 stat:DELIVRD err:000 text:"


@pytest.mark.parametrize(
    ("escape", "value"),
    [
        *(("%d", "1"), ("%p", "+447911123456"), ("%P", "00 School"), ("%Q", "+ School")),
        *(("%q", "+447911123456"), ("%A", REPORT), ("%b", REPORT), ("%a", REPORT), ("%k", "id:a/7")),
        *(("%s", "sub:001"), ("%S", "sub:001"), ("%s,%s", "sub:001,dlvrd:001")),
        *(("%s,%r", "sub:001,dlvrd:001 stat:DELIVRD err:000 text:"), ("%F", "a/7")),
        *(("%i", "Fast & good"), ("%I", "01M85000000000000000000000"), ("%n", "My app")),
        *(("%t", "2026-11-28 01:02:03"), ("%T", "1795827723"), ("%c", "0"), ("%C", "UTF-8")),
        *(("%m", "-1"), ("%M", "-1"), ("%O", "00"), ("%%41", "A")),
        *((f"%{blank}", "") for blank in "BDfouvV"),
        *(("%#smpp#dlr_err#", ""), ("%20", " "), ("%R", "http://x.example/?v=%R")),
    ],
)
def test_each_escape(escape: str, value: str) -> None:
    assert parse_qsl(urlsplit(composed(f"http://x.example/?v={escape}")).query, keep_blank_values=True) == [
        ("v", value)
    ]


def test_what_an_escape_becomes_is_not_looked_at_again() -> None:
    url = composed("http://x.example/?v=%P", sender="%d&w=%p")
    assert parse_qsl(urlsplit(url).query) == [("v", "%d&w=%p")]


@pytest.mark.parametrize(
    ("state", "reason", "report"),
    [
        ("sent", None, "ACK/"),
        ("queued", None, "ACK/"),
        ("failed", {"code": "rejected_status", "values": {}}, "NACK/rejected_status"),
        ("expired", None, "NACK/expired"),
        ("unknown", None, "id:a/7 sub:001 dlvrd:000 stat:UNKNOWN err:000 text:"),
        ("undelivered", None, "id:a/7 sub:001 dlvrd:000 stat:UNDELIV err:000 text:"),
    ],
)
def test_what_the_service_centre_would_have_said(state: str, reason: Any, report: str) -> None:
    url = composed("http://x.example/?v=%A", state=state, reason=reason)
    assert parse_qsl(urlsplit(url).query) == [("v", report)]


def test_a_unicode_text() -> None:
    assert composed("http://x.example/%c/%O", encoding="ucs2").endswith("/2/08")
