"""Failover: what cannot have reached a provider takes the next gateway; what may have never does."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.sending.counting import Answer, CountingProvider
from tests.sending.panel import SendingPanel, ago
from tests.sending.test_pauses import failing
from webpanel import gateways
from webpanel.models import Event, Gateway, Message
from webpanel.sending import failover

#: A port of this machine at which nobody listens: nothing is sent.
NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture
def second(panel: SendingPanel, provider: CountingProvider) -> int:
    return panel.gateway(provider.url + "second", name="Second")


def moves(panel: SendingPanel, message_id: str) -> list[dict]:
    with Session(panel.engine) as session:
        found = select(Event.values).filter_by(message_id=message_id, code="event_failover")
        return list(session.scalars(found.order_by(Event.id)))


def test_what_did_not_reach_the_provider_takes_the_next_gateway_at_once(
    panel: SendingPanel, second: int
) -> None:
    first = panel.gateway(NOWHERE, name="First", next_gateway="Second")
    message_id = panel.accept(first)
    rung: list[int] = []
    panel.delivery.on_ring(rung.append)
    panel.deliver(first)
    assert rung[-1] == second
    panel.deliver(second)
    message = panel.message(message_id)
    assert (message.state, message.gateway_id, message.gateway_name) == ("sent", second, "Second")
    assert not message.possible_duplicate
    assert [each.gateway_id for each in panel.attempts(message_id)] == [first, second]
    (told,) = moves(panel, message_id)
    assert (told["from"], told["gateway"]) == ("First", "Second")
    assert told["reason"]["code"] == panel.attempts(message_id)[0].reason["code"]


@pytest.mark.usefixtures("second")
def test_what_may_have_reached_the_provider_stays(panel: SendingPanel, provider: CountingProvider) -> None:
    provider.script = Answer(cut=True)
    first = panel.gateway(provider.url, name="First", next_gateway="Second")
    message_id = panel.accept(first)
    panel.deliver(first)
    panel.change(Gateway, first, stopped_at=ago(1))
    panel.change(Message, message_id, due_at=ago(1))
    assert panel.delivery.divert() == 0
    assert panel.message(message_id).gateway_id == first


@pytest.mark.usefixtures("second")
def test_a_refused_message_fails_where_it_is(panel: SendingPanel, provider: CountingProvider) -> None:
    provider.script = Answer(400)
    first = panel.gateway(provider.url, name="First", next_gateway="Second")
    message_id = panel.accept(first)
    panel.deliver(first)
    assert (panel.message(message_id).state, panel.message(message_id).gateway_id) == ("failed", first)


def test_a_gateway_at_fault_stops_and_its_messages_leave(
    panel: SendingPanel, provider: CountingProvider, second: int
) -> None:
    provider.script = Answer(401)
    first = panel.gateway(provider.url, name="First", next_gateway="Second", in_flight=1)
    messages = [panel.accept(first) for _ in range(3)]
    panel.deliver(first)
    assert panel.gateway_row(first).stopped_at is not None
    provider.script = Answer()
    assert panel.delivery.divert() == 2, "the first one left by itself"
    panel.deliver(second)
    assert {panel.message(each).state for each in messages} == {"sent"}
    assert {provider.seen[each] for each in messages} == {1, 2}, (
        "the first was refused once, with its gateway"
    )
    assert all(moves(panel, each)[0]["reason"]["code"] for each in messages)


@pytest.mark.parametrize("pause", [{"held_at": ago(1)}, {"enabled": False}], ids=["held", "off"])
@pytest.mark.usefixtures("second")
def test_what_a_person_holds_stays(panel: SendingPanel, provider: CountingProvider, pause: dict) -> None:
    first = panel.gateway(provider.url, name="First", next_gateway="Second", stopped_at=ago(1))
    panel.accept(first)
    panel.change(Gateway, first, **pause)
    assert panel.delivery.divert() == 0


def test_a_failing_gateway_is_still_tried_with_what_comes_when_its_pause_is_over(
    panel: SendingPanel, provider: CountingProvider, second: int
) -> None:
    first = failing(panel, provider, name="First", next_gateway="Second")
    provider.script = Answer()
    assert panel.delivery.divert() == 5
    panel.deliver(second)
    assert set(panel.states()) == {"sent"}
    panel.change(Gateway, first, paused_until=ago(0.001))
    message_id = panel.accept(first)
    assert panel.delivery.divert() == 0
    panel.deliver(first)
    assert (panel.message(message_id).state, panel.message(message_id).gateway_id) == ("sent", first)
    assert panel.gateway_row(first).failing_since is None


@pytest.mark.parametrize(
    ("pause", "priority", "leaves"),
    [(5, 0, False), (15, 0, True), (15, 1, False), (200, 1, False), (400, 1, True), (400, 2, True)],
)
@pytest.mark.usefixtures("second")
def test_a_short_pause_is_waited_for(
    panel: SendingPanel, provider: CountingProvider, pause: float, priority: int, leaves: bool
) -> None:
    first = panel.gateway(provider.url, name="First", next_gateway="Second", paused_until=ago(-pause))
    panel.change(Message, panel.accept(first), priority=priority)
    assert panel.delivery.divert() == leaves


@pytest.mark.usefixtures("second")
def test_what_is_not_due_is_not_moved(panel: SendingPanel, provider: CountingProvider) -> None:
    first = panel.gateway(provider.url, name="First", next_gateway="Second", stopped_at=ago(1))
    panel.change(Message, panel.accept(first), due_at=ago(-60))
    assert panel.delivery.divert() == 0


def test_a_circle_of_dead_gateways_ends_in_waiting(panel: SendingPanel) -> None:
    first = panel.gateway(NOWHERE, name="First", next_gateway="Third")
    second = panel.gateway(NOWHERE, name="Second", next_gateway="First")
    third = panel.gateway(NOWHERE, name="Third", next_gateway="Second")
    message_id = panel.accept(first)
    for gateway_id in (first, third, second):
        assert panel.message(message_id).gateway_id == gateway_id
        panel.deliver(gateway_id)
    message = panel.message(message_id)
    assert message.attempt_count == 3, "each once, and then by the schedule"
    assert (message.due_at - datetime.now(UTC)).total_seconds() > 5


def test_the_chain_is_followed_to_one_that_can_send(panel: SendingPanel, provider: CountingProvider) -> None:
    third = panel.gateway(provider.url, name="Third")
    panel.gateway(provider.url, name="Second", next_gateway="Third", stopped_at=ago(1))
    first = panel.gateway(NOWHERE, name="First", next_gateway="Second")
    message_id = panel.accept(first)
    panel.deliver(first)
    assert panel.message(message_id).gateway_id == third


def test_a_next_gateway_of_no_panel_is_none(panel: SendingPanel) -> None:
    first = panel.gateway(NOWHERE, name="First", next_gateway="Elsewhere")
    message_id = panel.accept(first)
    panel.deliver(first)
    assert panel.message(message_id).gateway_id == first
    panel.change(Gateway, first, stopped_at=ago(1))
    panel.change(Message, message_id, due_at=ago(1))
    assert panel.delivery.divert() == 0
    gateways.resume(panel.store, first)


@pytest.mark.parametrize(("sender", "arrives"), [("School", "Office"), ("Library", "Library")])
@pytest.mark.parametrize("by_itself", [True, False], ids=["after an attempt", "while it waits"])
def test_a_gateway_s_own_sender_gives_way_to_the_other_s(
    panel: SendingPanel, provider: CountingProvider, sender: str, arrives: str, by_itself: bool
) -> None:
    panel.gateway(provider.url, name="Second", sender="Office")
    first = panel.gateway(NOWHERE, name="First", next_gateway="Second", sender="School")
    message_id = panel.accept(first)
    panel.change(Message, message_id, sender=sender)
    if by_itself:
        panel.deliver(first)
    else:
        panel.change(Gateway, first, stopped_at=ago(1))
        assert panel.delivery.divert() == 1
    message = panel.message(message_id)
    assert (message.gateway_name, message.sender) == ("Second", arrives)


@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_terminal_follows_its_message_to_the_gateway_that_takes_over(
    panel: SendingPanel, provider: CountingProvider, second: int, is_stopped: bool
) -> None:
    first = panel.gateway(NOWHERE, name="First", next_gateway="Second")
    if is_stopped:
        panel.change(Gateway, first, stopped_at=ago(1))
    message_id = panel.accept(first)
    assert panel.delivery.deliver_one(message_id) == "sent"
    assert (panel.message(message_id).gateway_id, provider.seen) == (second, {message_id: 1})


@pytest.mark.parametrize(
    ("stands", "left"),
    [
        ({}, False),
        ({"stopped_at": 1}, True),
        # Also in the moment in which one message is let through.
        ({"failing_since": 60, "paused_until": 1}, True),
        ({"paused_until": -5}, False),
        ({"paused_until": -600}, True),
        ({"stopped_at": 1, "held_at": 1}, False),
    ],
)
@pytest.mark.usefixtures("second")
def test_who_takes_over_is_told_while_all_messages_leave(
    panel: SendingPanel, stands: dict[str, float], left: bool
) -> None:
    """``stands``: how many seconds ago each was."""
    third = panel.gateway(NOWHERE, name="Third")
    first = panel.gateway(NOWHERE, name="First", next_gateway="Third")
    if stands:
        panel.change(Gateway, first, **{name: ago(seconds) for name, seconds in stands.items()})
    panel.change(Gateway, third, next_gateway="Second")
    with panel.engine.connect() as connection:
        assert failover.takers(connection) == ({first: "Third"} if left else {})
    panel.change(Gateway, third, stopped_at=ago(1))
    with panel.engine.connect() as connection:
        assert failover.takers(connection) == {third: "Second", **({first: "Second"} if left else {})}
