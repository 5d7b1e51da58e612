"""The Send page: one message by hand, and never two by mistake."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.conftest import signed_in
from tests.pages import CheckingClient, Page, words_of
from tests.views.messages.forms import NUMBER, PARTIAL, add_gateway, count, form_of
from webpanel import accounts
from webpanel.models import Event, Gateway, Message, db
from webpanel.services import Services


def errors_of(page: Page, name: str) -> str:
    assert page.by_id(name).get("aria-invalid") == "true"
    return words_of(page.by_id(f"{name}-error"))


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("role", [accounts.ADMINISTRATOR, accounts.SENDER])
def test_sends_and_shows_the_message(app: Flask, sign_in, role: str) -> None:
    browser = sign_in("sam", role)
    page = browser.page("/send")
    response = browser.post("/send", data=form_of(page))
    assert response.status_code == 303
    shown = browser.page(response.location)
    assert shown.heading == f"Message to {NUMBER}"
    assert "Waiting" in words_of(shown.by_id("state"))
    with app.app_context():
        message = db.session.scalars(select(Message)).one()
        assert response.location.endswith(message.id)
        assert (message.text, message.recipient) == ("Your book\nis ready", NUMBER)
        assert (message.created_by, message.source) == ("sam", "page")
        steps = db.session.scalars(select(Event.code).filter_by(message_id=message.id)).all()
    assert steps == ["event_accepted"]


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize(
    "typed",
    [
        {"recipient": ""},
        {"recipient": "call me"},
        {"text": " \r\n "},
        {"gateway": "999"},
        {"gateway": "one"},
    ],
)
def test_an_error_stands_beside_its_field_and_keeps_what_was_typed(
    app: Flask, sender: CheckingClient, typed: dict[str, str]
) -> None:
    sent = form_of(sender.page("/send"), **typed)
    response = sender.post("/send", data=sent)
    page = Page(response.get_data(as_text=True))
    assert response.status_code == 422
    assert errors_of(page, next(iter(typed)))
    assert page.by_id("recipient").get("value") == sent["recipient"]
    assert words_of(page.by_id("text")) == " ".join(str(sent["text"]).split())
    assert form_of(page)["once"] == sent["once"]
    assert count(app) == 0


@pytest.mark.usefixtures("gateway")
def test_the_same_form_sent_twice_makes_one_message(app: Flask, sender: CheckingClient) -> None:
    form = form_of(sender.page("/send"))
    first, second = (sender.post("/send", data=form) for _ in range(2))
    assert first.location == second.location
    assert "not sent a second time" in sender.page(second.location).said[0]
    assert count(app) == 1


@pytest.mark.usefixtures("gateway")
def test_a_double_click_makes_one_message(app: Flask, sign_in) -> None:
    browser = sign_in("sam", accounts.SENDER)
    form = form_of(browser.page("/send"))
    browsers = [signed_in(app, "sam", accounts.SENDER) for _ in range(4)]
    together = threading.Barrier(len(browsers))
    locations: list[str | None] = []

    def click(one: CheckingClient) -> None:
        together.wait()
        locations.append(one.post("/send", data=form).location)

    threads = [threading.Thread(target=click, args=(one,)) for one in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(locations) == len(browsers)
    assert len(set(locations)) == 1
    assert count(app) == 1


@pytest.mark.usefixtures("gateway")
def test_going_back_and_typing_something_else_is_asked_about(app: Flask, sender: CheckingClient) -> None:
    form = form_of(sender.page("/send"))
    sender.post("/send", data=form)
    response = sender.post("/send", data={**form, "text": "Another text"})
    page = Page(response.get_data(as_text=True))
    assert response.status_code == 422
    assert "press Send again" in words_of(page.root)
    assert count(app) == 1
    again = sender.post("/send", data=form_of(page, text="Another text"))
    assert again.status_code == 303
    assert count(app) == 2


@pytest.mark.usefixtures("gateway")
def test_a_form_without_its_word_sends_nothing(app: Flask, sender: CheckingClient) -> None:
    form = form_of(sender.page("/send"))
    for once in ("", "short", "x" * 65, form["once"] + "\n", "ä" * 22):
        response = sender.post("/send", data={**form, "once": once})
        assert response.status_code == 422
        assert "press Send again" in response.get_data(as_text=True)
    assert count(app) == 0


@pytest.mark.usefixtures("gateway")
def test_nobody_can_use_up_somebody_elses_form(app: Flask, sign_in) -> None:
    sam, sue = sign_in("sam", accounts.SENDER), sign_in("sue", accounts.SENDER)
    form = form_of(sam.page("/send"))
    assert sue.post("/send", data=form).location != sam.post("/send", data=form).location
    assert count(app) == 2


@pytest.mark.usefixtures("gateway")
def test_the_newest_message_is_the_one_sent_last(sender: CheckingClient) -> None:
    opened_first, opened_second = (form_of(sender.page("/send")) for _ in range(2))
    paths = [sender.post("/send", data=form).location for form in (opened_second, opened_first)]
    listed = [a.get("href") for a in sender.page("/messages").all("a")]
    assert listed.index(paths[1]) < listed.index(paths[0])


def test_a_gateway_switched_off_meanwhile_is_refused(
    app: Flask, parts: Services, sender: CheckingClient, gateway: int
) -> None:
    page = sender.page("/send")
    other = add_gateway(parts, name="Other")
    parts.store.write(
        lambda c: c.execute(update(Gateway.__table__).values(enabled=False).filter_by(id=gateway))
    )
    response = sender.post("/send", data=form_of(page))
    shown = Page(response.get_data(as_text=True))
    assert response.status_code == 422
    assert errors_of(shown, "gateway")
    options = shown.by_id("gateway").findall("option")
    assert {each.get("value") for each in options} == {str(gateway), str(other)}
    chosen = next(each for each in options if each.get("selected") is not None)
    assert chosen.get("value") == str(gateway), "another provider is a person's choice"
    assert "switched off" in words_of(chosen)
    assert count(app) == 0


def test_without_a_gateway_it_says_what_to_do(administrator: CheckingClient, sender: CheckingClient) -> None:
    assert any(a.get("href") == "/gateways/" for a in administrator.page("/send").by_id("content").iter("a"))
    assert "An administrator has to" in words_of(sender.page("/send").root)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["1 SMS part ", "160 left"]),
        ("x" * 160, ["1 SMS part ", "0 left"]),
        ("x" * 161, ["2 SMS parts", "153 to a part"]),
        ("€" * 80 + "\r\n", ["2 SMS parts", "161 characters"]),
        ("你" * 71, ["2 SMS parts", "Unicode (UCS-2): 67"]),
    ],
    ids=["empty", "full", "one more", "two units", "unicode"],
)
def test_counts_parts_as_somebody_types(sender: CheckingClient, text: str, words: list[str]) -> None:
    response = sender.post("/send/parts", data={"text": text}, headers=PARTIAL)
    shown = words_of(Page(response.get_data(as_text=True)).by_id("parts"))
    assert all(word in shown for word in words), shown
