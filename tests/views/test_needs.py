"""The lines of the banner beside those of stopped gateways."""

import time

import pytest
from sqlalchemy import update

from tests.calling import add_application
from tests.figures.rows import ago, alter_gateway, attempt, message, put
from tests.pages import CheckingClient, Page, words_of
from tests.views.messages.forms import add_gateway
from webpanel.heartbeat import Heartbeat
from webpanel.models import Application
from webpanel.store import from_now
from webpanel.views import needs


@pytest.fixture
def parts(app):
    return app.extensions["webpanel"]


@pytest.fixture
def gateway(parts) -> int:
    return add_gateway(parts, name="One")


def lines(page: Page) -> list[str]:
    found = [each for each in page.all("aside") if each.get("id") == "needs"]
    return [words_of(line) for each in found for line in each.iter("p")]


def links(page: Page) -> list[str | None]:
    return [a.get("href") for a in page.by_id("needs").iter("a")]


def test_unclear_messages_wait_for_anybody(administrator, sender, parts) -> None:
    put(parts.store, [message("unknown", ago(hours=1)), message("sent", ago(hours=1))])
    for person in (administrator, sender):
        page = person.page("/messages")
        assert lines(page) == [
            "For one message it is not certain whether the provider took it: somebody must look. "
            "To the unclear messages"
        ]
        assert links(page) == ["/messages?state=unknown"]
    put(parts.store, [message("unknown", ago(days=40))])
    assert lines(sender.page("/send"))[0].startswith("For 2 messages it is not certain")


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"failing_since": -600}, True),
        ({"failing_since": -60}, False),
        ({"failing_since": -600, "enabled": False}, False),
        ({"failing_since": -600, "held_at": -60}, False),
    ],
)
def test_a_gateway_that_is_paused_after_failures_for_long(
    administrator, parts, gateway, columns, told
) -> None:
    alter_gateway(parts.store, gateway, **columns)
    found = lines(administrator.page("/send"))
    assert len(found) == told
    if told:
        assert found[0].startswith("The gateway “One” is paused after failures; one message at a time")
        assert "Since: 20" in found[0]


@pytest.mark.parametrize(
    ("columns", "tried", "told"),
    [
        ({}, 480, True),
        ({}, 20, False),
        ({"paced_until": 60 + time.time()}, 480, False),
        ({"paced_until": time.time() - 400}, 480, True),
        ({"paused_until": -10}, 480, False),
        ({"paused_until": 60}, 480, False),
        ({"resumed_at": -10}, 480, False),
        ({"held_at": -10}, 480, False),
        ({"enabled": False}, 480, False),
    ],
)
def test_what_is_due_and_left(administrator: CheckingClient, parts, columns, tried, told) -> None:
    """The gateway's last attempt was ``tried`` seconds ago."""
    gateway = add_gateway(parts, name="One")
    waits, other = message("queued", ago(minutes=10), gateway_id=gateway), message("sent", ago(minutes=10))
    put(parts.store, [waits, other], [attempt(other["id"], gateway, ago(seconds=tried))])
    alter_gateway(parts.store, gateway, **columns)
    # Nobody sends here: the sender of this panel was never started.
    assert [each[:21] for each in lines(administrator.page("/send"))] == ["Nothing is being sent"] * told
    Heartbeat(parts.config.instance).beat()
    said = ["Messages wait for the gateway “One”, and nothing is sent by it."] * told
    assert [each.partition(" Since")[0] for each in lines(administrator.page("/send"))] == said


def test_what_waits_for_a_moment_is_no_news(administrator, parts, gateway) -> None:
    put(parts.store, [message("queued", ago(minutes=4), gateway_id=gateway)])
    assert lines(administrator.page("/send")) == []


def test_a_disk_that_is_nearly_full_is_an_administrator_s_matter(administrator, sender, monkeypatch) -> None:
    monkeypatch.setattr(needs, "LOW_DISK", 1 << 62)
    assert lines(administrator.page("/send"))[0].startswith("The disk is nearly full: ")
    assert lines(sender.page("/send")) == []


def test_callbacks_that_were_switched_off_are_an_administrator_s_matter(app, administrator, sender) -> None:
    add_application(app, name="<i>Moodle</i>")
    assert lines(administrator.page("/send")) == []
    change = update(Application.__table__).values(callback_off_at=from_now(-60))
    app.extensions["webpanel"].store.write(lambda connection: connection.execute(change))
    page = administrator.page("/send")
    said = "The callbacks of the application “<i>Moodle</i>” are switched off: none was taken."
    assert lines(page)[0].startswith(said)
    assert links(page) == ["/applications/1#callbacks"]
    assert lines(sender.page("/send")) == []


def test_the_most_urgent_line_comes_first(administrator, parts, gateway) -> None:
    put(parts.store, [message("unknown", ago(hours=1))])
    alter_gateway(parts.store, gateway, stopped_at=-10)
    assert [each[:11] for each in lines(administrator.page("/send"))] == ["The gateway", "For one mes"]
