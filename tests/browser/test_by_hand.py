"""What people do to many messages at once, before a real provider."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine

from tests.browser.looks import faults
from tests.browser.panel import PASSWORD, Panel
from tests.browser.test_looks import add_gateway
from tests.deciding import put
from tests.sending.panel import eventually
from webpanel.store import Store, configure


@pytest.fixture
def store(panel: Panel) -> Iterator[Store]:
    """Another process's way into the panel's database."""
    store = Store(configure(create_engine(f"sqlite:///{panel.server.instance / 'webpanel.sqlite'}")))
    yield store
    store.close()


def numbers(panel: Panel, after: int) -> list[str]:
    """Those that the provider got after so many requests, each as often as it got it."""
    return sorted(each["recipient"] for each in panel.provider.messages()[after:])


def sign_in(page: Page, panel: Panel) -> None:
    page.goto(panel.url)
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_forty_unclear_messages_are_decided_at_once(open_page, panel, store, scripts):
    page = open_page()
    panel.create_administrator(page)
    add_gateway(page, panel)
    put(store, "unknown", 40, gateway_id=1)
    if not scripts:
        page = open_page(java_script_enabled=False)
        sign_in(page, panel)
    before = len(panel.provider.messages())
    page.goto(f"{panel.url}messages?state=unknown&gateway=1")
    page.get_by_role("link", name="Decide all together…").click()
    expect(page.get_by_label("Gateway")).to_have_value("1")
    page.get_by_label("What to do").select_option("resend")
    page.get_by_role("button", name="Count them").click()
    expect(page.get_by_role("heading", name="40 messages are unclear.")).to_be_visible()
    found = faults(page, "counted") if scripts else []
    # By the keyboard alone.
    page.get_by_role("button", name="Send 40 messages once more").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#run")).to_contain_text("40 messages are sent once more, as new ones.")
    found += faults(page, "decided") if scripts else []
    eventually(lambda: len(panel.provider.messages()) == before + 40)
    assert numbers(panel, before) == [f"4479111{each:05d}" for each in range(40)]
    page.get_by_role("link", name="Show those that are still unclear").click()
    expect(page.get_by_text("No message is like that")).to_be_visible()
    assert not found, "\n".join(found)


def test_what_waits_at_a_held_gateway_is_moved(open_page, panel, store):
    page = open_page()
    panel.create_administrator(page)
    add_gateway(page, panel)
    add_gateway(page, panel, "Second provider")
    page.goto(f"{panel.url}gateways/")
    page.get_by_role("button", name="Hold Some provider").click()
    expect(page.locator("#gateways-said")).to_contain_text("is on hold")
    expect(page.get_by_role("button", name="Release Some provider")).to_be_focused()
    put(store, "queued", 5, gateway_id=1, due_at=datetime.now(UTC))
    put(store, "queued", 2, first=10, gateway_id=1, due_at=datetime.now(UTC), possible_duplicate=True)
    before = len(panel.provider.messages())
    page.reload()
    found = faults(page, "a held gateway")
    page.get_by_role("link", name="Move 7 waiting… Some provider").click()
    page.get_by_role("button", name="Try which can be moved").click()
    expect(page.locator("#target-error")).to_contain_text("Choose another gateway")
    page.get_by_label("To the gateway").select_option(label="Second provider")
    page.get_by_role("button", name="Try which can be moved").click()
    expect(page.locator("#counted")).to_contain_text("2: The provider may have taken them already")
    found += faults(page, "what can be moved")
    page.get_by_role("button", name="Move 5 messages").click()
    expect(page.locator("#run")).to_contain_text("5 messages now wait for “Second provider”.")
    found += faults(page, "moved")
    eventually(lambda: len(panel.provider.messages()) == before + 5)
    page.goto(f"{panel.url}gateways/")
    page.get_by_role("button", name="Release Some provider").click()
    expect(page.locator("#gateways-said")).to_contain_text("is released")
    eventually(lambda: len(panel.provider.messages()) == before + 7)
    assert not found, "\n".join(found)


def test_a_long_decision_goes_on_by_itself(open_page, panel, store):
    page = open_page()
    panel.create_administrator(page)
    add_gateway(page, panel)
    # More than one request can do: the page must ask for the rest by itself.
    put(store, "unknown", 50_000, gateway_id=1)
    page.goto(f"{panel.url}messages/together?state=unknown&decision=resend")
    page.get_by_role("button", name="Send 50000 messages once more").click()
    expect(page.locator("#run")).to_contain_text("50000 messages are sent once more", timeout=240_000)
