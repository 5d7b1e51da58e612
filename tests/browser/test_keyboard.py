"""The way from a new gateway to a sent message for whoever has no pointer."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.panel import Panel

#: More than the stops of any page; whoever needs more is caught in something.
MOST_STOPS = 60
TEXT = "Dinner is at seven"


def _go_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press ``key`` until the focus stands on what is wanted."""
    for _ in range(MOST_STOPS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    where = page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
    raise AssertionError(f"{key} does not lead to {wanted} but to {where}")


def _type(page: Page, label: str, text: str) -> None:
    _go_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(text)


def test_from_the_settings_to_a_sent_message_by_keyboard(open_page, panel: Panel) -> None:
    page = open_page()
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/new")
    _type(page, "Gateway name", "Some provider")
    _type(page, "API URL", f"{panel.provider.url}/v1/send")
    _type(page, "HTTP Headers", "X-API-Key: xyz123")
    _type(page, "Body parameters", "destination={{recipient}}\ntext={{message}}")
    _type(page, "Success condition", '{"sent": true}')
    _type(page, "Test recipient number", "07911 123456")
    _type(page, "Test message", TEXT)

    run, preview = (page.get_by_role("button", name=name, exact=True) for name in ("Run test", "Preview"))
    panel.provider.set_mode("slow", seconds=2)
    before = len(panel.provider.messages())
    _go_to(page, run)
    page.keyboard.press("Space")
    expect(run).to_have_attribute("aria-disabled", "true")
    expect(run).to_be_focused()
    # Pressed again while it runs, nothing more is sent.
    page.keyboard.press("Enter")
    _go_to(page, preview)
    page.keyboard.press("Space")
    _go_to(page, run, "Shift+Tab")
    expect(page.get_by_role("heading", name="Test successful")).to_be_visible()
    expect(run).to_have_attribute("aria-disabled", "false")
    expect(run).to_be_focused()
    assert len(panel.provider.messages()) == before + 1
    panel.provider.set_mode("accept")

    _go_to(page, preview)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Preview")).to_be_visible()
    expect(preview).to_be_focused()

    _go_to(page, page.locator(".save button"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#says")).to_contain_text("was saved")

    _go_to(page, page.get_by_role("navigation", name="Main").get_by_role("link", name="Send"))
    page.keyboard.press("Enter")
    _type(page, "Number", "07911 123456")
    _type(page, "Text", TEXT)
    _go_to(page, page.get_by_role("main").get_by_role("button", name="Send"))
    page.keyboard.press("Space")
    expect(page.locator(".state").first).to_have_text("Sent")
    assert panel.provider.messages()[-1]["text"] == TEXT
