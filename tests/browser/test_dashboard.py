"""The dashboard before one's eyes: it goes on by itself, and leaves the reader's hands alone."""

import sqlite3
from contextlib import closing

from playwright.sync_api import Page, expect

from tests.browser.looks import faults
from tests.browser.panel import Panel
from tests.browser.test_looks import add_gateway
from tests.figures.rows import ago

#: More than the seconds between two looks of the page.
LOOK = 15_000


def send(page: Page, panel: Panel, text: str) -> None:
    page.goto(f"{panel.url}send")
    page.get_by_label("Number").fill("07911 123456")
    page.get_by_label("Text").fill(text)
    page.get_by_role("main").get_by_role("button", name="Send").click()
    expect(page.locator(".state").first).to_be_visible()


def change(panel: Panel, statement: str, *values: object) -> None:
    """What somebody else did meanwhile, as it stands in the database then."""
    with closing(sqlite3.connect(panel.server.instance / "webpanel.sqlite", timeout=30)) as connection:
        connection.execute(statement, values)
        connection.commit()


def test_a_message_appears_and_an_open_table_stays_open(open_page, panel: Panel) -> None:
    page = open_page()
    panel.create_administrator(page)
    add_gateway(page, panel)
    send(page, panel, "the first")
    page.goto(panel.url)
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
    fold = page.locator("#figures-day summary")
    fold.click()
    row = page.locator("#plot-day tbody tr").last
    expect(row).to_be_visible()
    expect(row.locator("td").last).to_have_text("1")
    fold.focus()
    page.evaluate("document.getElementById('dashboard').dataset.looked = 'yes'; scrollTo(0, 200)")
    other = page.context.new_page()
    send(other, panel, "the second")
    other.close()
    expect(page.locator("#glance-day")).to_contain_text("2 messages", timeout=LOOK)
    expect(row.locator("td").last).to_have_text("2")
    expect(row).to_be_visible()
    expect(fold).to_be_focused()
    assert page.evaluate("scrollY") == 200


def test_the_banner_comes_and_goes_with_a_gateway_that_stops(open_page, panel: Panel) -> None:
    page = open_page()
    panel.create_administrator(page)
    add_gateway(page, panel)
    page.goto(f"{panel.url}dashboard")
    expect(page.locator("#doing-1")).to_contain_text("on")
    expect(page.locator("#needs")).to_have_count(0)
    # The account is empty: the next message is refused, and that is not the message's fault.
    rule = "UPDATE gateway SET failure_kind = 'text', failure_rule = ?, failure_fault = 'gateway'"
    change(panel, rule, "no credit")
    panel.provider.set_mode("error200")
    other = page.context.new_page()
    send(other, panel, "a code")
    expect(page.locator("#needs")).to_contain_text("The gateway “Some provider” is stopped", timeout=LOOK)
    expect(page.locator("#doing-1")).to_contain_text("stopped")
    page.bring_to_front()
    found = faults(page, "dashboard with a stopped gateway")
    other.goto(f"{panel.url}messages")
    expect(other.locator("#needs")).to_contain_text("is stopped")
    panel.provider.set_mode("accept")
    other.goto(f"{panel.url}gateways/")
    other.get_by_role("button", name="Resume").click()
    expect(page.locator("#needs")).to_have_count(0, timeout=LOOK)
    expect(page.locator("#doing-1")).to_contain_text("on")
    expect(page.locator("#glance-day")).to_contain_text("1 of them (100%) accepted", timeout=LOOK)
    other.goto(f"{panel.url}messages")
    expect(other.locator("#needs")).to_have_count(0)
    other.close()
    assert not found, "\n".join(found)


def test_without_scripts_it_is_a_page_like_others(open_page, panel: Panel) -> None:
    page = open_page(java_script_enabled=False)
    panel.create_administrator(page)
    add_gateway_without_scripts(page, panel)
    send(page, panel, "one")
    page.goto(panel.url)
    expect(page.locator("#plot-day tbody tr").last).to_be_hidden()
    page.locator("#figures-day summary").click()
    expect(page.locator("#plot-day tbody tr").last).to_be_visible()


