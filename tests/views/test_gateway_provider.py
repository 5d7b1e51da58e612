"""A provider's page: a few answers make a gateway that can be tried, saved, or opened in full."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests import provider as demonstration
from tests.conftest import signed_in
from tests.pages import Page, words_of
from tests.views.test_gateway_settings import FRAGMENT, hidden_value
from webpanel import accounts
from webpanel.models import Gateway, Message, db

TWILIO = "/gateways/add/provider/twilio"
TOKEN = "canary-4711-0815"  # noqa: S105 - planted, to be looked for
ANSWERS = {
    "name": "Twilio SMS",
    "answer-account_sid": "AC0123456789",
    "secret-auth_token": TOKEN,
    "answer-sender": "+15005550006",
    "test_recipient": "",
    "test_text": "",
    "carried_secrets": "",
}

#: A provider in the house, which the demonstration provider plays.
OWN = """
name = "School relay"
documentation = "https://sms.school.example/docs"
checked = 2026-01-02
evidence = ["D", "M"]
verified = false
notes = ["It rings the <bell>."]

[[questions]]
id = "base"
label = "Address"
kind = "url"

[[questions]]
id = "key"
label = "Key"
secret = true

[[questions]]
id = "route"
label = "Route"
kind = "choice"
choices = { fast = "Fast", slow = "Slow" }
default = "slow"

[settings]
url = "{{ask.base}}/v1/send"
headers = "X-API-Key: {{secret.key}}"
body_form = '''
destination={{recipient}}
text={{message}}
route={{ask.route}}
'''
success_kind = "text"
success_rule = '"sent": true'

[secrets]
key = "{{ask.key}}"
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[demonstration.Provider]:
    with demonstration.running() as running:
        yield running


