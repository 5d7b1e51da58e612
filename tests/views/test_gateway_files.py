"""Gateways as files on the pages: taken away without a secret, brought in without a surprise."""

import io
import json

import pytest
from sqlalchemy import select

from tests.pages import Page, words_of
from webpanel import gateway_file, gateway_secrets, gateways
from webpanel.models import Gateway, db
from webpanel.wire.gateway import Gateway as Settings

SECRET = "canary-of-the-file"  # noqa: S105 - planted to be looked for
SETTINGS = Settings(
    name="School",
    url="https://api.someprovider.com/v1/send",
    headers="X-API-Key: {{secret.api_key}}",
    body_form="to={{recipient}}\ntext={{message}}",
    success_kind="jmespath",
    success_rule="sent",
)


@pytest.fixture
def add(app):
    """Stores a gateway; returns its id."""

    def store(settings: Settings = SETTINGS, **secrets: str) -> int:
        parts = app.extensions["webpanel"]
        with app.app_context():
            return gateways.create(parts.store, parts.vault, settings, secrets or {"api_key": SECRET}, "ada")

    return store


@pytest.fixture
def stored(app):
    def read(name: str = "School") -> tuple[Settings, dict[str, str]]:
        with app.app_context():
            gateway = db.session.scalars(select(Gateway).where(Gateway.name == name)).one()
            vault = app.extensions["webpanel"].vault
            return gateway.settings(), {s.name: vault.decrypt(s.ciphertext) for s in gateway.secrets}

    return read


def filled(page: Page) -> dict[str, str]:
    """What a browser sends of the settings page as it stands."""
    form = page.by_id("gateway-form")
    sent = {}
    for field in form.iter("input"):
        if field.get("type") in ("checkbox", "radio") and field.get("checked") is None:
            continue
        sent[field.get("name")] = field.get("value") or ""
    for field in form.iter("textarea"):
        sent[field.get("name")] = (field.text or "").removeprefix("\n")
    for field in form.iter("select"):
        options = list(field.iter("option"))
        chosen = next((each for each in options if each.get("selected") is not None), options[0])
        sent[field.get("name")] = chosen.get("value", "")
    sent.pop("csrf_token", None)
    return {name: value for name, value in sent.items() if name}


def looked_at(client, text: str) -> Page:
    response = client.post("/gateways/import", data={"secret_text": text})
    assert response.status_code == 200, response.get_data(as_text=True)
    return Page(response.get_data(as_text=True))


def sealed(page: Page, number: int = 0) -> dict[str, str]:
    fields = [each for each in page.all("input") if each.get("name") == "sealed"]
    versions = [each.get("value") for each in page.all("input") if each.get("name") == "version"]
    return {"sealed": fields[number].get("value"), "version": versions[0] if versions else "0"}


def opened(client, page: Page, **more: str) -> Page:
    response = client.post("/gateways/import/open", data={**sealed(page), **more})
    assert response.status_code == 200
    return Page(response.get_data(as_text=True))


def test_an_export_is_a_file_without_the_secret(administrator, add):
    gateway_id = add()
    assert "Export" in administrator.page(f"/gateways/{gateway_id}").text
    response = administrator.get(f"/gateways/{gateway_id}/export")
    assert response.headers["Content-Disposition"] == "attachment; filename=School.toml"
    assert response.mimetype == "application/toml"
    assert SECRET not in response.text
    assert gateway_file.loads(response.text) == gateway_file.GatewayFile(SETTINGS, ("api_key",))


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("../a/b", "=_a_b.toml"),
        ("…\n", "=UTF-8''%E2%80%A6_.toml"),
        ("???", "=_.toml"),
        ("..", "=gateway.toml"),
    ],
)
def test_an_export_is_called_what_every_system_takes(administrator, add, name, called):
    response = administrator.get(f"/gateways/{add(Settings(name=name, url=SETTINGS.url))}/export")
    assert response.headers["Content-Disposition"].endswith(called)


