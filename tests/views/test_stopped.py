"""What says on every page that a gateway is stopped."""

import pytest
from sqlalchemy import update

from tests.pages import CheckingClient, Page, words_of
from tests.views.messages.forms import PARTIAL, add_gateway
from webpanel.models import Gateway
from webpanel.store import from_now

#: As a verdict stores it, with what a provider may have written into it.
REASON = {"code": "rejections_in_a_row", "values": {"count": 10}}
SAID = "The provider refused the last 10 messages"


@pytest.fixture
def parts(app):
    return app.extensions["webpanel"]


@pytest.fixture
def stop(parts):
    def stopped(name: str) -> int:
        gateway_id = add_gateway(parts, name=name)
        change = (
            update(Gateway.__table__)
            .where(Gateway.__table__.c.id == gateway_id)
            .values(stopped_at=from_now(), stopped_reason=REASON)
        )
        parts.store.write(lambda connection: connection.execute(change))
        return gateway_id

    return stopped


def banner(page: Page) -> str:
    """Its words; blank where there is none."""
    found = [each for each in page.all("aside") if each.get("id") == "needs"]
    return words_of(found[0]) if found else ""


PATHS = ("/send", "/messages", "/users/", "/settings", "/gateways/new", "/no/such/page")


def test_no_banner_while_all_go_on(administrator: CheckingClient, parts) -> None:
    add_gateway(parts)
    assert [banner(Page(administrator.get(path).text)) for path in PATHS] == [""] * len(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_administrators_are_told_why_and_where_to_go(administrator: CheckingClient, stop, path: str) -> None:
    stop("<i>One</i>")
    page = Page(administrator.get(path).text)
    assert "The gateway “<i>One</i>” is stopped; its messages wait." in banner(page)
    assert SAID in banner(page)
    assert [a.get("href") for a in page.by_id("needs").iter("a")] == ["/gateways/"]


def test_several_are_named_and_the_first_ones_reason_told(administrator: CheckingClient, stop) -> None:
    stop("One")
    stop("Two")
    said = banner(administrator.page("/messages"))
    assert "2 gateways are stopped, and their messages wait: “One”, “Two”." in said
    assert said.count(SAID) == 1
    assert f"“One”: {SAID}" in said


def test_senders_are_told_only_that_messages_wait(sender: CheckingClient, stop) -> None:
    stop("One")
    page = sender.page("/messages")
    assert banner(page) == "The gateway “One” is stopped; its messages wait."
    assert not list(page.by_id("needs").iter("a"))


def test_fragments_and_strangers_get_none(
    administrator: CheckingClient, client: CheckingClient, stop
) -> None:
    stop("One")
    assert not banner(Page(administrator.get("/messages", headers=PARTIAL).text))
    assert not banner(client.page("/login"))


def test_a_page_that_tells_of_it_itself_does_not_tell_it_twice(administrator: CheckingClient, stop) -> None:
    one = stop("One")
    assert administrator.get("/gateways/").text.count(SAID) == 1
    assert administrator.get(f"/gateways/{one}").text.count(SAID) == 1
    two = stop("Two")
    assert "“One” is stopped" in banner(administrator.page(f"/gateways/{two}"))


def test_the_send_page_marks_it_in_the_list(sender: CheckingClient, parts, stop) -> None:
    stop("One")
    add_gateway(parts, name="Two")
    chosen = sender.page("/send").by_id("gateway").findall("option")
    assert [words_of(each) for each in chosen] == ["One (stopped: messages wait)", "Two"]


def test_it_is_told_who_takes_over(administrator: CheckingClient, parts, stop) -> None:
    one = stop("One")
    add_gateway(parts, name="<i>Two</i>")
    named = update(Gateway.__table__).where(Gateway.__table__.c.id == one).values(next_gateway="<i>Two</i>")
    parts.store.write(lambda connection: connection.execute(named))
    said = banner(administrator.page("/messages"))
    assert said.startswith(f"The gateway “One” is stopped; “<i>Two</i>” takes over. {SAID}")
    assert "“<i>Two</i>” takes over." in words_of(administrator.page("/gateways/").by_id(f"gateway-{one}"))
    assert "“<i>Two</i>” takes over." in words_of(administrator.page("/dashboard").by_id(f"doing-{one}"))
    chosen = administrator.page("/send").by_id("gateway").findall("option")
    assert words_of(chosen[0]) == "One (stopped: <i>Two</i> takes over)"
    two = stop("Three")
    assert "“One” takes over" not in words_of(administrator.page("/gateways/").by_id(f"gateway-{two}"))
    said = banner(administrator.page("/messages"))
    assert said.startswith(
        "The gateway “Three” is stopped; its messages wait. The gateway “One” is stopped; "
    )
