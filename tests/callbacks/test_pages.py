"""What pages say of callbacks, and their buttons."""

import html

import pytest
from flask import Flask
from standardwebhooks import Webhook

from tests.callbacks.conftest import Panel
from tests.conftest import signed_in
from tests.pages import CheckingClient, words_of
from tests.receiver import OK, Answer, Receiver
from webpanel.accounts import ADMINISTRATOR, SENDER
from webpanel.models import Application, Callback
from webpanel.store import from_now

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def app(panel: Panel) -> Flask:
    return panel.app


def test_the_message_page_tells_each_try(panel: Panel, receiver: Receiver) -> None:
    sender = signed_in(panel.app, "sam", SENDER)
    panel.caller().send(callback_url=f"{receiver.url.replace('://', '://me:canary-4711@')}?key=canary-4712")
    path = f"/messages/{panel.message().id}"
    page = sender.page(path)
    assert "That it is: Sent Waiting" in words_of(page.by_id("callbacks"))
    assert page.by_id("progress").get("hx-trigger") == "every 3s", "it is about to change"
    receiver.answers = Answer(503, b"<b>canary-4711</b> down")
    panel.tell()
    page = sender.page(path)
    said = words_of(page.by_id("callbacks"))
    assert "The program answered 503, so it is told again later." in said
    assert f"://••••••@{receiver.site}/told?key=••••••" in said
    assert "<b>••••••</b> down" in said
    assert "Send again" not in said
    receiver.answers = OK
    panel.make_due()
    panel.tell()
    page = sender.page(path)
    assert "Told" in words_of(page.by_id("callbacks"))
    assert page.by_id("progress").get("hx-trigger") is None


def test_it_is_sent_again_by_a_button(panel: Panel, receiver: Receiver) -> None:
    sender = signed_in(panel.app, "sam", SENDER)
    panel.caller().send(callback_url=receiver.url)
    panel.tell()
    path = f"/messages/{panel.message().id}"
    assert "Send again" in sender.page(path).text
    again = sender.post(f"{path}/callbacks/1/again")
    assert (again.status_code, again.location) == (303, f"{path}#callbacks")
    assert "told once more" in sender.page(path).text
    sender.post(f"{path}/callbacks/1/again")
    assert "being told already" in sender.page(path).text
    panel.tell()
    assert len(receiver.told) == 2
    assert receiver.told[0].headers["webhook-id"] == receiver.told[1].headers["webhook-id"]


def test_news_of_a_callback_are_news_of_the_page(panel: Panel, receiver: Receiver) -> None:
    sender = signed_in(panel.app, "sam", SENDER)
    panel.caller().send(callback_url=receiver.url)
    asks = sender.page(f"/messages/{panel.message().id}").by_id("progress").get("hx-get")
    assert sender.get(asks, headers=PARTIAL).status_code == 204
    panel.tell()
    assert sender.get(asks, headers=PARTIAL).status_code == 200


def test_a_secret_is_shown_once(panel: Panel, receiver: Receiver) -> None:
    ada = signed_in(panel.app, "ada", ADMINISTRATOR)
    caller = panel.caller()
    assert "Nobody has seen the secret yet" in ada.page("/applications/1").text
    made = ada.post("/applications/1/callbacks/secret")
    assert made.status_code == 200
    secret = made.text.split('value="whsec_')[1].split('"')[0]
    assert made.text.count(secret) == 1
    page = ada.page("/applications/1")
    assert "The secret was made" in page.text
    assert secret not in ada.get("/applications/1").text
    caller.send(callback_url=receiver.url)
    panel.tell()
    assert Webhook(f"whsec_{secret}").verify(receiver.told[0].body, dict(receiver.told[0].headers))
    assert secret.encode() not in panel.application().callback_secret


def test_the_application_page_tells_what_fails_and_switches_on(panel: Panel, receiver: Receiver) -> None:
    ada = signed_in(panel.app, "ada", ADMINISTRATOR)
    caller = panel.caller(callback_url=receiver.url)
    receiver.answers = Answer(500)
    caller.send()
    panel.tell()
    said = words_of(ada.page("/applications/1").by_id("callbacks"))
    assert "None has reached the address since" in said
    assert "The program answered 500" in said
    panel.change(Application, callback_failing_since=from_now(-3 * 86400))
    panel.make_due()
    panel.tell()
    page = ada.page("/applications/1")
    assert "Callbacks are switched off: for three days none of them reached" in page.text
    switched = ada.post("/applications/1/callbacks/on")
    assert switched.status_code == 303
    page = ada.page("/applications/1")
    assert "is told again what becomes of its messages" in page.text
    assert "switched off" not in words_of(page.by_id("callbacks")).replace("address was switched off", "")
    ada.post("/applications/1/callbacks/on")
    assert "its callbacks are on" in ada.page("/applications/1").text


def test_the_form_takes_an_address(administrator: CheckingClient, panel: Panel) -> None:
    place = administrator.post(
        "/applications/new", data={"name": "School", "callback_url": " https://school.example/told "}
    ).location
    assert administrator.page(place).by_id("callback_url").get("value") == "https://school.example/told"
    assert panel.application().callback_site == "school.example:443"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("school.example", "begins with https://"),
        ("https://a:b@school.example/", "callbacks are signed"),
        ("https://school.example/?api_key=xyz", "callbacks are signed"),
        ("https://school.example/{id}", "nothing is filled in here"),
        (f"https://school.example/{'x' * 2000}", "at most 2000 characters"),
    ],
)
def test_the_form_refuses_what_cannot_be(administrator: CheckingClient, typed: str, said: str) -> None:
    answer = administrator.post("/applications/new", data={"name": "School", "callback_url": typed})
    assert answer.status_code == 422
    assert said in answer.text
    kept = html.unescape(answer.text)
    if "signed" in said:
        assert typed not in kept, "credentials are shown to nobody"
        assert "••••••" in kept
    else:
        assert typed in kept, "what was typed stays"


def test_another_address_is_no_longer_switched_off(administrator: CheckingClient, panel: Panel) -> None:
    panel.caller(callback_url="https://school.example/a")
    panel.change(Application, callback_off_at=from_now(), callback_failing_since=from_now())
    form = {"name": "School", "callback_url": "https://school.example/a"}
    administrator.post("/applications/1", data=form)
    assert panel.application().callback_off_at is not None
    administrator.post("/applications/1", data={**form, "callback_url": "https://school.example/b"})
    application = panel.application()
    assert (application.callback_off_at, application.callback_failing_since) == (None, None)


def test_without_its_message_there_is_no_button(panel: Panel, receiver: Receiver) -> None:
    sender = signed_in(panel.app, "sam", SENDER)
    panel.caller().send(callback_url=receiver.url)
    panel.tell()
    sender.post(f"/messages/{'0' * 26}/callbacks/1/again")
    panel.change(Callback, state="told")
    assert len(receiver.told) == 1
