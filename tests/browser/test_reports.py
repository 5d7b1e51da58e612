"""Delivery reports before a person's eyes: set up by clicks; a message turns while its page is open."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser import looks
from tests.browser.panel import Panel
from tests.visitor import PATIENCE


def add_gateway(page: Page, panel: Panel) -> None:
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/new")
    page.get_by_label("Gateway name").fill("Some provider")
    page.get_by_label("API URL").fill(f"{panel.provider.url}/v1/send")
    page.get_by_label("Body parameters").fill("destination={{recipient}}\ntext={{message}}")
    page.locator("summary", has_text="failure condition").click()
    page.locator("#message_id_rule").fill("id")
    save(page)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.get_by_text("was saved")).to_be_visible()


def send(page: Page, panel: Panel) -> str:
    """Sends one message; ends on its page, once it is sent. Returns the provider's id."""
    page.goto(f"{panel.url}send")
    page.get_by_label("Number").fill("07911 123456")
    page.get_by_label("Text").fill("Your book is ready")
    page.get_by_role("button", name="Send").last.click()
    expect(page.locator("#state")).to_contain_text("The provider accepted it.")
    return page.locator("dt", has_text="The provider's id").locator("+ dd code").inner_text()


def address(page: Page, panel: Panel) -> str:
    """The one that the page shows, where the panel listens."""
    return panel.url.rstrip("/") + urlsplit(page.locator("#report-address").input_value()).path


def report(page: Page, panel: Panel, fields: Mapping[str, str]) -> None:
    """As the provider does it, at the address that stands on the gateway's page."""
    answer = requests.post(address(page, panel), data=fields, timeout=PATIENCE)
    assert (answer.status_code, answer.text) == (200, "")


def click_on(page: Page, meaning: str, value: str, *, tap: bool = False) -> None:
    label = page.locator("#reports .meaning-label", has_text=meaning).first
    button = page.locator("#reports .value", has_text=value).first
    if tap:
        label.tap()
        button.tap()
    else:
        label.click()
        button.click()


def test_a_report_turns_a_message_to_delivered_while_its_page_is_open(open_page, panel):
    page = open_page()
    add_gateway(page, panel)
    gateway = page.url
    report(page, panel, {"id": "demo", "status": "DELIVRD"})
    page.reload()
    page.get_by_label("Gateway name").fill("Typed meanwhile")
    click_on(page, "is the message id", "demo")
    expect(page.locator("#reports")).to_contain_text("The message id is read there now.")
    click_on(page, "means delivered", "DELIVRD")
    expect(page.locator("#report_words")).to_have_value("DELIVRD = delivered")
    expect(page.locator("#report_id_rule")).to_have_value("id")
    expect(page.get_by_label("Gateway name")).to_have_value("Typed meanwhile")
    assert looks.faults(page, "reports are set up", "#reports") == []
    save(page)

    message = open_page()
    message.context.add_cookies(page.context.cookies())
    provider_id = send(message, panel)
    expect(message.locator("#state")).to_contain_text("The provider may still report whether it arrived.")
    page.goto(gateway)
    report(page, panel, {"id": provider_id, "status": "DELIVRD"})
    expect(message.locator("#state")).to_contain_text("Delivered")
    expect(message.locator("#state")).to_contain_text("The provider's word for it: DELIVRD.")
    expect(message.locator(".steps-told")).to_contain_text("The provider reports that it arrived (DELIVRD).")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_on_a_telephone_and_a_new_address(open_page, panel, scripts):
    page = open_page(viewport={"width": 390, "height": 800}, has_touch=True, java_script_enabled=scripts)
    add_gateway(page, panel)
    before = address(page, panel)
    report(page, panel, {"messageId": "m-1", "state": "gone"})
    page.goto(page.url)
    click_on(page, "means not delivered", "gone", tap=True)
    expect(page.locator("#report_words")).to_have_value("gone = undelivered")
    expect(page.locator("#report_status_rule")).to_have_value("state")
    page.locator("#reports summary", has_text="New address").tap()
    page.get_by_role("button", name="Make a new address").tap()
    expect(page.locator("#reports")).to_contain_text("The one before does not work any more.")
    assert address(page, panel) != before
    assert requests.post(before, timeout=PATIENCE).status_code == 404
    expect(page.locator("#report_words")).to_have_value("gone = undelivered")
