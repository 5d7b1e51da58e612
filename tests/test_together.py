"""Deciding about many messages at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.deciding import URL, again, at_once, counted, hand, numbers, put, states, to_the_end
from tests.sending.panel import SendingPanel, ago, running
from webpanel import intake
from webpanel.intake import Chosen, Progress, decide, steps
from webpanel.models import Event, Gateway, Message


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[SendingPanel]:
    with running(tmp_path) as panel:
        yield panel


def actors(panel: SendingPanel, code: str) -> set[tuple[str, str]]:
    with Session(panel.engine) as session:
        found = session.execute(select(Event.message_id, Event.actor).where(Event.code == code))
        return {(row.message_id, row.actor) for row in found}


def test_unclear_ones_are_sent_once_more(panel: SendingPanel) -> None:
    gateway_id = panel.gateway(URL)
    ids = put(panel.store, "unknown", 3, gateway_id=gateway_id, priority=2)
    found = counted(panel, Chosen("unknown"))
    assert (found.total, found.able, found.left) == (3, 3, {})
    assert [row.id for row in found.examples] == ids
    progress = to_the_end(panel, found.chosen, "resend", "grace")
    assert (progress.done, progress.left) == (3, {})
    assert states(panel) == {"failed": 3, "queued": 3}
    assert again(panel) == ids
    assert panel.message(ids[0]).reason == {"code": "resent_unclear", "values": {}}
    assert actors(panel, "event_resent") == {(each, "grace") for each in ids}
    with Session(panel.engine) as session:
        new = session.scalars(select(Message).where(Message.resent_from == ids[0])).one()
        assert (new.recipient, new.text, new.gateway_id) == ("+447911100000", "Hello", gateway_id)
        assert (new.created_by, new.priority, new.due_at) == ("grace", 2, new.created_at)
    assert panel.rings == [gateway_id]


@pytest.mark.parametrize("state", ["sent", "failed"])
def test_unclear_ones_are_marked(panel: SendingPanel, state: str) -> None:
    ids = put(panel.store, "unknown", 3, gateway_id=panel.gateway(URL))
    found = counted(panel, Chosen("unknown"), state)
    assert to_the_end(panel, found.chosen, state, "grace").done == 3
    assert states(panel) == {state: 3}
    assert actors(panel, f"event_marked_{state}") == {(each, "grace") for each in ids}
    assert panel.message(ids[0]).reason == {"code": f"event_marked_{state}", "values": {}}
    assert panel.message(ids[0]).final_at > ago(60)


def test_failed_ones_are_sent_once_more_and_stay_failed(panel: SendingPanel) -> None:
    put(panel.store, "failed", 2, gateway_id=panel.gateway(URL))
    found = counted(panel, Chosen("failed", since=ago(600)))
    assert to_the_end(panel, found.chosen, "resend").done == 2
    assert states(panel) == {"failed": 2, "queued": 2}


def test_what_cannot_be_sent_once_more_is_told_by_reason(panel: SendingPanel) -> None:
    on, off = panel.gateway(URL), panel.gateway(URL, name="Off", enabled=False)
    kinds = [
        {"gateway_id": on},
        {"gateway_id": on, "sensitive": True, "text": None},
        {"gateway_id": on, "recipient": None},
        {"gateway_id": on, "test": True},
        {"gateway_id": None},
        {"gateway_id": off},
        {"gateway_id": on, "recipient": "INFO"},
    ]
    for first, columns in enumerate(kinds):
        put(panel.store, "unknown", first=first, **columns)
    found = counted(panel, Chosen("unknown"))
    told = dict.fromkeys(
        (
            *("resend_sensitive", "resend_removed", "resend_test"),
            *("resend_gateway_gone", "resend_gateway_off"),
        ),
        1,
    )
    assert (found.total, found.left) == (7, told)
    progress = to_the_end(panel, found.chosen, "resend")
    # Whether the gateway still takes such a number only a try can tell.
    assert (progress.done, numbers(progress)) == (1, {**told, "number_letters": 1})
    assert states(panel) == {"unknown": 6, "failed": 1, "queued": 1}


def test_a_gateway_and_a_span_of_time(panel: SendingPanel) -> None:
    one, other = panel.gateway(URL), panel.gateway(URL, name="Other")
    put(panel.store, "unknown", 2, gateway_id=one)
    put(panel.store, "unknown", 3, first=10, gateway_id=other)
    put(panel.store, "unknown", 4, first=20, gateway_id=one, final_at=ago(7200))
    put(panel.store, "unknown", 5, first=30, gateway_id=None)

    def total(**which: object) -> int:
        return counted(panel, Chosen("unknown", **which)).total

    assert total() == 14
    assert total(gateway_id=one) == 6
    assert total(gateway_id=0) == 5
    assert total(gateway_id=one, since=ago(3600)) == 2
    assert total(gateway_id=one, until=ago(3600)) == 4
    assert total(since=ago(60)) == 0


def test_what_changes_after_the_count_stays_as_it_is(panel: SendingPanel) -> None:
    gateway_id = panel.gateway(URL)
    ids = put(panel.store, "unknown", 4, gateway_id=gateway_id)
    found = counted(panel, Chosen("unknown"))
    assert intake.mark_as(panel.store, panel.message(ids[1]), "sent", actor="grace")
    resent = panel.message(ids[2])
    intake.resend(
        panel.store,
        resent,
        vault=panel.vault,
        panel_country="GB",
        actor="grace",
        source="page",
        lifetime_hours=24,
        ring=panel.rings.append,
    )
    later = put(panel.store, "unknown", first=10, gateway_id=gateway_id, final_at=ago(-5))
    assert counted(panel, found.chosen).total == 3
    progress = to_the_end(panel, found.chosen, "resend")
    assert (progress.done, numbers(progress), progress.seen) == (2, {"message_resent": 1}, 3)
    assert sorted(again(panel)) == sorted([ids[0], ids[2], ids[3]])
    assert panel.message(ids[1]).state == "sent"
    assert panel.message(later[0]).state == "unknown"


def test_the_same_page_twice_sends_once(panel: SendingPanel) -> None:
    ids = put(panel.store, "failed", 3, gateway_id=panel.gateway(URL))
    found = counted(panel, Chosen("failed", since=ago(600)))
    assert to_the_end(panel, found.chosen, "resend").done == 3
    progress = to_the_end(panel, found.chosen, "resend")
    assert (progress.done, numbers(progress)) == (0, {"message_resent": 3})
    assert again(panel) == ids


@pytest.mark.parametrize("state", ["unknown", "failed"])
def test_two_people_send_the_same_ones_once_more(panel: SendingPanel, state: str) -> None:
    ids = put(panel.store, state, 250, gateway_id=panel.gateway(URL))
    found = counted(panel, Chosen(state))
    done = []
    at_once(
        *(
            lambda actor=actor: done.append(to_the_end(panel, found.chosen, "resend", actor).done)
            for actor in ("ada", "grace", "joan")
        )
    )
    assert sum(done) == 250
    assert sorted(again(panel)) == ids
    assert len(actors(panel, "event_resent")) == 250


def test_two_people_who_decide_otherwise(panel: SendingPanel) -> None:
    ids = put(panel.store, "unknown", 250, gateway_id=panel.gateway(URL))
    found = counted(panel, Chosen("unknown"))
    at_once(
        lambda: to_the_end(panel, found.chosen, "resend", "ada"),
        lambda: to_the_end(panel, found.chosen, "sent", "grace"),
    )
    resent = {each for each, _actor in actors(panel, "event_resent")}
    marked = {each for each, _actor in actors(panel, "event_marked_sent")}
    assert resent | marked == set(ids)
    assert not resent & marked
    assert sorted(again(panel)) == sorted(resent)
    found_states = states(panel)
    assert (found_states.get("sent", 0), found_states.get("failed", 0)) == (len(marked), len(resent))


def test_twenty_thousand_go_in_small_commits_and_short_steps(panel: SendingPanel) -> None:
    put(panel.store, "unknown", 20_000, gateway_id=panel.gateway(URL))
    found = counted(panel, Chosen("unknown"), "sent")
    assert found.total == 20_000
    progress = decide(hand(panel), found.chosen, "sent", Progress(), seconds=0)
    assert (progress.done, progress.finished) == (steps.GROUP, False)
    assert states(panel) == {"sent": steps.GROUP, "unknown": 20_000 - steps.GROUP}
    while not progress.finished:
        progress = decide(hand(panel), found.chosen, "sent", progress)
    assert progress.done == 20_000
    assert states(panel) == {"sent": 20_000}


def test_a_step_that_cannot_be_stored_is_gone_on_with(panel: SendingPanel) -> None:
    put(panel.store, "unknown", 2 * steps.GROUP, gateway_id=panel.gateway(URL))
    found = counted(panel, Chosen("unknown"), "sent")
    progress = decide(hand(panel), found.chosen, "sent", Progress(), seconds=0)
    panel.store.close()
    halted = decide(hand(panel), found.chosen, "sent", progress)
    assert (halted.halted, halted.finished, halted.done, halted.after) == (
        *(True, False, steps.GROUP),
        progress.after,
    )


def test_a_gateway_switched_off_between_count_and_decision(panel: SendingPanel) -> None:
    gateway_id = panel.gateway(URL)
    put(panel.store, "unknown", 2, gateway_id=gateway_id)
    found = counted(panel, Chosen("unknown"))
    panel.change(Gateway, gateway_id, enabled=False)
    assert numbers(to_the_end(panel, found.chosen, "resend")) == {"resend_gateway_off": 2}
    assert states(panel) == {"unknown": 2}


def test_the_clock_of_a_count_is_the_databases(panel: SendingPanel) -> None:
    at = counted(panel, Chosen("unknown")).chosen.counted_at
    assert abs(at - datetime.now(UTC)) < timedelta(seconds=60)
