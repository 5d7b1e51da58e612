"""The settings page: nothing typed is lost, nothing secret is shown, and nobody's work is overwritten."""

import re

import pytest
from sqlalchemy import select

from tests.pages import Page, words_of
from webpanel.models import Gateway, db

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
URL = "https://api.someprovider.com/v1/send"
#: The example of the documentation, as a browser sends it.
EXAMPLE = {
    "name": "Some Provider",
    "default_country": "44",
    "url": URL,
    "method": "POST",
    "headers": "X-API-Key: xyz123",
    "query": "",
    "body_format": "form",
    "body_form": "destination={{recipient}}\r\ntext={{message}}",
    "body_json": "",
    "body_xml": "",
    "body_raw": "",
    "content_type": "",
    "auth_kind": "none",
    "auth_name": "",
    "auth_prefix": "",
    "number_format": "digits",
    "number_suffix": "",
    "sender": "",
    "success_kind": "text",
    "success_rule": '{"sent": true}',
    "failure_kind": "text",
    "failure_rule": "",
    "failure_fault": "message",
    "later_kind": "text",
    "later_rule": "",
    "message_id_kind": "jmespath",
    "reason_kind": "jmespath",
    "reason_rule": "",
    "message_id_rule": "",
    "connect_timeout": "10",
    "timeout": "30",
    "next_gateway": "",
    "pace": "0",
    "in_flight": "4",
    "on_ambiguous": "resend",
    "request_number": "",
    "retry_delays": "10 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h",
    "urgent_retry_delays": "3 s, 10 s, 20 s, 40 s, 1 min",
    "failover_after": "300",
    "hide_literals": "y",
    "version": "0",
    "carried_secrets": "",
    "new_secret_name": "",
    "new_secret_value": "",
    "test_recipient": "",
    "test_text": "",
}


@pytest.fixture
def vault(app):
    return app.extensions["webpanel"].vault


@pytest.fixture
def stored(app):
    """The one gateway as it is stored, with the plain values of its secrets."""

    def read() -> tuple[Gateway, dict[str, str]]:
        with app.app_context():
            gateway = db.session.scalars(select(Gateway)).one()
            vault = app.extensions["webpanel"].vault
            return gateway, {s.name: vault.decrypt(s.ciphertext) for s in gateway.secrets}

    return read


def filled(**changes: str) -> dict[str, str]:
    return {**EXAMPLE, **changes}


def without(**changes: str) -> dict[str, str]:
    """The example with no credential in it."""
    return filled(headers="", **changes)


def value(page: Page, id_: str) -> str:
    """What a control holds: the text area's text, the selected option, the input's value."""
    element = page.by_id(id_)
    if element.tag == "textarea":
        return "".join(element.itertext())
    if element.tag == "select":
        chosen = [option for option in element.iter("option") if option.get("selected") is not None]
        return (chosen or list(element.iter("option")))[0].get("value", "")
    return element.get("value", "")


def row_of(page: Page, id_: str):
    """The row of the settings page in which a control stands."""
    return next(
        each
        for each in page.root.iter("div")
        if "setting" in (each.get("class") or "").split()
        and any(inner.get("id") == id_ for inner in each.iter())
    )


def shown(page: Page, id_: str) -> bool:
    return row_of(page, id_).get("hidden") is None


def hidden_value(page: Page, name: str) -> str:
    return next(each.get("value", "") for each in page.all("input") if each.get("name") == name)


def test_the_page_mirrors_the_plugin(administrator):
    page = administrator.page("/gateways/new")
    assert [words_of(h) for h in page.all("h2")] == [
        "API Settings",
        "Parameters",
        "Response Handling",
        "Delivery",
        "Delivery reports",
        "Check before saving",
        "Testing the Gateway",
    ]
    labels = [words_of(label) for label in page.all("label")]
    named = [
        *("Gateway name", "Default country code", "API URL", "Request type", "HTTP Headers"),
        *("Query parameters", "Request body format", "Body parameters", "Success condition"),
        *("Test recipient number", "Test message"),
    ]
    assert [label for label in labels if label in named] == named
    assert "Tests what is typed; nothing is saved." in words_of(page.by_id("tester"))
    assert not [d for d in page.all("details") if d.get("open") is not None]


def test_every_field_is_explained(administrator):
    page = administrator.page("/gateways/new")
    for each in page.all("div"):
        if (each.get("id") or "").endswith("-help"):
            assert words_of(each), each.get("id")


