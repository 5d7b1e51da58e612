"""An institution's own provider file is shown as text, and no address leads out of its folder."""

import json

import pytest

from webpanel.services import services

MARKUP = '"><script>alert(1)</script>{{7*7}}'
ANSWERS = {
    "name": "Hostile",
    "answer-q": "a",
    "secret-s": "abcdefgh1",
    "test_recipient": "+447911123456",
    "test_text": "Hi",
}
FILE = """
name = MARKUP
checked = 2026-11-23
documentation = "LINK"
evidence = ["M"]
keywords = [MARKUP]
notes = [MARKUP]
[[questions]]
id = "q"
label = MARKUP
help = MARKUP
where = MARKUP
kind = "choice"
choices = { a = MARKUP }
[[questions]]
id = "s"
label = MARKUP
secret = true
[settings]
url = "https://a.example/"
headers = "X-Key: {{secret.k}}"
body_form = '''
to={{recipient}}
text={{message}}
q={{ask.q}}
'''
success_kind = "text"
success_rule = MARKUP
[secrets]
k = "{{ask.s}}"
[[replies]]
means = "failed"
title = MARKUP
body = "<script>alert(2)</script>"
"""


@pytest.fixture
def own(app):
    """The folder of the institution's own files."""
    with app.app_context():
        folder = services().config.instance / "presets"
    folder.mkdir()
    return folder


def file(link: str = "https://a.example/") -> str:
    return FILE.replace("LINK", link).replace("MARKUP", json.dumps(MARKUP))


def test_every_text_of_it_is_text(own, administrator):
    (own / "hostile.toml").write_text(file())
    where = "/gateways/add/provider/hostile"
    pages = [administrator.get("/gateways/add?q=alert"), administrator.get(where)]
    pages += [administrator.post(where + action, data=ANSWERS) for action in ("/all", "/preview")]
    saved = administrator.post(where, data=ANSWERS)
    assert saved.status_code == 302
    pages.append(administrator.get(saved.location))
    (own / "hostile.toml").write_text(file().replace("q={{ask.q}}", "Q={{ask.q}}<script>"))
    pages.append(administrator.get(saved.location))
    for page in pages:
        assert page.status_code == 200
        assert "alert(" in page.text
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text
    assert "&lt;script&gt;" in pages[-1].text


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "https://a.example/' onclick='x", "//a"]
)
def test_a_link_leads_to_a_web_page_or_the_file_is_refused(own, administrator, link):
    (own / "hostile.toml").write_text(file(link))
    page = administrator.get("/gateways/add")
    assert "hostile.toml" in page.text
    assert link not in page.text
    assert administrator.get("/gateways/add/provider/hostile").status_code == 404


@pytest.mark.parametrize(
    "name",
    ["../beside", "..%2fbeside", "%2e%2e%2fbeside", "..", "twilio%00", "twilio.toml", "TWILIO", "a" * 5000],
)
def test_no_address_leads_out_of_the_folder(own, administrator, name):
    (own.parent / "beside.toml").write_text(file())
    assert administrator.get(f"/gateways/add/provider/{name}").status_code == 404


def test_what_is_no_file_is_told_and_what_a_link_leads_to_is_not_shown(own, administrator):
    (own.parent / "beside").write_text("canary-4711 = canary-0815\ncanary-4711 canary-0815")
    (own / "linked.toml").symlink_to(own.parent / "beside")
    (own / "loop.toml").symlink_to(own / "loop.toml")
    (own / "zero.toml").symlink_to("/dev/zero")
    (own / "folder.toml").mkdir()
    (own / "<b>bold\n.toml").write_text("x")
    page = administrator.get("/gateways/add")
    assert page.status_code == 200
    for each in ("linked.toml", "loop.toml", "zero.toml", "folder.toml", "&lt;b&gt;bold"):
        assert each in page.text
    assert "canary" not in page.text
    assert "<b>bold" not in page.text
