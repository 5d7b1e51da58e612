"""Pasting an example: what was understood is confirmed and becomes the unsaved form; nothing else happens."""

import logging

import pytest
from sqlalchemy import select

from tests.conftest import signed_in
from tests.pages import Page, words_of
from tests.views.test_gateway_settings import hidden_value
from webpanel import accounts
from webpanel.models import Gateway, Message, db

KEY = "canary-4711-0815"
#: As a PDF spoils it: curly quotes, dashes that are none, a prompt.
SPOILED = (
    "$ curl -X POST “https://api.someprovider.com/v1/send” \\\n"
    f"  -H “X-API-Key: {KEY}” \\\n"
    "  -d “destination=447911123456” \\\n"
    "  -d “text=Hello World” -o answer.json"
).replace(" -", " \N{EN DASH}")
PASTE = "/gateways/add/paste"


def read(client, text: str) -> Page:
    """The second step for an example."""
    response = client.post(PASTE, data={"secret_example": text})
    assert response.status_code == 200, response.text
    return Page(response.text)


def confirmed(page: Page, **chosen: str) -> dict[str, str]:
    """What a browser sends when Continue is pressed."""
    sent = {"carried_secret_example": hidden_value(page, "carried_secret_example")}
    for name in ("recipient", "message"):
        options = page.by_id(name).iter("option")
        sent[name] = next(each.get("value", "") for each in options if each.get("selected") is not None)
    return {**sent, **chosen}


@pytest.fixture
def nothing_stored(app):
    yield
    with app.app_context():
        assert not list(db.session.scalars(select(Gateway)))
        assert not list(db.session.scalars(select(Message)))


@pytest.mark.usefixtures("nothing_stored")
def test_what_was_understood_is_shown_to_be_confirmed(administrator, caplog):
    caplog.set_level(logging.DEBUG)
    page = read(administrator, SPOILED)
    assert "Request type POST" in page.text
    assert "API URL https://api.someprovider.com/v1/send" in page.text
    assert "destination=447911123456 text=Hello World" in page.text
    chosen = {
        name: words_of(next(o for o in page.by_id(name).iter("option") if o.get("selected") is not None))
        for name in ("recipient", "message")
    }
    assert chosen == {
        "recipient": "destination: 447911123456 (in the body)",
        "message": "text: Hello World (in the body)",
    }
    assert "Secrets found api_key ••••••" in page.text
    assert KEY not in page.text
    assert KEY not in caplog.text


@pytest.mark.usefixtures("nothing_stored")
def test_once_confirmed_the_form_is_filled(administrator):
    response = administrator.post(PASTE, data=confirmed(read(administrator, SPOILED)))
    assert response.status_code == 200
    page = Page(response.text)
    assert page.by_id("url").get("value") == "https://api.someprovider.com/v1/send"
    assert page.by_id("name").get("value") == "api.someprovider.com"
    assert page.by_id("headers").text.strip() == "X-API-Key: {{secret.api_key}}"
    assert page.by_id("body_form").text.strip() == "destination={{recipient}}\ntext={{message}}"
    assert "typed, not saved yet" in words_of(page.by_id("secret-api_key-help"))
    assert KEY not in response.text
    assert page.by_id("gateway-form").get("action") == "/gateways/new"


def test_the_filled_form_can_be_saved(administrator, app):
    page = Page(administrator.post(PASTE, data=confirmed(read(administrator, SPOILED))).text)
    sent = {field.get("name"): field.get("value", "") for field in page.all("input") if field.get("name")}
    sent |= {area.get("name"): (area.text or "").removeprefix("\n") for area in page.all("textarea")}
    for each in page.all("select"):
        options = list(each.iter("option"))
        chosen = next((option for option in options if option.get("selected") is not None), options[0])
        sent[each.get("name")] = chosen.get("value")
    sent = {name: value for name, value in sent.items() if not name.startswith("remove-")}
    assert administrator.post("/gateways/new", data=sent).status_code == 302
    with app.app_context():
        [gateway] = db.session.scalars(select(Gateway))
        [secret] = gateway.secrets
        assert app.extensions["webpanel"].vault.decrypt(secret.ciphertext) == KEY