def test_a_test_s_number_and_text_outlive_saving_and_are_not_stored(administrator):
    form = filled(test_recipient="07911 123456", test_text="first\nsecond")
    location = administrator.post("/gateways/new", data=form).location
    page = administrator.page(location)
    assert (value(page, "test_recipient"), value(page, "test_text").strip()) == (
        "07911 123456",
        "first\nsecond",
    )
    assert value(administrator.page(location), "test_recipient") == ""


@pytest.mark.parametrize("text", ["long " * 500, "\N{GRINNING FACE}" * 400])
def test_too_long_a_test_text_is_not_cut_and_not_carried(administrator, text):
    response = administrator.post("/gateways/new", data=filled(test_recipient="07911 123456", test_text=text))
    assert all(len(cookie) < 4000 for cookie in response.headers.getlist("Set-Cookie"))
    page = administrator.page(response.location)
    assert page.said
    assert value(page, "test_text").strip() == ""


def test_a_test_s_text_is_not_shown_with_another_gateway(administrator):
    first = administrator.post("/gateways/new", data=filled(name="One", test_text="mine")).location
    administrator.post("/gateways/new", data=filled(name="Two", test_text="mine too"))
    assert value(administrator.page(first), "test_text").strip() == ""


def test_the_example_is_saved_and_said(administrator, stored):
    response = administrator.post("/gateways/new", data=filled(), follow_redirects=True)
    page = Page(response.text)
    assert page.said == [
        "The gateway “Some Provider” was saved.",
        "One credential was taken out of the text and kept as a secret: {{secret.api_key}}.",
    ]
    gateway, secrets = stored()
    assert (gateway.default_country, gateway.updated_by) == ("GB", "ada")
    assert gateway.body_form == "destination={{recipient}}\ntext={{message}}"
    assert (gateway.success_kind, gateway.failure_kind) == ("text", "blank")
    assert gateway.headers == "X-API-Key: {{secret.api_key}}"
    assert secrets == {"api_key": "xyz123"}
    assert "xyz123" not in response.text
    assert value(page, "secret-api_key") == ""


def test_unticked_credentials_stay_as_they_are(administrator, stored):
    form = filled()
    del form["hide_literals"]
    administrator.post("/gateways/new", data=form)
    gateway, secrets = stored()
    assert (gateway.headers, secrets) == ("X-API-Key: xyz123", {})
    page = administrator.page(f"/gateways/{gateway.id}")
    assert page.by_id("hide_literals").get("checked") is None


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": " "}, "name", "Give the gateway a name"),
        ({"name": "n" * 101}, "name", "at most 100"),
        ({"url": "ftp://x"}, "url", "Column 1:"),
        ({"method": "BREW"}, "method", "choose one from the list"),
        ({"later_kind": "x"}, "later_kind", "choose one from the list"),
        ({"headers": "A: 1\r\nFoo: {{mesage}}"}, "headers", "Line 2, column 6:"),
        ({"query": "a: b"}, "query", "Line 1, column 2:"),
        ({"body_format": "json", "body_json": '{\r\n"a" 1}'}, "body_json", "Line 2, column 5:"),
        ({"default_country": "Atlantis"}, "default_country", "Atlantis"),
        ({"timeout": "60"}, "timeout", "50"),
        ({"timeout": "soon"}, "timeout", "not a number;"),
        ({"timeout": "NaN"}, "timeout", "not a number;"),
        ({"in_flight": "2.5"}, "in_flight", "not a whole number"),
        ({"success_kind": "jmespath", "success_rule": "sent ="}, "success_rule", "JMESPath"),
        ({"message_id_kind": "pattern", "message_id_rule": "id"}, "message_id_rule", "group"),
    ],
)
def test_each_fault_stands_beside_its_field(administrator, changes, field, said):
    response = administrator.post("/gateways/new", data=filled(**changes))
    assert response.status_code == 422
    page = Page(response.text)
    error = page.by_id(f"{field}-error")
    assert said in words_of(error)
    assert f"{field}-error" in page.by_id(field).get("aria-describedby", "")
    assert page.by_id(field).get("aria-invalid") == "true"
    # One that is folded away is unfolded.
    around = [d for d in page.all("details") if error in list(d.iter())]
    assert all(d.get("open") is not None for d in around)