def test_an_import_becomes_a_gateway_once_its_secret_was_typed(administrator, stored):
    page = looked_at(administrator, gateway_file.dumps(SETTINGS, ["api_key"]))
    assert "This is a gateway's file" in page.text
    assert "api_key" in page.text
    form = opened(administrator, page)
    assert "not saved yet" in form.text
    data = filled(form)
    assert administrator.post("/gateways/new", data=data).status_code == 422
    data["secret-api_key"] = SECRET
    assert administrator.post("/gateways/new", data=data).status_code == 302
    assert stored() == (SETTINGS, {"api_key": SECRET})


def test_a_file_is_taken_as_well_as_a_text(administrator):
    text = gateway_file.dumps(SETTINGS, ["api_key"]).replace("\n", "\r\n").encode("utf-8-sig")
    response = administrator.post("/gateways/import", data={"file": (io.BytesIO(text), "School.toml")})
    assert response.status_code == 200
    assert "api.someprovider.com" in response.text


def test_an_import_over_a_gateway_shows_the_difference_and_keeps_its_secret(administrator, add, stored):
    gateway_id = add()
    changed = Settings(**{**vars(SETTINGS), "timeout": 12.5, "method": "PUT"})
    page = looked_at(administrator, gateway_file.dumps(changed, ["api_key"]))
    assert "a gateway with this name already" in page.text
    for word in ("Time for the whole request", "30", "12.5", "Request type", "PUT", "and kept"):
        assert word in page.text
    assert stored()[0] == SETTINGS
    data = filled(opened(administrator, page, replace=str(gateway_id)))
    assert administrator.post(f"/gateways/{gateway_id}", data=data).status_code == 302
    assert stored() == (changed, {"api_key": SECRET})


def test_a_changed_address_asks_for_the_secret_again(administrator, add, stored):
    gateway_id = add(SETTINGS, api_key=SECRET, old="another-one")
    moved = Settings(**{**vars(SETTINGS), "url": "https://api.elsewhere.example/send"})
    page = looked_at(administrator, gateway_file.dumps(moved, ["api_key"]))
    assert "To be typed on the next page: api_key" in page.text
    data = filled(opened(administrator, page, replace=str(gateway_id)))
    assert administrator.post(f"/gateways/{gateway_id}", data=data).status_code == 422
    data["secret-api_key"] = "typed-anew"
    assert administrator.post(f"/gateways/{gateway_id}", data=data).status_code == 302
    assert stored() == (moved, {"api_key": "typed-anew"})


def test_what_somebody_saved_meanwhile_is_not_lost(administrator, add, stored, app):
    gateway_id = add()
    changed = Settings(**{**vars(SETTINGS), "timeout": 12.5})
    page = looked_at(administrator, gateway_file.dumps(changed, ["api_key"]))
    theirs = Settings(**{**vars(SETTINGS), "timeout": 40.0})
    parts = app.extensions["webpanel"]
    with app.app_context():
        gateways.save(
            parts.store,
            parts.vault,
            gateway_id,
            1,
            settings=theirs,
            changes=gateway_secrets.SecretChanges(),
            actor="grace",
        )
    data = filled(opened(administrator, page, replace=str(gateway_id)))
    assert administrator.post(f"/gateways/{gateway_id}", data=data).status_code == 409
    assert stored()[0] == theirs


def test_the_same_name_can_become_another_gateway(administrator, add, stored):
    add()
    page = looked_at(administrator, gateway_file.dumps(SETTINGS, ["api_key"]))
    data = {**filled(opened(administrator, page)), "secret-api_key": "another-one"}
    assert administrator.post("/gateways/new", data=data).status_code == 302
    assert stored()[1] == {"api_key": SECRET}
    assert stored(data["name"])[1] == {"api_key": "another-one"}


MOODLE = {
    "api_url": "https://api.someprovider.com/v1/send?campaign=7",
    "request_type": "POST",
    "body_type": "form",
    "headers": f"X-API-Key: {SECRET}",
    "query_parameters": "lang=en",
    "post_body_parameters": "to={{recipient}}\r\ntext={{message}}",
    "success_condition": '{"sent": true}',
    "countrycode": "44",
}


