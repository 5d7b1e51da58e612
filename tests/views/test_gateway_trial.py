"""Preview and test from what stands in the form, against the demonstration provider."""

import re
import socket
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests import provider as demonstration
from tests.conftest import signed_in
from tests.pages import Page, words_of
from tests.sending.sockets import Server, answer
from tests.views.test_gateway_settings import FRAGMENT, filled, hidden_value
from webpanel import accounts
from webpanel.forms import GatewayForm
from webpanel.models import Gateway, Message, db
from webpanel.secret_form import SecretForm
from webpanel.views.gateways.draft import Draft

CANARY = "canary-4711-0815"


@pytest.fixture(scope="module")
def provider() -> Iterator[demonstration.Provider]:
    with demonstration.running() as running:
        yield running


@pytest.fixture
def app(make_app, provider):
    provider.set_mode("accept")
    return make_app(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{provider.port}")


@pytest.fixture
def administrator(app):
    return signed_in(app, "ada", accounts.ADMINISTRATOR)


@pytest.fixture
def typed(provider):
    """The example, pointed at the demonstration provider."""

    def form(**changes: str) -> dict[str, str]:
        return filled(
            **{
                "url": f"{provider.url}/v1/send",
                "headers": f"X-API-Key: {CANARY}",
                "success_rule": '"sent": true',
                "test_recipient": "07911 123456",
                "test_text": "Größe & Maß",
                **changes,
            }
        )

    return form


def recorded(app) -> list[Message]:
    with app.app_context():
        return list(db.session.scalars(select(Message).order_by(Message.id)))


def card(response) -> Page:
    page = Page(response.text)
    assert response.status_code == 200, words_of(page.by_id("trial"))
    return page


def test_a_gateway_is_tested_before_it_is_saved(administrator, app, provider, typed):
    before = len(provider.messages())
    page = card(administrator.post("/gateways/new/test", data=typed(), headers=FRAGMENT))
    said = words_of(page.by_id("trial"))
    assert words_of(page.by_id("trial-title")) == "Test successful"
    assert "200 OK" in said
    assert " ms from looking up the address" in said
    assert "As it stands in the form, not saved yet." in said
    assert '"sent": true' in words_of(page.by_id("panel-body"))
    assert "Content-Type: application/json" in words_of(page.by_id("panel-headers"))
    sent = words_of(page.by_id("panel-request"))
    assert "destination=447911123456&text=Gr%C3%B6%C3%9Fe+%26+Ma%C3%9F" in sent
    assert "X-API-Key: ••••••" in sent

    got = provider.messages()[before:]
    assert [(m["recipient"], m["text"]) for m in got] == [("447911123456", "Größe & Maß")]
    [message] = recorded(app)
    assert (message.test, message.state, message.created_by) == (True, "sent", "ada")
    assert message.gateway_id is None
    with app.app_context():
        assert not list(db.session.scalars(select(Gateway)))


def test_a_saved_gateway_is_tested_without_javascript(administrator, typed):
    administrator.post("/gateways/new", data=typed())
    same = typed(headers="X-API-Key: {{secret.api_key}}", version="1")
    page = card(administrator.post("/gateways/1/test", data=same))
    assert page.heading == "Gateway “Some Provider”"
    assert words_of(page.by_id("trial-title")) == "Test successful"
    assert page.by_id("gateway-form").get("action") == "/gateways/1"


def test_what_is_tested_is_said(administrator, typed):
    administrator.post("/gateways/new", data=typed())
    same = typed(headers="X-API-Key: {{secret.api_key}}", version="1")
    page = card(administrator.post("/gateways/1/test", data=same, headers=FRAGMENT))
    assert "As it is saved." in words_of(page.by_id("trial"))
    other = {**same, "sender": "School"}
    page = card(administrator.post("/gateways/1/test", data=other, headers=FRAGMENT))
    assert "not saved yet" in words_of(page.by_id("trial"))


@pytest.mark.parametrize(
    "case",
    [
        ("refuse400", "400", "not in service"),
        ("error200", "200", "does not hold"),
        ("later429", "429", ""),
        ("fail500", "500", ""),
        ("close", "no reply", "without answering"),
    ],
    ids=lambda case: case[0],
)
def test_a_failure_says_why(administrator, app, provider, typed, case):
    mode, status, reason = case
    provider.set_mode(mode)
    page = card(administrator.post("/gateways/new/test", data=typed(), headers=FRAGMENT))
    said = words_of(page.by_id("trial"))
    assert words_of(page.by_id("trial-title")) == "Test failed"
    assert status in said
    assert reason in said
    [message] = recorded(app)
    assert message.state in ("failed", "unknown")


def test_a_test_that_hangs_ends_at_its_time_out(administrator, provider, typed):
    provider.set_mode("slow", 20)
    form = typed(timeout="1", connect_timeout="1")
    page = card(administrator.post("/gateways/new/test", data=form, headers=FRAGMENT))
    said = words_of(page.by_id("trial"))
    assert words_of(page.by_id("trial-title")) == "Test failed"
    assert "within 1" in said


def test_nobody_listens(make_app, typed):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    app = make_app(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{port}")
    ada = signed_in(app, "ada", accounts.ADMINISTRATOR)
    form = typed(url=f"http://127.0.0.1:{port}/")
    page = card(ada.post("/gateways/new/test", data=form, headers=FRAGMENT))
    said = words_of(page.by_id("trial"))
    assert "nothing listens on port" in said
    assert "Nothing was sent." in words_of(page.by_id("panel-request"))


def test_an_address_that_is_not_allowed_names_the_line(administrator, typed):
    form = typed(url="http://127.0.0.2:9/")
    page = card(administrator.post("/gateways/new/test", data=form, headers=FRAGMENT))
    assert re.search(
        r"set WEBPANEL_ALLOW_NETWORKS=\S+,127\.0\.0\.2:9 in the environment", words_of(page.by_id("trial"))
    )


@pytest.mark.parametrize("what", ["test", "preview"])
def test_never_without_a_number(administrator, app, provider, typed, what):
    before = len(provider.messages())
    for number in ("", "   ", "letters", "12"):
        form = typed(test_recipient=number)
        response = administrator.post(f"/gateways/new/{what}", data=form, headers=FRAGMENT)
        assert response.status_code == 422
        assert "Test recipient number" in words_of(Page(response.text).by_id("trial"))
    assert len(provider.messages()) == before
    assert recorded(app) == []


def test_a_faulty_form_is_not_tested(administrator, app, typed):
    response = administrator.post("/gateways/new/test", data=typed(url="nonsense"), headers=FRAGMENT)
    assert response.status_code == 422
    assert "API URL" in words_of(Page(response.text).by_id("trial"))
    assert recorded(app) == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/gateways/new/test", "Nothing was sent"),
        ("/gateways/new/preview", "Nothing was sent"),
        ("/gateways/new", "Not saved"),
    ],
)
def test_without_javascript_the_page_says_what_was_not_done(administrator, typed, address, said):
    response = administrator.post(address, data=typed(url="nonsense"))
    assert response.status_code == 422
    assert f"{said}: something needs another look" in Page(response.text).alert


