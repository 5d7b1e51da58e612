"""The page on which many messages are decided about at once."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.deciding import put
from tests.pages import CheckingClient, Page, words_of
from tests.sending.panel import ago
from tests.views.messages.forms import PARTIAL
from webpanel import gateways, panel
from webpanel.intake import steps
from webpanel.models import Message
from webpanel.services import Services

ASK = "/messages/together?state=unknown&decision="


def confirmed(page: Page) -> dict[str, str]:
    """What the page's confirmation sends."""
    return {"run": page.by_id("confirm-run").get("value", "")}


def answer(client: CheckingClient, sent: dict[str, str], status: int = 200, **kwargs) -> Page:
    response = client.post("/messages/together", data=sent, **kwargs)
    assert response.status_code == status, response.get_data(as_text=True)
    return Page(response.get_data(as_text=True))


def states(parts: Services) -> dict[str, int]:
    with Session(parts.store.engine) as session:
        return dict(session.execute(select(Message.state, func.count()).group_by(Message.state)).all())


def error_of(page: Page, field: str) -> str:
    return words_of(page.by_id(f"{field}-error"))


@pytest.mark.parametrize(
    ("decision", "asks", "told", "after"),
    [
        ("sent", "Mark 40 messages as sent", "40 messages are marked as sent", {"sent": 40}),
        ("failed", "Mark 40 messages as failed", "40 messages are marked as failed", {"failed": 40}),
        (
            "resend",
            "Send 40 messages once more",
            "40 messages are sent once more",
            {"failed": 40, "queued": 40},
        ),
    ],
)
def test_forty_unclear_ones_are_decided(  # noqa: PLR0913, PLR0917 - what is asked, and what is said
    sender: CheckingClient, parts: Services, gateway: int, decision: str, asks: str, told: str, after: dict
) -> None:
    ids = put(parts.store, "unknown", 40, gateway_id=gateway)
    page = sender.page(f"{ASK}{decision}&gateway={gateway}")
    assert words_of(page.by_id("counted-title")) == "40 messages are unclear."
    assert words_of(page.by_id("confirm")) == asks
    assert "+447911100004" in page.text
    assert "The first 5 of 40." in page.text
    assert states(parts) == {"unknown": 40}
    done = answer(sender, confirmed(page))
    assert told in words_of(done.by_id("run"))
    assert states(parts) == after
    story = sender.page(f"/messages/{ids[0]}").text
    assert "sam" in story[story.index("What happened") :]
    # The same page once more, as a reload sends it.
    twice = words_of(answer(sender, confirmed(page)).by_id("run"))
    assert "40: They were decided, or changed, after they were counted" in twice
    assert states(parts) == after


def test_failed_ones_since_a_time(sender: CheckingClient, parts: Services, gateway: int) -> None:
    put(parts.store, "failed", 3, gateway_id=gateway)
    put(parts.store, "failed", 2, first=10, gateway_id=gateway, final_at=ago(7200))
    since = ago(3600).strftime("%Y-%m-%dT%H:%M")
    page = sender.page(f"/messages/together?state=failed&decision=resend&since={since}")
    assert words_of(page.by_id("counted-title")) == "3 messages failed."
    assert page.by_id("since").get("value") == since
    answer(sender, confirmed(page))
    assert states(parts) == {"failed": 5, "queued": 3}


def test_times_are_the_panels(sender: CheckingClient, parts: Services, gateway: int) -> None:
    panel.set_time_zone(parts.store, "Asia/Tokyo")
    put(parts.store, "failed", 1, gateway_id=gateway, final_at=ago(60))

    def told(hours: float) -> str:
        since = ago(hours * 3600).strftime("%Y-%m-%dT%H:%M")
        page = sender.page(f"/messages/together?state=failed&decision=resend&since={since}")
        assert "Asia/Tokyo" in words_of(page.by_id("since-help"))
        return words_of(page.by_id("counted-title"))

    # What is written as UTC is nine hours earlier when Tokyo's clock shows it.
    assert told(1) == "1 message failed."
    assert told(-8.9) == "1 message failed."
    assert told(-9.2) == "0 messages failed."


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("state=failed&decision=resend", "since", "Say from when on"),
        ("state=failed&decision=sent&since=2026-01-01T00:00", "decision", "Only unclear messages"),
        ("state=unknown&decision=sent&since=soon", "since", "2026-01-31T14:30"),
        ("state=unknown&decision=sent&until=0001-01-01T00:00", "until", "2026-01-31T14:30"),
        ("state=unknown&decision=sent&until=2026-01-01T00:00Z", "until", "2026-01-31T14:30"),
        ("state=unknown&decision=sent&since=2026-01-02T00:00&until=2026-01-01T00:00", "until", "before"),
        ("state=unknown&decision=sent&gateway=77", "gateway", "no such gateway"),
        ("state=unknown&decision=burn", "decision", ""),
        ("state=sent&decision=sent", "which", ""),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    sender: CheckingClient, query: str, field: str, said: str
) -> None:
    response = sender.get(f"/messages/together?{query}")
    assert response.status_code == 422
    page = Page(response.get_data(as_text=True))
    assert said in error_of(page, field)
    for part in query.split("&"):
        name, _, typed = part.partition("=")
        if name in ("since", "until"):
            assert page.by_id(name).get("value") == typed


def test_nothing_to_decide(sender: CheckingClient) -> None:
    page = sender.page(f"{ASK}sent")
    assert "There is nothing to decide" in page.text
    assert not [each for each in page.all("button") if each.get("id") == "confirm"]
    assert sender.page("/messages/together").heading == "Decide about many messages"


