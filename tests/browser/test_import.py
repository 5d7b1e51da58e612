"""From Moodle's configuration to a saved gateway, and from panel to panel in a file."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import looks
from tests.browser.panel import Panel

KEY = "canary-of-the-journey"


def configuration(panel: Panel) -> str:
    """A row of Moodle's table, with a query in its address that the plugin dropped."""
    config = {
        "api_url": f"{panel.provider.url}/v1/send?campaign=7",
        "request_type": "POST",
        "body_type": "form",
        "headers": f"X-API-Key: {KEY}",
        "query_parameters": "lang=en",
        "post_body_parameters": "destination={{recipient}}\r\ntext={{message}}",
        "success_condition": '{"sent": true}',
        "countrycode": "GB",
    }
    row = {"id": "3", "name": "From Moodle", "gateway": r"smsgateway_customapi\gateway", "enabled": "1"}
    other = {**row, "name": "Amazon", "gateway": r"smsgateway_aws\gateway", "config": "{}"}
    return json.dumps([{**row, "config": json.dumps(config)}, other])


def try_and_save(page: Page, panel: Panel) -> dict:
    page.get_by_label("Test recipient number").fill("07911 123456")
    page.get_by_label("Test message").fill("ten & five")
    page.get_by_role("button", name="Run test").click()
    expect(page.get_by_role("heading", name="Test successful")).to_be_visible()
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.get_by_role("status").filter(has_text="was saved")).to_be_visible()
    return panel.provider.messages()[-1]


def test_from_moodle_and_into_another_gateway_by_a_file(open_page, panel, tmp_path: Path):
    page = open_page()
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/add")
    page.get_by_role("link", name="Import a file").click()
    assert looks.faults(page, "the import page") == []

    page.get_by_label("paste its text").fill("name = 'no file of ours")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="Nothing was imported")).to_be_visible()

    page.get_by_label("paste its text").fill(configuration(panel))
    page.get_by_role("button", name="Look at it").click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("a configuration from Moodle with one gateway")
    expect(main).to_contain_text("“Amazon” was skipped")
    expect(main).to_contain_text("holds parameters of its own (campaign)")
    expect(main).to_contain_text("ignored the country code “GB”")
    expect(main).not_to_contain_text(KEY)
    assert looks.faults(page, "what Moodle's configuration holds") == []

    page.get_by_role("button", name="Open as a new gateway").click()
    expect(page.locator("#imported")).to_contain_text("not saved yet")
    expect(page.get_by_label("HTTP Headers")).to_have_value("X-API-Key: {{secret.api_key}}")
    assert KEY not in page.content()
    arrived = try_and_save(page, panel)
    assert arrived["target"].endswith("?campaign=7&lang=en")
    assert (arrived["recipient"], arrived["text"]) == ("447911123456", "ten & five")
    assert ["X-API-Key", KEY] in [list(pair) for pair in arrived["headers"]]

    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    assert download.value.suggested_filename == "From Moodle.toml"
    exported = tmp_path / "exported.toml"
    download.value.save_as(exported)
    assert KEY not in exported.read_text(encoding="utf-8")
    exported.write_text(exported.read_text(encoding="utf-8") + "timeout = 20\n", encoding="utf-8")

    page.goto(f"{panel.url}gateways/import")
    page.get_by_label("File", exact=True).set_input_files(exported)
    page.get_by_role("button", name="Look at it").click()
    row = page.get_by_role("row").filter(has_text="Time for the whole request")
    expect(row).to_contain_text("30")
    expect(row).to_contain_text("20")
    assert looks.faults(page, "a file over a gateway") == []
    page.get_by_role("button", name="Open as another gateway").click()
    page.locator("#imported").get_by_role("link", name="api_key").click()
    page.get_by_label("api_key", exact=True).fill("another-key")
    arrived = try_and_save(page, panel)
    assert ["X-API-Key", "another-key"] in [list(pair) for pair in arrived["headers"]]
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Gateways").click()
    expect(page.get_by_role("row").filter(has_text="From Moodle")).to_have_count(2)


def test_an_import_without_scripts(open_page, panel):
    page = open_page(java_script_enabled=False)
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/import")
    page.get_by_label("paste its text").fill(configuration(panel))
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Open as a new gateway").click()
    page.get_by_role("button", name="Save gateway").last.click()
    expect(page.get_by_role("status").filter(has_text="was saved")).to_be_visible()