@pytest.fixture
def app(make_app, provider):
    provider.set_mode("accept")
    app = make_app(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{provider.port}")
    folder = app.extensions["webpanel"].config.instance / "presets"
    folder.mkdir()
    (folder / "relay.toml").write_text(OWN, encoding="utf-8")
    return app


@pytest.fixture
def administrator(app):
    return signed_in(app, "ada", accounts.ADMINISTRATOR)


@pytest.fixture
def relay(provider):
    return {
        "name": "School relay",
        "answer-base": provider.url,
        "secret-key": TOKEN,
        "answer-route": "fast",
        "test_recipient": "07911 123456",
        "test_text": "Größe & Maß",
        "carried_secrets": "",
    }


def stored(app) -> list[Gateway]:
    with app.app_context():
        return list(db.session.scalars(select(Gateway)))


def test_only_the_questions_are_asked(administrator):
    page = administrator.page(TWILIO)
    named = {field.get("name") for tag in ("input", "select", "textarea") for field in page.all(tag)}
    assert named == {*ANSWERS, "csrf_token"}
    assert page.by_id("name").get("value") == "Twilio SMS"
    assert page.by_id("secret-auth_token").get("type") == "password"
    [link] = [a for a in page.all("a") if "documentation" in words_of(a)]
    assert (link.get("target"), link.get("rel")) == ("_blank", "noopener noreferrer")
    assert "Checked on 2026-11-23" in page.text


def test_a_provider_that_is_not_verified_asks_for_a_test(administrator):
    assert "not verified" not in administrator.page(TWILIO).text
    page = administrator.page("/gateways/add/provider/relay")
    assert "Its rules for the reply are not verified. Run a test" in page.text
    assert "read in its documentation, from memory" in page.text
    assert "It rings the <bell>." in page.text


def test_answers_become_a_gateway(administrator, app):
    response = administrator.post(TWILIO, data=ANSWERS)
    assert response.status_code == 302
    assert response.location.endswith("/gateways/1")
    [gateway] = stored(app)
    assert gateway.url == "https://api.twilio.com/2010-04-01/Accounts/AC0123456789/Messages.json"
    assert (gateway.name, gateway.preset, gateway.sender) == ("Twilio SMS", "twilio", "+15005550006")
    with app.app_context():
        secrets = db.session.get(Gateway, 1).secrets
        vault = app.extensions["webpanel"].vault
        assert {each.name: vault.decrypt(each.ciphertext) for each in secrets} == {
            "auth_username": "AC0123456789",
            "auth_password": TOKEN,
        }


def test_a_second_gateway_gets_a_name_of_its_own(administrator):
    administrator.post(TWILIO, data=ANSWERS)
    assert administrator.page(TWILIO).by_id("name").get("value") == "Twilio SMS 2"
    taken = administrator.post(TWILIO, data=ANSWERS)
    assert taken.status_code == 422
    assert "name" in Page(taken.text).alert


@pytest.mark.parametrize("action", ["", "/all", "/preview", "/test"])
def test_what_is_missing_is_said_beside_its_question_and_nothing_is_lost(administrator, app, action):
    typed = {**ANSWERS, "answer-account_sid": "", "test_text": "Dinner", "test_recipient": "07911 123456"}
    response = administrator.post(TWILIO + action, data=typed)
    assert response.status_code == 422
    page = Page(response.text)
    assert page.by_id("answer-account_sid").get("aria-invalid") == "true"
    assert page.by_id("answer-account_sid-error") is not None
    assert page.by_id("answer-sender").get("value") == "+15005550006"
    assert page.by_id("test_text").text.strip() == "Dinner"
    assert page.by_id("test_recipient").get("value") == "07911 123456"
    assert TOKEN not in response.text
    assert "typed, not saved yet" in words_of(page.by_id("secret-auth_token-help"))
    assert stored(app) == []

    # What was carried on is there when the answer follows.
    again = {**typed, "answer-account_sid": "AC1", "secret-auth_token": ""}
    again["carried_secrets"] = hidden_value(page, "carried_secrets")
    assert administrator.post(TWILIO, data=again).status_code == 302
    with app.app_context():
        vault = app.extensions["webpanel"].vault
        values = [vault.decrypt(each.ciphertext) for each in db.session.get(Gateway, 1).secrets]
        assert TOKEN in values


def test_what_is_carried_on_opens_on_no_other_page(administrator, app):
    page = Page(administrator.post(TWILIO, data={**ANSWERS, "name": ""}).text)
    carried = hidden_value(page, "carried_secrets")
    other = {**ANSWERS, "secret-auth_token": "", "carried_secrets": carried}
    assert administrator.post(TWILIO.replace("twilio", "relay"), data=other).status_code == 422
    assert signed_in(app, "eve", accounts.ADMINISTRATOR).post(TWILIO, data=other).status_code == 422
    assert stored(app) == []


@pytest.mark.parametrize("headers", [FRAGMENT, {}], ids=["fragment", "page"])
def test_it_is_tried_before_it_is_saved(administrator, app, provider, relay, headers):
    before = len(provider.messages())
    response = administrator.post("/gateways/add/provider/relay/test", data=relay, headers=headers)
    assert response.status_code == 200
    page = Page(response.text)
    assert words_of(page.by_id("trial-title")) == "Test successful"
    assert TOKEN not in response.text
    [got] = provider.messages()[before:]
    assert (got["recipient"], got["text"]) == ("447911123456", "Größe & Maß")
    assert ["X-API-Key", TOKEN] in [list(pair) for pair in got["headers"]]
    with app.app_context():
        [message] = db.session.scalars(select(Message))
        assert (message.test, message.gateway_id) == (True, None)
    assert stored(app) == []


@pytest.mark.parametrize("headers", [FRAGMENT, {}], ids=["fragment", "page"])
def test_a_preview_shows_the_request(administrator, relay, headers):
    response = administrator.post("/gateways/add/provider/relay/preview", data=relay, headers=headers)
    said = words_of(Page(response.text).by_id("trial"))
    assert "POST /v1/send HTTP/1.1" in said
    assert "route=fast" in said
    assert TOKEN not in response.text


@pytest.mark.parametrize("headers", [FRAGMENT, {}], ids=["fragment", "page"])
def test_a_trial_without_a_number_is_refused(administrator, relay, headers):
    relay["test_recipient"] = ""
    response = administrator.post("/gateways/add/provider/relay/test", data=relay, headers=headers)
    assert response.status_code == 422
    assert any(a.get("href") == "#test_recipient" for a in Page(response.text).all("a"))


def test_the_full_form_is_one_click_away(administrator, app, relay):
    response = administrator.post("/gateways/add/provider/relay/all", data=relay)
    assert response.status_code == 200
    page = Page(response.text)
    assert page.by_id("url").get("value") == relay["answer-base"] + "/v1/send"
    assert page.by_id("gateway-form").get("action") == "/gateways/new"
    assert page.by_id("test_recipient").get("value") == "07911 123456"
    assert hidden_value(page, "preset") == "relay"
    assert TOKEN not in response.text
    assert "typed, not saved yet" in words_of(page.by_id("secret-key-help"))
    assert stored(app) == []


def test_a_choice_is_one_of_those_offered(administrator, relay):
    response = administrator.post("/gateways/add/provider/relay", data={**relay, "answer-route": "bus"})
    assert response.status_code == 422
    assert Page(response.text).by_id("answer-route-error") is not None
