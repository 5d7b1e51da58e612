"""The dashboard: what its page tells, and how it looks again."""

import pytest
from sqlalchemy import text

from tests.figures.rows import ago, alter_gateway, attempt, message, put
from tests.pages import CheckingClient, Page, words_of
from tests.views.messages.forms import PARTIAL, add_gateway
from webpanel import panel


@pytest.fixture
def parts(app):
    return app.extensions["webpanel"]


def test_it_is_an_administrator_s_first_page(administrator, sender, parts) -> None:
    assert administrator.get("/").location == "/gateways/"
    add_gateway(parts)
    assert administrator.get("/").location == "/dashboard"
    assert sender.get("/").location == "/send"
    assert sender.get("/dashboard").status_code == 403


def test_before_there_is_anything(administrator) -> None:
    page = administrator.page("/dashboard")
    assert words_of(page.by_id("glance-day")) == "Last 24 hours 0 messages nothing to send yet"
    assert words_of(page.by_id("glance-waiting")) == "Waiting 0 messages everything is on its way"
    assert words_of(page.by_id("glance-unclear")) == "Unclear, needs you 0 messages nothing to decide"
    assert "No message was accepted in this time." in words_of(page.by_id("plot-month"))
    assert "There is no gateway yet." in words_of(page.by_id("doing"))


def table(page: Page, name: str) -> tuple[list[str], list[list[str]]]:
    """The head of the figures of that plot, and its rows."""
    found = next(each for each in page.by_id(f"plot-{name}").iter("table"))
    rows = [[words_of(cell) for cell in row] for row in found.iter("tr")]
    return rows[0], rows[1:]


def test_plots_and_tables_tell_the_same(administrator: CheckingClient, parts) -> None:
    states = ["sent", "sent", "delivered", "failed", "expired", "unknown", "queued", "cancelled"]
    put(parts.store, [message(state, ago(seconds=number)) for number, state in enumerate(states)])
    put(parts.store, [message("sent", ago(days=3)), message("sent", ago(days=40))])
    page = administrator.page("/dashboard")
    head, day = table(page, "day")
    assert head == [
        *("From", "Delivered", "Sent", "Waiting", "Unclear"),
        *("Failed, not delivered or too late", "Cancelled", "All"),
    ]
    sums = [sum(int(row[number]) for row in day) for number in range(1, 8)]
    assert (len(day), sums) == (24, [1, 2, 1, 1, 2, 1, 8])
    _, month = table(page, "month")
    assert (len(month), sum(int(row[-1]) for row in month), month[-4][-1]) == (30, 9, "1")
    assert "Delivered: 1 Sent: 2 Waiting: 1 Unclear: 1 Failed" in words_of(page.by_id("plot-day"))
    assert "3 of them (37%) accepted by a provider" in words_of(page.by_id("glance-day"))
    bars = [each.get("class") for each in page.by_id("plot-day").iter("{http://www.w3.org/2000/svg}rect")]
    assert {each for each in bars if each and each.startswith("flow-")} == {
        *("flow-sent", "flow-delivered", "flow-failed", "flow-unclear", "flow-waiting", "flow-cancelled")
    }


def test_what_waits_and_what_is_unclear_are_one_click_away(administrator, parts) -> None:
    waits, later = message("queued", ago(hours=2)), message("sending", ago(hours=1))
    put(parts.store, [later, waits, message("unknown", ago(hours=3))])
    page = administrator.page("/dashboard")
    assert [a.get("href") for a in page.by_id("glance-waiting").iter("a")] == [f"/messages/{waits['id']}"]
    assert [a.get("href") for a in page.by_id("glance-unclear").iter("a")] == ["/messages?state=unknown"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, "on 1 66% of 3 1.20 s 1"),
        ({"enabled": False}, "off 1 "),
        ({"held_at": -60, "held_by": "Ada"}, "on hold since 20"),
        ({"failing_since": -60}, "paused after failures since 20"),
        ({"paused_until": 600}, "paused until 20"),
        ({"paused_until": -60}, "on 1 66%"),
        (
            {"stopped_at": -60, "stopped_reason": {"code": "rejections_in_a_row", "values": {"count": 10}}},
            "stopped since 20",
        ),
    ],
)
def test_a_gateway_is_told_with_what_keeps_it(administrator, parts, columns, said) -> None:
    gateway = add_gateway(parts, name="<i>One</i>")
    alter_gateway(parts.store, gateway, **columns)
    sent = [message("sent", ago(seconds=number)) for number in range(10, 13)]
    tries = [attempt(row["id"], gateway, row["created_at"]) for row in sent]
    tries[1] |= {"started_at": ago(minutes=5), "duration_ms": 1200}
    tries[2] |= {"outcome": "not_sent"}
    put(parts.store, [*sent, message("queued", ago(seconds=9), gateway_id=gateway)], reversed(tries))
    told = words_of(administrator.page("/dashboard").by_id(f"doing-{gateway}"))
    assert told.startswith(f"<i>One</i> {said}")
    if "stopped_reason" in columns:
        assert "The provider refused the last 10 messages" in told


def test_the_fragment_is_the_page_s_own_and_says_nothing_twice(administrator, parts) -> None:
    put(parts.store, [message("sent", ago(hours=1))])
    whole = administrator.page("/dashboard").by_id("dashboard")
    address = whole.get("hx-get")
    assert administrator.get(address, headers=PARTIAL).status_code == 204
    put(parts.store, [message("unknown", ago(hours=2))])
    answer = administrator.get(address, headers=PARTIAL)
    page = Page(answer.text)
    assert not page.is_whole
    assert "HX-Request-Type" in answer.vary
    assert page.by_id("dashboard").get("hx-get") != address
    # The banner comes with the part that updates itself, and once.
    assert words_of(page.by_id("needs")).startswith("For one message")
    assert administrator.get("/dashboard").text.count('id="needs"') == 1


def test_hours_and_days_are_those_of_the_panel_s_time_zone(administrator, parts) -> None:
    panel.set_time_zone(parts.store, "Asia/Kolkata")
    put(parts.store, [message("sent", ago(minutes=1))])
    page = administrator.page("/dashboard")
    assert "Asia/Kolkata" in words_of(page.by_id("plot-day"))
    with parts.store.engine.connect() as connection:
        there = connection.execute(text("SELECT strftime('%Y-%m-%d %H', 'now', '+330 minutes')")).scalar()
    assert table(page, "day")[1][-1][0] == f"{there}:00"
