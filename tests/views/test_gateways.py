"""The gateways page: what stands in it, and what its buttons do at once."""

import pytest
from sqlalchemy import insert, select, update

from tests.pages import Page, words_of
from webpanel import gateways
from webpanel.models import Gateway, Message, db
from webpanel.store import from_now
from webpanel.wire.gateway import Gateway as Settings

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def parts(app):
    return app.extensions["webpanel"]


@pytest.fixture
def add(parts):
    def added(name: str, **columns) -> int:
        settings = Settings(name=name, url="https://api.someprovider.com/v1/send")
        gateway_id = gateways.create(parts.store, parts.vault, settings, {}, "ada")
        if columns:
            change = update(Gateway.__table__).where(Gateway.__table__.c.id == gateway_id).values(columns)
            parts.store.write(lambda connection: connection.execute(change))
        return gateway_id

    return added


def send(parts, gateway_id: int, *states: str, test: bool = False) -> None:
    rows = [
        {
            "id": f"{gateway_id:06d}{number:020d}",
            "created_at": from_now(),
            "expires_at": from_now(3600),
            "gateway_id": gateway_id,
            "gateway_name": "x",
            "test": test,
            "created_by": "ada",
            "source": "page",
            "encoding": "gsm7",
            "parts": 1,
            "state": state,
        }
        for number, state in enumerate(states)
    ]
    parts.store.write(
        lambda connection: [connection.execute(insert(Message.__table__).values(row)) for row in rows]
    )


def names(page: Page) -> list[str]:
    return [words_of(a) for a in page.all("a") if a.get("class") == "gateway-name"]


def test_an_empty_table_says_what_to_do_next(administrator):
    page = administrator.page("/gateways/")
    assert page.heading == "Gateways"
    assert "documentation" in words_of(page.by_id("gateways"))
    assert [a.get("href") for a in page.by_id("gateways").iter("a")] == ["/gateways/add"]


def test_a_row_tells_the_state_of_its_last_messages(administrator, parts, add):
    one, two = add("One"), add("Two", enabled=False)
    send(parts, one, *["failed"] * 3, *["sent"] * 9)
    send(parts, two, "sent", test=True)
    page = administrator.page("/gateways/")
    assert names(page) == ["One", "Two"]
    assert "Custom API" in words_of(page.by_id(f"gateway-{one}"))
    # The last ten: two of the three failures are older than nine sent ones.
    assert "Sent: 9 · Failed: 1" in words_of(page.by_id(f"gateway-{one}"))
    assert "none yet" in words_of(page.by_id(f"gateway-{two}"))
    assert page.by_id(f"gateway-{two}").get("class") == "switched-off"


def test_the_switch_acts_at_once_and_says_so(administrator, app, add):
    gateway_id = add("One")
    path = f"/gateways/{gateway_id}/enabled"
    page = Page(administrator.post(path, data={"enabled": "0"}, headers=FRAGMENT).text)
    assert words_of(page.by_id("gateways-said")) == "The gateway “One” is off: nothing is sent by it."
    assert page.by_id(f"enabled-{gateway_id}").get("aria-checked") == "false"
    assert not page.is_whole
    with app.app_context():
        assert not db.session.get(Gateway, gateway_id).enabled

    response = administrator.post(path, data={"enabled": "1"}, follow_redirects=True)
    page = Page(response.text)
    assert page.said == ["The gateway “One” is on."]
    assert page.by_id(f"enabled-{gateway_id}").get("aria-checked") == "true"


def test_the_order_changes_by_buttons(administrator, add):
    add("One")
    second = add("Two")
    path = f"/gateways/{second}/move"
    page = Page(administrator.post(path, data={"direction": "up"}, headers=FRAGMENT).text)
    assert names(page) == ["Two", "One"]
    assert words_of(page.by_id("gateways-said")) == "The gateway “Two” moved up."
    page = Page(administrator.post(path, data={"direction": "down"}, follow_redirects=True).text)
    assert names(page) == ["One", "Two"]


def test_a_stopped_gateway_says_why_and_can_go_on(administrator, app, add):
    reason = {"code": "rejections_in_a_row", "values": {"count": 10}}
    gateway_id = add("One", stopped_at=from_now(), stopped_reason=reason)
    page = administrator.page("/gateways/")
    row = words_of(page.by_id(f"gateway-{gateway_id}"))
    assert "stopped The provider refused the last 10 messages" in row
    assert page.by_id(f"resume-{gateway_id}") is not None
    assert "This gateway is stopped" in administrator.get(f"/gateways/{gateway_id}").text
    page = Page(administrator.post(f"/gateways/{gateway_id}/resume", headers=FRAGMENT).text)
    assert words_of(page.by_id("gateways-said")) == "The gateway “One” goes on sending."
    with app.app_context():
        assert db.session.get(Gateway, gateway_id).stopped_at is None


@pytest.mark.parametrize(
    ("failing", "told"),
    [
        (True, ("paused after failures", "One message every 30 seconds")),
        (False, ("paused", "It goes on by itself")),
    ],
)
def test_a_paused_gateway_says_why_and_can_go_on_at_once(administrator, app, add, failing, told):
    reason = {"code": "deferred_status", "values": {"status": 503, "reason": "Busy", "excerpt": "<b>"}}
    since = from_now() if failing else None
    gateway_id = add("One", failing_since=since, paused_until=from_now(60), paused_reason=reason)
    row = words_of(administrator.page("/gateways/").by_id(f"gateway-{gateway_id}"))
    assert [words for words in (*told, "503") if words not in row] == []
    administrator.post(f"/gateways/{gateway_id}/resume", headers=FRAGMENT)
    with app.app_context():
        resumed = db.session.get(Gateway, gateway_id)
        assert (resumed.failing_since, resumed.paused_until, resumed.paused_reason) == (None, None, None)


def test_deleting_asks_first_by_name(administrator, app, parts, add):
    gateway_id = add("One")
    send(parts, gateway_id, "sent", "queued")
    page = administrator.page(f"/gateways/{gateway_id}/delete")
    assert page.heading == "Delete “One”?"
    asked = words_of(page.by_id("content"))
    assert "Its 2 messages stay in the list" in asked
    assert "One of them still waits to be sent, and is cancelled." in asked
    response = administrator.post(f"/gateways/{gateway_id}/delete", follow_redirects=True)
    assert Page(response.text).said == ["The gateway “One” was deleted."]
    with app.app_context():
        assert not list(db.session.scalars(select(Gateway)))
        assert [m.state for m in db.session.scalars(select(Message).order_by(Message.id))] == [
            "sent",
            "cancelled",
        ]


def test_a_gateway_with_a_message_on_its_way_stays(administrator, parts, add):
    gateway_id = add("One")
    send(parts, gateway_id, "sending")
    response = administrator.post(f"/gateways/{gateway_id}/delete")
    assert response.status_code == 409
    assert "being sent right now" in response.text


def test_a_gateway_that_is_not_there_is_said(administrator):
    for path in ("7", "7/delete", "9" * 30):
        assert administrator.get(f"/gateways/{path}").status_code == 404
