"""Rules by clicking on a reply: with a pointer, by keyboard, on a telephone, and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import looks
from tests.browser.panel import Panel


def run_test(page: Page, panel: Panel, *, text: str = "Hello") -> None:
    """A new gateway without rules, tested against the demonstration provider."""
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/new")
    page.get_by_label("Gateway name").fill("Some provider")
    page.get_by_label("API URL").fill(f"{panel.provider.url}/v1/send")
    page.get_by_label("Body parameters").fill("destination={{recipient}}\ntext={{message}}")
    page.get_by_label("Test recipient number").fill("07911 123456")
    page.get_by_label("Test message").fill(text)
    page.get_by_role("button", name="Run test").click()
    expect(page.get_by_role("heading", name="Test successful")).to_be_visible()


def test_true_means_accepted(open_page, panel):
    page = open_page()
    run_test(page, panel, text="Hello once")
    page.get_by_label("Gateway name").fill("Typed meanwhile")
    page.get_by_role("button", name='"sent" true').click()
    expect(page.locator("#picked-said")).to_contain_text("Success condition: result.sent is true")
    expect(page.locator("#success_rule-said")).to_have_text("result.sent is true")
    expect(page.get_by_label("Success condition", exact=True)).to_have_value("result.sent == `true`")
    expect(page.get_by_role("heading", name="Test successful")).to_be_visible()
    expect(page.locator("#trial")).to_contain_text("not saved yet")
    expect(page.locator("#trial-said")).to_have_text(
        "Success condition: result.sent is true. Test successful."
    )
    expect(page.get_by_label("Gateway name")).to_have_value("Typed meanwhile")
    assert looks.faults(page, "a value was clicked on", "#trial") == []

    # The sentence follows what is typed.
    page.get_by_label("Success condition", exact=True).fill("result.sent")
    expect(page.locator("#success_rule-said")).to_contain_text("result.sent is there")

    page.get_by_text("means failed").click()
    page.get_by_role("button", name='"sent" true').click()
    expect(page.get_by_role("heading", name="Test failed")).to_be_visible()
    expect(page.get_by_label("Failure condition", exact=True)).to_have_value("result.sent == `true`")
    assert [each["text"] for each in panel.provider.messages()].count("Hello once") == 1


def test_by_keyboard(open_page, panel):
    page = open_page()
    run_test(page, panel)
    page.get_by_role("radio", name="means accepted").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="is the message id")).to_be_checked()
    page.keyboard.press("Tab")
    focused = "document.activeElement.textContent"
    for _step in range(20):
        if page.evaluate(focused).startswith('"demo'):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#picked-said")).to_contain_text("In this reply it is:")
    # One can go on from where one stands.
    assert page.evaluate("document.activeElement.name") == "pick"
    expect(page.get_by_role("radio", name="is the message id")).to_be_checked()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_on_a_telephone(open_page, panel, scripts):
    page = open_page(viewport={"width": 390, "height": 800}, has_touch=True, java_script_enabled=scripts)
    panel.provider.set_mode("error200")
    run_test(page, panel)
    page.get_by_text("means failed").tap()
    page.get_by_role("button", name='"sent" false').tap()
    expect(page.get_by_role("heading", name="Test failed")).to_be_visible()
    expect(page.get_by_label("Failure condition", exact=True)).to_have_value("result.sent == `false`")
    page.get_by_text("is the reason").tap()
    page.get_by_role("button", name="no credit").tap()
    expect(page.locator("#trial")).to_contain_text("In this reply it is: The account has no credit left.")
    expect(page.get_by_label("Gateway name")).to_have_value("Some provider")
