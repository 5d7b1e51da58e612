"""What a caller is told: one signed request for each thing that became of its message."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook, WebhookVerificationError

from tests.callbacks.conftest import Panel
from tests.calling import NUMBER
from tests.receiver import OK, Answer, Receiver
from webpanel import callbacks, gateways, intake
from webpanel.applications import remove
from webpanel.models import Application, Message
from webpanel.store import from_now


def test_a_message_is_told_as_the_api_shows_it(panel: Panel, receiver: Receiver) -> None:
    caller, secret = panel.caller(), panel.secret()
    made = caller.send(callback_url=receiver.url, reference="lesson 7").json
    assert panel.tell() == 1
    (told,) = receiver.told
    assert (told.method, told.path, told.headers["Content-Type"]) == ("POST", "/told", "application/json")
    assert told.headers["User-Agent"].startswith("webpanel/")
    body = Webhook(secret).verify(told.body, dict(told.headers))
    assert body["type"] == "message.sent"
    assert abs((datetime.fromisoformat(body["timestamp"]) - datetime.now(UTC)).total_seconds()) < 30
    shown = caller.get(f"/messages/{made['id']}").json
    assert body["data"] == shown
    assert shown["outcome"] == "accepted"
    assert b": " not in told.body.split(b'"detail"')[0], "compact"
    (callback,) = panel.callbacks()
    assert (callback.state, callback.attempt_count, callback.due_at) == ("told", 1, None)
    (attempt,) = panel.attempts()
    assert (attempt.outcome, attempt.reply_status, attempt.shown) == ("told", 200, receiver.url)
    assert panel.tell() == 0


def test_what_ends_with_its_gateway_is_told(panel: Panel, receiver: Receiver) -> None:
    panel.caller(test_state="").send(callback_url=receiver.url)
    gateway_id = panel.message().gateway_id
    assert gateway_id is not None
    gateways.remove(panel.parts.store, gateway_id, "ada")
    assert panel.tell() == 1
    assert json.loads(receiver.told[0].body)["type"] == "message.cancelled"


def test_a_changed_body_or_another_secret_does_not_verify(panel: Panel, receiver: Receiver) -> None:
    secret = panel.caller() and panel.secret()
    panel.caller(name="Other").send(callback_url=receiver.url)
    panel.tell()
    (told,) = receiver.told
    for key, body in ((secret, told.body), (panel.secret(2), told.body + b" ")):
        with pytest.raises(WebhookVerificationError):
            Webhook(key).verify(body, dict(told.headers))


def test_after_a_new_secret_both_sign_for_a_day(panel: Panel, receiver: Receiver) -> None:
    caller = panel.caller()
    before, after = panel.secret(), panel.secret()
    caller.send(callback_url=receiver.url)
    panel.tell()
    for secret in (before, after):
        assert Webhook(secret).verify(receiver.told[0].body, dict(receiver.told[0].headers))
    panel.change(Application, callback_secret_until=from_now(-1))
    caller.send(callback_url=receiver.url)
    panel.tell()
    assert Webhook(after).verify(receiver.told[1].body, dict(receiver.told[1].headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(before).verify(receiver.told[1].body, dict(receiver.told[1].headers))


def test_a_secret_that_nobody_saw_is_replaced_at_once(panel: Panel, receiver: Receiver) -> None:
    caller = panel.caller()
    caller.send(callback_url=receiver.url)
    panel.tell()
    assert receiver.told[0].headers["webhook-signature"].startswith("v1,"), "signed all the same"
    secret = panel.secret()
    caller.send(callback_url=receiver.url)
    panel.tell()
    assert len(receiver.told[1].headers["webhook-signature"].split()) == 1
    assert Webhook(secret).verify(receiver.told[1].body, dict(receiver.told[1].headers))


def test_the_address_of_the_application(panel: Panel, receiver: Receiver) -> None:
    caller = panel.caller(callback_url=receiver.url)
    with Receiver() as other:
        caller.send(callback_url=f"{other.url}?own=1")
        caller.send()
        panel.tell()
        assert [told.path for told in other.told] == ["/told?own=1"]
    assert [told.path for told in receiver.told] == ["/told"]
    assert [callback.own for callback in panel.callbacks()] == [True, False]


def test_who_gave_no_address_is_told_nothing(panel: Panel) -> None:
    panel.caller().send()
    assert panel.callbacks() == []


def test_each_message_of_a_batch(panel: Panel, receiver: Receiver) -> None:
    caller = panel.caller()
    with Receiver() as other:
        own = {"to": NUMBER, "callback_url": f"{other.url}/second"}
        messages = [{"to": NUMBER}, own]
        body = {"messages": messages, "message": "Hello", "callback_url": receiver.url}
        answered = caller.post("/messages/batch", json=body).json
        panel.tell()
        assert json.loads(other.told[0].body)["data"]["id"] == answered["results"][1]["id"]
    assert json.loads(receiver.told[0].body)["data"]["id"] == answered["results"][0]["id"]


def test_a_form_may_name_an_address(panel: Panel, receiver: Receiver) -> None:
    form = {"to": NUMBER, "message": "x", "callback_url": receiver.url}
    assert panel.caller().post("/messages", data=form).status_code == 202
    panel.tell()
    assert len(receiver.told) == 1


def test_the_same_request_twice_is_told_once(panel: Panel, receiver: Receiver) -> None:
    caller = panel.caller()
    for _ in range(2):
        caller.send(callback_url=receiver.url, headers={"Idempotency-Key": "one"})
    assert caller.send(callback_url=f"{receiver.url}2", headers={"Idempotency-Key": "one"}).status_code == 422
    assert panel.tell() == 1


def test_what_changes_later_is_told_anew(panel: Panel, receiver: Receiver) -> None:
    caller = panel.caller(test_state="")
    made = caller.send(callback_url=receiver.url).json
    assert panel.tell() == 0, "it waits"
    caller.post(f"/messages/{made['id']}/cancel")

    def report(connection) -> None:
        connection.execute(update(Message).values(state="delivered", provider_message_id="77"))
        callbacks.queue(connection, made["id"])

    panel.parts.store.write(report)
    panel.tell()
    bodies = [json.loads(told.body) for told in receiver.told]
    told = [(body["type"], body["data"]["outcome"], body["data"]["provider_message_id"]) for body in bodies]
    assert sorted(told) == [("message.cancelled", "failed", None), ("message.delivered", "accepted", "77")]
    assert len({told.headers["webhook-id"] for told in receiver.told}) == 2


def test_what_waited_for_a_gateway_that_is_deleted(panel: Panel, receiver: Receiver) -> None:
    panel.caller(test_state="").send(callback_url=receiver.url)
    gateways.remove(panel.parts.store, panel.message().gateway_id, "ada")
    panel.tell()
    assert [json.loads(told.body)["type"] for told in receiver.told] == ["message.cancelled"]


def test_what_a_person_finds_out(panel: Panel, receiver: Receiver) -> None:
    caller = panel.caller(test_state="unknown")
    caller.send(callback_url=receiver.url)
    message = panel.message()
    intake.mark_as(panel.parts.store, message, "failed", actor="ada")
    panel.tell()
    assert {json.loads(told.body)["type"] for told in receiver.told} == {"message.unknown", "message.failed"}


def test_another_try_says_what_the_first_one_said(panel: Panel, receiver: Receiver) -> None:
    panel.caller(test_state="unknown").send(callback_url=receiver.url)
    receiver.answers = Answer(503)
    panel.tell()
    intake.mark_as(panel.parts.store, panel.message(), "failed", actor="ada")
    later = update(Message).values(final_at=from_now(60))
    panel.parts.store.write(lambda connection: connection.execute(later))
    receiver.answers = OK
    panel.make_due()
    panel.tell()
    of_the_first = [told for told in receiver.told if told.headers["webhook-id"].endswith("_1")]
    assert len(of_the_first) == 2
    assert of_the_first[0].body == of_the_first[1].body


def test_a_sensitive_text_is_never_told(panel: Panel, receiver: Receiver) -> None:
    panel.caller().send(message="Your code is 271828", sensitive=True, callback_url=receiver.url)
    panel.tell()
    assert b"271828" not in receiver.told[0].body


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://example.com/", "url_scheme"),
        ("example.com", "url_scheme"),
        ("", "callback_url_missing"),
        ("https://", "url_host_missing"),
        ("https://exa mple.com/", "url_character"),
        ("https://-a-.com/", "url_host"),
        ("https://example.com:0/", "url_port"),
        ("https://example.com/a b", "url_character"),
        ("https://example.com/%zz", "url_percent"),
        ("https://example.com/{{message}}", "callback_url_brace"),
        ("https://example.com/{id}", "callback_url_brace"),
        ("https://example.com/#top", "url_fragment"),
        ("https://example.com/../x", "path_dots"),
        ("https://@example.com/", "callback_url_user"),
        ("https://a@b@example.com/", ""),
    ],
)
def test_addresses_that_cannot_be(panel: Panel, url: str, code: str) -> None:
    answer = panel.caller().send(callback_url=url)
    if not code:
        assert answer.status_code == 202
        return
    assert answer.status_code == 422, answer.text
    (error,) = answer.json["errors"]
    assert (error["field"], error["code"]) == ("callback_url", code)
    assert "%(" not in error["detail"]


def test_an_address_beside_other_faults(panel: Panel) -> None:
    answer = panel.caller().send(to="12", callback_url="nonsense")
    assert {each["field"] for each in answer.json["errors"]} == {"to", "callback_url"}


def test_a_user_in_the_address_travels_in_a_header(panel: Panel, receiver: Receiver) -> None:
    panel.caller().send(callback_url=receiver.url.replace("://", "://caller:geheim-4711@"))
    receiver.answers = lambda told: Answer(
        body=f"Hello, {told.headers['Authorization']}, geheim-4711".encode()
    )
    panel.tell()
    assert receiver.told[0].headers["Authorization"] == "Basic Y2FsbGVyOmdlaGVpbS00NzEx"
    (attempt,) = panel.attempts()
    assert attempt.shown == receiver.url.replace("://", "://••••••@")
    assert attempt.reply.decode() == "Hello, Basic ••••••, ••••••"


def test_without_its_application_there_is_no_signature_and_no_callback(
    panel: Panel, receiver: Receiver
) -> None:
    panel.caller().send(callback_url=receiver.url)
    remove(panel.parts.store, 1)
    panel.tell()
    assert receiver.told == []
    assert panel.callbacks()[0].reason["code"] == "callback_application_gone"
