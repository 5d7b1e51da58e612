"""What a script does for whoever writes a gateway's settings."""

import pytest
from playwright.sync_api import expect

from tests.browser.panel import Panel

BODY = '{"to": "", "text": "Hi NAME"}'


@pytest.mark.parametrize(
    ("selected", "name", "after"),
    [
        ((8, 8), "recipient", '{"to": "{{recipient}}", "text": "Hi NAME"}'),
        ((20, 27), "message", '{"to": "", "text": "{{message}}"}'),
        ((0, 0), "message", "{{message}}" + BODY),
        ((len(BODY), len(BODY)), "recipient", BODY + "{{recipient}}"),
    ],
)
def test_a_placeholder_goes_where_the_cursor_stands(
    open_page, panel: Panel, selected: tuple[int, int], name: str, after: str
) -> None:
    page = open_page()
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/new")
    page.get_by_label("Request body format").select_option("json")
    editor = page.get_by_label("JSON body", exact=True)
    editor.fill(BODY)
    editor.evaluate("(field, [start, end]) => field.setSelectionRange(start, end)", list(selected))
    placeholder = f"{{{{{name}}}}}"
    page.locator("#json-editor").get_by_role("button", name=f"Insert {placeholder}").click()
    expect(editor).to_have_value(after)
    expect(editor).to_be_focused()
    # One goes on typing behind it.
    page.keyboard.type("!")
    expect(editor).to_have_value(after.replace(placeholder, placeholder + "!"))


def test_enter_in_the_tests_number_runs_the_test_and_saves_nothing(open_page, panel: Panel) -> None:
    page = open_page()
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/new")
    page.get_by_label("Gateway name").fill("Some provider")
    page.get_by_label("API URL").fill(f"{panel.provider.url}/v1/send")
    page.get_by_label("Body parameters").fill("destination={{recipient}}\ntext={{message}}")
    page.get_by_label("Success condition", exact=True).fill('{"sent": true}')
    page.get_by_label("Test message").fill("by the Enter key")
    number = page.get_by_label("Test recipient number")
    number.fill("07911 123456")
    before = len(panel.provider.messages())
    number.press("Enter")
    expect(page.get_by_role("heading", name="Test successful")).to_be_visible()
    assert [each["text"] for each in panel.provider.messages()[before:]] == ["by the Enter key"]
    assert page.url == f"{panel.url}gateways/new"
    page.goto(f"{panel.url}gateways/")
    expect(page.get_by_text("No gateway yet")).to_be_visible()
