"""Every page in every state: no fault that axe knows, nothing wider than the window, light and dark."""

import re
import subprocess

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import faults
from tests.browser.panel import PASSWORD, Panel

NUMBER = "07911 123456"
MODES = ("accept", "refuse400", "error200", "later429", "fail500", "slow", "close")


def add_gateway(page: Page, panel: Panel, name: str = "Some provider") -> None:
    page.goto(f"{panel.url}gateways/new")
    page.get_by_label("Gateway name").fill(name)
    page.get_by_label("API URL").fill(f"{panel.provider.url}/v1/send")
    page.get_by_label("HTTP Headers").fill("X-API-Key: xyz123")
    page.get_by_label("Body parameters").fill("destination={{recipient}}\ntext={{message}}")
    page.get_by_label("Success condition", exact=True).fill('{"sent": true}')
    page.get_by_text("More: authentication").click()
    page.get_by_label("Time for the whole request").fill("1")
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.locator("#says")).to_contain_text("was saved")


def _send(page: Page, panel: Panel, text: str) -> None:
    page.goto(f"{panel.url}send")
    page.get_by_label("Number").fill(NUMBER)
    page.get_by_label("Text").fill(text)
    page.get_by_role("main").get_by_role("button", name="Send").click()
    expect(page.locator(".state").first).to_be_visible()


def test_before_there_is_anything(open_page, panel):
    page = open_page()
    found = []
    page.goto(panel.server.setup_link)
    found += faults(page, "first administrator")
    page.get_by_role("button", name="Create and sign in").click()
    found += faults(page, "first administrator, refused")
    panel.create_administrator(page)
    for path in ("gateways/", "gateways/new", "messages", "send", "users", "settings", "welcome", "password"):
        page.goto(panel.url + path)
        found += faults(page, f"empty /{path}")
    page.goto(f"{panel.url}gateways/new")
    page.get_by_role("button", name="Save gateway").last.click()
    found += faults(page, "an empty gateway refused")
    assert not found, "\n".join(found)


def test_signing_in(open_page, panel):
    panel.create_administrator(open_page())
    page = open_page()
    page.goto(panel.url)
    found = faults(page, "login")
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill("not that")
    page.get_by_role("button", name="Sign in").click()
    found += faults(page, "login refused")
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    assert not found, "\n".join(found)


def test_the_testers_card(open_page, panel):
    page = open_page()
    panel.create_administrator(page)
    add_gateway(page, panel)
    page.goto(f"{panel.url}gateways/")
    page.get_by_role("link", name="Some provider").first.click()
    page.get_by_label("Test recipient number").fill(NUMBER)
    page.get_by_label("Test message").fill("a test ✓")
    found = []
    for mode in MODES:
        panel.provider.set_mode(mode)
        page.get_by_role("button", name="Run test").click()
        expect(page.locator("#trial-title")).to_be_visible()
        expect(page.get_by_role("button", name="Run test")).to_be_enabled()
        found += faults(page, f"card: {mode}", "#trial")
        page.locator("#trial").evaluate("card => card.replaceChildren()")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Preview")).to_be_visible()
    found += faults(page, "preview", "#trial")
    page.get_by_label("Test recipient number").fill("")
    page.get_by_role("button", name="Run test").click()
    expect(page.get_by_role("heading", name="Nothing was sent")).to_be_visible()
    found += faults(page, "test refused", "#trial")
    for body in ("JSON", "XML", "Raw text"):
        page.get_by_label("Request body format").select_option(body)
        expect(page.get_by_label(body.split()[0] + " body", exact=True)).to_be_visible()
        found += faults(page, f"body: {body}", "#body-fields")
    for kind in ("basic", "bearer", "header", "query"):
        page.locator("#auth_kind").select_option(kind)
        found += faults(page, f"authentication: {kind}", "#auth-fields")
    assert not found, "\n".join(found)


def test_messages_in_every_state(open_page, panel):
    page = open_page("status of 404")
    panel.create_administrator(page)
    add_gateway(page, panel)
    found = []
    for mode, state in (
        ("accept", "Sent"),
        ("refuse400", "Failed"),
        ("later429", "Waiting"),
        ("close", "Waiting"),
        ("slow", "Waiting"),
    ):
        panel.provider.set_mode(mode)
        _send(page, panel, f"{mode}: line one\n<b>line two</b> \u202e✓ " + "long" * 60)
        found += faults(page, f"message under way: {mode}")
        if mode != "accept" and state == "Waiting":
            continue
        expect(page.locator(".state").first).to_have_text(state)
        found += faults(page, f"message: {state}")
    for path in ("messages", "gateways/", "gateways/1/delete", "messages?state=failed", "no/such/page"):
        page.goto(panel.url + path)
        found += faults(page, f"full /{path}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_system(open_page, panel, scheme):
    page = open_page(color_scheme=scheme)
    page.goto(panel.url)
    # The canvas turns whatever notation the style sheet has into bytes.
    brightness = page.evaluate("""() => {
        const ink = document.createElement("canvas").getContext("2d");
        ink.fillStyle = getComputedStyle(document.body).backgroundColor;
        ink.fillRect(0, 0, 1, 1);
        return Math.max(...ink.getImageData(0, 0, 1, 1).data.slice(0, 3));
    }""")
    assert (brightness > 128) == (scheme == "light"), brightness


def test_applications(open_page, panel):
    page = open_page()
    panel.create_administrator(page)
    add_gateway(page, panel)
    found = []
    page.goto(f"{panel.url}applications/")
    found += faults(page, "no application")
    page.goto(f"{panel.url}applications/new")
    found += faults(page, "a new application")
    page.get_by_label("Only these").check()
    expect(page.get_by_role("checkbox", name="Some provider")).to_be_visible()
    page.get_by_role("button", name="Add application").click()
    found += faults(page, "an application refused")
    page.get_by_label("All, also those").check()
    expect(page.get_by_role("checkbox", name="Some provider")).to_be_hidden()
    page.get_by_label("Name").fill("Moodle")
    page.get_by_label("Address for callbacks").fill(f"{panel.provider.url}/told")
    page.get_by_label("Allow Kannel's requests").check()
    page.get_by_label("Allow Twilio's requests").check()
    page.get_by_role("button", name="Add application").click()
    expect(page.locator("#says")).to_contain_text("is added")
    for tick in page.get_by_role("group", name="A new key may").get_by_role("checkbox").all():
        tick.uncheck()
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_text("at least one of these")).to_be_visible()
    found += faults(page, "a key refused")
    page.get_by_label("Send messages").check()
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_label("Key", exact=True)).to_have_value(re.compile("smsgw_.+"))
    found += faults(page, "a new key")
    call = ["bash", "-c", page.locator("#curl").inner_text()]
    subprocess.run(call, check=True)
    page.get_by_role("link", name="I have copied the key").click()
    found += faults(page, "an application with a key")
    page.get_by_role("button", name="Make a secret").click()
    expect(page.get_by_label("Secret", exact=True)).to_have_value(re.compile("whsec_.+"))
    found += faults(page, "a secret for callbacks")
    page.get_by_role("link", name="I have copied the secret").click()
    page.get_by_role("link", name="Revoke").click()
    found += faults(page, "revoking")
    for path in ("applications/", "applications/1/delete", "api/reference", "api/kannel", "api/twilio"):
        page.goto(panel.url + path)
        page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
        found += faults(page, path)
    page.goto(f"{panel.url}messages")
    page.get_by_role("table").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Telling the program")).to_be_visible()
    found += faults(page, "a message of an application")
    assert not found, "\n".join(found)
