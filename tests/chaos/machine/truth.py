"""What is true of a run, whatever the panel believes; and what must hold between the two.

What the tables alone can show is in :mod:`webpanel.invariants`; here stands what only the provider knows,
or somebody who saw the tables before.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.chaos.machine.clock import Clock
from tests.chaos.machine.network import Flight
from tests.chaos.machine.panel import LEASE, Gateway, Message, Tables
from webpanel.sending import pace, policy

FINAL = frozenset({"sent", "delivered", "undelivered", "failed", "unknown", "expired", "cancelled"})

#: Requests that may be made for a message of which it is not certain whether it was taken.
ALLOWED = {"hold": 0, "resend": 1, "schedule": 1_000_000}

#: Messages: floats of seconds are rounded to whole milliseconds.
GRAIN = 0.01


@dataclass
class Accepted:
    """An id that somebody was given. ``on_ambiguous``: the caller's own word for uncertainty."""

    on_ambiguous: str | None = None
    #: How often the settings of all gateways had been changed by then.
    since: int = 0


@dataclass
class Truth:
    tables: Tables
    clock: Clock
    accepted: dict[str, Accepted] = field(default_factory=dict)
    #: Message -> the gateways whose provider took it, once for each time.
    taken: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    #: Message -> the gateways by which a request for it is on its way.
    under_way: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    #: Messages of which a person said what became of them, and of which the provider did.
    told: set[str] = field(default_factory=set)
    reported: set[str] = field(default_factory=set)
    #: What was changed by a person since the last look: messages, and gateways.
    touched: set[str] = field(default_factory=set)
    resumed: set[int] = field(default_factory=set)
    #: Gateway -> the words for uncertainty that it had, each with the number of the change.
    modes: defaultdict[int, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    changes: int = 0
    #: Gateway -> when requests left by it, by the steady clock, since its pace was last changed.
    paced: defaultdict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    #: Gateway -> since when it was failing, and when the last message was let through then.
    let_through: dict[int, tuple[int, int]] = field(default_factory=dict)
    #: Message, and gateway, as they were found last.
    messages: dict[str, Message] = field(default_factory=dict)
    gateways: dict[int, Gateway] = field(default_factory=dict)

    def accept(self, message_id: str, on_ambiguous: str | None = None) -> None:
        self.accepted.setdefault(message_id, Accepted(on_ambiguous, self.changes))

    def configured(self, gateway_id: int, on_ambiguous: str) -> None:
        self.changes += 1
        self.modes[gateway_id].append((self.changes, on_ambiguous))

    def clock_set(self) -> None:
        """Where the clock jumped, the pace is not the steady clock's."""
        self.paced.clear()

    def allowed(self, message_id: str, gateway_id: int) -> int:
        """How often the provider may take a message, by the most generous word that held meanwhile."""
        facts = self.accepted[message_id]
        if facts.on_ambiguous is not None:
            return 1 + ALLOWED[facts.on_ambiguous]
        modes = self.modes[gateway_id]
        before = [mode for change, mode in modes if change <= facts.since][-1:]
        since = [mode for change, mode in modes if change > facts.since]
        return 1 + max(ALLOWED[mode] for mode in before + since)

    def left(self, flight: Flight, timeout: float) -> None:
        """A request leaves: it may, and what must be on disk by now is."""
        request = flight.request
        assert request is not None
        flight.ends = self.clock.steady + timeout
        message_id = dict(request.headers)[b"X-Message"].decode()
        message = self.tables.message(message_id)
        gateway_id = flight.loaded.gateway_id
        gateway = self.tables.gateways()[gateway_id]
        assert request.host == f"{gateway.name.split()[-1]}.example", "to another provider"
        assert (message.state, message.lease_token) == ("sending", flight.claim.token)
        assert message.gateway_id == gateway_id
        assert not message.test, "of an application in test mode"
        marked = self.tables.marked(flight.claim.token)
        assert marked is not None, "no attempt was written down"
        of, number, started_at, finished_at = marked
        assert (of, number, finished_at) == (message_id, message.attempt_count, None)
        assert started_at < message.expires_at + 1000 * LEASE, "too late"
        self._may_leave(gateway, started_at)
        uncertain = self.tables.uncertain().get(message_id, [])
        assert len(uncertain) < self.allowed(message_id, gateway_id), "sent once more too often"
        may_have_arrived = {*self.taken[message_id], *self.under_way[message_id].elements(), *uncertain}
        if may_have_arrived:
            assert message.possible_duplicate, "sent once more, and nobody is told"
            assert may_have_arrived == {gateway_id}, "sent once more by another gateway"
        self.under_way[message_id][gateway_id] += 1

    def _may_leave(self, gateway: Gateway, started_at: int) -> None:
        assert gateway.enabled, "its gateway is switched off"
        assert gateway.stopped_at is None, "its gateway is stopped"
        assert gateway.held_at is None, "its gateway is held"
        if gateway.failing_since is None:
            assert (gateway.paused_until or 0) <= started_at, "its gateway is paused"
        else:
            since, last = self.let_through.get(gateway.id, (0, 0))
            if since == gateway.failing_since:
                apart = started_at - last
                assert apart >= 1000 * policy.TRIED_EVERY, "let through too soon after another one"
            self.let_through[gateway.id] = gateway.failing_since, started_at
        if gateway.pace:
            # The process may have stood still since the mark.
            at = self.clock.steady - (self.clock.wall - started_at / 1000)
            times = self.paced[gateway.id]
            times.append(at)
            for place, first in enumerate(times):
                most = pace.burst(gateway.pace) + gateway.pace * (at - first) + GRAIN
                assert len(times) - place <= most, "faster than the gateway's pace"

    def arrived(self, flight: Flight, *, taken: bool) -> None:
        """A request is over."""
        message_id, gateway_id = flight.claim.message_id, flight.loaded.gateway_id
        self.under_way[message_id][gateway_id] -= 1
        if taken:
            self.taken[message_id].append(gateway_id)

    def look(self) -> None:
        """What must hold at every moment."""
        messages = {each.id: each for each in self.tables.messages()}
        gateways = self.tables.gateways()
        assert messages.keys() >= self.accepted.keys(), "an accepted message is gone"
        assert messages.keys() <= self.accepted.keys(), "a message that nobody asked for"
        off = self.tables.switched_off()
        callbacks, uncertain = self.tables.callbacks(), self.tables.uncertain()
        for message in messages.values():
            self._look_at(message, {*self.taken[message.id], *uncertain.get(message.id, ())} - {None})
            if message.state in FINAL and message.application_id not in {None, *off}:
                assert callbacks.get(message.id) == message.state, "its caller is not told"
            if (before := self.messages.get(message.id)) is not None:
                self._compare(before, message, gateways)
        for gateway in gateways.values():
            before_it = self.gateways.get(gateway.id)
            if before_it is not None and before_it.stopped_at is not None and gateway.id not in self.resumed:
                assert gateway.stopped_at is not None, "a stopped gateway went on by itself"
        self.messages, self.gateways = messages, gateways
        self.touched.clear()
        self.resumed.clear()

    def _look_at(self, message: Message, may_have_it: set[int | None]) -> None:
        taken, under_way = self.taken[message.id], self.under_way[message.id].total()
        if message.state in ("expired", "cancelled"):
            assert not may_have_it, f"{message.state}, and the provider may have it"
            assert not under_way, f"{message.state}, and it is on its way"
        assert not may_have_it - {message.gateway_id} or message.gateway_id is None, "it left who may have it"
        if message.state == "sent" and message.id not in self.told and not message.test:
            assert taken, "sent, and no provider took it"
        if taken:
            assert len(taken) <= self.allowed(message.id, taken[0]), "taken too often"
            assert len(taken) == 1 or message.possible_duplicate, "taken twice, and nobody is told"
        if message.state in ("delivered", "undelivered") and not message.test:
            assert message.id in self.reported, "the provider said nothing of it"
        if message.test:
            assert (message.state, message.attempt_count) == ("delivered", 0)

    def _compare(self, before: Message, after: Message, gateways: dict[int, Gateway]) -> None:
        if before.state in FINAL and before.id not in self.touched | self.reported:
            assert before.state == after.state, "final, and changed by itself"
        if before.state == "delivered":
            assert after.state == "delivered", "delivered, and taken back"
        assert before.possible_duplicate <= after.possible_duplicate, "a possible duplicate no more"
        if after.gateway_id != before.gateway_id and after.gateway_id is not None:
            assert before.gateway_id is not None
            at, seen = gateways.get(before.gateway_id), set()
            named = {gateway.name: gateway for gateway in gateways.values()}
            while at is not None and at.id != after.gateway_id:
                seen.add(at.id)
                at = named.get(at.next_gateway)
                at = None if at is None or at.id in seen else at
            assert at is not None, "it moved to a gateway that nobody named"
