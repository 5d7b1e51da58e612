"""A message's own page: what it tells, and what can be done about it."""

import pytest
from flask import Flask
from sqlalchemy import update

from tests.calling import add_application
from tests.pages import CheckingClient, Page, words_of
from tests.views.messages.forms import PARTIAL, add_gateway, count, form_of
from webpanel import applications, gateways
from webpanel.models import Gateway, Message
from webpanel.services import Services
from webpanel.store import from_now
from webpanel.words.events import FINAL_STATES, MEANINGS, STATES


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_page(sender: CheckingClient, stored, state: str) -> None:
    page = sender.page(stored(state))
    shown = words_of(page.by_id("state"))
    assert str(STATES[state]) in shown
    assert str(MEANINGS[state]) in shown
    assert (page.by_id("progress").get("hx-trigger") is None) is (state in FINAL_STATES)


def test_it_tells_only_news(sender: CheckingClient, parts: Services, stored) -> None:
    path = stored("queued")
    asks = sender.page(path).by_id("progress").get("hx-get")
    assert sender.get(asks, headers=PARTIAL).status_code == 204
    parts.store.write(lambda c: c.execute(update(Message.__table__).values(state="sent", due_at=None)))
    news = sender.get(asks, headers=PARTIAL)
    assert news.status_code == 200
    assert "HX-Request-Type" in news.headers["Vary"]
    fragment = Page(news.get_data(as_text=True))
    assert not fragment.is_whole
    assert fragment.by_id("progress").get("hx-trigger") is None


@pytest.mark.parametrize(("priority", "word"), [(0, "Urgent"), (1, "Normal"), (2, "Bulk")])
def test_its_priority(sender: CheckingClient, stored, priority: int, word: str) -> None:
    assert f"Priority {word}" in sender.page(stored("queued", priority=priority)).text


def test_its_maker_is_a_link_where_it_leads_somewhere(
    app: Flask, administrator: CheckingClient, sender: CheckingClient, stored
) -> None:
    add_application(app)
    path = stored("sent", application_id=1, created_by="School", source="api")
    link = "/applications/1"

    def leads_there(client: CheckingClient) -> list[str]:
        page = client.page(path)
        assert "Made by School" in page.text
        return [words_of(each) for each in page.all("a") if each.get("href", "") == link]

    assert leads_there(administrator) == ["School"]
    assert leads_there(sender) == []
    applications.remove(app.extensions["webpanel"].store, 1)
    assert leads_there(administrator) == []


HOSTILE = b'{"error": "<script>alert(1)</script> \x1b[31m \xe2\x80\xae"}'


def test_attempts_by_several_gateways_say_by_which(
    sender: CheckingClient, parts: Services, gateway: int, stored
) -> None:
    second = add_gateway(parts, name="<i>Second</i>")
    path = stored("sent", {"gateway_id": gateway}, {"gateway_id": second}, gateway_id=second)
    page = sender.page(path)
    assert [words_of(page.by_id(f"attempt-{number}")).partition(" ·")[0] for number in (1, 2)] == [
        "Attempt 1 Some",
        "Attempt 2 <i>Second</i>",
    ]
    gateways.remove(parts.store, gateway, "ada")
    assert "Attempt 1 a deleted gateway ·" in sender.page(path).text
    alone = sender.page(stored("sent", {"gateway_id": second}, gateway_id=second))
    assert "<i>Second</i> ·" not in words_of(alone.by_id("attempt-1"))


def test_shows_both_sides_of_an_attempt_as_text(sender: CheckingClient, stored) -> None:
    attempt = {
        "finished_at": from_now(),
        "duration_ms": 143,
        "outcome": "rejected",
        "reason": {"code": "of_another_version", "values": {}},
        "request": b"POST /v1/send HTTP/1.1\r\nX-API-Key: \xe2\x80\xa2\xe2\x80\xa2\r\n\r\ntext=Hi",
        "reply_status": 400,
        "reply_head": b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n",
        "reply_body": HOSTILE + b"x" * 5000,
        "reply_cut": True,
    }
    path = stored("failed", attempt)
    response = sender.get(path)
    page = Page(response.get_data(as_text=True))
    shown = words_of(page.by_id("attempt-1"))
    for word in ("143 ms", "status 400", "Refused by the provider", "stopped reading", "X-API-Key: ••"):
        assert word in shown
    assert "application/json\n\n{" in "".join(page.by_id("attempt-1-exchange").itertext())
    assert "<script>alert" in shown
    assert not any("alert" in words_of(script) for script in page.all("script"))
    assert "␛[31m ⟨U+202E⟩" in shown
    assert "x" * 4001 not in shown
    whole = sender.get(f"{path}/attempts/1/reply")
    assert whole.mimetype == "text/plain"
    assert "x" * 5000 in whole.get_data(as_text=True)
    assert sender.get(f"{path}/attempts/2/reply").status_code == 404