def test_preview_sends_nothing(administrator, app, provider, typed):
    before = len(provider.messages())
    page = card(administrator.post("/gateways/new/preview", data=typed(), headers=FRAGMENT))
    said = words_of(page.by_id("trial"))
    assert "nothing was sent" in said
    assert "POST /v1/send HTTP/1.1" in said
    assert "X-API-Key: ••••••" in said
    assert len(provider.messages()) == before
    assert recorded(app) == []


@pytest.mark.parametrize("what", ["test", "preview"])
def test_without_javascript_the_page_comes_back_with_it(administrator, typed, what):
    form = typed(auth_kind="bearer", **{"secret-auth_token": CANARY})
    response = administrator.post(f"/gateways/new/{what}", data=form)
    page = card(response)
    assert page.is_whole
    assert page.heading == "New gateway"
    assert words_of(page.by_id("trial-title")) in ("Test successful", "Preview")
    assert page.by_id("test_recipient").get("value") == "07911 123456"
    assert hidden_value(page, "carried_secrets")
    # What stands in a field is the person's own; the secret that was typed is not shown again.
    assert response.text.count(CANARY) == 1


@pytest.mark.parametrize("what", ["test", "preview"])
def test_kept_secrets_do_not_follow_to_another_address(administrator, provider, typed, what):
    administrator.post("/gateways/new", data=typed())
    moved = typed(headers="X-API-Key: {{secret.api_key}}", version="1")
    moved["url"] = moved["url"].replace("127.0.0.1", "localhost")
    before = len(provider.messages())
    response = administrator.post(f"/gateways/1/{what}", data=moved, headers=FRAGMENT)
    assert response.status_code == 422
    assert "address in the API URL changed" in words_of(Page(response.text).by_id("trial"))
    assert CANARY not in response.text
    assert len(provider.messages()) == before


def test_a_secret_that_is_to_be_removed_is_not_used(administrator, app, typed):
    other = {"new_secret_name": "other", "new_secret_value": "4711"}
    administrator.post("/gateways/new", data=typed(**other))
    sent = typed(headers="X-Other: {{secret.other}}", **{"remove-api_key": "1"})
    with app.test_request_context(method="POST", data=sent):
        secrets = SecretForm.read(sent, ["api_key", "other"], app.extensions["webpanel"].vault, "")
        draft = Draft(db.session.get(Gateway, 1), GatewayForm(), secrets)
        assert draft.usable_secrets(draft.final()) == {"other": "4711"}
        secrets.removed = frozenset()
        assert draft.usable_secrets(draft.final()) == {"other": "4711", "api_key": CANARY}


