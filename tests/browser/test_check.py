"""The check before saving, as somebody types: found, mended, and nothing that should stay here leaves."""

from playwright.sync_api import Page, Request, expect

from tests.browser.panel import Panel

SECRET = "kept-in-the-browser"  # noqa: S105 - of nobody
UNQUOTED = '{"to": "{{recipient}}", "text": {{message}}}'
QUOTED = '{"to": "{{recipient}}", "text": "{{message}}"}'

#: Where a thing stands in the window.
PLACE = "thing => thing.getBoundingClientRect().top"


def new_gateway(open_page, panel: Panel, **options) -> Page:
    page = open_page(**options)
    panel.create_administrator(page)
    page.goto(f"{panel.url}gateways/new")
    return page


def fill(page: Page, body: str) -> None:
    page.get_by_label("Gateway name").fill("Some provider")
    page.get_by_label("API URL").fill("https://api.someprovider.com/v1/send")
    page.get_by_label("Request body format").select_option("json")
    page.get_by_label("JSON body", exact=True).fill(body)


def test_what_is_typed_wrong_is_found_and_mended_with_one_click(open_page, panel: Panel) -> None:
    page = new_gateway(open_page, panel)
    check = page.locator("#check")
    expect(check).to_contain_text("As soon as something is typed")
    fill(page, UNQUOTED)
    expect(check).to_contain_text("{{message}} needs double quotation marks around it")
    expect(check.get_by_role("status")).to_have_text("One thing must be mended.")
    page.locator("details.more:has(#failure_rule) > summary").click()
    check.get_by_role("button", name="Put quotation marks around it").click()
    expect(page.get_by_label("JSON body", exact=True)).to_have_value(QUOTED)
    expect(check.get_by_role("status")).to_have_text("Nothing found.")
    # The keyboard goes on from there, and what was folded open stays open.
    expect(page.locator("#check-counted")).to_be_focused()
    expect(page.locator("#failure_rule")).to_be_visible()
    # What was typed elsewhere is still there, and the check goes on.
    expect(page.get_by_label("Gateway name")).to_have_value("Some provider")
    page.get_by_label("JSON body", exact=True).fill(UNQUOTED)
    expect(check).to_contain_text("needs double quotation marks")


def test_no_secret_leaves_with_the_check(open_page, panel: Panel) -> None:
    page = new_gateway(open_page, panel)
    bodies: list[str] = []

    def keep(request: Request) -> None:
        if request.url.endswith("/check"):
            bodies.append(request.post_data or "")

    page.on("request", keep)
    fill(page, '{"to": "{{recipient}}", "text": "{{message}}", "key": "{{secret.own}}"}')
    said = page.locator("#check").get_by_role("status")
    expect(said).to_have_text("One thing must be mended.")
    page.locator("details.more:has(#auth_kind) > summary").click()
    page.get_by_label("Authentication", exact=True).select_option("bearer")
    page.get_by_label("Token", exact=True).fill(SECRET)
    page.locator("details.more:has(#new_secret_name) > summary").click()
    page.locator("#new_secret_name").fill("own")
    page.locator("#new_secret_value").fill(SECRET)
    # Its name is enough for it to count as there.
    expect(said).to_have_text("Nothing found.")
    assert bodies
    assert not [body for body in bodies if "browser" in body]
    assert any("typed_secret=auth_token" in body and "typed_secret=own" in body for body in bodies)


def test_the_save_button_stays_where_it_is_while_somebody_types(open_page, panel: Panel) -> None:
    page = new_gateway(open_page, panel)
    fill(page, QUOTED)
    check, save = page.locator("#check"), page.get_by_role("button", name="Save gateway").last
    expect(check.get_by_role("status")).to_have_text("Nothing found.")
    before = save.evaluate(PLACE)
    for typed, said in (
        ("User-Agent: Mozilla/5.0\nAuthorization: Bearer 1234567", "worth a look"),
        ("Key=1\nUser-Agent: Mozilla/5.0", "must be mended"),
        ("", "Nothing found"),
    ):
        page.get_by_label("HTTP Headers").fill(typed)
        expect(check.get_by_role("status")).to_contain_text(said)
        expect(page.get_by_label("HTTP Headers")).to_be_focused()
        assert save.evaluate(PLACE) == before
