"""The Messages page."""

from tests.pages import CheckingClient, Page, words_of
from tests.views.messages.forms import PARTIAL


def rows(page: Page) -> list[str]:
    return [words_of(row) for row in page.by_id("found").iter("tr")][1:]


def test_the_list_filters_by_page_and_by_fragment(sender: CheckingClient, stored) -> None:
    stored("sent", text="One")
    stored("failed", text="Two", test=True)
    assert ["Two" in row for row in rows(sender.page("/messages"))] == [True, False]
    page = sender.page("/messages?state=failed")
    assert len(rows(page)) == 1
    assert "Failed Test" in rows(page)[0]
    response = sender.get("/messages?state=failed&text=two", headers=PARTIAL)
    fragment = Page(response.get_data(as_text=True))
    assert not fragment.is_whole
    assert len(rows(fragment)) == 1
    assert "HX-Request-Type" in response.headers["Vary"]


def test_empty_lists_say_what_to_do(sender: CheckingClient, stored) -> None:
    assert "No message yet" in words_of(sender.page("/messages").root)
    stored("sent")
    assert "No message is like that" in words_of(sender.page("/messages?state=held").root)


def test_a_filter_that_cannot_be_read_is_said(sender: CheckingClient) -> None:
    response = sender.get("/messages?number=7&since=soon")
    page = Page(response.get_data(as_text=True))
    assert response.status_code == 422
    assert "three digits" in words_of(page.by_id("found"))
    assert page.by_id("filter-number").get("value") == "7"


def test_pages_lead_on_and_back_with_their_filters(sender: CheckingClient, stored) -> None:
    for number in range(120):
        stored("sent" if number % 2 else "failed", text=f"No {number}")
    first = sender.page("/messages?state=sent")
    older = link(first, "next")
    assert link(first, "prev") is None
    assert "state=sent" in older
    second = sender.page(older)
    assert (len(rows(first)), len(rows(second))) == (50, 10)
    assert link(second, "next") is None
    assert rows(sender.page(link(second, "prev"))) == rows(first)


def link(page: Page, relation: str) -> str | None:
    return next((a.get("href") for a in page.by_id("found").iter("a") if a.get("rel") == relation), None)
