"""Makes the pictures of the README's journey: an example is pasted, confirmed, tested and clicked on.

``python -m tests.browser.screenshot_paste docs`` writes ``paste-1.png`` to ``paste-4.png``; so does
``make screenshot``.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests import provider as demonstration
from tests.browser.chromium import launched
from tests.browser.panel import started

#: As tall as the page: what keeps to the window's edge stands where it belongs.
WIDTH, TALL = 860, 4000
#: Pixels around what a picture shows.
MARGIN = 12
#: A provider's documentation, copied out of a PDF: curly quotes, and dashes that are none.
EXAMPLE = (
    "$ curl -X POST “https://api.someprovider.com/v1/send” \\\n"
    "  -H “X-API-Key: xyz123” \\\n"
    "  -d “destination=447911123456” \\\n"
    "  -d “text=Hello World”"
).replace(" -", " \N{EN DASH}")


def main(folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as instance,
        demonstration.running() as provider,
        started(Path(instance), provider) as panel,
        sync_playwright() as playwright,
    ):
        browser = launched(playwright)
        page = browser.new_page(viewport={"width": WIDTH, "height": TALL})
        panel.create_administrator(page)
        page.goto(f"{panel.url}gateways/add/paste")
        page.get_by_label("The example").fill(EXAMPLE)
        page.get_by_label("The example").evaluate("field => field.rows = 5")
        heading = page.get_by_role("heading", level=1)
        picture(page, folder / "paste-1.png", heading, page.get_by_role("link", name="Cancel"))
        page.get_by_role("button", name="Read the example").click()
        expect(heading).to_have_text("What was understood")
        picture(page, folder / "paste-2.png", heading, page.get_by_role("link", name="Cancel"))
        page.get_by_role("button", name="Continue").click()
        headers, body = page.get_by_label("HTTP Headers"), page.locator("#body_form-help")
        picture(page, folder / "paste-3.png", headers, body)
        page.get_by_label("API URL").fill(f"{provider.url}/v1/send")
        page.get_by_label("Test recipient number").fill("07911 123456")
        page.get_by_label("Test message").fill("Tomorrow's first lesson is cancelled ✓")
        page.get_by_role("button", name="Run test").click()
        expect(page.get_by_role("heading", name="Test successful")).to_be_visible()
        page.locator("#reply button").get_by_text("true", exact=True).click()
        expect(page.get_by_label("Success condition", exact=True)).not_to_have_value("")
        picture(page, folder / "paste-4.png", page.locator("#trial"), page.locator("#trial"))
        browser.close()


def picture(page: Page, path: Path, first: Locator, last: Locator) -> None:
    """What stands from ``first`` to ``last``, as wide as the page."""
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    page.mouse.move(0, 0)
    top, bottom = first.bounding_box(), last.bounding_box()
    assert top
    assert bottom
    begin, end = top["y"] - MARGIN, bottom["y"] + bottom["height"] + MARGIN
    clip = {"x": 0, "y": begin, "width": WIDTH, "height": end - begin}
    page.screenshot(path=path, full_page=True, clip=clip)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