def test_an_invalid_form_keeps_everything_typed(administrator, app):
    typed = filled(
        url="nonsense",
        headers="\r\n X: <b>\r\n",
        body_json='{"a": "ö"}',
        body_xml="<a>{{message}}</a>",
        body_raw="raw",
        success_kind="pattern",
        success_rule="a|b",
        timeout="12,5",
        auth_kind="header",
        auth_name="X-Key",
        auth_prefix="App ",
    )
    response = administrator.post("/gateways/new", data=typed)
    assert response.status_code == 422
    page = Page(response.text)
    for name in typed.keys() - {"hide_literals", "version", "carried_secrets"}:
        assert value(page, name) == typed[name].replace("\r\n", "\n"), name
    with app.app_context():
        assert not list(db.session.scalars(select(Gateway)))


def test_only_what_is_sent_is_judged_and_the_rest_is_kept(administrator, stored):
    placed = "to={{recipient}}\ntext={{message}}"
    administrator.post(
        "/gateways/new", data=without(method="GET", query=placed, body_json="{not json", body_raw="r")
    )
    gateway, _ = stored()
    assert (gateway.body_json, gateway.body_raw) == ("{not json", "r")
    page = administrator.page(f"/gateways/{gateway.id}")
    assert not any(shown(page, name) for name in ("body_format", "body_form", "body_json", "body_raw"))


@pytest.mark.parametrize(
    ("changes", "visible"),
    [
        ({}, {"body_format", "body_form"}),
        ({"method": "GET"}, set()),
        ({"method": "DELETE"}, set()),
        ({"body_format": "json"}, {"body_format", "body_json"}),
        ({"body_format": "xml"}, {"body_format", "body_xml"}),
        ({"body_format": "raw"}, {"body_format", "body_raw", "content_type"}),
    ],
)
@pytest.mark.parametrize("headers", [FRAGMENT, {}])
def test_choices_show_and_hide_the_fields_below(administrator, changes, visible, headers):
    typed = filled(body_json='{"a":1}', body_raw="kept", **changes)
    response = administrator.post("/gateways/new/shape?part=body", data=typed, headers=headers)
    page = Page(response.text)
    assert response.status_code == 200
    assert page.is_whole == (headers == {})
    fields = ("body_format", "body_form", "body_json", "body_xml", "body_raw", "content_type")
    assert {name for name in fields if shown(page, name)} == visible
    assert value(page, "body_raw") == "kept"
    # Hidden, not disabled: what is not shown is sent by the browser all the same.
    assert not [e for e in page.root.iter() if e.get("disabled") is not None]


@pytest.mark.parametrize(
    ("kind", "visible"),
    [
        ("none", set()),
        ("basic", {"secret-auth_username", "secret-auth_password"}),
        ("bearer", {"secret-auth_token"}),
        ("header", {"auth_name", "auth_prefix", "secret-auth_token"}),
        ("query", {"auth_name", "secret-auth_token"}),
    ],
)
def test_an_authentication_shows_its_own_fields(administrator, kind, visible):
    typed = filled(auth_kind=kind, **{"secret-auth_token": "canary-4711"})
    response = administrator.post("/gateways/new/shape?part=auth", data=typed, headers=FRAGMENT)
    page = Page(response.text)
    fields = ("auth_name", "auth_prefix", *(f"secret-auth_{n}" for n in ("username", "password", "token")))
    assert {name for name in fields if shown(page, name)} == visible
    assert "canary-4711" not in response.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("44", "+44"),
        ("+44", "United Kingdom (GB)"),
        ("GB", "United Kingdom (GB), +44."),
        ("1", "United States (US)"),
        ("1", "write its letters: CA, AG, AI, AS and 20 others."),
        ("Atlantis", ""),
        ("", ""),
    ],
)
def test_a_country_code_says_what_it_means(administrator, typed, said):
    response = administrator.post(
        "/gateways/new/shape?part=country", data={"default_country": typed}, headers=FRAGMENT
    )
    told = words_of(Page(response.text).by_id("country-said"))
    assert said in told
    assert bool(told) == bool(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ('{"to": "{{recipient}}"}', "valid JSON"),
        ('{"to": }', "invalid JSON Line 1, column 8:"),
        ('{\n  "text": {{message}}\n}', "invalid JSON Line 2, column 11:"),
    ],
)
def test_the_badge_judges_the_json_as_it_is_typed(administrator, text, said):
    response = administrator.post("/gateways/json", data={"body_json": text}, headers=FRAGMENT)
    badge = Page(response.text).by_id("json-badge")
    assert words_of(badge).startswith(said)
    assert badge.get("role") == "status"


