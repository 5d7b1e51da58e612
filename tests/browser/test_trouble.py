"""When a part of a page cannot be had: said in one place, and nothing put into the page."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.panel import PASSWORD, Panel

FOREIGN = "<!doctype html><title>502</title><h1>Bad Gateway</h1><p>swapped in"
SENTENCE = "It is “café” time: nothing was done."


def _foreign(route: Route) -> None:
    route.fulfill(status=502, content_type="text/html", body=FOREIGN)


def _sign_in_in_front(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body=FOREIGN)


def _ours(route: Route) -> None:
    route.fulfill(status=500, content_type="text/html", body=FOREIGN, headers={"X-Webpanel": "1"})


def _ours_with_a_sentence(route: Route) -> None:
    says = {"X-Webpanel": "1", "X-Webpanel-Says": quote(SENTENCE)}
    route.fulfill(status=503, content_type="text/html", body=FOREIGN, headers=says)


def _cut(route: Route) -> None:
    route.abort()


@pytest.mark.parametrize(
    ("answer", "console", "said"),
    [
        (
            _foreign,
            ("status of 502",),
            "did not come from the panel but from something in front of it (status 502)",
        ),
        (_sign_in_in_front, (), "did not come from the panel"),
        (_ours, ("status of 500",), "The panel could not do that (error 500)."),
        (_ours_with_a_sentence, ("status of 503",), SENTENCE),
        (_cut, ("net::ERR_FAILED", "htmx:error: Failed to fetch"), "The panel cannot be reached."),
    ],
)
def test_trouble_is_said_and_swapped_in_nowhere(
    open_page, panel: Panel, answer: Callable[[Route], None], console: tuple[str, ...], said: str
) -> None:
    page = open_page(*console)
    _to_the_send_page(page, panel)
    before = page.locator("main form").inner_html()
    page.route("**/send/parts", answer)
    page.get_by_label("Text").fill("what was typed")
    trouble = page.get_by_role("alert").filter(has_text=said)
    expect(trouble).to_be_in_viewport()
    expect(trouble).to_have_id("trouble")
    assert page.locator("main form").inner_html() == before
    expect(page.get_by_label("Text")).to_have_value("what was typed")
    expect(page.get_by_text("swapped in")).to_have_count(0)

    page.unroute("**/send/parts")
    page.get_by_label("Text").fill("once more")
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("#parts")).to_contain_text("9 characters")


def test_whoever_is_signed_out_meanwhile_signs_in_and_comes_back(open_page, panel: Panel) -> None:
    page = open_page("status of 401")
    _to_the_send_page(page, panel)
    page.context.clear_cookies()
    page.get_by_label("Text").fill("what was typed")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_label("Text")).to_have_count(0)
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Send a message")).to_be_visible()
    assert page.url == f"{panel.url}send"


def _to_the_send_page(page: Page, panel: Panel) -> None:
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/new")
    page.get_by_label("Gateway name").fill("Some provider")
    page.get_by_label("API URL").fill(f"{panel.provider.url}/v1/send")
    page.get_by_label("Body parameters").fill("destination={{recipient}}\ntext={{message}}")
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.locator("#says")).to_contain_text("was saved")
    page.goto(f"{panel.url}send")
