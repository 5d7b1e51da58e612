"""Every address of the panel: who may use it, and that nothing is done without the token."""

import re

import pytest
from werkzeug.routing import Rule

from tests.pages import Page
from webpanel.accounts import ADMINISTRATOR, SENDER
from webpanel.views import access

SAFE = {"GET", "HEAD", "OPTIONS"}
#: What stands in for each kind of part of an address.
PARTS = {"int": "1", "string": "x", "path": "x"}


def address(rule: Rule) -> str:
    def part(found: re.Match) -> str:
        kind = found[1] or "string"
        if kind.startswith("any("):
            return kind[4:-1].split(",")[0].strip()
        return PARTS[kind]

    return re.sub(r"<(?:([^:<>]+):)?[^<>]+>", part, rule.rule)


def rules(app, unsafe: bool, *, keyed: bool = False) -> list[tuple[str, str, str]]:
    """(endpoint, method, path) of every rule of that kind, of pages or of what takes a key."""
    doors = app.extensions["webpanel"].keyed
    return [
        (rule.endpoint, method, address(rule))
        for rule in app.url_map.iter_rules()
        if (rule.endpoint.rpartition(".")[0] in doors) == keyed
        for method in sorted(rule.methods - SAFE if unsafe else rule.methods & {"GET"})
    ]


def test_what_needs_no_login_is_listed_and_exists(app):
    assert {*access.PUBLIC} == {
        "static",
        "accounts.login",
        "accounts.signed_in",
        "accounts.link",
        "accounts.redeemed",
        "api_public.openapi_json",
        "probes.healthz",
        "probes.readyz",
        "probes.figures",
    }
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints >= access.PUBLIC | access.SENDER_ENDPOINTS
    assert set(app.blueprints) >= access.SENDER_BLUEPRINTS


def test_every_page_needs_a_login(app, client):
    walked = [each for each in rules(app, unsafe=False) if each[0] not in access.PUBLIC]
    assert len(walked) > 10
    for endpoint, _, path in walked:
        response = client.get(path)
        assert response.status_code == 302, endpoint
        assert response.location.startswith("/login"), endpoint


def test_every_change_needs_a_login(app, client):
    walked = [each for each in rules(app, unsafe=True) if each[0] not in access.PUBLIC]
    assert len(walked) > 10
    for endpoint, method, path in walked:
        assert client.open(path, method=method).status_code == 401, endpoint


def test_every_change_needs_the_token(app, administrator):
    for endpoint, method, path in rules(app, unsafe=True):
        response = administrator.open(path, method=method, token=False)
        assert response.status_code == 400, endpoint
        assert Page(response.get_data(as_text=True)).heading == "Nothing was done yet", endpoint


def test_programs_need_a_key_whoever_is_signed_in(app, administrator):
    walked = rules(app, unsafe=False, keyed=True) + rules(app, unsafe=True, keyed=True)
    assert len(walked) > 5
    for endpoint, method, path in walked:
        # Kannel itself says 403 to a wrong password; a provider's address that is none is not there.
        refused = {"kannel": 403, "reports": 404}.get(endpoint.partition(".")[0], 401)
        assert administrator.open(path, method=method).status_code == refused, endpoint


def test_a_sender_sees_messages_and_nothing_of_gateways_and_users(app, sender):
    walked = rules(app, unsafe=False) + rules(app, unsafe=True)
    refused = set()
    for endpoint, method, path in walked:
        if endpoint in access.PUBLIC or endpoint == "accounts.logout":
            continue
        status = sender.open(path, method=method).status_code
        allowed = SENDER in access.roles_for(endpoint, endpoint.rpartition(".")[0])
        assert (status != 403) == allowed, (endpoint, method, status)
        refused |= set() if allowed else {endpoint.partition(".")[0]}
    assert refused == {"shell", "dashboard", "users", "gateways", "applications", "reference"}


def test_an_administrator_is_refused_nothing(app, administrator):
    for endpoint, _, path in rules(app, unsafe=False):
        assert administrator.get(path).status_code != 403, endpoint


def test_an_address_that_comes_later_is_for_administrators():
    assert access.roles_for("brand.new", "brand") == {ADMINISTRATOR}


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/messages?state=sent", "/messages?state=sent"),
        ("http://127.0.0.1:8000/messages", "/messages"),
        ("http://127.0.0.1:8000/messages#x", "/messages"),
        ("/messages/%C3%A4", "/messages/%C3%A4"),
        ("", ""),
        ("http://evil.example/messages", ""),
        ("https://127.0.0.1:8000/messages", ""),
        ("http://127.0.0.1:8000@evil.example/", ""),
        ("//evil.example/", ""),
        ("///evil.example/", ""),
        ("/\\evil.example/", ""),
        ("\\\\evil.example/", ""),
        ("/\t/evil.example/", ""),
        ("javascript:alert(1)", ""),
        ("messages", ""),
        ("http://[::1", ""),
        ("/./messages", ""),
        ("/messages?text=\u0142", "/messages?text=%C5%82"),
        ("/messages?text=a%20b&state=sent?", "/messages?text=a%20b&state=sent?"),
    ],
)
def test_only_addresses_of_the_panel_are_gone_back_to(app, url, path):
    with app.test_request_context(base_url="http://127.0.0.1:8000/"):
        assert access.own_path(url) == path


def test_the_prefix_bounds_what_is_gone_back_to(make_app):
    app = make_app(WEBPANEL_URL="https://www.school.example/sms/")
    with app.test_request_context(base_url="https://www.school.example/sms/"):
        assert access.own_path("https://www.school.example/sms/messages") == "/sms/messages"
        assert access.own_path("https://www.school.example/other") == ""
        assert access.own_path("/other") == ""
        for up in ("..", ".%2e", "%2E%2E", "x/.."):
            assert access.own_path(f"/sms/{up}/other") == ""


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client, sign_in):
    sign_in("ada")
    to_login = client.get("/messages?state=sent").location
    assert to_login == "/login?next=/messages?state%3Dsent"
    form = Page(client.get(to_login).get_data(as_text=True)).all("form")[0]
    response = client.post(form.get("action"), data={"username": "ada", "password": "correct horse battery"})
    assert response.location == "/messages?state=sent"


def test_htmx_without_a_login_is_sent_to_the_login_page_and_back_to_the_page(client):
    headers = {
        "HX-Request": "true",
        "HX-Request-Type": "partial",
        "HX-Current-URL": "http://127.0.0.1:8000/gateways/7",
    }
    for response in (
        client.get("/messages/abc?seen=1", headers=headers),
        client.post("/gateways/7/shape", headers=headers),
    ):
        assert response.status_code == 401
        assert response.get_data() == b""
        assert response.headers["HX-Redirect"] == "/login?next=/gateways/7"
    foreign = client.get("/messages", headers=headers | {"HX-Current-URL": "http://evil.example/x"})
    assert foreign.headers["HX-Redirect"] == "/login"
