"""The chooser: a provider is found by any of its words, and there is a way for every other one."""

import pytest

from tests.pages import Page, words_of
from tests.views.test_gateway_settings import FRAGMENT
from webpanel import presets

OWN = """
name = "School relay"
keywords = ["dinner bell"]
documentation = "https://sms.school.example/docs"
checked = 2026-01-01
evidence = ["M"]
verified = false

[settings]
url = "https://sms.school.example/send"
body_form = '''
to={{recipient}}
text={{message}}
'''
"""


@pytest.fixture
def own(app):
    """Writes a provider's file of the institution's own."""
    folder = app.extensions["webpanel"].config.instance / "presets"

    def write(name: str, text: str) -> None:
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    return write


def offered(page: Page) -> list[str]:
    links = page.by_id("providers").iter("a")
    return [each.get("href", "") for each in links if "/add/provider/" in each.get("href", "")]


def test_the_gateways_page_leads_to_the_chooser(administrator):
    page = administrator.page("/gateways/")
    [link] = [a for a in page.all("a") if "Add the first gateway" in words_of(a)]
    assert link.get("href") == "/gateways/add"


def test_every_provider_is_offered_and_leads_to_its_page(administrator):
    page = administrator.page("/gateways/add")
    known = presets.catalogue(None).presets
    assert offered(page) == [f"/gateways/add/provider/{preset.id}" for preset in known]
    for path in offered(page):
        provider = administrator.page(path)
        assert provider.heading.startswith("New gateway: ")


def test_the_other_ways_are_offered(administrator):
    page = administrator.page("/gateways/add")
    ways = [a.get("href") for a in page.all("a") if "way" in a.get("class", "").split()]
    assert ways == ["/gateways/add/paste", "/gateways/import", "/gateways/new"]


@pytest.mark.parametrize("headers", [FRAGMENT, {}], ids=["fragment", "page"])
def test_a_search_finds_a_provider_by_its_words(administrator, own, headers):
    own("relay.toml", OWN)
    for words in ("relay", "SCHOOL", "bell dinner"):
        response = administrator.get("/gateways/add", query_string={"q": words}, headers=headers)
        assert offered(Page(response.text)) == ["/gateways/add/provider/relay"], words


@pytest.mark.parametrize("headers", [FRAGMENT, {}], ids=["fragment", "page"])
def test_what_is_not_found_has_another_way(administrator, headers):
    response = administrator.get("/gateways/add", query_string={"q": "<b>nobody"}, headers=headers)
    none = Page(response.text).by_id("providers")
    assert "No provider here is called “<b>nobody”." in words_of(none)
    assert [a.get("href") for a in none.iter("a")] == ["/gateways/add/paste", "/gateways/new"]


def test_a_file_of_one_s_own_is_marked(administrator, own):
    own("relay.toml", OWN)
    entry = next(a for a in administrator.page("/gateways/add").all("a") if "relay" in a.get("href", ""))
    assert words_of(entry) == "School relay your own file needs a test"


def test_a_broken_file_is_told_with_its_line_and_breaks_nothing(administrator, own):
    own("relay.toml", OWN)
    own("broken.toml", 'name = "Broken"\nchecked = = 1\n')
    page = administrator.page("/gateways/add")
    assert "broken.toml" in page.alert
    assert "ine 2" in page.alert
    assert "/gateways/add/provider/relay" in offered(page)


def test_what_is_no_provider_is_no_page(administrator):
    for name in ("nobody", "..%2Fsecrets", "twilio.toml"):
        assert administrator.get(f"/gateways/add/provider/{name}").status_code == 404
