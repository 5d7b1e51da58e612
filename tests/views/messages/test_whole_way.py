"""From the Send page to the demonstration provider and back."""

import threading
from collections.abc import Iterator

import pytest

from tests import provider as demonstration
from tests.conftest import MakeApp, signed_in
from tests.pages import words_of
from tests.views.messages.forms import add_gateway, form_of
from webpanel import accounts
from webpanel.words.events import STATES


@pytest.fixture(scope="module")
def provider() -> Iterator[demonstration.Provider]:
    with demonstration.running() as running:
        yield running


@pytest.mark.parametrize(
    ("mode", "state", "words"),
    [
        ("accept", "sent", ["Accepted by the provider", "status 200", "demo-"]),
        ("refuse400", "failed", ["Refused by the provider", "not in service"]),
        ("error200", "failed", ["Refused by the provider", "no credit left"]),
    ],
)
def test_a_message_goes_its_way(
    make_app: MakeApp, provider: demonstration.Provider, mode: str, state: str, words: list[str]
) -> None:
    app = make_app(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{provider.port}")
    parts = app.extensions["webpanel"]
    add_gateway(parts, f"{provider.url}/v1/send")
    provider.set_mode(mode)
    browser = signed_in(app, "sam", accounts.SENDER)
    made = browser.post("/send", data=form_of(browser.page("/send"))).location
    parts.sender.start()
    final = threading.Event()
    page = browser.page(made)
    for _ in range(100):
        if page.by_id("progress").get("hx-trigger") is None:
            break
        final.wait(0.1)
        page = browser.page(made)
    shown = words_of(page.by_id("progress"))
    assert str(STATES[state]) in words_of(page.by_id("state"))
    assert all(word in shown for word in words), shown
    assert "canary-xyz123" not in shown
    got = provider.messages()[-1]
    assert (got["recipient"], got["text"]) == ("447911123456", "Your book\nis ready")
    assert ["X-API-Key", "canary-xyz123"] in got["headers"]
