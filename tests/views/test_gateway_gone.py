"""A gateway that somebody deleted while another edited it: nothing typed is lost."""

import pytest
from sqlalchemy import select

from tests.pages import Page, words_of
from tests.views.test_gateway_settings import filled, hidden_value, shown, value
from webpanel import gateways
from webpanel.models import Gateway, db

SECRETS = {"secret-auth_token": "", "secret-api_key": ""}


@pytest.fixture
def deleted(administrator, app):
    """The path of a gateway with a token and a key, which is gone."""
    form = filled(auth_kind="bearer", **{"secret-auth_token": "canary-4711"})
    assert administrator.post("/gateways/new", data=form).status_code == 302
    gateways.remove(app.extensions["webpanel"].store, 1, "bob")
    return "/gateways/1"


def mine(**changes: str) -> dict[str, str]:
    """What the form of the deleted gateway sends: its secrets are kept ones, so their fields are blank."""
    changed = {"name": "Mine", "auth_kind": "bearer", "headers": "X-API-Key: {{secret.api_key}}"}
    return filled(version="1", test_recipient="07911 123456", **{**changed, **SECRETS, **changes})


def stored(app) -> list[tuple[str, dict[str, str]]]:
    vault = app.extensions["webpanel"].vault
    with app.app_context():
        return [
            (each.name, {secret.name: vault.decrypt(secret.ciphertext) for secret in each.secrets})
            for each in db.session.scalars(select(Gateway))
        ]


def test_everything_typed_comes_back_to_be_saved_as_a_new_gateway(administrator, app, deleted):
    response = administrator.post(deleted, data=mine())
    assert response.status_code == 409
    page = Page(response.text)
    assert "this gateway was deleted meanwhile" in page.alert
    assert "Save as a new gateway" in page.alert
    for name in ("name", "url", "headers", "body_form", "auth_kind", "test_recipient"):
        assert value(page, name).strip() == mine()[name].replace("\r\n", "\n"), name
    for name in ("auth_token", "api_key"):
        assert shown(page, f"secret-{name}")
        assert "deleted with the gateway" in words_of(page.by_id(f"secret-{name}-error"))
    assert page.by_id("gateway-form").get("action") == "/gateways/new"
    assert stored(app) == []

    # Confirmed without them, it is still asked for them, and nothing is lost.
    response = administrator.post("/gateways/new", data=mine())
    assert response.status_code == 422
    again = Page(response.text)
    assert shown(again, "secret-api_key")
    assert "type its value" in words_of(again.by_id("secret-api_key-error"))
    assert value(again, "name") == "Mine"

    typed = mine(**{"secret-auth_token": "new-token", "secret-api_key": "new-key"})
    assert administrator.post("/gateways/new", data=typed).status_code == 302
    assert stored(app) == [("Mine", {"auth_token": "new-token", "api_key": "new-key"})]


def test_a_secret_typed_anew_is_carried_on(administrator, app, deleted):
    typed = mine(**{"secret-auth_token": "new-token", "secret-api_key": "new-key"})
    response = administrator.post(deleted, data=typed)
    assert response.status_code == 409
    assert "new-token" not in response.text
    carried = hidden_value(Page(response.text), "carried_secrets")
    assert administrator.post("/gateways/new", data=mine(carried_secrets=carried)).status_code == 302
    assert stored(app) == [("Mine", {"auth_token": "new-token", "api_key": "new-key"})]


def test_what_another_typed_is_not_taken_over(administrator, sign_in, app, deleted):
    typed = mine(**{"secret-auth_token": "new-token", "secret-api_key": "new-key"})
    carried = hidden_value(Page(administrator.post(deleted, data=typed).text), "carried_secrets")
    response = sign_in("bob").post("/gateways/new", data=mine(carried_secrets=carried))
    assert response.status_code == 422
    assert stored(app) == []
