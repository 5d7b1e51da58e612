import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.sending.counting import Answer, CountingProvider
from tests.sending.panel import SendingPanel, ago, eventually
from webpanel.models import Gateway, Message
from webpanel.sending.sender import Sender


class Drains:
    """Stands where a delivery does, and tells which drains were asked for."""

    def __init__(self) -> None:
        self.called: list[int] = []
        self.again: dict[int, datetime] = {}
        self.found: list[int] = []
        self.running = 0
        self.most_at_once: dict[int, int] = {}
        self._at_once: dict[int, int] = {}
        self.hold: threading.Event | None = None
        self.began = threading.Event()
        self._lock = threading.Lock()

    def on_ring(self, ring: Callable[[int], None]) -> None:
        self.ring = ring

    def divert(self) -> int:
        return 0

    def settle_reports(self, *, everything: bool) -> int:
        del everything
        return 0

    def drain(self, gateway_id: int) -> datetime | None:
        with self._lock:
            self.called.append(gateway_id)
            self._at_once[gateway_id] = self._at_once.get(gateway_id, 0) + 1
            self.most_at_once[gateway_id] = max(
                self._at_once[gateway_id], self.most_at_once.get(gateway_id, 0)
            )
            again = self.again.pop(gateway_id, None)
        self.began.set()
        if self.hold is not None:
            assert self.hold.wait(10)
        with self._lock:
            self._at_once[gateway_id] -= 1
        if gateway_id < 0:
            raise RuntimeError("a bug in a drain")
        return again

    def due(self) -> list[int]:
        return self.found

    def recover(self) -> int:
        return 0

    def expire(self) -> int:
        return 0

    def stop(self) -> None:
        pass


@pytest.fixture
def drains() -> Drains:
    return Drains()


@pytest.fixture
def sender(drains: Drains):
    sender = Sender(drains, threads=3, sweep_seconds=30.0)
    sender.start()
    yield sender
    sender.stop()


def test_a_ring_drains(sender: Sender, drains: Drains) -> None:
    sender.ring(7)
    assert eventually(lambda: drains.called == [7])


def test_a_ring_for_later_waits(sender: Sender, drains: Drains) -> None:
    sender.ring(1, delay=60)
    sender.ring(2)
    eventually(lambda: drains.called)
    assert drains.called == [2]
    sender.ring(1)
    assert eventually(lambda: drains.called == [2, 1])


def test_a_drain_is_called_again_when_it_says(sender: Sender, drains: Drains) -> None:
    drains.again[3] = datetime.now(UTC) + timedelta(seconds=0.2)
    sender.ring(3)
    assert eventually(lambda: drains.called == [3, 3])


def test_one_drain_at_a_time_serves_a_gateway_and_no_ring_is_lost(sender: Sender, drains: Drains) -> None:
    drains.hold = threading.Event()
    sender.ring(1)
    assert drains.began.wait(10)
    for _ in range(5):
        sender.ring(1)
    sender.ring(2)
    eventually(lambda: drains.called == [1, 2])
    drains.hold.set()
    assert eventually(lambda: drains.called == [1, 2, 1])
    assert drains.most_at_once[1] == 1


def test_many_gateways_share_the_threads(sender: Sender, drains: Drains) -> None:
    for gateway_id in range(200):
        sender.ring(gateway_id)
    eventually(lambda: len(drains.called) >= 200)
    assert sorted(drains.called) == list(range(200))


def test_a_drain_that_breaks_costs_no_thread(sender: Sender, drains: Drains) -> None:
    for gateway_id in range(-10, 0):
        sender.ring(gateway_id)
    eventually(lambda: len(drains.called) == 10)
    sender.ring(5)
    assert eventually(lambda: 5 in drains.called)


def test_the_sweep_finds_what_nobody_rang_for(drains: Drains) -> None:
    drains.found = [4, 9]
    sender = Sender(drains, threads=1, sweep_seconds=0.05)
    sender.start()
    eventually(lambda: {4, 9} <= set(drains.called))
    sender.stop()


def test_a_sender_that_never_started_can_be_stopped(drains: Drains) -> None:
    Sender(drains).stop()


@pytest.fixture
def embedded(panel: SendingPanel):
    sender = Sender(panel.delivery, sweep_seconds=0.1)
    sender.start()
    yield sender
    sender.stop()


def test_messages_leave_when_they_are_accepted(
    panel: SendingPanel, provider: CountingProvider, embedded: Sender
) -> None:
    gateway_id = panel.gateway(provider.url)
    waiting = [panel.accept(gateway_id, ring=embedded.ring) for _ in range(40)]
    eventually(lambda: set(panel.states()) == {"sent"})
    assert provider.seen == dict.fromkeys(waiting, 1)


@pytest.mark.usefixtures("embedded")
def test_a_lost_ring_costs_no_message(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id, ring=lambda _gateway_id: None)
    eventually(lambda: panel.message(message_id).state == "sent")


def test_what_failed_is_tried_again_by_itself(
    panel: SendingPanel, provider: CountingProvider, embedded: Sender
) -> None:
    provider.script = Answer(503)
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id, ring=embedded.ring)
    eventually(lambda: provider.total == 1 and panel.message(message_id).state == "queued")
    provider.script = Answer()
    panel.change(Message, message_id, due_at=ago(1))
    eventually(lambda: panel.message(message_id).state == "sent")


def test_an_expired_message_ends_though_its_gateway_is_off(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    panel.change(Gateway, gateway_id, enabled=False)
    panel.change(Message, message_id, expires_at=ago(1))
    sender = Sender(panel.delivery, sweep_seconds=0.05)
    sender.start()
    eventually(lambda: panel.message(message_id).state == "expired")
    sender.stop()
    assert provider.total == 0


def test_a_hanging_gateway_does_not_hold_another(
    panel: SendingPanel, provider: CountingProvider, embedded: Sender
) -> None:
    with CountingProvider(Answer(hang=True)) as hanging:
        stuck = [
            panel.gateway(hanging.url, name=f"Stuck {number}", timeout=10.0, on_ambiguous="hold")
            for number in range(6)
        ]
        for gateway_id in stuck:
            for _ in range(6):
                panel.accept(gateway_id, ring=embedded.ring)
        eventually(lambda: hanging.total == 24)  # all that its gateways may have in flight
        gateway_id = panel.gateway(provider.url)
        for _ in range(40):
            panel.accept(gateway_id, ring=embedded.ring)
        eventually(lambda: provider.total == 40, patience=5)
        for gateway_id in stuck:
            panel.change(Gateway, gateway_id, enabled=False)


def test_stop_leaves_nothing_in_flight_and_nothing_lost(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    sender = Sender(panel.delivery, sweep_seconds=0.1)
    gateway_id = panel.gateway(provider.url)
    waiting = [panel.accept(gateway_id, ring=sender.ring) for _ in range(150)]
    sender.start()
    eventually(lambda: provider.total > 10)
    sender.stop()
    states = panel.states()
    assert set(states) <= {"sent", "queued"}
    assert states.count("sent") == provider.total
    assert provider.total <= len(waiting)


def test_only_a_sweep_that_went_well_is_told() -> None:
    steps: list[str] = []
    drains = Drains()

    def recover() -> int:
        steps.append("sweep")
        if len(steps) == 1:
            raise RuntimeError("the database is away")
        return 0

    drains.recover = recover
    sender = Sender(drains, threads=1, sweep_seconds=0.01, on_sweep=lambda: steps.append("told"))
    sender.start()
    try:
        eventually(lambda: "told" in steps)
    finally:
        sender.stop()
    assert steps[:3] == ["sweep", "sweep", "told"]
