"""From "Add gateway" to a sent message: a provider is chosen, or what its documentation shows is pasted."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looks
from tests.browser.panel import Panel

TEXT = 'Código: 123456 "ok" & 50%'
#: As a PDF and a chat leave it: a prompt, curly quotes, dashes that are none, a broken line.
SPOILED = (
    "$ curl -X POST “%(url)s/v1/send” \\\n"
    "  -H “X-API-Key: xyz123” \\\n"
    "  -d “destination=447911123456” \\\n"
    "  -d “text=Hello World”"
).replace(" -", " \N{EN DASH}")


def _send(page: Page, panel: Panel, text: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Send").click()
    page.get_by_label("Number").fill("07911 123456")
    page.get_by_label("Text").fill(text)
    page.get_by_role("main").get_by_role("button", name="Send").click()
    expect(page.locator(".state").first).to_have_text("Sent")
    assert panel.provider.messages()[-1]["text"] == text


def test_a_provider_is_chosen_tested_and_sent_by(open_page, panel):
    page = open_page()
    panel.create_administrator(page)
    page.get_by_role("link", name="Add the first gateway").click()
    page.get_by_label("Search the providers").press_sequentially("twilio sms")
    expect(page.locator("#providers").get_by_role("link")).to_have_count(1)
    page.get_by_role("link", name="Twilio SMS").click()

    page.get_by_label("Account SID").fill("AC0123456789abcdef0123456789abcdef")
    page.get_by_label("Auth Token").fill("a token of no account")
    page.get_by_label("From").fill("+15005550006")
    page.get_by_label("Test recipient number").fill("07911 123456")
    page.get_by_label("Test message").fill(TEXT)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#trial")).to_contain_text("POST /2010-04-01/Accounts/")
    expect(page.locator("#trial")).to_contain_text("To=%2B447911123456")
    page.get_by_role("button", name="Show all settings").click()

    url = page.get_by_label("API URL")
    url.fill(url.input_value().replace("https://api.twilio.com", panel.provider.url))
    expect(page.get_by_label("Test message")).to_have_value(TEXT)
    page.get_by_role("button", name="Run test").click()
    expect(page.get_by_role("heading", name="Test successful")).to_be_visible()
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.locator("#says")).to_contain_text("was saved")
    expect(page.get_by_text("Provider: Twilio SMS")).to_be_visible()
    expect(page.get_by_role("heading", name="newer version")).to_have_count(0)
    _send(page, panel, TEXT)


def test_what_cannot_be_read_stays_in_the_field_and_is_read_once_it_is_mended(open_page, panel):
    page = open_page()
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/add/paste")
    field = page.get_by_label("The example from the provider's documentation")
    spoiled = 'kurl -H "X-API-Key: xyz123canary" -d to=447911123456 -d text=Hello'
    field.fill(spoiled)
    page.get_by_role("button", name="Read the example").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(field).to_have_value(spoiled)
    field.fill(spoiled.replace("kurl", f"curl {panel.provider.url}/v1/send"))
    page.get_by_role("button", name="Read the example").click()
    expect(page.get_by_role("heading", name="What was understood")).to_be_visible()
    expect(page).to_have_title(re.compile("What was understood"))


def test_an_example_is_pasted_confirmed_tested_and_sent_by(open_page, panel):
    page = open_page()
    panel.create_administrator(page)
    began = time.monotonic()
    page.get_by_role("link", name="Add the first gateway").click()
    page.get_by_role("link", name="Paste an example").click()
    page.get_by_label("The example").fill(SPOILED % {"url": panel.provider.url})
    page.get_by_role("button", name="Read the example").click()
    expect(page.get_by_label("The number")).to_contain_text("destination: 447911123456")
    expect(page.get_by_label("The text")).to_contain_text("text: Hello World")
    expect(page.get_by_role("main")).not_to_contain_text("xyz123")
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_label("HTTP Headers")).to_have_value("X-API-Key: {{secret.api_key}}")
    page.get_by_label("Test recipient number").fill("07911 123456")
    page.get_by_label("Test message").fill(TEXT)
    page.get_by_role("button", name="Run test").click()
    expect(page.get_by_role("heading", name="Test successful")).to_be_visible()
    page.locator("#reply button").get_by_text("true", exact=True).click()
    expect(page.get_by_label("Success condition", exact=True)).not_to_have_value("")
    expect(page.get_by_role("heading", name="Test successful")).to_be_visible()
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.locator("#says")).to_contain_text("was saved")
    _send(page, panel, TEXT)
    assert ["X-API-Key", "xyz123"] in [list(pair) for pair in panel.provider.messages()[-1]["headers"]]
    assert time.monotonic() - began < 120

    # What would have been accepted by its status alone is failed by the rule that was clicked.
    panel.provider.set_mode("error200")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Send").click()
    page.get_by_label("Number").fill("07911 123456")
    page.get_by_label("Text").fill("refused in a 200")
    page.get_by_role("main").get_by_role("button", name="Send").click()
    expect(page.locator(".state").first).to_have_text("Failed")


@pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_curl_command_leaves_as_it_came(open_page, panel, with_scripts):
    page = open_page(java_script_enabled=with_scripts)
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/add/paste")
    page.get_by_label("The example").fill(SPOILED % {"url": panel.provider.url})
    page.get_by_role("button", name="Read the example").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Test recipient number").fill("07911 123456")
    page.get_by_label("Test message").fill(TEXT)
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("Copy as curl").click()
    command = page.get_by_label("The same request as a command")
    expect(command).to_have_value(re.compile("X-API-Key: ••••••"))
    page.get_by_role("button", name="Show with secrets").click()
    expect(command).to_have_value(re.compile("X-API-Key: xyz123"))
    # Without scripts the page came back from the panel: nothing typed was lost on the way.
    expect(page.get_by_label("Test message")).to_have_value(TEXT)


def test_a_provider_without_scripts(open_page, panel):
    page = open_page(java_script_enabled=False)
    panel.create_administrator(page)
    page.get_by_role("link", name="Add the first gateway").click()
    page.get_by_label("Search the providers").fill("twilio sms")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Twilio SMS").click()
    page.get_by_label("Auth Token").fill("a token of no account")
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Account SID")
    expect(page.locator("#secret-auth_token-help")).to_contain_text("typed, not saved yet")
    page.get_by_label("Account SID").fill("AC0123456789abcdef0123456789abcdef")
    page.get_by_label("From").fill("+15005550006")
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.locator("#says")).to_contain_text("was saved")


def test_the_pages_of_adding_can_be_used(open_page, panel):
    page = open_page()
    panel.create_administrator(page)
    found = []
    page.goto(f"{panel.url}gateways/add")
    found += looks.faults(page, "the chooser")
    page.get_by_label("Search the providers").fill("nobody has this name")
    expect(page.locator("#providers")).to_contain_text("No provider here")
    found += looks.faults(page, "nothing found", "#content")
    page.goto(f"{panel.url}gateways/add/provider/twilio")
    page.get_by_role("button", name="Save gateway").last.click()
    found += looks.faults(page, "a provider, refused")
    page.goto(f"{panel.url}gateways/add/paste")
    page.get_by_role("button", name="Read the example").click()
    found += looks.faults(page, "an example, refused")
    page.get_by_label("The example").fill(SPOILED % {"url": panel.provider.url} + " | jq .")
    page.get_by_role("button", name="Read the example").click()
    found += looks.faults(page, "an example, understood")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Test recipient number").fill("07911 123456")
    page.get_by_label("Test message").fill(TEXT)
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("Copy as curl").click()
    found += looks.faults(page, "a preview as curl", "#trial")
    assert found == []
