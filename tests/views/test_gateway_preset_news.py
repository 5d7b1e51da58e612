"""The provider on the settings page: what is known of it, and what a newer file of its would change."""

import pytest

from tests.pages import Page, words_of
from tests.views.test_gateway_provider import ANSWERS, TWILIO
from tests.views.test_gateway_settings import filled, hidden_value
from webpanel import presets
from webpanel.models import Gateway, KeptReply, db
from webpanel.presets import newer
from webpanel.wire.gateway import Gateway as Settings

OWN = """
name = "School relay"
documentation = "https://sms.school.example/docs"
checked = 2026-01-02
evidence = ["D"]
verified = false
notes = ["It rings the bell."]

[[questions]]
id = "route"
label = "Route"

[settings]
url = "https://sms.school.example/%(path)s/{{ask.route}}/send"
body_form = '''
to={{recipient}}
text={{message}}
'''
success_kind = "text"
success_rule = "%(success)s"
timeout = %(timeout)s
"""
OLD = {"path": "v1", "success": "OK", "timeout": "30"}
RELAY = "/gateways/add/provider/relay"


@pytest.fixture
def write(app):
    """Writes the institution's own file, in a version."""
    folder = app.extensions["webpanel"].config.instance / "presets"

    def version(**changes: str) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "relay.toml").write_text(OWN % {**OLD, **changes}, encoding="utf-8")

    return version


@pytest.fixture
def made(administrator, write):
    """The one gateway was made from the file's first version."""
    write()
    answers = {**ANSWERS, "name": "School relay", "answer-route": "a b"}
    assert administrator.post(RELAY, data=answers).status_code == 302


def told(page: Page) -> str:
    return words_of(page.by_id("provider"))


def shown(page: Page) -> dict[str, str]:
    """What a browser would send of the settings page."""
    values = {
        field.get("name"): field.get("value", "")
        for field in page.all("input")
        if field.get("type") not in ("checkbox", "submit")
    }
    values |= {area.get("name"): (area.text or "").removeprefix("\n") for area in page.all("textarea")}
    for select in page.all("select"):
        chosen = [option for option in select.iter("option") if option.get("selected") is not None]
        values[select.get("name")] = (chosen or list(select.iter("option")))[0].get("value")
    return {name: value for name, value in values.items() if name}


def test_a_gateway_without_a_provider_says_nothing_of_one(administrator):
    administrator.post("/gateways/new", data=filled())
    assert told(administrator.page("/gateways/1")) == ""


@pytest.mark.usefixtures("made")
def test_the_provider_stays_with_its_gateway(administrator):
    page = administrator.page("/gateways/1")
    assert "Provider: School relay" in told(page)
    assert "It rings the bell." in told(page)
    assert "newer version" not in told(page)
    [link] = list(page.by_id("provider").iter("a"))
    assert link.get("href") == "https://sms.school.example/docs"


@pytest.mark.usefixtures("made")
def test_it_asks_for_a_test_until_a_reply_was_accepted(administrator, app):
    assert "are not verified" in told(administrator.page("/gateways/1"))
    with app.app_context():
        gateway = db.session.get(Gateway, 1)
        reply = {
            "means": "accepted",
            "status": 200,
            "head": b"",
            "body": b"OK",
            "kept_at": gateway.created_at,
        }
        gateway.kept_replies.append(KeptReply(**reply))
        db.session.commit()
    # One that came with the file proves nothing.
    assert "are not verified" in told(administrator.page("/gateways/1"))
    with app.app_context():
        db.session.get(Gateway, 1).kept_replies[-1].kept_by = "ada"
        db.session.commit()
    assert "are not verified" not in told(administrator.page("/gateways/1"))


@pytest.mark.usefixtures("made")
def test_a_newer_file_is_told_and_changes_nothing(administrator, write):
    write(path="v2", success="QUEUED")
    page = administrator.page("/gateways/1")
    said = told(page)
    assert "The provider's file has a newer version" in said
    assert "API URL In the file before https://sms.school.example/v1/[Route]/send" in said
    assert "In the file now https://sms.school.example/v2/[Route]/send" in said
    assert "In this gateway https://sms.school.example/v1/a%20b/send" in said
    assert "Success condition In the file before OK In the file now QUEUED" in said
    assert page.by_id("url").get("value") == "https://sms.school.example/v1/a%20b/send"