def row(number: int, name: str, kind: str = r"smsgateway_customapi\gateway", **config: str) -> dict:
    stands = json.dumps({**MOODLE, **config})
    return {"id": number, "name": name, "gateway": kind, "enabled": 1, "config": stands}


def test_moodle_s_gateways_are_told_with_what_is_different(administrator, stored):
    rows = [row(1, "Texts"), row(2, "Second", countrycode="GB"), row(3, "Amazon", r"smsgateway_aws\gateway")]
    response = administrator.post("/gateways/import", data={"secret_text": json.dumps(rows)})
    assert SECRET not in response.text
    page = Page(response.text)
    assert "configuration from Moodle with 2 gateways" in page.text
    assert "“Amazon” was skipped" in page.text
    buttons = [each for each in page.all("button") if "Open" in words_of(each)]
    assert [each.get("formtarget") for each in buttons] == ["_blank", "_blank"]
    assert "(campaign)" in page.text
    assert "ignored the country code “GB”" in page.text
    opening = administrator.post("/gateways/import/open", data=sealed(page, 1))
    assert SECRET not in opening.text
    form = Page(opening.text)
    assert "things to know about this import" in form.text
    assert administrator.post("/gateways/new", data=filled(form)).status_code == 302
    settings, secrets = stored("Second")
    assert settings.headers == "X-API-Key: {{secret.api_key}}"
    assert secrets == {"api_key": SECRET}
    assert (settings.default_country, settings.query) == ("GB", "lang=en")


def test_a_credential_typed_into_a_file_becomes_a_secret_and_is_told(administrator, stored):
    text = gateway_file.dumps(SETTINGS, []).replace("{{secret.api_key}}", SECRET)
    response = administrator.post("/gateways/import", data={"secret_text": text})
    assert SECRET not in response.text
    page = Page(response.text)
    assert "Credentials stand in the file in clear" in page.text
    assert administrator.post("/gateways/new", data=filled(opened(administrator, page))).status_code == 302
    assert stored() == (SETTINGS, {"api_key": SECRET})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There is nothing in it"),
        ('name = "School', "Line 1"),
        ("name = 1", "neither a gateway's file"),
        ("format = 1\ncolour = 3", "“colour” is no setting"),
        ("format = 1\ntimeout = true", "a value of the wrong kind"),
        ("format = 2", "a newer version"),
        ('{"api_url": ', "no JSON from here on"),
        ("[]", "no gateway of the plugin"),
        ('[{"name": "A", "gateway": "smsgateway_aws\\\\gateway", "config": "{}"}]', "skipped"),
        ("x" * 1_100_000, "too long"),
    ],
)
def test_what_cannot_be_imported_is_told(administrator, text, said):
    response = administrator.post("/gateways/import", data={"secret_text": text})
    assert response.status_code == 422
    assert said in Page(response.text).alert


def test_a_pasted_text_that_is_refused_is_not_shown_again(administrator):
    response = administrator.post("/gateways/import", data={"secret_text": f'headers = "X-API-Key: {SECRET}'})
    assert response.status_code == 422
    assert SECRET not in response.text


def test_what_was_sealed_for_another_is_refused(administrator, sign_in):
    page = looked_at(administrator, gateway_file.dumps(SETTINGS, []))
    other = sign_in("grace")
    response = other.post("/gateways/import/open", data=sealed(page))
    assert response.status_code == 422
    assert "once more" in response.text
    assert administrator.post("/gateways/import/open", data={}).status_code == 422


def test_what_a_file_spells_is_shown_and_not_believed(administrator):
    hostile = Settings(name="<script>alert(1)</script>\u202e", url="https://a.example/\u202e", sender="<b>")
    page = looked_at(administrator, gateway_file.dumps(hostile, []))
    assert "⟨U+202E⟩" in page.text
    assert not [script for script in page.all("script") if not script.get("src")]
