"""Nothing moves under the reader's eyes or the writer's hands."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.panel import Panel

WIDTHS = (390, 1280)
#: A share of the window times the share of it that it moved by, as Chromium scores a shift.
LARGEST = 0.01

#: Keeps the shifts from here on; those soon after a key or a click are of the reader's own making. The
#: history at the foot of a message's page grows as things happen, and only ever pushes its own end down:
#: a shift of nothing but what stands in or below it is its purpose.
_WATCH = """() => {
    window.shifts = [];
    const grows = (node) => node && (node.parentElement ?? node).closest(
        '.steps-told, section[aria-labelledby="steps-title"], [id^="attempt-"], footer');
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) {
            const { sources } = shift;
            if (shift.hadRecentInput || (sources.length && sources.every(({node}) => grows(node)))) continue;
            window.shifts.push({score: shift.value, of: sources.map(({node, previousRect, currentRect}) =>
                `${node?.id || node?.nodeName} ${previousRect.y} -> ${currentRect.y}`)});
        }
    }).observe({type: "layout-shift"});
}"""
#: A shift is told with the frame that it stands in.
_FRAMES = (
    "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
)


def _top(page: Page, selector: str) -> float:
    return page.locator(selector).evaluate("element => element.getBoundingClientRect().top + scrollY")


def _assert_still(page: Page) -> None:
    page.evaluate(_FRAMES)
    moved = [shift for shift in page.evaluate("shifts") if shift["score"] > LARGEST]
    assert not moved, moved


@pytest.mark.parametrize("width", WIDTHS)
def test_typing_json_moves_nothing(open_page, panel: Panel, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 900})
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/new")
    page.get_by_label("Request body format").select_option("json")
    editor, badge = page.get_by_label("JSON body", exact=True), page.locator("#json-badge")
    editor.fill('{"to": "{{recipient}}"}')
    expect(badge).to_contain_text("valid JSON")
    page.evaluate(_WATCH)
    top, below = _top(page, "#body_json"), _top(page, "#body_json-help")
    for typed in (
        '{"to": ',
        "{'to': 1}",
        '{"to": {{recipient}}x}',
        '{"to": "a',
        '{"to": yes}',
        '{"to": "\\q"}',
        "",
    ):
        editor.fill(typed)
        expect(badge).to_contain_text("invalid JSON" if typed else "empty")
        assert (_top(page, "#body_json"), _top(page, "#body_json-help")) == (top, below), badge.inner_text()
    _assert_still(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_typing_a_country_code_moves_nothing(open_page, panel: Panel, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 900})
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/new")
    page.evaluate(_WATCH)
    below = _top(page, "#url")
    for typed, said in (("1", "20 others"), ("44", "United Kingdom"), ("GB", "+44."), ("", "")):
        page.locator("#default_country").fill(typed)
        expect(page.locator("#country-said")).to_contain_text(said)
        assert _top(page, "#url") == below, typed
    _assert_still(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_switch_says_what_it_did_and_moves_nothing(open_page, panel: Panel, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 900})
    panel.create_administrator(page)
    _add_gateway(page, panel)
    page.goto(f"{panel.url}gateways/")
    top = _top(page, ".gateways-table")
    for said in ("is off: nothing is sent by it.", "is on."):
        page.get_by_role("switch").click()
        expect(page.get_by_text(said)).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()
        assert _top(page, ".gateways-table") == top


@pytest.mark.parametrize("width", WIDTHS)
def test_a_message_that_becomes_sent_moves_nothing(open_page, panel: Panel, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 900})
    panel.create_administrator(page)
    _add_gateway(page, panel)
    panel.provider.set_mode("slow", seconds=2)
    page.goto(f"{panel.url}send")
    page.get_by_label("Number").fill("07911 123456")
    page.get_by_label("Text").fill("Your book is ready")
    page.get_by_role("main").get_by_role("button", name="Send").click()
    expect(page.locator(".state").first).to_have_text("Sending")
    page.evaluate(_WATCH)
    top = _top(page, "section[aria-labelledby=message-title]")
    steps = _top(page, "section[aria-labelledby=steps-title]")
    expect(page.locator(".state").first).to_have_text("Sent")
    assert _top(page, "section[aria-labelledby=message-title]") == top
    assert _top(page, "section[aria-labelledby=steps-title]") == steps
    _assert_still(page)


def _add_gateway(page: Page, panel: Panel) -> None:
    page.goto(f"{panel.url}gateways/new")
    page.get_by_label("Gateway name").fill("Some provider")
    page.get_by_label("API URL").fill(f"{panel.provider.url}/v1/send")
    page.get_by_label("Body parameters").fill("destination={{recipient}}\ntext={{message}}")
    page.get_by_label("Success condition", exact=True).fill('{"sent": true}')
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.locator("#says")).to_contain_text("was saved")
