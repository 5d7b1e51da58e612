"""The check before saving: what is found stands on the page, and a button mends it."""

from datetime import UTC, datetime

import pytest

from tests.pages import Page, words_of
from tests.views.test_gateway_settings import FRAGMENT, filled, value
from webpanel.models import Gateway, KeptReply, Message, db

TYPED = "what nobody sees"


def found(page: Page) -> list[str]:
    """The sentences of the card, in their order."""
    return [
        words_of(each) for each in page.by_id("check-found").iter("p") if each.get("class") == "check-said"
    ]


def buttons(page: Page) -> dict[str, str]:
    """The buttons that mend: their words, and what they send."""
    return {
        words_of(each): each.get("value", "")
        for each in page.by_id("check-found").iter("button")
        if each.get("name") == "mend"
    }


def counted(page: Page) -> str:
    return words_of(page.by_id("check-counted"))


def checked(client, path: str = "/gateways/new", **changes: str) -> Page:
    response = client.post(f"{path}/check", data=filled(**changes), headers=FRAGMENT)
    assert response.status_code == 200
    return Page(response.text)


def saved(client, **changes: str) -> str:
    """Saves a gateway; the path of its page."""
    response = client.post("/gateways/new", data=filled(**changes))
    assert response.status_code == 302, Page(response.text).by_id("check-found")
    return response.location


def test_a_blank_form_is_told_nothing(administrator):
    page = administrator.page("/gateways/new")
    assert found(page) == []
    assert counted(page) == "As soon as something is typed, what is found stands here."


def test_what_is_not_there_yet_is_no_error_until_a_save_was_tried(administrator):
    page = checked(administrator, url="", body_form="", headers="", success_rule="")
    assert found(page) == []
    page = Page(administrator.post("/gateways/new", data=filled(url="", body_form="", headers="")).text)
    assert [each for each in found(page) if each.startswith("API URL: ")]
    assert value_of(page, "check_all") == "1"
    page = checked(administrator, url="", body_form="", headers="", check_all="1")
    assert [each for each in found(page) if each.startswith("API URL: ")]


def value_of(page: Page, name: str) -> str:
    return next(each.get("value", "") for each in page.all("input") if each.get("name") == name)


def test_errors_come_first_then_advice_each_with_its_field_and_place(administrator):
    page = checked(
        administrator,
        headers="X-Unit = 1\nUser-Agent: Mozilla/5.0",
        body_format="json",
        body_json='{"to": "{{recipient}}",\n"text": {{message}}}',
    )
    assert [each.partition(" ")[0:3:2][0] for each in found(page)] == ["HTTP", "JSON", "HTTP"]
    said = found(page)
    assert said[0].startswith("HTTP Headers: Line 1, column 8: A header is written with a colon")
    assert said[1].startswith("JSON body: Line 2, column 9: {{message}} needs double quotation marks")
    assert said[2].startswith("HTTP Headers: Line 2, column 1: This makes the panel pose as a browser")
    links = [each.get("href") for each in page.by_id("check-found").iter("a")]
    assert links == ["#headers", "#body_json", "#headers"]
    assert list(buttons(page)) == ["Write a colon", "Put quotation marks around it", "Take this line out"]
    assert counted(page) == "2 things must be mended. One thing can be saved, and is worth a look."


def test_a_page_without_javascript_has_it_too(administrator):
    data = filled(body_form="to={{recipient}}\ntext={message}")
    page = Page(administrator.post("/gateways/new/check", data=data).text)
    assert page.is_whole
    assert list(buttons(page)) == ["Write {{message}}", "Keep it as the secret {{secret.api_key}}"]
    assert value(page, "body_form").endswith("text={message}")


def test_a_button_mends_and_what_was_typed_stays(administrator, app):
    data = filled(
        body_format="json",
        body_json='{"to": "{{recipient}}", "text": {{message}}}',
        headers="",
        timeout="soon",
        test_text="by hand",
        **{"secret-auth_token": TYPED, "auth_kind": "bearer"},
    )
    key = buttons(checked(administrator, **data))["Put quotation marks around it"]
    response = administrator.post("/gateways/new/mend", data={**data, "mend": key})
    page = Page(response.text)
    assert value(page, "body_json") == '{"to": "{{recipient}}", "text": "{{message}}"}'
    assert value(page, "timeout") == "soon"
    assert value(page, "test_text") == "by hand"
    assert value(page, "name") == "Some Provider"
    assert "typed, not saved yet" in page.text
    assert TYPED not in response.text
    assert found(page) == []
    with app.app_context():
        assert db.session.query(Gateway).count() == 0
        assert db.session.query(Message).count() == 0


