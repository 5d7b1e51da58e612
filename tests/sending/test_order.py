"""Order, pace and fairness: what goes first, how fast, and that no gateway holds up another."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.sending.counting import Answer, CountingProvider
from tests.sending.panel import NUMBER, SendingPanel, ago, eventually
from webpanel import intake
from webpanel.intake import Caller, Place, Wanted
from webpanel.models import Attempt, Gateway, Message
from webpanel.sending import pace
from webpanel.sending.claims import TAKES_BY_TIME
from webpanel.sending.delivery import REQUEST_THREADS
from webpanel.sending.sender import Sender

URGENT, NORMAL, BULK = 0, 1, 2


def accepted(panel: SendingPanel, gateway_id: int, priority: int, due: datetime) -> str:
    message_id = panel.accept(gateway_id)
    panel.change(Message, message_id, priority=priority, due_at=due)
    return message_id


def marks(panel: SendingPanel) -> list[float]:
    """When attempts were marked, in seconds since 1970, in order."""
    with Session(panel.engine) as session:
        found = session.scalars(select(Attempt.started_at).order_by(Attempt.started_at))
        return [each.timestamp() for each in found]


def test_urgent_goes_before_normal_before_bulk(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = panel.gateway(provider.url, in_flight=1)
    # Accepted in the opposite order, so that ids say nothing.
    wanted = [
        accepted(panel, gateway_id, priority, ago(ages))
        for priority in (BULK, NORMAL, URGENT)
        for ages in (10, 20, 30)
    ][::-1]
    loaded = panel.delivery._claims.load(gateway_id)
    taken = [panel.delivery._claims.take(loaded, 1)[0].message_id for _ in wanted]
    assert taken == wanted


def test_no_priority_waits_for_ever(panel: SendingPanel, provider: CountingProvider) -> None:
    """However many urgent ones come, one claim in ten goes by time alone."""
    gateway_id = panel.gateway(provider.url, in_flight=1)
    bulk = accepted(panel, gateway_id, BULK, ago(3600))
    claims = panel.delivery._claims
    loaded = claims.load(gateway_id)
    for _ in range(TAKES_BY_TIME):
        accepted(panel, gateway_id, URGENT, ago(1))
        (claim,) = claims.take(loaded, 1)
        if claim.message_id == bulk:
            return
    pytest.fail("the bulk message starves")


def test_an_urgent_message_does_not_wait_behind_what_is_laid_out(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    """While a hundred others wait, it is next once those are sent that were claimed a moment before."""
    order: list[str] = []
    first = threading.Event()

    def slow(message_id: str, _body: bytes) -> Answer:
        order.append(message_id)
        if len(order) == 1:
            first.set()
        return Answer()

    provider.script = slow
    gateway_id = panel.gateway(provider.url, in_flight=1)
    for _ in range(300):
        panel.accept(gateway_id)
    sender = Sender(panel.delivery)
    sender.start()
    try:
        assert first.wait(10)
        urgent = panel.accept(gateway_id)
        panel.change(Message, urgent, priority=URGENT)
        sender.ring(gateway_id)
        eventually(lambda: len(order) == 301, 60)
    finally:
        sender.stop()
    assert order.index(urgent) < 200


@pytest.mark.parametrize("per_second", [4.0, 40.0])
def test_pace_is_kept_and_used(panel: SendingPanel, provider: CountingProvider, per_second: float) -> None:
    gateway_id = panel.gateway(provider.url, in_flight=8, pace=per_second)
    count = round(3 * per_second)
    for _ in range(count):
        panel.accept(gateway_id)
    sender = Sender(panel.delivery)
    sender.start()
    try:
        eventually(lambda: set(panel.states()) == {"sent"}, 30)
    finally:
        sender.stop()
    at = marks(panel)
    for place, first in enumerate(at):
        for window in (0.5, 1.0, 2.0):
            inside = sum(first <= each < first + window for each in at[place:])
            assert inside <= pace.burst(per_second) + window * per_second + 1
    # Close to it: what is left after the burst needs two seconds, and a machine that is busy some more.
    assert at[-1] - at[0] < 2 + 4


def test_pace_outlives_the_process(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = panel.gateway(provider.url, pace=0.2)
    first, second = panel.accept(gateway_id), panel.accept(gateway_id)
    panel.deliver(gateway_id)
    restarted = panel.another_process()
    again = restarted.drain(gateway_id)
    assert restarted.settle(10)
    assert provider.seen == {first: 1}
    assert 1 < (again - datetime.now(UTC)).total_seconds() <= 5
    assert panel.message(second).state == "queued"
    panel.change(Gateway, gateway_id, paced_until=time.time())
    restarted.drain(gateway_id)
    assert restarted.settle(10)
    restarted.stop()
    assert provider.seen == {first: 1, second: 1}


def test_a_hanging_gateway_holds_up_no_other(panel: SendingPanel, provider: CountingProvider) -> None:
    """It has a hundred requests in flight, all of which hang, while the other one sends all it has."""
    go = threading.Event()

    def hang(message_id: str, _body: bytes) -> Answer:
        if message_id in hanging:
            assert go.wait(30)
        return Answer()

    provider.script = hang
    stuck = panel.gateway(provider.url, name="Stuck", in_flight=100, timeout=30.0)
    well = panel.gateway(provider.url, name="Well", in_flight=4)
    hanging = {panel.accept(stuck) for _ in range(150)}
    sent = [panel.accept(well) for _ in range(100)]
    sender = Sender(panel.delivery)
    sender.start()
    try:
        eventually(lambda: provider.in_flight >= 90)
        eventually(lambda: all(panel.message(each).state == "sent" for each in sent), 30)
        assert provider.in_flight >= 90, "the other one still hangs"
    finally:
        go.set()
        sender.stop()


def test_no_gateway_has_all_threads(panel: SendingPanel) -> None:
    lanes = [panel.delivery._lane(number) for number in range(300)]
    for lane in lanes:
        free = lane.open(min(100, panel.delivery._share(lane)))
        assert free >= 1, "each gateway has a thread of its own in turn"
        lane.fill(range(free))
    assert lanes[0].workers < REQUEST_THREADS


def test_two_processes_share_one_pace(panel: SendingPanel, provider: CountingProvider) -> None:
    """Both claimed before either began: what counts is when an attempt is marked."""
    gateway_id = panel.gateway(provider.url, pace=0.2)
    first = panel.accept(gateway_id)
    panel.accept(gateway_id)
    other = panel.another_process()
    claims = [each._claims for each in (panel.delivery, other)]
    loaded = [each.load(gateway_id) for each in claims]
    (one,), (late,) = (each.take(as_found, 1) for each, as_found in zip(claims, loaded, strict=True))
    assert claims[0].send(loaded[0], one) is not None
    assert claims[1].send(loaded[1], late) is None
    other.stop()
    assert provider.seen == {first: 1}


@pytest.mark.parametrize(
    ("priority", "valid_for", "minutes"), [(URGENT, None, 10), (URGENT, 3600, 60), (NORMAL, None, 24 * 60)]
)
def test_an_urgent_message_has_ten_minutes_unless_somebody_said_otherwise(
    panel: SendingPanel, priority: int, valid_for: int | None, minutes: int
) -> None:
    panel.gateway("http://127.0.0.1:9/")
    submitted = intake.submit(
        panel.store,
        vault=panel.vault,
        caller=Caller("ada", "page"),
        place=Place("GB", timedelta(hours=24)),
        wanted=[Wanted(NUMBER, "Hello", priority=priority, valid_for=valid_for)],
        ring=panel.rings.append,
    )
    message = panel.message(submitted.results[0].message_id)
    assert message.expires_at - message.due_at == timedelta(minutes=minutes)
