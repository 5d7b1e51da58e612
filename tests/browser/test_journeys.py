"""From nothing to a sent message, as an administrator would, with scripts and without them."""

from datetime import datetime, timedelta, timezone

from playwright.sync_api import Page, expect

from tests.browser.panel import Panel

TEXT = 'Código: 123456 "ok" & 50%'


def _describe_generic_example(page: Page, panel: Panel) -> None:
    """The example of "Your first gateway", typed by hand and pointed at the demonstration provider."""
    page.get_by_label("Gateway name").fill("Some provider")
    page.get_by_label("API URL").fill(f"{panel.provider.url}/v1/send")
    page.get_by_label("HTTP Headers").fill("X-API-Key: xyz123")
    page.get_by_label("Body parameters").fill("destination={{recipient}}\ntext={{message}}")
    page.get_by_label("Success condition", exact=True).fill('{"sent": true}')
    page.get_by_label("Test recipient number").fill("07911 123456")
    page.get_by_label("Test message").fill(TEXT)


def test_from_the_first_link_to_a_sent_message(open_page, panel):
    page = open_page()
    panel.create_administrator(page)

    page.get_by_role("link", name="Add the first gateway").click()
    page.get_by_role("link", name="Start with an empty form").click()
    _describe_generic_example(page, panel)

    page.get_by_label("Request type").select_option("GET")
    expect(page.get_by_label("Body parameters")).to_be_hidden()
    expect(page.get_by_label("Request body format")).to_be_hidden()
    page.get_by_label("Request type").select_option("POST")
    expect(page.get_by_label("Body parameters")).to_be_visible()
    expect(page.get_by_label("Body parameters")).to_have_value("destination={{recipient}}\ntext={{message}}")

    for mode, title, reason in (
        ("accept", "Test successful", ""),
        ("refuse400", "Test failed", "400"),
        ("error200", "Test failed", "success condition"),
    ):
        panel.provider.set_mode(mode)
        before = len(panel.provider.messages())
        page.get_by_role("button", name="Run test").click()
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        expect(page.locator("#trial")).to_contain_text(reason)
        expect(page.get_by_role("button", name="Run test")).to_be_enabled()
        assert len(panel.provider.messages()) == before + 1
        assert panel.provider.messages()[-1]["text"] == TEXT
    page.get_by_text("Request sent").click()
    expect(page.locator("#panel-request")).to_contain_text("destination=447911123456")
    expect(page.locator("#trial")).not_to_contain_text("xyz123")
    panel.provider.set_mode("accept")

    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.locator("#says")).to_contain_text("was saved")

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Send").click()
    page.get_by_label("Number").fill("+44 (0)7911 123456")
    page.get_by_label("Text").fill(TEXT)
    expect(page.locator("#parts")).to_contain_text("1")
    page.get_by_role("main").get_by_role("button", name="Send").click()
    expect(page.locator(".state").first).to_have_text("Sent")
    arrived = panel.provider.messages()[-1]
    assert (arrived["recipient"], arrived["text"]) == ("447911123456", TEXT)
    assert ["X-API-Key", "xyz123"] in [list(pair) for pair in arrived["headers"]]


def test_a_message_that_waits_becomes_sent_before_ones_eyes(open_page, panel):
    page = open_page(timezone_id="Asia/Kolkata")
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/new")
    _describe_generic_example(page, panel)
    page.get_by_role("button", name="Save gateway").last.click()

    panel.provider.set_mode("slow", seconds=2)
    page.goto(f"{panel.url}send")
    page.get_by_label("Number").fill("07911 123456")
    page.get_by_label("Text").fill("ten minutes late")
    page.get_by_role("main").get_by_role("button", name="Send").click()
    expect(page.locator(".state").first).to_have_text("Sending")
    expect(page.locator(".state").first).to_have_text("Sent")
    step = page.locator(".steps-told time").last
    at = datetime.fromisoformat(step.get_attribute("datetime")).astimezone(timezone(timedelta(hours=5.5)))
    expect(step).to_have_text(f"{at:%Y-%m-%d %H:%M:%S}")
    expect(step).to_have_attribute("title", f"{at:%Y-%m-%d %H:%M:%S} UTC+05:30")


def test_all_of_it_without_scripts(open_page, panel):
    page = open_page(java_script_enabled=False)
    panel.create_administrator(page)
    page.get_by_role("link", name="Add the first gateway").click()
    page.get_by_role("link", name="Start with an empty form").click()
    page.get_by_label("Request type").select_option("GET")
    page.get_by_role("button", name="Show the fields for this type").click()
    expect(page.get_by_label("Body parameters")).to_be_hidden()
    page.get_by_label("Request type").select_option("POST")
    page.get_by_role("button", name="Show the fields for this type").click()
    _describe_generic_example(page, panel)

    page.get_by_role("button", name="Run test").click()
    expect(page.get_by_role("heading", name="Test successful")).to_be_visible()
    expect(page.get_by_label("Gateway name")).to_have_value("Some provider")

    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.locator("#says")).to_contain_text("was saved")
    page.goto(f"{panel.url}send")
    page.get_by_label("Number").fill("07911 123456")
    page.get_by_label("Text").fill(TEXT)
    page.get_by_role("main").get_by_role("button", name="Send").click()
    for _ in range(200):
        if page.locator(".state").first.inner_text() == "Sent":
            break
        page.reload()
    expect(page.locator(".state").first).to_have_text("Sent")
    assert panel.provider.messages()[-1]["text"] == TEXT


def test_an_invalid_form_keeps_what_was_typed(open_page, panel):
    page = open_page()
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/new")
    _describe_generic_example(page, panel)
    page.get_by_label("HTTP Headers").fill("X-API-Key=xyz123")
    page.get_by_label("Body parameters").fill("destination={{recipient}}\ntext={{Message}}")
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.locator("#headers-error")).to_contain_text("line 1", ignore_case=True)
    expect(page.locator("#body_form-error")).to_contain_text("{{message}}")
    expect(page.get_by_label("HTTP Headers")).to_have_value("X-API-Key=xyz123")
    expect(page.get_by_label("Gateway name")).to_have_value("Some provider")
