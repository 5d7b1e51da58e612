"""Replies kept with a gateway: kept from a test, judged again while rules are typed, and before a save."""

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests import provider as demonstration
from tests.conftest import signed_in
from tests.pages import Page, words_of
from tests.sending.sockets import Server, answer
from tests.views.test_gateway_settings import FRAGMENT, filled, hidden_value, without
from webpanel import accounts, presets
from webpanel.models import Attempt, Gateway, KeptReply, Message, db
from webpanel.replies import MOST_KEPT
from webpanel.views.gateways import kept as kept_view
from webpanel.views.gateways import kept_rows as kept_rows_view
from webpanel.wire import difference

CANARY = "canary-4711-0815"


@pytest.fixture(scope="module")
def provider() -> Iterator[demonstration.Provider]:
    with demonstration.running() as running:
        yield running


@pytest.fixture
def app(make_app, provider):
    provider.set_mode("accept")
    return make_app(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{provider.port}")


@pytest.fixture
def administrator(app):
    return signed_in(app, "ada", accounts.ADMINISTRATOR)


@pytest.fixture
def typed(provider):
    """The example, pointed at the demonstration provider."""

    def form(**changes) -> dict:
        return filled(
            **{
                "headers": "",
                "url": f"{provider.url}/v1/send",
                "success_rule": '"sent": true',
                "test_recipient": "07911 123456",
                "test_text": "Hello",
                **changes,
            }
        )

    return form


@pytest.fixture
def tested(administrator, typed):
    """Runs a test of what stands in the form; returns the id of its message."""

    def run(path: str = "/gateways/new/test", **changes) -> str:
        response = administrator.post(path, data=typed(**changes), headers=FRAGMENT)
        return re.search(r"keep_now\" value=\"([0-9A-Z]{26}):accepted", response.text)[1]

    return run


def kept_rows(app) -> list[KeptReply]:
    with app.app_context():
        return list(db.session.scalars(select(KeptReply).order_by(KeptReply.id)))


def real_reply(app, gateway_id: int, body: bytes, number: int = 0) -> str:
    """A message that was sent by the gateway, as delivery leaves it."""
    now, id_ = datetime.now(UTC), f"01JZZZZZZZZZZZZZZZZZZZZZ{number:02}"
    with app.app_context():
        db.session.add(
            Message(
                id=id_,
                created_at=now,
                gateway_id=gateway_id,
                gateway_name="Some Provider",
                created_by="ada",
                source="page",
                recipient="+447911123456",
                text="Hello",
                encoding="gsm7",
                parts=1,
                state="sent",
                expires_at=now,
                attempts=[
                    Attempt(
                        gateway_id=gateway_id,
                        number=1,
                        token=f"token-{number}",
                        started_at=now,
                        outcome="accepted",
                        reply_status=200,
                        reply_head=b"HTTP/1.1 200 OK",
                        reply_body=body,
                    )
                ],
            )
        )
        db.session.commit()
    return id_


def list_of(response) -> str:
    return words_of(Page(response.text).by_id("kept"))


def saved_with(administrator, typed, tested, means: str = "accepted") -> str:
    """A gateway that is saved with a kept reply; returns its path."""
    response = administrator.post("/gateways/new", data=typed(keep=f"{tested()}:{means}"))
    assert response.status_code == 302, response.text
    return response.headers["Location"]


def test_a_gateway_that_was_never_saved_keeps_a_reply_of_its_test(administrator, app, typed, tested):
    message_id = tested()
    form = typed(keep_now=f"{message_id}:accepted", keep_shown=message_id)
    page = Page(administrator.post("/gateways/new/keep", data=form, headers=FRAGMENT).text)
    assert "It is kept as “accepted” when you save the gateway." in words_of(page.by_id("keep"))
    said = words_of(page.by_id("kept"))
    assert "means accepted 200 OK kept when saved" in said
    assert "the rules agree" in said
    assert kept_rows(app) == []

    keep = hidden_value(page, "keep")
    assert administrator.post("/gateways/new", data=typed(keep=keep)).status_code == 302
    [row] = kept_rows(app)
    assert (row.means, row.status, row.cut, row.kept_by) == ("accepted", 200, False, "ada")
    assert b'"sent": true' in row.body
    assert row.head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert "Kept by ada" in words_of(administrator.page("/gateways/1").by_id("kept"))


def test_without_javascript_the_page_comes_back_with_it(administrator, typed, tested):
    message_id = tested()
    form = typed(keep_now=f"{message_id}:failed", keep_shown=message_id)
    page = Page(administrator.post("/gateways/new/keep", data=form).text)
    assert "means failed 200 OK kept when saved" in words_of(page.by_id("kept"))
    assert "the rules say otherwise" in words_of(page.by_id("kept"))
    # The test's card is still there, to keep it otherwise.
    assert words_of(page.by_id("trial-title")) == "Test successful"
    again = typed(keep=hidden_value(page, "keep"), keep_now=f"{message_id}:accepted")
    page = Page(administrator.post("/gateways/new/keep", data=again).text)
    assert hidden_value(page, "keep") == f"{message_id}:accepted"
    page = Page(
        administrator.post(
            "/gateways/new/keep", data=typed(keep=f"{message_id}:accepted", keep_not=message_id)
        ).text
    )
    assert "None yet." in words_of(page.by_id("kept"))


def test_only_whole_replies_of_tests_are_kept(administrator, app, typed, tested):
    path = saved_with(administrator, typed, tested)
    real = real_reply(app, 1, b'{"sent": true}')
    for asked in (f"{real}:accepted", f"{'0' * 26}:accepted", "nonsense", f"{real}:whatever"):
        for where in ("/gateways/new", path):
            response = administrator.post(f"{where}/keep", data=typed(keep_now=asked), headers=FRAGMENT)
            assert response.status_code == 422
            assert "Nothing was kept" in response.text
    form = typed(version="1", keep=[f"{real}:accepted", f"{'0' * 26}:failed", "nonsense"])
    assert administrator.post(path, data=form).status_code == 302
    assert len(kept_rows(app)) == 1


def test_so_many_are_kept_and_no_more(administrator, app, typed, tested):
    path = saved_with(administrator, typed, tested)
    with app.app_context():
        first = db.session.scalars(select(KeptReply)).one()
        for number in range(MOST_KEPT - 1):
            values = {
                name: getattr(first, name) for name in ("gateway_id", "means", "status", "head", "kept_at")
            }
            db.session.add(KeptReply(**values, body=b'"sent": true %d' % number))
        db.session.commit()
    form = typed(version="1", keep_now=f"{tested()}:failed")
    response = administrator.post(f"{path}/keep", data=form, headers=FRAGMENT)
    assert response.status_code == 422
    assert f"At most {MOST_KEPT} replies are kept" in list_of(response)
    forced = typed(version="1", keep=form["keep_now"], success_rule='"sent": false')
    response = administrator.post(path, data=forced)
    assert response.status_code == 409
    response = administrator.post(path, data={**forced, "confirmed": mark(response)})
    assert response.status_code == 422
    assert f"At most {MOST_KEPT} replies are kept" in Page(response.text).alert
    assert len(kept_rows(app)) == MOST_KEPT
    # With one that goes there is room for one.
    assert administrator.post(path, data={**forced, "confirmed": "", "unkeep": "1"}).status_code == 409
    response = administrator.post(f"{path}/keep", data={**form, "unkeep": "1"}, headers=FRAGMENT)
    assert response.status_code == 200


def mark(response) -> str:
    page = Page(response.text)
    return next(each.get("value") for each in page.all("button") if each.get("name") == "confirmed")


def test_a_change_that_flips_a_kept_reply_is_not_saved_before_it_is_confirmed(
    administrator, app, typed, tested
):
    path = saved_with(administrator, typed, tested)
    changed = typed(version="1", success_rule="delivered", body_form="to={{recipient}}\ntext={{message}}")
    response = administrator.post(path, data=changed)
    assert response.status_code == 409
    page = Page(response.text)
    assert "Not saved yet: known replies would be judged otherwise" in page.alert
    assert "contradict a reply that is kept as an example" in page.alert
    assert re.search(
        "Before The provider answered 200 and .* holds.* Now The provider answered 200, but", page.alert
    )
    # What was typed stands there, and nothing was stored.
    assert page.by_id("success_rule").get("value") == "delivered"
    assert "to={{recipient}}" in words_of(page.by_id("body_form"))
    with app.app_context():
        assert db.session.scalars(select(Gateway)).one().success_rule == '"sent": true'

    # Another change than the one that was read of is asked about again.
    other = {**changed, "success_rule": "arrived", "confirmed": mark(response)}
    again = administrator.post(path, data=other)
    assert again.status_code == 409
    assert administrator.post(path, data={**other, "confirmed": mark(again)}).status_code == 302
    with app.app_context():
        assert db.session.scalars(select(Gateway)).one().success_rule == "arrived"

    # It is contradicted already: a change that does not make it so asks nothing.
    assert administrator.post(path, data={**other, "version": "2", "sender": "School"}).status_code == 302
    assert "the rules say otherwise" in words_of(administrator.page(path).by_id("kept"))


def test_a_new_one_that_the_rules_contradict_is_asked_about(administrator, app, typed, tested):
    form = typed(keep=f"{tested()}:failed")
    response = administrator.post("/gateways/new", data=form)
    assert response.status_code == 409
    assert "It was not kept before." in Page(response.text).alert
    assert kept_rows(app) == []
    response = administrator.post("/gateways/new", data={**form, "confirmed": mark(response)})
    assert response.status_code == 302
    assert [row.means for row in kept_rows(app)] == ["failed"]


def test_one_that_is_removed_is_not_asked_about(administrator, app, typed, tested):
    path = saved_with(administrator, typed, tested)
    form = typed(version="1", success_rule="delivered", unkeep="1")
    assert administrator.post(path, data=form).status_code == 302
    assert kept_rows(app) == []


def test_real_replies_that_would_differ_are_told_and_asked_about(administrator, app, typed):
    path = administrator.post("/gateways/new", data=typed()).headers["Location"]
    ids = [real_reply(app, 1, b'{"sent": true, "id": %d}' % number, number) for number in range(3)]
    real_reply(app, 1, '{"sent": true, "key": "••••••"}'.encode(), 7)
    # Rules that stay as they are change nothing, and nothing is asked.
    assert administrator.post(path, data=typed(version="1", sender="School")).status_code == 302
    changed = typed(version="2", success_rule='"id": 1')
    response = administrator.post(f"{path}/rejudge", data=changed, headers=FRAGMENT)
    said = list_of(response)
    assert "The last 3 real replies" in said
    assert "2 of 3 that were accepted would be failed." in said
    assert "1 more could not be judged again: a secret stood in it" in said
    links = [each.get("href") for each in Page(response.text).all("a")]
    assert links == [f"/messages/{ids[2]}", f"/messages/{ids[0]}"]

    refused = administrator.post(path, data=changed)
    assert refused.status_code == 409
    assert "2 of 3 that were accepted would be failed." in Page(refused.text).alert
    # More come in while somebody reads of them.
    real_reply(app, 1, b'{"sent": true, "id": 9}', 9)
    assert administrator.post(path, data={**changed, "confirmed": mark(refused)}).status_code == 302


def test_rules_that_cannot_be_read_judge_nothing(administrator, typed, tested):
    path = saved_with(administrator, typed, tested)
    form = typed(version="1", success_kind="jmespath", success_rule="sent ==")
    said = list_of(administrator.post(f"{path}/rejudge", data=form, headers=FRAGMENT))
    assert "cannot be read" in said
    assert "the rules" not in said.replace("When the rules change", "").replace("One of the rules", "")
    assert administrator.post(path, data=form).status_code == 422


def test_without_javascript_the_rules_are_judged_on_the_page(administrator, typed, tested):
    path = saved_with(administrator, typed, tested)
    form = typed(version="1", success_rule="delivered")
    page = Page(administrator.post(f"{path}/rejudge", data=form).text)
    assert "the rules say otherwise" in words_of(page.by_id("kept"))
    assert "No real message was sent yet" in words_of(page.by_id("kept"))
    assert page.by_id("success_rule").get("value") == "delivered"


def test_whoever_was_slower_is_told_so_first_and_confirms_once(administrator, typed, tested):
    path = saved_with(administrator, typed, tested)
    changed = typed(version="1", success_rule="delivered")
    confirmed = mark(administrator.post(path, data=changed))
    assert administrator.post(path, data=typed(version="1", sender="School")).status_code == 302
    slower = administrator.post(path, data={**changed, "confirmed": confirmed})
    assert slower.status_code == 409
    assert "somebody else was faster" in Page(slower.text).alert
    assert hidden_value(Page(slower.text), "confirmed") == confirmed
    overwriting = {**changed, "confirmed": confirmed, "overwrite": "2"}
    assert administrator.post(path, data=overwriting).status_code == 302


def test_judging_again_ends(administrator, app, typed, monkeypatch):
    path = administrator.post("/gateways/new", data=typed()).headers["Location"]
    for number in range(3):
        real_reply(app, 1, b"{}", number)
    monkeypatch.setattr(kept_view, "PATIENCE", -1.0)
    changed = typed(version="1", success_rule="delivered")
    assert "The last real reply" in list_of(
        administrator.post(f"{path}/rejudge", data=changed, headers=FRAGMENT)
    )


def test_judging_kept_replies_ends(administrator, typed, tested, monkeypatch):
    path = saved_with(administrator, typed, tested)
    again = typed(version="1", keep=f"{tested()}:failed", success_rule="delivered")
    monkeypatch.setattr(kept_view, "PATIENCE", -1.0)
    shown = list_of(administrator.post(f"{path}/rejudge", data=again, headers=FRAGMENT))
    assert shown.count("the rules say otherwise") == 1
    assert shown.count("the rules need too much time") == 1


HOSTILE = f'{{"sent": true, "key": "{CANARY}", "text": "<script>alert(1)</script>\x1b{"x" * 300}"}}'.encode()


def test_what_is_kept_is_text_bounded_and_masked(make_app, typed):
    reply = b"HTTP/1.1 200 OK\r\nX-Key: %s\r\nContent-Length: %d\r\n\r\n%s"
    with Server(answer(reply % (CANARY.encode(), len(HOSTILE), HOSTILE))) as server:
        app = make_app(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{server.port}")
        ada = signed_in(app, "ada", accounts.ADMINISTRATOR)
        secret = {"url": f"http://127.0.0.1:{server.port}/", "headers": f"X-API-Key: {CANARY}"}
        response = ada.post("/gateways/new/test", data=typed(**secret), headers=FRAGMENT)
        message_id = re.search(r"keep_now\" value=\"([0-9A-Z]{26}):accepted", response.text)[1]
    form = typed(keep=f"{message_id}:accepted", **secret)
    assert ada.post("/gateways/new", data=form).status_code == 302
    [row] = kept_rows(app)
    assert CANARY.encode() not in row.body + row.head
    text = ada.get("/gateways/1").text
    assert CANARY not in text
    assert "<script>alert" not in text
    assert "\x1b" not in text
    excerpt = next(each for each in Page(text).all("code") if each.get("class") == "kept-excerpt")
    assert len(words_of(excerpt)) <= kept_rows_view.SHOWN + 1


def test_kept_replies_do_not_leave_in_exports(administrator, app, typed, tested):
    path = saved_with(administrator, typed, tested)
    [row] = kept_rows(app)
    assert row.body
    exported = administrator.get(f"{path}/export")
    assert exported.status_code == 200
    assert "kept" not in exported.text.replace("_kept", "")
    assert '{"sent"' not in exported.text


def of_provider(**changes) -> dict:
    """A form with the rules of a provider's file, otherwise an administrator's own."""
    rules = {
        name: value
        for name, value in asdict(TWILIO.settings).items()
        if name.endswith(("_rule", "_kind"))
        and not name.startswith(("auth_", "report_"))
        and value not in ("", "blank")
    }
    return without(preset="twilio", **{**rules, **changes})


TWILIO = presets.catalogue(None).find("twilio")


def test_a_new_gateway_keeps_the_replies_of_its_provider_s_file(administrator, app):
    page = Page(administrator.post("/gateways/new/rejudge", data=of_provider()).text)
    assert words_of(page.by_id("kept")).count("Comes with the provider's settings") == len(TWILIO.replies)
    assert "the rules say otherwise" not in words_of(page.by_id("kept"))
    response = administrator.post("/gateways/new", data=of_provider())
    assert response.status_code == 302, response.text
    rows = kept_rows(app)
    assert [(row.means, row.body.decode(), row.kept_by) for row in rows] == [
        (each.means, each.body, "") for each in TWILIO.replies
    ]
    with app.app_context():
        gateway = db.session.scalars(select(Gateway)).one()
        assert (gateway.preset, gateway.preset_base) == ("twilio", difference.stated(TWILIO.settings))
    assert "Came with the provider's settings" in words_of(administrator.page("/gateways/1").by_id("kept"))
    # A save keeps none of them once more.
    assert administrator.post("/gateways/1", data=of_provider(version="1", unkeep="1")).status_code == 302
    assert len(kept_rows(app)) == len(rows) - 1


def test_a_provider_s_replies_warn_of_a_rule_that_was_changed_before_the_first_save(administrator, app):
    form = of_provider(success_kind="text", success_rule="delivered")
    response = administrator.post("/gateways/new", data=form)
    assert response.status_code == 409
    assert "It was not kept before." in Page(response.text).alert
    assert kept_rows(app) == []
    assert administrator.post("/gateways/new", data={**form, "confirmed": mark(response)}).status_code == 302


def test_who_made_up_a_provider_gets_nothing_from_it(administrator, app):
    assert administrator.post("/gateways/new", data=without(preset="../../etc")).status_code == 302
    with app.app_context():
        assert db.session.scalars(select(Gateway)).one().preset_base is None
    assert kept_rows(app) == []


@pytest.mark.parametrize("what", ["keep", "rejudge"])
def test_only_administrators_may(sender, what):
    for gateway in ("new", "1"):
        assert sender.post(f"/gateways/{gateway}/{what}", data={}).status_code == 403
