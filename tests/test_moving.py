"""Moving what waits at one gateway to another."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tests.deciding import URL, at_once, hand, numbers, put
from tests.sending.panel import SendingPanel, running
from webpanel.intake import Move, Progress, move, steps, tried, waiting
from webpanel.models import Application, Event, Gateway, Message


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[SendingPanel]:
    with running(tmp_path) as panel:
        yield panel


@pytest.fixture
def source(panel: SendingPanel) -> int:
    return panel.gateway(URL, name="Source", sender="School", allow_alphanumeric=True)


@pytest.fixture
def target(panel: SendingPanel) -> int:
    return panel.gateway(URL, name="Target", sender="12345", body_form="f={{sender}}\nt={{message}}")


def asked(panel: SendingPanel, source: int, target: int) -> Move:
    with panel.engine.connect() as connection:
        return Move(source, target, waiting(connection, source).newest)


def moved(panel: SendingPanel, wanted: Move, actor: str = "grace") -> Progress:
    progress = Progress()
    while not progress.finished:
        progress = move(hand(panel, actor), wanted, progress)
    return progress


def test_what_waits_goes_to_the_other_gateway(panel: SendingPanel, source: int, target: int) -> None:
    [queued] = put(panel.store, "queued", gateway_id=source, sender="School", attempt_count=2)
    [own] = put(panel.store, "queued", first=1, gateway_id=source, sender="Clinic")
    [held] = put(panel.store, "held", first=2, gateway_id=source)
    [later] = put(panel.store, "scheduled", first=3, gateway_id=source)
    put(panel.store, "sent", first=4, gateway_id=source)
    due = panel.message(later).due_at
    progress = moved(panel, asked(panel, source, target))
    assert (progress.done, progress.left) == (4, {})
    message = panel.message(queued)
    assert (message.gateway_id, message.gateway_name, message.state) == (target, "Target", "queued")
    # The target's own sender stands for the source's own; one that was asked for stays.
    assert (message.sender, panel.message(own).sender) == ("12345", "Clinic")
    assert message.due_at <= datetime.now(UTC) + timedelta(seconds=1)
    assert message.attempt_count == 2
    assert panel.message(held).state == "queued"
    assert (panel.message(later).state, panel.message(later).due_at) == ("scheduled", due)
    with Session(panel.engine) as session:
        event = session.scalars(select(Event).where(Event.message_id == queued)).one()
        assert (event.code, event.actor) == ("event_moved", "grace")
        assert event.values == {"from": "Source", "to": "Target"}
        assert session.query(Message).filter_by(gateway_id=source).count() == 1
    assert panel.rings == [target]


def test_what_the_other_cannot_or_must_not_send_stays(panel: SendingPanel, source: int, target: int) -> None:
    def application(connection) -> None:
        at = datetime.now(UTC)
        row = {"id": 7, "name": "Limited", "gateways": [source], "created_at": at}
        connection.execute(insert(Application.__table__).values(row))

    panel.store.write(application)
    put(panel.store, "queued", gateway_id=source, possible_duplicate=True)
    put(panel.store, "queued", first=1, gateway_id=source, recipient="INFO")
    put(panel.store, "queued", first=2, gateway_id=source, application_id=7)
    put(panel.store, "queued", first=3, gateway_id=source, text=None, sealed_text=b"not ours", sensitive=True)
    put(panel.store, "queued", first=4, gateway_id=source)
    wanted = asked(panel, source, target)
    with panel.engine.connect() as connection:
        queue = waiting(connection, source)
    assert (queue.total, queue.unclear, queue.sending) == (5, 1, 0)
    reasons = {"move_unclear": 1, "number_letters": 1, "gateway_not_allowed": 1, "secrets_unreadable": 1}
    assert (tried(hand(panel), wanted).done, numbers(tried(hand(panel), wanted))) == (1, reasons)
    progress = moved(panel, wanted)
    assert (progress.done, numbers(progress)) == (1, reasons)
    with panel.engine.connect() as connection:
        assert waiting(connection, source).total == 4


def test_a_text_that_has_no_place_there_stays(panel: SendingPanel, source: int) -> None:
    in_a_header = panel.gateway(
        URL, name="Header", headers="X-Text: {{message}}", body_form="to={{recipient}}"
    )
    put(panel.store, "queued", gateway_id=source, text="two\nlines")
    put(panel.store, "queued", first=1, gateway_id=source, text="one line")
    progress = moved(panel, asked(panel, source, in_a_header))
    assert (progress.done, sum(numbers(progress).values())) == (1, 1)


def test_a_sensitive_one_is_moved_unread(panel: SendingPanel, source: int, target: int) -> None:
    sealed = panel.vault.encrypt("a code")
    [each] = put(panel.store, "queued", gateway_id=source, text=None, sealed_text=sealed, sensitive=True)
    assert moved(panel, asked(panel, source, target)).done == 1
    message = panel.message(each)
    assert (message.text, message.sealed_text, message.gateway_id) == (None, sealed, target)


def test_what_comes_or_changes_after_the_count_stays(panel: SendingPanel, source: int, target: int) -> None:
    ids = put(panel.store, "queued", 3, gateway_id=source)
    wanted = asked(panel, source, target)
    panel.change(Message, ids[1], state="sending", due_at=None)
    [later] = put(panel.store, "queued", first=10, gateway_id=source)
    assert moved(panel, wanted).done == 2
    assert panel.message(ids[1]).gateway_id == source
    assert panel.message(later).gateway_id == source
    assert moved(panel, wanted).done == 0


@pytest.mark.parametrize(
    ("change", "code"), [({"enabled": False}, "gateway_disabled"), ({"id": 99}, "gateway_gone")]
)
def test_a_target_that_is_gone_or_off_takes_nothing(
    panel: SendingPanel, source: int, target: int, change: dict, code: str
) -> None:
    put(panel.store, "queued", 3, gateway_id=source)
    wanted = asked(panel, source, target)
    panel.change(Gateway, target, **change)
    progress = moved(panel, wanted)
    assert (progress.done, numbers(progress)) == (0, {code: 3})
    with panel.engine.connect() as connection:
        assert waiting(connection, source).total == 3


def test_twenty_thousand_go_in_small_commits_and_short_steps(
    panel: SendingPanel, source: int, target: int
) -> None:
    put(panel.store, "queued", 20_000, gateway_id=source)
    wanted = asked(panel, source, target)
    progress = move(hand(panel), wanted, Progress(), seconds=0)
    assert (progress.done, progress.finished) == (steps.GROUP, False)
    with panel.engine.connect() as connection:
        assert waiting(connection, source).total == 20_000 - steps.GROUP
    while not progress.finished:
        progress = move(hand(panel), wanted, progress)
    assert progress.done == 20_000


def test_two_people_move_the_same_ones(panel: SendingPanel, source: int, target: int) -> None:
    ids = put(panel.store, "queued", 250, gateway_id=source)
    third = panel.gateway(URL, name="Third")
    done = []
    at_once(
        lambda: done.append(moved(panel, asked(panel, source, target), "ada").done),
        lambda: done.append(moved(panel, asked(panel, source, third), "grace").done),
    )
    assert sum(done) == 250
    with Session(panel.engine) as session:
        events = session.scalars(select(Event.message_id).where(Event.code == "event_moved"))
        assert sorted(events) == ids