@pytest.mark.parametrize("headers", [FRAGMENT, {}])
def test_beautify_changes_white_space_only(administrator, headers):
    typed = filled(body_format="json", body_json='{"to":"{{recipient}}","id":12345678901234567890}')
    response = administrator.post("/gateways/new/beautify", data=typed, headers=headers)
    page = Page(response.text)
    assert value(page, "body_json") == '{\n  "to": "{{recipient}}",\n  "id": 12345678901234567890\n}'
    broken = filled(body_format="json", body_json="{nonsense")
    page = Page(administrator.post("/gateways/new/beautify", data=broken, headers=headers).text)
    assert value(page, "body_json") == "{nonsense"
    assert words_of(page.by_id("json-badge")).startswith("invalid JSON")


def test_a_secret_typed_into_a_faulty_form_is_carried_on_encrypted(administrator, stored):
    typed = without(auth_kind="basic", url="nonsense", **{"secret-auth_password": "canary-4711"})
    response = administrator.post("/gateways/new", data=typed)
    assert response.status_code == 422
    assert "canary-4711" not in response.text
    page = Page(response.text)
    assert "typed, not saved yet" in words_of(row_of(page, "secret-auth_password"))
    assert "typed, not saved yet" not in words_of(row_of(page, "secret-auth_username"))
    carried = hidden_value(page, "carried_secrets")
    assert carried
    again = without(auth_kind="basic", carried_secrets=carried, **{"secret-auth_username": "me"})
    assert administrator.post("/gateways/new", data=again).status_code == 302
    assert stored()[1] == {"auth_username": "me", "auth_password": "canary-4711"}


def test_what_is_carried_serves_one_person_and_one_gateway(administrator, sign_in, stored):
    typed = without(auth_kind="bearer", url="nonsense", **{"secret-auth_token": "canary-4711"})
    carried = hidden_value(Page(administrator.post("/gateways/new", data=typed).text), "carried_secrets")
    bob = sign_in("bob")
    mine = without(auth_kind="bearer", carried_secrets=carried)
    assert bob.post("/gateways/new", data=mine).status_code == 422
    administrator.post("/gateways/new", data=without())
    gateway, _ = stored()
    mine["version"] = "1"
    assert administrator.post(f"/gateways/{gateway.id}", data=mine).status_code == 422
    assert stored()[1] == {}


def test_a_chosen_authentication_asks_for_its_secrets(administrator):
    response = administrator.post("/gateways/new", data=without(auth_kind="bearer"))
    assert response.status_code == 422
    assert "needs this" in words_of(Page(response.text).by_id("secret-auth_token-error"))


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("two words", "v", "letters, digits"),
        ("", "v", "letters, digits"),
        ("key", "", "value as well"),
        ("auth_token", "v", "belongs to"),
    ],
)
def test_a_new_secret_needs_a_name_and_a_value(administrator, name, typed, said):
    form = without(new_secret_name=name, new_secret_value=typed)
    response = administrator.post("/gateways/new", data=form)
    assert response.status_code == 422
    page = Page(response.text)
    assert said in words_of(page.by_id("new_secret-error"))
    assert value(page, "new_secret_name") == name


def test_secrets_are_kept_set_and_removed(administrator, stored):
    form = {**filled(headers="A: {{secret.one}}"), "new_secret_name": "one", "new_secret_value": "1"}
    administrator.post("/gateways/new", data=form)
    gateway, secrets = stored()
    assert secrets == {"one": "1"}
    path = f"/gateways/{gateway.id}"
    kept = filled(headers="A: {{secret.one}}", version="1")
    assert administrator.post(path, data=kept).status_code == 302
    assert stored()[1] == {"one": "1"}
    administrator.post(path, data={**kept, "version": "2", "secret-one": "new"})
    assert stored()[1] == {"one": "new"}
    # It is still used, so it cannot go.
    response = administrator.post(path, data={**kept, "version": "3", "remove-one": "1"})
    assert response.status_code == 422
    assert "secret" in words_of(Page(response.text).by_id("headers-error"))
    administrator.post(path, data={**kept, "version": "3", "remove-one": "1", "headers": ""})
    assert stored()[1] == {}