def test_a_credential_becomes_a_secret_that_is_carried_on_and_saved(administrator, app):
    data = filled(headers="X-API-Key: hidden-from-all", hide_literals="")
    key = buttons(checked(administrator, **data))["Keep it as the secret {{secret.api_key}}"]
    response = administrator.post("/gateways/new/mend", data={**data, "mend": key})
    assert "hidden-from-all" not in response.text
    page = Page(response.text)
    assert value(page, "headers") == "X-API-Key: {{secret.api_key}}"
    again = {**data, "headers": value(page, "headers"), "carried_secrets": value_of(page, "carried_secrets")}
    assert found(checked(administrator, **again)) == []
    path = saved(administrator, **again)
    assert found(administrator.page(path)) == []
    with app.app_context():
        (gateway,) = db.session.scalars(db.select(Gateway))
        assert [secret.name for secret in gateway.secrets] == ["api_key"]


def test_a_problem_that_is_gone_changes_nothing_and_is_said(administrator):
    response = administrator.post("/gateways/new/mend", data=filled(headers="", mend="http_public url 0 0"))
    page = Page(response.text)
    assert "Nothing was changed" in page.text
    assert value(page, "url") == filled()["url"]


@pytest.mark.parametrize(
    "key", ["", "x", "http_public url one 1", "\x00" * 50, "literal_in_clear headers 1 12 7"]
)
def test_whatever_a_button_could_send_is_answered(administrator, key):
    response = administrator.post("/gateways/new/mend", data=filled(headers="", mend=key))
    assert response.status_code == 200


def test_names_of_typed_secrets_stand_for_their_values(administrator):
    data = filled(headers="X-Key: {{secret.own}}", auth_kind="bearer", check_all="1")
    assert len(found(checked(administrator, **data))) == 2
    response = administrator.post(
        "/gateways/new/check",
        data={**data, "typed_secret": ["own", "auth_token", "no name"]},
        headers=FRAGMENT,
    )
    assert found(Page(response.text)) == []


def test_advice_does_not_keep_from_saving_and_stands_on_the_saved_page(administrator):
    path = saved(administrator, url="http://api.someprovider.com/v1/send", headers="")
    page = administrator.page(path)
    assert [each.partition(": ")[0] for each in found(page)] == ["API URL"]
    assert "Numbers, texts and keys would cross the Internet" in found(page)[0]
    assert counted(page) == "One thing can be saved, and is worth a look."


def test_no_button_asks_for_a_secret_that_is_kept(administrator):
    address = {"url": "http://api.someprovider.com/v1/send"}
    assert "Use https://" in buttons(checked(administrator, **address))
    path = saved(administrator, **address, auth_kind="bearer", headers="", **{"secret-auth_token": TYPED})
    page = administrator.page(path)
    assert "Numbers, texts and keys would cross the Internet" in found(page)[0]
    # The address would be another one, for which the token was not typed.
    assert buttons(page) == {}


def test_a_credential_too_long_for_a_secret_is_left_where_it_is(administrator):
    assert buttons(checked(administrator, headers="X-Key: " + "k" * 8193)) == {}
    assert buttons(checked(administrator, headers="X-Key: " + "k" * 8192))


def test_a_saved_gateway_is_told_what_it_lacks_as_one_types(administrator):
    path = saved(administrator, headers="")
    assert [each.partition(": ")[0] for each in found(checked(administrator, path, url="", headers=""))] == [
        "API URL"
    ]


def test_a_success_text_that_a_kept_failure_holds_too_is_told(administrator, app):
    path = saved(administrator, headers="", success_rule="status")
    assert found(administrator.page(path)) == []
    failed = {"means": "failed", "status": 200, "head": b"", "body": b'{"status": 0}'}
    with app.app_context():
        (gateway,) = db.session.scalars(db.select(Gateway))
        db.session.add(KeptReply(gateway_id=gateway.id, kept_at=datetime.now(UTC), **failed))
        db.session.commit()
    (said,) = found(administrator.page(path))
    assert "also stands in a reply that was kept as failed" in said


def test_what_the_provider_s_file_says_is_known_by_its_host(administrator):
    url = "https://api.twilio.com/2010-04-01/Accounts/x/Messages.json"
    said = found(checked(administrator, url=url, headers="", number_format="digits"))
    assert any("Twilio" in each and "does not take numbers in this form" in each for each in said)


def test_hostile_settings_are_shown_as_text(administrator):
    text = "<script>alert(1)</script>&\x01" + "{{" * 3000
    page = checked(administrator, headers=text, body_form=text, url="https://x/" + text, query=text)
    assert not page.all("script")


def test_of_very_much_only_so_much_is_shown(administrator):
    lines = "\n".join(f"X-{number}=1" for number in range(60))
    page = checked(administrator, headers=lines, query=lines.replace("=", ":"))
    assert len(found(page)) == 20
    assert "not shown" in page.text


def test_a_sender_may_not_use_it(sender):
    assert sender.post("/gateways/new/check", data=filled()).status_code in (302, 403)
    assert sender.post("/gateways/new/mend", data=filled()).status_code in (302, 403)