def test_what_stays_is_told_before_and_after(sender: CheckingClient, parts: Services, gateway: int) -> None:
    put(parts.store, "unknown", 2, gateway_id=gateway)
    put(parts.store, "unknown", 3, first=10, gateway_id=gateway, sensitive=True, text=None)
    page = sender.page(f"{ASK}resend")
    assert "3: They are sensitive" in words_of(page.by_id("counted"))
    assert words_of(page.by_id("confirm")) == "Send 2 messages once more"
    done = answer(sender, confirmed(page))
    assert "2 messages are sent once more" in done.text
    shown = [a.get("href") for a in done.by_id("run").iter("a") if words_of(a) == "Show one of them"]
    assert shown == ["/messages/01M85000000000000000000010"]
    put(parts.store, "unknown", 1, first=20, gateway_id=None)
    assert "None of them can be sent once more" in sender.page(f"{ASK}resend").text


def test_more_than_were_counted_are_asked_about_again(
    sender: CheckingClient, parts: Services, gateway: int
) -> None:
    put(parts.store, "unknown", 2, gateway_id=gateway)
    page = sender.page(f"{ASK}sent")
    # Such as by a clock that was put back.
    put(parts.store, "unknown", 1, first=10, gateway_id=gateway)
    again = answer(sender, confirmed(page), 409)
    assert "Nothing was done" in again.alert
    assert words_of(again.by_id("confirm")) == "Mark 3 messages as sent"
    assert states(parts) == {"unknown": 3}
    answer(sender, confirmed(again))
    assert states(parts) == {"sent": 3}


def test_what_becomes_unclear_later_is_left(sender: CheckingClient, parts: Services, gateway: int) -> None:
    put(parts.store, "unknown", 2, gateway_id=gateway)
    page = sender.page(f"{ASK}sent")
    put(parts.store, "unknown", 1, first=10, gateway_id=gateway, final_at=ago(-5))
    answer(sender, confirmed(page))
    assert states(parts) == {"sent": 2, "unknown": 1}


def test_a_long_one_goes_on_step_by_step(
    sender: CheckingClient, parts: Services, gateway: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "STEP", 0.0)
    put(parts.store, "unknown", 2 * steps.GROUP, first=1, gateway_id=gateway)
    put(parts.store, "unknown", recipient="INFO", gateway_id=gateway)
    page = answer(sender, confirmed(sender.page(f"{ASK}resend")))
    assert page.is_whole
    assert "100 of 201 so far. 99 messages are sent once more" in page.text
    assert page.by_id("run-go-on").get("hx-trigger") == "load, submit"
    # As htmx goes on, and then as a browser without scripts.
    page = answer(sender, {"run": page.by_id("run-next").get("value")}, headers=PARTIAL)
    assert not page.is_whole
    assert "200 of 201 so far." in page.text
    while "so far" in page.text:
        page = answer(sender, {"run": page.by_id("run-next").get("value")})
    assert "200 messages are sent once more" in page.text
    # What the first step could not do is told by the last.
    assert "1: A phone number has no letters." in words_of(page.by_id("run"))
    assert states(parts) == {"failed": 200, "queued": 200, "unknown": 1}


def test_a_full_disk_says_what_was_done(sender: CheckingClient, parts: Services, gateway: int) -> None:
    put(parts.store, "unknown", 2, gateway_id=gateway)
    sent = confirmed(sender.page(f"{ASK}sent"))
    parts.store.close()
    page = answer(sender, sent, 503)
    assert "The rest could not be stored" in page.alert
    assert states(parts) == {"unknown": 2}


def test_nobody_is_sent_a_page_that_decides_something_else(
    sender: CheckingClient, administrator: CheckingClient, parts: Services, gateway: int
) -> None:
    put(parts.store, "unknown", 2, gateway_id=gateway)
    of_sam = confirmed(sender.page(f"{ASK}sent"))
    for client, sent in ((administrator, of_sam), (sender, {"run": of_sam["run"] + "x"}), (sender, {})):
        assert "came in part only" in answer(client, sent, 422).alert
    assert states(parts) == {"unknown": 2}


def test_the_list_leads_there_with_its_filters(sender: CheckingClient, stored, gateway: int) -> None:
    stored("unknown", gateway_id=gateway)
    stored("sent", gateway_id=gateway)

    def links(query: str) -> dict[str, str]:
        found = sender.page(f"/messages?{query}").by_id("found").iter("a")
        return {words_of(a): a.get("href", "") for a in found}

    link = links(f"state=unknown&gateway={gateway}&since=2026-01-01")["Decide all together…"]
    assert link == f"/messages/together?state=unknown&gateway={gateway}&since=2026-01-01T00:00"
    assert sender.page(link).by_id("since").get("value") == "2026-01-01T00:00"
    assert "Decide all together…" not in links("state=sent")


def test_a_gateway_without_a_name_any_more(sender: CheckingClient, parts: Services, gateway: int) -> None:
    put(parts.store, "unknown", 1, gateway_id=gateway)
    gateways.remove(parts.store, gateway, "ada")
    page = sender.page(f"{ASK}sent&gateway=deleted")
    assert words_of(page.by_id("counted-title")) == "1 message is unclear."
    done = answer(sender, confirmed(page))
    links = [a.get("href") for a in done.by_id("run").iter("a")]
    assert "/messages?state=unknown&gateway=deleted" in links


def test_nothing_is_chosen_for_the_reader(sender: CheckingClient, parts: Services, gateway: int) -> None:
    put(parts.store, "unknown", 2, gateway_id=gateway)
    page = sender.page("/messages/together?state=unknown")
    chosen = [each.get("value") for each in page.by_id("decision").iter("option")]
    assert chosen[0] == ""
    response = sender.get(ASK)
    assert response.status_code == 422
    page = Page(response.get_data(as_text=True))
    assert error_of(page, "decision") == "Say what to do with them."
    assert 'id="confirm"' not in response.text
