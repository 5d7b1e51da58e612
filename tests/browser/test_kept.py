"""Break a rule, and be warned by the replies that are kept."""

from playwright.sync_api import Locator, Page, expect

from tests.browser import looks
from tests.browser.panel import Panel


def fill_in(page: Page, panel: Panel) -> Locator:
    """A new gateway with a number and a text to test; returns its success condition."""
    page.goto(f"{panel.url}gateways/new")
    page.get_by_label("Gateway name").fill("Some provider")
    page.get_by_label("API URL").fill(f"{panel.provider.url}/v1/send")
    page.get_by_label("Body parameters").fill("destination={{recipient}}\ntext={{message}}")
    rule = page.get_by_label("Success condition", exact=True)
    rule.fill('"sent": true')
    page.get_by_label("Test recipient number").fill("07911 123456")
    page.get_by_label("Test message").fill("an example")
    return rule


def test_a_broken_rule_is_warned_of_by_the_replies_that_are_kept(open_page, panel: Panel) -> None:
    page = open_page("status of 409")
    panel.create_administrator(page)
    rule = fill_in(page, panel)
    page.get_by_role("button", name="Run test").click()
    keep = page.get_by_role("group", name="Keep this reply")
    keep.get_by_role("button", name="accepted").click()
    expect(keep.get_by_role("status")).to_contain_text("It is kept as “accepted” when you save the gateway.")
    kept = page.get_by_role("group", name="Kept replies")
    expect(kept).to_contain_text("kept when saved")
    expect(kept).to_contain_text("the rules agree")
    assert looks.faults(page, "to be kept", "#kept, #keep") == []
    kept.get_by_role("button", name="Do not keep it").click()
    expect(kept).to_contain_text("It will not be kept.")
    expect(keep.get_by_role("status")).to_be_empty()
    keep.get_by_role("button", name="accepted").click()
    expect(kept).to_contain_text("kept when saved")

    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.get_by_role("status").filter(has_text="was saved")).to_be_visible()
    expect(kept).to_contain_text("Kept by Ada")
    saved = page.url

    # Told while it is typed, with nothing lost of it.
    rule.press("End")
    rule.press_sequentially(" and delivered")
    expect(kept).to_contain_text("the rules say otherwise")
    expect(kept).to_contain_text("No real message was sent yet")
    expect(rule).to_have_value('"sent": true and delivered')
    expect(rule).to_be_focused()
    # And again, where the part of the page has been replaced.
    rule.fill('"sent": true')
    expect(kept).to_contain_text("the rules agree")
    rule.fill("delivered")
    expect(kept).to_contain_text("the rules say otherwise")
    assert looks.faults(page, "contradicted", "#kept") == []

    page.get_by_role("button", name="Save gateway").last.click()
    warning = page.get_by_role("alert").filter(has_text="Not saved yet")
    expect(warning).to_contain_text("contradict a reply that is kept as an example")
    expect(rule).to_have_value("delivered")
    assert looks.faults(page, "asked", "#gateway-form > .alert") == []
    rule.fill('"sent": true')
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.get_by_role("status").filter(has_text="was saved")).to_be_visible()

    rule.fill("delivered")
    page.get_by_role("button", name="Save gateway").last.click()
    warning.get_by_role("button", name="Save all the same").click()
    expect(page.get_by_role("status").filter(has_text="was saved")).to_be_visible()
    page.goto(saved)
    expect(rule).to_have_value("delivered")
    expect(kept).to_contain_text("the rules say otherwise")
