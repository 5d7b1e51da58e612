"""Makes the first picture of the README: the tester of a gateway, with the card of its result.

``python -m tests.browser.screenshot docs/tester.png``, or ``make screenshot``.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests import provider as demonstration
from tests.browser.chromium import launched
from tests.browser.panel import started


def main(picture: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        demonstration.running() as provider,
        started(Path(folder), provider) as panel,
        sync_playwright() as playwright,
    ):
        browser = launched(playwright)
        page = browser.new_page(viewport={"width": 1040, "height": 1000})
        panel.create_administrator(page)
        page.goto(f"{panel.url}gateways/new")
        page.get_by_label("Gateway name").fill("Some Provider")
        page.get_by_label("API URL").fill(f"{provider.url}/v1/send")
        page.get_by_label("HTTP Headers").fill("X-API-Key: xyz123")
        page.get_by_label("Body parameters").fill("destination={{recipient}}\ntext={{message}}")
        page.get_by_label("Success condition", exact=True).fill('{"sent": true}')
        page.get_by_label("Test recipient number").fill("07911 123456")
        page.get_by_label("Test message").fill("Tomorrow's first lesson is cancelled ✓")
        page.get_by_role("button", name="Run test").click()
        expect(page.get_by_role("heading", name="Test successful")).to_be_visible()
        page.evaluate("scrollTo(0, 0)")
        top = page.locator("#tester").bounding_box()
        bottom = page.locator("#trial").bounding_box()
        assert top
        assert bottom
        page.screenshot(
            path=picture,
            full_page=True,
            clip={
                "x": 0,
                "y": top["y"] - 12,
                "width": 1040,
                "height": bottom["y"] + bottom["height"] - top["y"] + 24,
            },
        )
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