def test_says_why_a_message_waits(sender: CheckingClient, parts: Services, gateway: int, stored) -> None:
    path = stored("queued", gateway_id=gateway)
    change = update(Gateway.__table__)
    reason = {"code": "gateway_gone", "values": {}}
    for values, word in (
        ({"paused_until": from_now(600)}, "asked for a pause"),
        ({"stopped_at": from_now(), "stopped_reason": reason}, "is stopped"),
        ({"enabled": False}, "is switched off"),
    ):
        asks = sender.page(path).by_id("progress").get("hx-get")
        parts.store.write(lambda c, values=values: c.execute(change.values(**values)))
        assert word in sender.get(asks, headers=PARTIAL).get_data(as_text=True)


@pytest.mark.parametrize("values", [{"stopped_at": from_now()}, {"enabled": False}])
def test_tells_no_next_attempt_while_the_gateway_keeps_it(
    administrator: CheckingClient, parts: Services, gateway: int, stored, values: dict
) -> None:
    reason = {"code": "rejections_in_a_row", "values": {"count": 10}}
    path = stored("queued", gateway_id=gateway, reason=reason)
    parts.store.write(lambda c: c.execute(update(Message.__table__).values(attempt_count=1)))
    assert "Next attempt:" in words_of(administrator.page(path).by_id("state"))
    change = update(Gateway.__table__).values(stopped_reason=reason, **values)
    parts.store.write(lambda c: c.execute(change))
    page = administrator.page(path)
    assert "Waiting It waits until its gateway goes on." in words_of(page.by_id("state"))
    assert "Next attempt:" not in page.text
    assert page.text.count("refused the last 10 messages") == 1


def test_removed_number_and_text_leave_the_page_whole(sender: CheckingClient, gateway: int, stored) -> None:
    page = sender.page(stored("sent", recipient=None, text=None, gateway_id=gateway))
    assert "a removed number" in page.heading
    assert not forms_to(page, "resend")
    assert "removed" in words_of(sender.page("/messages").by_id("found"))


def forms_to(page: Page, end: str) -> list:
    return [form for form in page.all("form") if form.get("action", "").endswith(end)]


def test_cancel_while_it_waits(sender: CheckingClient, stored) -> None:
    path = stored("queued")
    assert forms_to(sender.page(path), "/cancel")
    sender.post(f"{path}/cancel")
    page = sender.page(path)
    assert "Cancelled" in words_of(page.by_id("state"))
    assert "By sam." in words_of(page.by_id("progress"))
    assert not forms_to(page, "/cancel")
    sender.post(f"{path}/cancel")
    assert "could not be cancelled" in sender.page(path).said[0]


@pytest.mark.parametrize("outcome", ["sent", "failed"])
def test_an_unclear_message_is_marked_by_a_person(sender: CheckingClient, stored, outcome: str) -> None:
    path = stored("unknown")
    assert len(forms_to(sender.page(path), "/mark")) == 2
    sender.post(f"{path}/mark", data={"as": outcome})
    page = sender.page(path)
    assert str(STATES[outcome]) in words_of(page.by_id("state"))
    # A person's word for it, and no claim about the provider.
    assert words_of(page.by_id("state")).endswith(f"Marked as {outcome} by a person, after it was unclear.")
    assert str(MEANINGS[outcome]) not in page.text
    assert f"Marked as {outcome} by a person" in words_of(page.by_id("progress"))
    assert "By sam." in words_of(page.by_id("progress"))
    sender.post(f"{path}/mark", data={"as": outcome})
    assert "Nothing was changed" in sender.page(path).said[0]
    assert sender.post(f"{path}/mark", data={"as": "delivered"}).status_code == 400


def test_resend_makes_one_new_message(app: Flask, sender: CheckingClient, gateway: int, stored) -> None:
    path = stored("failed", gateway_id=gateway)
    form = forms_to(sender.page(path), "/resend")[0]
    fields = {each.get("name"): each.get("value") for each in form.iter("input")}
    made = sender.post(f"{path}/resend", data=fields).location
    assert made != path
    assert sender.post(f"{path}/resend", data=fields).location == made
    assert count(app) == 2
    assert any(a.get("href") == path for a in sender.page(made).by_id("progress").iter("a"))
    assert any(a.get("href") == made for a in sender.page(path).by_id("progress").iter("a"))


@pytest.mark.parametrize("once", ["", "forged"])
def test_resend_without_its_form_sends_nothing(
    app: Flask, sender: CheckingClient, gateway: int, stored, once: str
) -> None:
    path = stored("failed", gateway_id=gateway)
    assert sender.post(f"{path}/resend", data={"once": once}).location == path
    assert count(app) == 1


@pytest.mark.usefixtures("gateway")
def test_what_cannot_be_resent_says_why(app: Flask, sender: CheckingClient, stored) -> None:
    token = form_of(sender.page("/send"))["once"]
    path = stored("failed", gateway_id=None)
    sender.post(f"{path}/resend", data={"once": token})
    assert sender.page(path).said
    assert count(app) == 1


@pytest.mark.parametrize("end", ["", "/attempts/1/reply"])
def test_an_unknown_message_is_not_found(sender: CheckingClient, end: str) -> None:
    assert sender.get(f"/messages/01ARZ3NDEKTSV4RRFFQ69G5FAV{end}").status_code == 404