def test_another_address_asks_for_the_secrets_again(administrator, stored):
    administrator.post("/gateways/new", data=filled())
    gateway, _ = stored()
    moved = filled(url="https://other.example/send", headers=gateway.headers, version="1")
    response = administrator.post(f"/gateways/{gateway.id}", data=moved)
    assert response.status_code == 422
    assert "address" in words_of(Page(response.text).by_id("secret-api_key-error"))
    assert stored()[0].url == URL
    typed = {**moved, "secret-api_key": "again"}
    assert administrator.post(f"/gateways/{gateway.id}", data=typed).status_code == 302
    assert stored()[1] == {"api_key": "again"}


def test_the_second_of_two_saves_is_told_and_asked(administrator, sign_in, stored):
    administrator.post("/gateways/new", data=without())
    gateway, _ = stored()
    path = f"/gateways/{gateway.id}"
    bob = sign_in("bob")
    assert bob.post(path, data=without(name="Theirs", version="1")).status_code == 302

    mine = without(name="Mine", version="1", **{"secret-auth_token": "t"}, auth_kind="bearer")
    response = administrator.post(path, data=mine)
    assert response.status_code == 409
    page = Page(response.text)
    said = words_of(next(e for e in page.root.iter() if e.get("role") == "alert" and e.get("id") is None))
    assert "bob saved this gateway while you were editing it" in said
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d", said)
    assert value(page, "name") == "Mine"
    assert stored()[0].name == "Theirs"
    assert hidden_value(page, "version") == "1"

    overwrite = next(b for b in page.all("button") if b.get("name") == "overwrite").get("value")
    mine["carried_secrets"] = hidden_value(page, "carried_secrets")
    del mine["secret-auth_token"]
    assert bob.post(path, data=without(name="Theirs too", version="2")).status_code == 302
    # Once more somebody was faster than the confirmation.
    assert administrator.post(path, data={**mine, "overwrite": overwrite}).status_code == 409
    assert administrator.post(path, data={**mine, "overwrite": "3"}).status_code == 302
    assert stored()[0].name == "Mine"
    assert stored()[1] == {"auth_token": "t"}


@pytest.mark.parametrize("version", ["", "0", "x", "9" * 30])
def test_a_form_of_no_known_version_overwrites_nothing(administrator, stored, version):
    administrator.post("/gateways/new", data=without())
    form = without(name="Other", version=version)
    assert administrator.post(f"/gateways/{stored()[0].id}", data=form).status_code == 409
    assert stored()[0].name == "Some Provider"


def test_a_credential_never_takes_a_name_of_the_authentication(administrator, stored):
    administrator.post("/gateways/new", data=without(query="auth_token=abc123"))
    gateway, secrets = stored()
    assert gateway.query == "auth_token={{secret.token}}"
    assert secrets == {"token": "abc123"}


def test_a_secret_that_goes_with_the_old_address_is_missed(administrator, stored):
    form = without(auth_kind="bearer", query="t={{secret.auth_token}}", **{"secret-auth_token": "abc123"})
    assert administrator.post("/gateways/new", data=form).status_code == 302
    moved = without(query="t={{secret.auth_token}}", url="https://other.example/", version="1")
    response = administrator.post(f"/gateways/{stored()[0].id}", data=moved)
    assert response.status_code == 422
    assert "Line 1, column 3" in words_of(Page(response.text).by_id("query-error"))


def test_a_name_that_is_taken_is_told_beside_it(administrator):
    administrator.post("/gateways/new", data=without())
    response = administrator.post("/gateways/new", data=without())
    assert response.status_code == 422
    assert "Another gateway has this name" in words_of(Page(response.text).by_id("name-error"))


def test_what_is_not_the_default_is_unfolded(administrator, stored):
    administrator.post("/gateways/new", data=without(number_format="e164", failure_rule="error"))
    page = administrator.page(f"/gateways/{stored()[0].id}")
    opened = [
        d
        for d in page.all("details")
        if d.get("open") is not None and "more" in (d.get("class") or "").split()
    ]
    assert [
        any(e.get("id") == name for e in d.iter())
        for d, name in zip(opened, ["number_format", "failure_rule"], strict=True)
    ] == [True, True]


@pytest.mark.parametrize("path", ["/gateways/", "/gateways/new"])
def test_senders_have_no_gateways(sender, path):
    assert sender.get(path).status_code == 403
