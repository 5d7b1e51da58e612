"""Twilio's StatusCallback, checked by Twilio's own package as a program would check it."""

import base64
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import update
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from tests.callbacks.conftest import Panel
from tests.calling import NUMBER
from tests.receiver import OK, Answer, Receiver, Told
from webpanel import callbacks
from webpanel.doors import twilio_sids
from webpanel.models import CallbackTarget, Message, db

PLACE = "/2010-04-01/Accounts"


def send(panel: Panel, key: str, **more: str) -> TestResponse:
    account = twilio_sids.account_sid(key)
    basic = base64.b64encode(f"{account}:{key}".encode()).decode()
    return panel.app.test_client().post(
        f"{PLACE}/{account}/Messages.json",
        data={"To": NUMBER, "Body": "Hello", "From": "School & Söhne", **more},
        headers={"Authorization": f"Basic {basic}"},
        token=False,
    )


def caller(panel: Panel, **terms: Any) -> str:
    return panel.caller(door_twilio=True, **terms).key


def is_valid(told: Told, key: str, base: str) -> bool:
    """As Twilio's documentation has a program check a request."""
    form = dict(parse_qsl(told.body.decode(), keep_blank_values=True))
    url = base + told.path
    return RequestValidator(key).validate(url, form, told.headers["X-Twilio-Signature"])


def base(receiver: Receiver) -> str:
    parts = urlsplit(receiver.url)
    return f"{parts.scheme}://{parts.netloc}"


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("sent", "sent", None),
        ("delivered", "delivered", None),
        ("undelivered", "undelivered", "30008"),
        ("unknown", "undelivered", "30008"),
        ("failed", "failed", "30008"),
        ("expired", "failed", "30036"),
    ],
)
def test_each_end(panel: Panel, receiver: Receiver, state: str, status: str, code: str | None) -> None:
    key = caller(panel, test_state=state)
    made = send(panel, key, StatusCallback=f"{receiver.url}?id=7&x=%C3%A9").json
    panel.tell()
    (told,) = receiver.told
    assert told.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert told.path == "/told?id=7&x=%C3%A9"
    form = dict(parse_qsl(told.body.decode()))
    assert form == {
        "MessageSid": made["sid"],
        "SmsSid": made["sid"],
        "AccountSid": made["account_sid"],
        "From": "School & Söhne",
        "To": NUMBER,
        "MessageStatus": status,
        "SmsStatus": status,
        "ApiVersion": "2010-04-01",
        **({"ErrorCode": code} if code else {}),
    }
    assert is_valid(told, key, base(receiver))
    assert not is_valid(told, caller(panel, name="Other"), base(receiver))
    form["MessageStatus"] = "read"
    assert not RequestValidator(key).validate(receiver.url, form, told.headers["X-Twilio-Signature"])


def test_what_is_reported_later_is_signed_too(panel: Panel, receiver: Receiver) -> None:
    key = caller(panel)
    send(panel, key, StatusCallback=receiver.url)
    panel.tell()

    message_id = panel.message().id
    panel.parts.store.write(
        lambda c: (c.execute(update(Message).values(state="delivered")), callbacks.queue(c, message_id))
    )
    panel.tell()
    assert [b"MessageStatus=delivered" in told.body for told in receiver.told] == [False, True]
    assert all(is_valid(told, key, base(receiver)) for told in receiver.told)


def test_by_get(panel: Panel, receiver: Receiver) -> None:
    key = caller(panel)
    send(panel, key, StatusCallback=f"{receiver.url}?id=7", StatusCallbackMethod="get")
    panel.tell()
    (told,) = receiver.told
    assert (told.method, told.body) == ("GET", b"")
    assert told.path.startswith("/told?id=7&MessageSid=SM")
    assert "MessageStatus=sent" in told.path
    assert is_valid(told, key, base(receiver))


def test_without_a_sender_and_with_a_user(panel: Panel, receiver: Receiver) -> None:
    key = caller(panel)
    send(panel, key, From="", StatusCallback=receiver.url.replace("://", "://me:canary-4711@"))
    receiver.answers = Answer(204)
    panel.tell()
    (told,) = receiver.told
    assert told.headers["Authorization"] == "Basic " + base64.b64encode(b"me:canary-4711").decode()
    assert b"From" not in told.body
    assert is_valid(told, key, base(receiver))


def test_the_key_is_kept_nowhere(panel: Panel, receiver: Receiver) -> None:
    key = caller(panel)
    send(panel, key, StatusCallback=receiver.url)
    with panel.app.app_context():
        sealed = db.session.get_one(CallbackTarget, panel.message().id).sealed
    assert key not in panel.parts.vault.decrypt(sealed)
    receiver.answers = OK
    panel.tell()
    assert len(receiver.told) == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"StatusCallback": "nonsense"}, 21609),
        ({"StatusCallback": "https://school.example/{id}"}, 21609),
        ({"StatusCallback": "https://school.example/", "StatusCallbackMethod": "PUT"}, 20400),
    ],
)
def test_what_cannot_be_used(panel: Panel, more: dict[str, str], code: int) -> None:
    answer = send(panel, caller(panel), **more)
    assert (answer.status_code, answer.json["code"]) == (400, code)
    assert panel.callbacks() == []
