"""A real Chromium before a real panel, with everything that the browser complains of failing the test."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests import provider as demonstration
from tests.browser.chromium import launched
from tests.browser.panel import Panel, started

#: Chromium reports each of these replies as an error on its console; our pages answer with them on purpose.
EXPECTED = ("status of 422", "status of 429")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = launched(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def provider() -> Iterator[demonstration.Provider]:
    with demonstration.running() as running:
        yield running


@pytest.fixture
def panel(tmp_path, provider) -> Iterator[Panel]:
    provider.set_mode("accept")
    with started(tmp_path, provider) as running:
        yield running


@pytest.fixture
def open_page(browser, panel) -> Iterator[Callable[..., Page]]:  # noqa: ARG001 - no page outlives its panel
    """Opens a page in a browser of its own; fails the test for what Chromium complains of meanwhile."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []
    expected = list(EXPECTED)

    def complain(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(text in message.text for text in expected):
            complaints.append(f"{message.type}: {message.text} ({message.location})")

    def new_page(*also_expected: str, **options) -> Page:
        expected.extend(also_expected)
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        return page

    yield new_page
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)
