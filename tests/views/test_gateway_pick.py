"""A click on a value of a test's reply fills a rule and judges that reply again; nothing is saved."""

import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from tests.conftest import signed_in
from tests.pages import CheckingClient, Page, words_of
from tests.sending.sockets import Server, answer
from tests.views.test_gateway_settings import EXAMPLE, FRAGMENT, filled, hidden_value, value
from webpanel import accounts
from webpanel.models import Gateway, Message, db

SENT = b'{"result": {"sent": true, "sid": "SM12345678", "code": 0, "note": null}}'
CANARY = "canary-4711-0815"


class Clicking:
    """A settings page with a test's card on it, and the values on that card."""

    def __init__(self, ada: CheckingClient, form: dict[str, str], *, fragment: bool) -> None:
        self.ada, self.form = ada, form
        self.headers = FRAGMENT if fragment else {}
        self.page = Page(ada.post("/gateways/new/test", data=form, headers=self.headers).text)

    @property
    def values(self) -> dict[str, str]:
        """What stands on a button -> the number that it sends."""
        buttons = [each for each in self.page.all("button") if each.get("name") == "pick"]
        return {words_of(each): each.get("value", "") for each in buttons}

    @property
    def trial(self) -> str:
        return words_of(self.page.by_id("trial"))

    @property
    def title(self) -> str:
        return words_of(self.page.by_id("trial-title"))

    def click(self, shown: str, meaning: str, status: int = 200, **changes: str) -> None:
        sent = {
            **self.form,
            "pick_test": hidden_value(self.page, "pick_test"),
            "pick_meaning": meaning,
            "pick": self.values[shown],
            **changes,
        }
        response = self.ada.post("/gateways/new/pick", data=sent, headers=self.headers)
        assert response.status_code == status, response.text
        self.page = Page(response.text)
        if status == 200:
            rules = [name for name in EXAMPLE if name.endswith(("_rule", "_kind")) and name != "auth_kind"]
            self.form = {**self.form, **{name: value(self.page, name) for name in rules}}