def test_a_secret_shows_nowhere(administrator, app, provider, typed):
    administrator.post("/gateways/new", data=typed())
    # The provider's page echoes nothing; the request sent does, and the address may hold one too.
    form = typed(headers="", query="key={{secret.api_key}}", version="1")
    response = administrator.post("/gateways/1/test", data=form, headers=FRAGMENT)
    assert CANARY not in response.text
    assert provider.messages()[-1]["target"].endswith(CANARY)
    config = app.extensions["webpanel"].config
    for path in config.instance.rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), path


@pytest.mark.parametrize(
    "case",
    [
        # The secret comes back from the provider, in the head and in the body.
        (f"X-Echo: {CANARY}".encode(), f"your key is {CANARY}".encode(), "your key is ••••••"),
        (b"X-A: <b>", b"<script>alert(1)</script>\x1b[31m", "<script>alert(1)</script>␛[31m"),
        (b"X-A: 1", b"", "The reply's body is empty."),
        (b"X-A: 1", b"\x89PNG\0\0", "The reply is not text (6 bytes)"),
        (b"X-A: 1", b"x" * 200_000, "stopped reading it after 64 KB"),
    ],
    ids=["echo", "markup", "empty", "binary", "large"],
)
def test_what_a_provider_answers_is_text_bounded_and_masked(make_app, typed, case):
    head, body, said = case
    reply = b"HTTP/1.1 200 OK\r\n%s\r\nContent-Length: %d\r\n\r\n%s" % (head, len(body), body)
    with Server(answer(reply)) as server:
        app = make_app(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{server.port}")
        ada = signed_in(app, "ada", accounts.ADMINISTRATOR)
        form = typed(url=f"http://127.0.0.1:{server.port}/", success_rule="")
        response = ada.post("/gateways/new/test", data=form, headers=FRAGMENT)
    page = card(response)
    assert said in words_of(page.by_id("panel-body"))
    assert not page.all("script")
    assert CANARY not in response.text
    assert len(response.text) < 60_000


def curl_of(response) -> str:
    return Page(response.text).by_id("curl-command").text.removeprefix("\n")


@pytest.mark.parametrize("headers", [FRAGMENT, {}], ids=["fragment", "page"])
def test_a_preview_can_be_copied_as_curl(administrator, typed, headers):
    response = administrator.post("/gateways/new/preview", data=typed(), headers=headers)
    command = curl_of(response)
    assert command.startswith("curl ")
    assert "-X POST" in command
    assert "X-API-Key: ••••••" in command
    said = words_of(Page(response.text).by_id("trial"))
    assert CANARY not in said
    assert "Secrets are masked" in said


@pytest.mark.parametrize("headers", [FRAGMENT, {}], ids=["fragment", "page"])
def test_with_secrets_only_when_asked_for(administrator, typed, headers, capfd):
    asked = typed(curl="with-secrets")
    response = administrator.post("/gateways/new/preview", data=asked, headers=headers)
    assert f"X-API-Key: {CANARY}" in curl_of(response)
    assert words_of(Page(response.text).by_id("trial")).count(CANARY) == 1
    assert "no-store" in response.headers["Cache-Control"]
    assert CANARY not in "".join(capfd.readouterr())


def test_the_command_of_a_saved_gateway_asks_again_on_its_own_page(administrator, typed):
    administrator.post("/gateways/new", data=typed())
    same = typed(headers="X-API-Key: {{secret.api_key}}", version="1")
    page = card(administrator.post("/gateways/1/preview", data=same, headers=FRAGMENT))
    [button] = [each for each in page.all("button") if each.get("name") == "curl"]
    assert (button.get("formaction"), button.get("form")) == ("/gateways/1/preview", "gateway-form")
    shown = administrator.post("/gateways/1/preview", data={**same, "curl": "with-secrets"})
    assert CANARY in curl_of(shown)


def test_the_command_makes_the_request_that_was_previewed(administrator, typed, provider):
    """Pasted back it is the same gateway again."""
    shown = administrator.post("/gateways/new/preview", data=typed(curl="with-secrets"), headers=FRAGMENT)
    page = Page(administrator.post("/gateways/add/paste", data={"secret_example": curl_of(shown)}).text)
    assert f"API URL {provider.url}/v1/send" in page.text
    assert "destination: 447911123456 (in the body)" in page.text
    assert "text: Größe & Maß (in the body)" in page.text
