"""What one form carries sealed opens in no other form, for nobody else, and not as somebody changed it."""

import json

import pytest

from tests.conftest import signed_in
from tests.pages import Page
from tests.views.test_gateway_settings import filled, hidden_value
from webpanel import accounts

SECRET = "canary-4711-0815"  # noqa: S105 - made up
ANSWERS = {"name": "Sealed", "answer-account_sid": "AC1", "answer-sender": "School"}
MOODLE = json.dumps(
    {
        "api_url": "https://a.example/send",
        "request_type": "POST",
        "headers": f"X-API-Key: {SECRET}",
        "post_body_parameters": "to={{recipient}}\ntext={{message}}",
    }
)


def of_the_form(client, **sealed: str):
    return client.post("/gateways/new", data=filled(headers="", auth_kind="bearer", **sealed))


def of_a_provider(client, **sealed: str):
    return client.post("/gateways/add/provider/twilio", data={**ANSWERS, **sealed})


def of_an_example(client, **sealed: str):
    return client.post("/gateways/add/paste", data=sealed)


def of_an_import(client, **sealed: str):
    return client.post("/gateways/import/open", data=sealed)


#: Each form: its hidden field, what it is sent to, and how a sealed value comes to be in it.
FORMS = {
    "form": ("carried_secrets", of_the_form, {"name": "", "secret-auth_token": SECRET}),
    "provider": ("carried_secrets", of_a_provider, {"name": "", "secret-auth_token": SECRET}),
    "example": (
        "carried_secret_example",
        of_an_example,
        {"secret_example": f"curl -u me:{SECRET} -d to=447911123456 -d text=Hi https://a.example/send"},
    ),
    "import": (
        "sealed",
        lambda client, **typed: client.post("/gateways/import", data=typed),
        {"secret_text": MOODLE},
    ),
}


def sealed_by(client, kind: str) -> str:
    field, send, typed = FORMS[kind]
    return hidden_value(Page(send(client, **typed).text), field)


def opened(client, kind: str, token: str) -> bool:
    field, send, _typed = FORMS[kind]
    send = of_an_import if kind == "import" else send
    typed = {field: token, "name": "Opened"} if kind in ("form", "provider") else {field: token}
    return send(client, **typed).status_code != 422


@pytest.mark.parametrize("kind", FORMS)
def test_it_opens_in_its_own_form_only(administrator, app, kind):
    token = sealed_by(administrator, kind)
    assert SECRET not in token
    for other in FORMS:
        if other != kind:
            assert not opened(administrator, other, token), other
    assert not opened(signed_in(app, "eve", accounts.ADMINISTRATOR), kind, token)
    assert not opened(administrator, kind, token[:-4])
    assert opened(administrator, kind, token)


def test_a_secret_of_one_gateway_opens_in_no_other(administrator):
    for name in ("One", "Two"):
        form = filled(headers="", name=name, **{"auth_kind": "bearer", "secret-auth_token": "another-secret"})
        assert administrator.post("/gateways/new", data=form).status_code == 302
    faulty = filled(
        headers="",
        name="",
        version="1",
        auth_kind="none",
        new_secret_name="k",  # noqa: S106 - a name
        new_secret_value=SECRET,
    )
    token = hidden_value(Page(administrator.post("/gateways/1", data=faulty).text), "carried_secrets")
    needing = {"name": "Needing", "version": "1", "headers": "X-Key: {{secret.k}}", "carried_secrets": token}
    assert administrator.post("/gateways/2", data=filled(**needing)).status_code == 422
    assert administrator.post("/gateways/1", data=filled(**needing)).status_code == 302
