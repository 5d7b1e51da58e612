"""From a new application to a message of its own, by what the pages show."""

import subprocess

import requests
from playwright.sync_api import Page, expect

from tests.browser.panel import Panel
from tests.browser.test_looks import add_gateway
from webpanel import ready_calls

CLIPBOARD = ["clipboard-read", "clipboard-write"]


def make_key(page: Page, panel: Panel, name: str) -> None:
    """Ends on the page that shows the key."""
    page.goto(panel.url)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Applications").click()
    page.get_by_role("main").get_by_role("link", name="Add application").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add application").click()
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_role("heading", name=f"A key for {name}")).to_be_visible()


def copied(page: Page, name: str) -> str:
    """What the button "Copy" beside ``name`` puts into the clipboard."""
    page.get_by_role("button", name=f"Copy {name}", exact=True).click()
    expect(page.get_by_role("button", name=f"Copied {name}", exact=True)).to_be_visible()
    return page.evaluate("navigator.clipboard.readText()")


def test_the_copied_line_sends_a_message(open_page, panel):
    page = open_page(permissions=CLIPBOARD)
    panel.create_administrator(page)
    add_gateway(page, panel)
    make_key(page, panel, "Timetable")
    for call in ("Python", "PHP"):
        assert copied(page, call) == page.locator(f"#{call.lower()}").inner_text()
    call = ["bash", "-c", copied(page, "curl")]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, check=True)
    assert '"outcome":"pending"' in done.stdout
    page.get_by_role("link", name="I have copied the key").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Messages").click()
    page.get_by_role("link", name=ready_calls.TO).click()
    expect(page.locator(".state").first).to_have_text("Sent")
    expect(page.get_by_text("Timetable through the API")).to_be_visible()
    assert panel.provider.messages()


def test_what_is_typed_into_moodle_sends_its_codes(open_page, panel):
    page = open_page(permissions=CLIPBOARD)
    panel.create_administrator(page)
    add_gateway(page, panel)
    make_key(page, panel, "Moodle")
    rows = page.locator("section[aria-labelledby=moodle-title] dl")
    shown = dict(zip(rows.locator("dt").all_inner_texts(), rows.locator("dd").all_inner_texts(), strict=True))
    typed = ("Gateway name", "API URL", "HTTP Headers", "Body parameters", "Success condition")
    shown |= {name: copied(page, name) for name in typed}
    assert shown["Gateway name"] == "Moodle"
    filled = shown["Body parameters"].replace("{{recipient}}", "447911123456")
    fields = dict(
        line.split("=", 1) for line in filled.replace("{{message}}", "Code 4711").splitlines() if line
    )
    header, value = shown["HTTP Headers"].split(": ")
    reply = requests.request(
        shown["Request type"],
        shown["API URL"],
        data=fields,
        headers={header: value, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0 Safari/537.36"},
        timeout=60,
    )
    assert reply.status_code == 200
    assert shown["Success condition"] in reply.text
    page.goto(f"{panel.url}messages")
    expect(page.get_by_role("table")).not_to_contain_text("Code 4711")
    expect(page.get_by_role("table")).to_contain_text("sensitive")
