import threading
from datetime import UTC, datetime, timedelta

import pytest

from tests.sending.counting import Answer, CountingProvider
from tests.sending.panel import PATIENCE, SendingPanel, ago, eventually
from webpanel.models import Gateway, Message
from webpanel.sending import delivery as drains
from webpanel.sending.lane import Lane

REFUSED = Answer(400, b'{"error": "no such number"}')


@pytest.mark.parametrize(
    "change",
    [{"enabled": False}, {"stopped_at": ago(1)}, {"paused_until": datetime.now(UTC) + timedelta(hours=1)}],
    ids=lambda change: next(iter(change)),
)
def test_a_gateway_that_may_not_send_does_not(
    panel: SendingPanel, provider: CountingProvider, change: dict[str, object]
) -> None:
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    panel.change(Gateway, gateway_id, **change)
    panel.deliver(gateway_id)
    assert panel.delivery.deliver_one(message_id) == "queued"
    assert (provider.total, panel.states(), panel.delivery.due()) == (0, ["queued"], [])


@pytest.mark.parametrize("in_flight", [1, 3])
def test_in_flight_limit(panel: SendingPanel, provider: CountingProvider, in_flight: int) -> None:
    together = threading.Barrier(in_flight)

    def wait_for_all(_message_id: str, _body: bytes) -> Answer:
        together.wait(10)
        return Answer()

    provider.script = wait_for_all
    gateway_id = panel.gateway(provider.url, in_flight=in_flight)
    for _ in range(4 * in_flight):
        panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert set(panel.states()) == {"sent"}
    assert provider.most_in_flight == in_flight


def test_a_time_out_leaves_one_in_flight_until_a_success(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    provider.script = Answer(hang=True)
    gateway_id = panel.gateway(provider.url, in_flight=4, timeout=0.3)
    panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert panel.states() == ["queued"]

    def limit() -> int:
        return panel.delivery._lane(gateway_id).open(4)

    assert limit() == 1
    provider.script = REFUSED
    panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert limit() == 1
    provider.script = Answer()
    panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert limit() == 4


def test_order_is_by_time_due(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = panel.gateway(provider.url, in_flight=1)
    first, second, third = (panel.accept(gateway_id) for _ in range(3))
    panel.change(Message, third, due_at=ago(60))
    panel.deliver(gateway_id)
    assert list(provider.seen) == [third, first, second]


def test_a_hanging_gateway_ends_its_drain_and_gives_back(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    provider.script = Answer(hang=True)
    gateway_id = panel.gateway(provider.url, in_flight=2, timeout=1.0, on_ambiguous="hold")
    for _ in range(8):
        panel.accept(gateway_id)
    rung = threading.Event()
    panel.delivery.on_ring(lambda _gateway_id: rung.set())
    again = panel.delivery.drain(gateway_id)
    assert again > datetime.now(UTC)
    assert sorted(panel.states()) == [*["queued"] * 6, *["sending"] * 2]
    assert panel.delivery.drain(gateway_id) > datetime.now(UTC)
    assert rung.wait(5), "the worker that came free rings for the next drain"


def test_slices_are_bounded(
    panel: SendingPanel, provider: CountingProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drains, "SLICE_MESSAGES", 3)
    gateway_id = panel.gateway(provider.url)
    for _ in range(5):
        panel.accept(gateway_id)
    again = panel.delivery.drain(gateway_id)
    assert panel.delivery.settle(PATIENCE)
    assert again <= datetime.now(UTC)
    assert panel.states().count("sent") == 3


def test_claims_bound_by_a_third_of_the_lease(panel: SendingPanel) -> None:
    lane = panel.delivery._lane(1)
    lane.open(4)
    for _ in range(50):
        lane.served(1.0)
    assert lane.batch(2.0) == 8
    assert lane.batch(0.5) == 4  # one for each that may start at once
    for _ in range(100):
        lane.served(0.002)
    assert lane.batch(2.0) == 100


def test_what_is_urgent_is_taken_before_what_was_laid_out() -> None:
    lane: Lane[str] = Lane()
    lane.open(1)
    lane.fill(["bulk 1", "bulk 2"])
    lane.fill(["bulk 3"], ["urgent 1"])
    lane.fill([], ["urgent 2"])
    taken = [lane.take() for _ in range(3)]
    assert taken == ["urgent 1", "urgent 2", "bulk 1"]
    assert lane.clear() == ["bulk 2", "bulk 3"]


def test_two_processes_send_each_message_once(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = panel.gateway(provider.url)
    waiting = [panel.accept(gateway_id) for _ in range(60)]
    other = panel.another_process()
    threads = [
        threading.Thread(target=lambda each=each: [each.drain(gateway_id) for _ in range(20)])
        for each in (panel.delivery, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.stop()
    eventually(lambda: set(panel.states()) == {"sent"})
    assert provider.seen == dict.fromkeys(waiting, 1)


def test_deliver_one(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = panel.gateway(provider.url)
    other = panel.accept(gateway_id)
    message_id = panel.accept(gateway_id)
    assert panel.delivery.deliver_one(message_id) == "sent"
    assert panel.delivery.deliver_one(message_id) == "sent"
    assert provider.seen == {message_id: 1}
    assert panel.message(other).state == "queued"
    with pytest.raises(LookupError):
        panel.delivery.deliver_one("none")


def test_deliver_one_beside_a_server_that_has_it_already(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    arrived, go = threading.Event(), threading.Event()

    def slow(_message_id: str, _body: bytes) -> Answer:
        arrived.set()
        assert go.wait(10)
        return Answer()

    provider.script = slow
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    server = threading.Thread(target=panel.deliver, args=(gateway_id,))
    server.start()
    assert arrived.wait(10)
    terminal = panel.another_process()
    states = []
    waiting = threading.Thread(target=lambda: states.append(terminal.deliver_one(message_id)))
    waiting.start()
    go.set()
    waiting.join(10)
    server.join(10)
    terminal.stop()
    assert states == ["sent"]
    assert provider.seen == {message_id: 1}


def test_stop_finishes_what_is_in_flight(panel: SendingPanel, provider: CountingProvider) -> None:
    arrived, go = threading.Event(), threading.Event()

    def slow(_message_id: str, _body: bytes) -> Answer:
        arrived.set()
        assert go.wait(10)
        return Answer()

    provider.script = slow
    gateway_id = panel.gateway(provider.url, in_flight=1)
    for _ in range(3):
        panel.accept(gateway_id)
    drain = threading.Thread(target=panel.delivery.drain, args=(gateway_id,))
    drain.start()
    assert arrived.wait(10)
    stop = threading.Thread(target=panel.delivery.stop)
    stop.start()
    drain.join(10)
    go.set()
    stop.join(10)
    assert panel.states() == ["sent", "queued", "queued"]
    assert panel.delivery.drain(gateway_id) is None
