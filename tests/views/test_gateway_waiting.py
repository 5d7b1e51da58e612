"""Holding a gateway, and moving what waits at it to another."""

import pytest
from sqlalchemy import update

from tests.deciding import put
from tests.pages import CheckingClient, Page, words_of
from tests.views.messages.forms import PARTIAL, add_gateway
from webpanel import gateways
from webpanel.intake import steps
from webpanel.models import Message, db
from webpanel.services import Services


@pytest.fixture
def parts(app) -> Services:
    return app.extensions["webpanel"]


@pytest.fixture
def source(parts: Services) -> int:
    return add_gateway(parts, name="Source")


@pytest.fixture
def target(parts: Services) -> int:
    return add_gateway(parts, name="Target")


def at(app, gateway_id: int) -> int:
    with app.app_context():
        return db.session.query(Message).filter_by(gateway_id=gateway_id).count()


def confirmed(page: Page) -> dict[str, str]:
    return {"run": page.by_id("confirm-run").get("value", "")}


def answer(client: CheckingClient, source: int, sent: dict[str, str], status: int = 200, **kwargs) -> Page:
    response = client.post(f"/gateways/{source}/waiting", data=sent, **kwargs)
    assert response.status_code == status, response.get_data(as_text=True)
    return Page(response.get_data(as_text=True))


def test_a_gateway_is_held_and_released(administrator: CheckingClient, parts: Services, source: int) -> None:
    [message_id] = put(parts.store, "queued", gateway_id=source)
    response = administrator.post(f"/gateways/{source}/hold", headers=PARTIAL)
    fragment = Page(response.get_data(as_text=True))
    assert "is on hold" in words_of(fragment.by_id("gateways-said"))
    row = words_of(fragment.by_id(f"gateway-{source}"))
    assert "on hold By ada, since" in row
    assert "Release" in row
    told = administrator.page(f"/messages/{message_id}").text
    assert "The gateway “Source” is on hold (ada); the message waits" in told
    page = Page(administrator.post(f"/gateways/{source}/release", follow_redirects=True).text)
    assert "By ada" not in words_of(page.by_id(f"gateway-{source}"))
    assert "released" in page.said[0]
    assert "on hold (ada)" not in administrator.page(f"/messages/{message_id}").text


def test_what_waits_is_moved(app, administrator: CheckingClient, parts: Services, source: int, target: int):
    [message_id, *_] = put(parts.store, "queued", 4, gateway_id=source)
    put(parts.store, "queued", first=10, gateway_id=source, possible_duplicate=True)
    put(parts.store, "sending", first=11, gateway_id=source)
    row = administrator.page("/gateways/").by_id(f"gateway-{source}")
    [link] = [a.get("href") for a in row.iter("a") if words_of(a).startswith("Move 5 waiting")]
    page = administrator.page(link)
    assert "5 messages wait at this gateway. 1 more is on its way just now and stays." in page.text
    assert [option.text for option in page.by_id("target").iter("option")] == ["Choose one", "Target"]
    page = administrator.page(f"{link}?target={target}")
    assert words_of(page.by_id("confirm")) == "Move 4 messages"
    assert "1: The provider may have taken them already" in words_of(page.by_id("counted"))
    assert at(app, target) == 0
    done = answer(administrator, source, confirmed(page))
    assert "4 messages now wait for “Target”." in words_of(done.by_id("run"))
    assert at(app, target) == 4
    story = administrator.page(f"/messages/{message_id}").text
    assert "Moved from the gateway “Source” to “Target” by a person." in story
    assert "ada" in story[story.index("What happened") :]
    assert "1: They were" not in done.text
    answer(administrator, source, confirmed(page))
    assert at(app, target) == 4


@pytest.mark.parametrize("chosen", ["", "77", "source", "off", "x"])
def test_a_target_is_another_one_that_is_on(
    administrator: CheckingClient, parts: Services, source: int, target: int, chosen: str
) -> None:
    put(parts.store, "queued", gateway_id=source)
    gateways.set_enabled(parts.store, target, False)
    add_gateway(parts, name="Third")
    wanted = {"source": source, "off": target}.get(chosen, chosen)
    response = administrator.get(f"/gateways/{source}/waiting?target={wanted}")
    assert response.status_code == 422
    assert "one that is on" in words_of(Page(response.text).by_id("target-error"))


def test_nothing_waits_or_there_is_no_other(
    administrator: CheckingClient, parts: Services, source: int
) -> None:
    assert "Nothing waits at this gateway." in administrator.page(f"/gateways/{source}/waiting").text
    put(parts.store, "queued", gateway_id=source)
    assert "There is no other gateway that is on." in administrator.page(f"/gateways/{source}/waiting").text


def test_more_than_were_counted_are_asked_about_again(
    app, administrator: CheckingClient, parts: Services, source: int, target: int
) -> None:
    put(parts.store, "queued", 2, first=5, gateway_id=source)
    put(parts.store, "sending", gateway_id=source)
    page = administrator.page(f"/gateways/{source}/waiting?target={target}")
    # One that was on its way comes back to wait, and a new one comes.
    back = update(Message.__table__).where(Message.state == "sending")
    due = {"state": "queued", "due_at": Message.created_at}
    parts.store.write(lambda connection: connection.execute(back.values(due)))
    put(parts.store, "queued", first=20, gateway_id=source)
    again = answer(administrator, source, confirmed(page), 409)
    assert "Nothing was done" in again.alert
    assert words_of(again.by_id("confirm")) == "Move 3 messages"
    assert at(app, target) == 0
    answer(administrator, source, confirmed(again))
    assert (at(app, source), at(app, target)) == (1, 3)


def test_a_long_move_goes_on_step_by_step(  # noqa: PLR0913, PLR0917 - fixtures
    app, administrator: CheckingClient, parts: Services, source: int, target: int, monkeypatch
) -> None:
    monkeypatch.setattr(steps, "STEP", 0.0)
    put(parts.store, "queued", steps.GROUP + 1, gateway_id=source)
    page = administrator.page(f"/gateways/{source}/waiting?target={target}")
    page = answer(administrator, source, confirmed(page))
    assert "100 of 101 so far." in page.text
    page = answer(administrator, source, {"run": page.by_id("run-next").get("value")}, headers=PARTIAL)
    page = answer(administrator, source, {"run": page.by_id("run-next").get("value")}, headers=PARTIAL)
    assert "101 messages now wait" in page.text
    assert at(app, target) == 101


def test_a_confirmation_is_of_its_gateway(
    app, administrator: CheckingClient, parts: Services, source: int, target: int
) -> None:
    put(parts.store, "queued", gateway_id=source)
    page = administrator.page(f"/gateways/{source}/waiting?target={target}")
    other = add_gateway(parts, name="Third")
    for gateway_id, sent in ((other, confirmed(page)), (source, {}), (source, {"run": "x"})):
        answer(administrator, gateway_id, sent, 422)
    assert at(app, target) == 0


def test_a_stopped_target_says_so(
    administrator: CheckingClient, parts: Services, source: int, target: int
) -> None:
    put(parts.store, "queued", gateway_id=source)
    gateways.hold(parts.store, target, "ada")
    page = administrator.page(f"/gateways/{source}/waiting")
    options = [option.text for option in page.by_id("target").iter("option")]
    assert options[1] == "Target (on hold: messages wait)"