def add_gateway_without_scripts(page: Page, panel: Panel) -> None:
    page.goto(f"{panel.url}gateways/new")
    page.get_by_label("Gateway name").fill("Some provider")
    page.get_by_label("API URL").fill(f"{panel.provider.url}/v1/send")
    page.get_by_label("Body parameters").fill("destination={{recipient}}\ntext={{message}}")
    page.get_by_label("Success condition", exact=True).fill('{"sent": true}')
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.locator("#says")).to_contain_text("was saved")


def test_a_hidden_page_asks_for_nothing(open_page, panel: Panel) -> None:
    page = open_page()
    panel.create_administrator(page)
    add_gateway(page, panel)
    page.goto(f"{panel.url}dashboard")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    hide = """hidden => {
        Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
        window.turns = 0;
        document.getElementById("dashboard").addEventListener("every", () => window.turns += 1);
    }"""
    page.evaluate(hide, True)
    page.wait_for_function("() => turns >= 2", timeout=LOOK)
    assert [url for url in asked if "/dashboard" in url] == []
    page.evaluate(hide, False)
    with page.expect_request("**/dashboard?seen=*", timeout=LOOK):
        pass


def test_how_it_looks(open_page, panel: Panel) -> None:
    page = open_page()
    panel.create_administrator(page)
    page.goto(f"{panel.url}dashboard")
    found = faults(page, "empty dashboard")
    add_gateway(page, panel, "Some provider")
    add_gateway(page, panel, "Another one with quite a long name that somebody gave it")
    for mode in ("accept", "refuse400", "later429"):
        panel.provider.set_mode(mode)
        send(page, panel, mode)
    past = round(ago(minutes=20).timestamp() * 1000)
    change(panel, "UPDATE gateway SET failing_since = ? WHERE id = 2", past)
    change(panel, "UPDATE message SET state = 'unknown' WHERE state = 'failed'")
    page.goto(f"{panel.url}dashboard")
    for name in ("day", "month"):
        page.locator(f"#figures-{name} summary").click()
    expect(page.locator("#needs p")).to_have_count(2)
    found += faults(page, "full dashboard, tables open")
    assert not found, "\n".join(found)


def test_a_gateway_dies_and_another_one_takes_over(open_page, panel: Panel) -> None:
    page = open_page()
    panel.create_administrator(page)
    add_gateway(page, panel, "First")
    add_gateway(page, panel, "Second")
    # Its host answers no more, and that is known before a byte is sent.
    change(panel, "UPDATE gateway SET url = 'http://127.0.0.1:9/send', next_gateway = 'Second' WHERE id = 1")
    page.goto(f"{panel.url}dashboard")
    expect(page.locator("#doing-1 .state")).to_have_text("on")
    other = page.context.new_page()
    for number in range(5):
        send(other, panel, f"code {number}")
        expect(other.locator(".state").first).to_have_text("Sent")
    expect(other.locator(".steps-told")).to_contain_text("Second")
    expect(page.locator("#doing-1 .state")).to_have_text("paused after failures", timeout=LOOK)
    expect(page.locator("#doing-2 .state")).to_have_text("on")
    expect(page.locator("#glance-day")).to_contain_text("5 of them (100%) accepted", timeout=LOOK)
    expect(page.locator("#needs")).to_have_count(0)
    past = round(ago(minutes=6).timestamp() * 1000)
    change(panel, "UPDATE gateway SET failing_since = ? WHERE id = 1", past)
    expect(page.locator("#needs")).to_contain_text("“First” is paused after failures", timeout=LOOK)
    page.goto(f"{panel.url}messages")
    expect(page.locator("#needs")).to_contain_text("“First” is paused after failures")
    other.close()