@pytest.fixture
def replying(make_app) -> Iterator[Callable[..., Clicking]]:
    """Tests a gateway whose provider answers with the body given."""
    stack: list = []

    def reply(body: bytes, status: bytes = b"200 OK", *, fragment: bool = True, **changes: str) -> Clicking:
        server = Server(
            answer(b"HTTP/1.1 %s\r\nContent-Length: %d\r\nX-A: 1\r\n\r\n%s" % (status, len(body), body))
        )
        stack.append(server)
        server.__enter__()
        app = make_app(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{server.port}")
        form = filled(
            **{
                "url": f"http://127.0.0.1:{server.port}/",
                "headers": f"X-API-Key: {CANARY}",
                "success_rule": "",
                "test_recipient": "07911 123456",
                "test_text": "Tomorrow",
                **changes,
            }
        )
        return Clicking(signed_in(app, "ada", accounts.ADMINISTRATOR), form, fragment=fragment)

    yield reply
    for server in stack:
        server.__exit__(None, None, None)


def stored(clicking: Clicking, table: type) -> list:
    with clicking.ada.application.app_context():
        return list(db.session.scalars(select(table)))


@pytest.mark.parametrize("fragment", [True, False], ids=["htmx", "no scripts"])
def test_a_click_fills_the_rule_and_judges_the_reply(replying, fragment):
    card = replying(SENT, fragment=fragment, success_rule="never there")
    assert card.title == "Test failed"
    card.click("true", "accepted", name="Typed meanwhile")
    assert card.title == "Test successful"
    assert (card.form["success_kind"], card.form["success_rule"]) == ("jmespath", "result.sent == `true`")
    assert words_of(card.page.by_id("success_rule-said")) == "result.sent is true"
    assert "Success condition: result.sent is true" in card.trial
    assert "It took the place of: never there" in card.trial
    assert "not saved yet" in card.trial
    assert card.page.is_whole is not fragment
    if not fragment:
        assert value(card.page, "name") == "Typed meanwhile"
    assert stored(card, Gateway) == []
    assert len(stored(card, Message)) == 1


def test_a_click_says_where_the_id_and_the_reason_stand(replying):
    card = replying(SENT)
    card.click('"SM12345678"', "message_id")
    assert card.form["message_id_rule"] == "result.sid"
    assert "Message id: what stands at result.sid In this reply it is: SM12345678" in card.trial
    card.click("0", "reason")
    assert card.form["reason_rule"] == "result.code"
    assert card.form["message_id_rule"] == "result.sid"


def test_a_failure_by_the_same_words_empties_the_success_condition(replying):
    card = replying(SENT)
    card.click("0", "accepted")
    assert card.title == "Test successful"
    card.click("0", "failed")
    assert card.title == "Test failed"
    assert card.form["failure_rule"] == "result.code == `0`"
    assert card.form["success_rule"] == ""
    assert "The same stood in “Success condition”, which is empty now." in card.trial


def test_what_no_rule_can_be_made_of_changes_nothing(replying):
    card = replying(SENT, message_id_rule="kept")
    card.click("null", "message_id", status=422)
    assert "it holds no text and no number. Nothing was changed." in card.trial
    assert "null" in card.values


def test_words_of_a_text(replying):
    card = replying(b"OK: 0; Sent queued message ID: 04b4a8d4a5a02176 SMSGlobalMsgID:6613115713715266")
    card.click("OK", "accepted")
    assert (card.form["success_kind"], card.form["success_rule"]) == ("pattern", r"^OK\b")
    assert "Success condition: the reply begins with “OK”" in card.trial
    card.click("6613115713715266", "message_id")
    assert card.form["message_id_rule"] == r"\bSMSGlobalMsgID:\s*(\d+)"
    assert "In this reply it is: 6613115713715266" in card.trial


def test_a_status_that_refuses_offers_no_success(replying):
    card = replying(b'{"message": "no such number"}', b"400 Bad Request")
    assert 'value="accepted"' not in str([each.attrib for each in card.page.all("input")])
    assert "never counts as accepted" in card.trial
    card.click('"no such number"', "reason")
    assert card.form["reason_rule"] == "message"
    assert card.title == "Test failed"
    assert "no such number" in words_of(card.page.by_id("trial"))


@pytest.mark.parametrize(
    "body",
    [b"", b"\x89PNG\0\0", b'{"key": "%s"}' % CANARY.encode(), b"key: %s" % CANARY.encode()],
    ids=["empty", "binary", "masked JSON", "masked text"],
)
def test_where_there_is_nothing_to_click_on(replying, body):
    card = replying(body)
    assert CANARY not in str(card.values)
    assert "••••••" not in card.values


def test_long_replies_stay_light(replying):
    rows = b",".join(b'{"id": %d, "state": "ok"}' % number for number in range(3000))
    card = replying(b"[" + rows + b"]")
    assert len(card.values) <= 500
    card = replying(b"word " * 13_000)
    assert "Only its beginning is shown here" in card.trial


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"pick_test": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, 404, "no longer stored"),
        ({"pick_test": ""}, 404, "no longer stored"),
        ({"pick": "9999"}, 422, "has no such place"),
        ({"pick": "-1"}, 422, "has no such place"),
        ({"pick": "٣"}, 422, "has no such place"),
        ({"pick": "x" * 5000}, 422, "has no such place"),
        ({"pick_meaning": "wonder"}, 422, "has no such place"),
    ],
)
def test_what_a_stale_or_forged_page_sends(replying, changes, status, said):
    card = replying(SENT)
    card.click("true", "accepted", status, **changes)
    assert said in card.trial


def test_only_the_replies_of_tests_are_read(replying):
    card = replying(SENT)
    parts = card.ada.application.extensions["webpanel"]
    parts.store.write(lambda session: session.execute(Message.__table__.update().values(test=False)))
    card.click("true", "accepted", 404)


def test_markup_in_a_reply_is_text(replying):
    card = replying(b'{"<script>": "<b>x</b>\\u202e", "a": "\\u001b[31m"}')
    assert not card.page.all("script")
    card.click(r'"<b>x</b>\u202e"', "accepted")
    assert not card.page.all("script")
    assert not card.page.all("b")
    assert card.title == "Test successful"


def test_senders_may_not(sign_in):
    sam = sign_in("sam", accounts.SENDER)
    assert sam.post("/gateways/new/pick", data={}).status_code == 403
    assert sam.post("/gateways/rule-words/success", data={}).status_code == 403


def test_a_rule_is_said_while_it_is_typed(administrator):
    typed = {"success_kind": "jmespath", "success_rule": "messages[0].status == '0'"}
    response = administrator.post("/gateways/rule-words/success", data=typed, headers=FRAGMENT)
    assert words_of(Page(response.text).by_id("success_rule-said")) == 'messages[0].status is "0"'
    typed["success_rule"] = "messages[?status"
    response = administrator.post("/gateways/rule-words/success", data=typed, headers=FRAGMENT)
    assert words_of(Page(response.text).by_id("success_rule-said")) == ""


def test_saved_rules_are_said(administrator):
    administrator.post("/gateways/new", data=filled(success_kind="text", success_rule="OK"))
    page = administrator.page("/gateways/1")
    assert words_of(page.by_id("success_rule-said")) == "the reply contains “OK”"
    assert re.fullmatch("", words_of(page.by_id("failure_rule-said")))