def test_another_value_may_be_chosen_or_none(administrator):
    page = read(administrator, SPOILED)
    ids = [option.get("value") for option in page.by_id("recipient").iter("option")]
    assert len(ids) == 3
    swapped = confirmed(page, recipient=ids[1], message="")
    form = Page(administrator.post(PASTE, data=swapped).text)
    body = form.by_id("body_form").text
    assert "destination=447911123456" in body
    assert "text={{recipient}}" in body


def test_what_was_left_out_is_said(administrator):
    page = read(administrator, SPOILED.replace("\N{EN DASH}o answer.json", "--frobnicate | jq ."))
    assert "The option --frobnicate is not known" in page.text
    assert "“| jq .”" in page.text


def test_a_secret_that_the_example_does_not_tell_is_asked_for(administrator):
    page = read(administrator, SPOILED.replace(KEY, "YOUR_API_KEY"))
    assert "Secrets to be typed api_key" in page.text
    form = Page(administrator.post(PASTE, data=confirmed(page)).text)
    assert form.by_id("secret-api_key").get("type") == "password"
    assert "typed, not saved yet" not in words_of(form.by_id("secret-api_key-help"))


def test_a_known_provider_is_pointed_out(administrator):
    page = read(
        administrator,
        "curl -u AC1:token -d To=+447911123456 -d Body=Hi "
        "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
    )
    [link] = [a for a in page.all("a") if a.get("href") == "/gateways/add/provider/twilio"]
    assert words_of(link) == "Choose Twilio SMS and answer its few questions"


@pytest.mark.parametrize(
    "text", ["", "Dear colleagues,\r\n<b>please</b> send it", "curl -X POST", "x" * 60_000]
)
@pytest.mark.usefixtures("nothing_stored")
def test_what_cannot_be_read_is_refused_and_not_lost(administrator, text):
    response = administrator.post(PASTE, data={"secret_example": text})
    assert response.status_code == 422
    page = Page(response.text)
    assert page.by_id("example").get("aria-invalid") == "true"
    assert words_of(page.by_id("example-error"))
    assert (page.by_id("example").text or "").removeprefix("\n") == text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    "text",
    [
        f"Send it with the key: {KEY}",
        f"curl -u me:{KEY}",
        f"GET /send HTTP/1.1\nX-API-Key: {KEY}",
        "x" * 70_000 + KEY,
    ],
)
@pytest.mark.usefixtures("nothing_stored")
def test_what_cannot_be_read_and_may_hold_a_key_is_not_shown_again(administrator, text):
    response = administrator.post(PASTE, data={"secret_example": text})
    assert response.status_code == 422
    assert KEY not in response.text
    assert "not shown again" in words_of(Page(response.text).by_id("example-error"))


@pytest.mark.usefixtures("nothing_stored")
def test_a_choice_that_was_not_offered_is_not_taken(administrator):
    page = read(administrator, SPOILED)
    response = administrator.post(PASTE, data=confirmed(page, recipient="url:0-9999"))
    assert response.status_code == 422
    assert Page(response.text).by_id("recipient") is not None


def test_what_is_carried_opens_for_nobody_else_and_not_changed(administrator, app):
    sent = confirmed(read(administrator, SPOILED))
    eve = signed_in(app, "eve", accounts.ADMINISTRATOR)
    for client, carried in ((eve, sent["carried_secret_example"]), (administrator, "gAAAA")):
        response = client.post(PASTE, data={**sent, "carried_secret_example": carried})
        assert response.status_code == 422
        assert "Paste it again" in words_of(Page(response.text).by_id("example-error"))
        assert KEY not in response.text


def test_hostile_text_is_shown_as_text(administrator):
    page = read(administrator, "curl https://api.example.com/<script>?to=447911123456&text=a\u202eb%00")
    assert "⟨U+202E⟩" in page.text or "%E2%80%AE" in page.text
    assert not [each for each in page.all("script") if not each.get("src")]