@pytest.mark.usefixtures("made")
def test_it_can_be_put_into_the_form_and_saved(administrator, app, write):
    write(path="v2", success="QUEUED", timeout="20")
    typed = {**shown(administrator.page("/gateways/1")), "sender": "Dinner"}
    page = Page(administrator.post("/gateways/1/provider/put", data=typed).text)
    assert page.by_id("url").get("value") == "https://sms.school.example/v2/a%20b/send"
    assert page.by_id("success_rule").get("value") == "QUEUED"
    assert page.by_id("timeout").get("value") == "20"
    assert page.by_id("sender").get("value") == "Dinner"
    assert "not saved yet" in page.said[0]
    assert "newer version" not in told(page)
    with app.app_context():
        assert db.session.get(Gateway, 1).success_rule == "OK"

    assert administrator.post("/gateways/1", data=shown(page)).status_code == 302
    with app.app_context():
        assert db.session.get(Gateway, 1).success_rule == "QUEUED"
    assert "newer version" not in told(administrator.page("/gateways/1"))


@pytest.mark.usefixtures("made")
def test_it_can_be_declined_once_for_all(administrator, app, write):
    write(success="QUEUED")
    typed = {**shown(administrator.page("/gateways/1")), "sender": "Dinner"}
    page = Page(administrator.post("/gateways/1/provider/keep", data=typed).text)
    assert page.by_id("success_rule").get("value") == "OK"
    assert page.by_id("sender").get("value") == "Dinner"
    assert "newer version" not in told(page)
    assert "newer version" not in told(administrator.page("/gateways/1"))
    with app.app_context():
        assert db.session.get(Gateway, 1).success_rule == "OK"
    write(success="DONE")
    assert "In the file before QUEUED In the file now DONE" in told(administrator.page("/gateways/1"))


@pytest.mark.usefixtures("made")
def test_what_was_changed_by_hand_is_left_to_its_owner(administrator, write):
    write(path="v2")
    typed = shown(administrator.page("/gateways/1"))
    typed["url"] = "https://sms.school.example/another/way"
    page = Page(administrator.post("/gateways/1/provider/put", data=typed).text)
    assert page.by_id("url").get("value") == "https://sms.school.example/another/way"
    assert "API URL to be changed by hand" in told(page)


@pytest.mark.usefixtures("made")
def test_a_file_that_is_gone_says_nothing(administrator, app):
    (app.extensions["webpanel"].config.instance / "presets" / "relay.toml").unlink()
    page = administrator.page("/gateways/1")
    assert told(page) == ""
    assert hidden_value(page, "preset") == "relay"


def test_the_signature_is_offered_where_it_belongs(administrator):
    def kinds(page: Page) -> list[str]:
        return [option.get("value") for option in page.by_id("auth_kind").iter("option")]

    assert "mac" not in kinds(administrator.page("/gateways/new"))
    smsglobal = Page(
        administrator.post("/gateways/new/shape?part=auth", data=filled(preset="smsglobal-rest")).text
    )
    assert "mac" in kinds(smsglobal)
    twilio = Page(administrator.post(TWILIO + "/all", data=ANSWERS).text)
    assert "mac" not in kinds(twilio)
    chosen = administrator.post("/gateways/new/shape?part=auth", data=filled(auth_kind="mac"))
    assert "mac" in kinds(Page(chosen.text))


@pytest.mark.parametrize(
    ("template", "text", "found"),
    [
        ("plain", "plain", {}),
        ("plain", "other", None),
        ("a/{{ask.x}}/b", "a/1/b", {"ask.x": "1"}),
        ("a/{{ ask.x }}/{{ask.y}}", "a/1/2/3", {"ask.x": "1", "ask.y": "2/3"}),
        ("{{ask.x}}-{{ask.x}}", "1-1", {"ask.x": "1"}),
        ("{{ask.x}}-{{ask.x}}", "1-2", None),
        ("a{{ask.x}}a", "a", None),
        ("{{recipient}}{{ask.x}}", "{{recipient}}9", {"ask.x": "9"}),
        ("a{{ask.x}}", "b1", None),
    ],
)
def test_answers_are_read_back(template, text, found):
    assert newer.answers(template, text) == found


def test_a_base_of_another_version_is_no_news():
    preset = presets.catalogue(None).presets[0]
    assert newer.news({"a_setting_of_tomorrow": "x"}, preset, Settings()) == ()
