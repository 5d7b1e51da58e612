"""The machine: what processes, providers and clocks may do, beside people, in any order."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as some
from hypothesis.stateful import precondition, rule

from tests.chaos.machine import hearing, network
from tests.chaos.machine.network import Answer, Flight
from tests.chaos.machine.panel import Process
from tests.chaos.machine.people import NUMBERS, People
from tests.chaos.machine.scene import which
from webpanel.intake import Caller, Wanted
from webpanel.sending import reports, sweep
from webpanel.sending.reports import Received
from webpanel.wire.report import Told

#: Mostly what goes well, so that more happens than pauses.
answers = some.sampled_from(
    (
        *network.ACCEPTED * 8,
        *network.NOT_SENT,
        *network.DEFERRED,
        *network.REJECTED,
        *network.FAULTY[:1],
        *network.AMBIGUOUS,
        *network.LOST * 3,
        *network.FAULTY[1:],
    )
)
answering = some.lists(answers, min_size=1, max_size=4)
hearings = some.sampled_from(
    (*hearing.TAKEN * 3, *hearing.LATER, *hearing.REFUSED[:1], *network.LOST, *hearing.REFUSED[1:])
)
#: Seconds: within an attempt, beyond a lease, beyond a lifetime.
spans = some.sampled_from((0.001, 1, 3, 10, 29.9, 30, 60, 61, 95, 300, 900, 3600, 4 * 3600, 25 * 3600))


class Machine(People):
    # Delivery.

    @rule(process=which, gateway=which, limit=some.integers(1, 12), how=answering)
    def drain(self, process: int, gateway: int, limit: int, how: list[Answer]) -> None:
        """Take and send, one after the other; what the answers are too few for goes on as the last one."""
        self.drain_with(self._process(process), self._due(gateway), limit, how)

    @rule(process=which, gateway=which, several=some.integers(5, 12), answer=answers)
    def storm(self, process: int, gateway: int, several: int, answer: Answer) -> None:
        """Many messages for one gateway, and the provider has one answer for all of them."""
        gateway_id = self._gateway(gateway)
        wanted = [Wanted(NUMBERS[1], "Hello", gateway=gateway_id, priority=2)] * several
        self._submit(Caller("school", "api", self.panel.tables.grants["school"]), wanted)
        self.drain_with(self._process(process), gateway_id, several, [answer])

    @rule(process=which, seconds=spans, how=answering)
    def live(self, process: int, seconds: float, how: list[Answer]) -> None:
        """Time goes by, and a process does what its threads would do then."""
        one = self._process(process)
        self.advance(seconds)
        one.delivery.recover()
        one.delivery.settle_reports()
        one.delivery.divert()
        one.delivery.expire()
        for gateway_id in one.delivery.due():
            self.drain_with(one, gateway_id, 12, how)

    def drain_with(self, one: Process, gateway_id: int, limit: int, how: Sequence[Answer]) -> None:
        already = len(one.hand)
        one.take(gateway_id, limit)
        for number in range(len(one.hand) - already):
            flight = one.send(already)
            if flight is not None:
                self._answer(one, flight, how[min(number, len(how) - 1)])

    @rule(process=which, gateway=which, limit=some.integers(1, 3))
    def take(self, process: int, gateway: int, limit: int) -> None:
        self._process(process).take(self._due(gateway), limit)

    @precondition(lambda self: any(process.hand for process in self.panel.processes))
    @rule(process=which, claim=which, stall=some.sampled_from((0, 0, 0, 30, 70)))
    def send(self, process: int, claim: int, stall: float) -> None:
        one = self._having(process, lambda each: each.hand)
        # The first question is asked before the mark, the second after it.
        self.clock.stalls.extend((0, stall))
        one.send(claim % len(one.hand))
        self.clock.stalls.clear()

    @precondition(lambda self: self.panel.flights)
    @rule(process=which, flight=which, answer=answers, after=some.sampled_from((0, 1, 29)))
    def answer(self, process: int, flight: int, answer: Answer, after: float) -> None:
        one = self._having(process, lambda each: each.flights)
        self.clock.advance(after)
        self._answer(one, one.flights[flight % len(one.flights)], answer)

    @rule(process=which, what=some.sampled_from(("claims", "flights", "process")), taken=some.booleans())
    def lose(self, process: int, what: str, taken: bool) -> None:
        """A process gives back what it did not mark; the threads that wait for answers die, or all of it."""
        one = self._process(process)
        if what == "claims":
            one.give_back()
            return
        for flight in list(one.flights):
            self._break(one, flight, taken)
        if what == "process":
            one.begin()

    @rule(process=which, what=some.sampled_from(("recover", "divert", "expire", "settle_reports")))
    def sweep(self, process: int, what: str) -> None:
        delivery = self._process(process).delivery
        getattr(delivery, what)()
        if what == "expire":
            present = self.clock.wall * 1000
            waiting = [each for each in self.panel.tables.messages() if each.state in sweep.WAITING]
            assert all(each.expires_at > present for each in waiting), "it waits past its lifetime"
            assert all(each.gateway_id is not None for each in waiting), "it waits for one that is gone"

    @rule(
        message=which,
        meaning=some.sampled_from(("delivered", "delivered", "undelivered", "under way", "ignore")),
        named=some.booleans(),
    )
    def report(self, message: int, meaning: Any, named: bool) -> None:
        """The provider says what became of a message that it has, by its own name for it or by ours."""
        taken = [(message_id, ways) for message_id, ways in sorted(self.truth.taken.items()) if ways]
        if not taken:
            return
        message_id, ways = taken[message % len(taken)]
        if ways[0] not in self.gateways:
            return
        self.truth.reported.add(message_id)
        name = self.names[message_id][-1] if named and message_id in self.names else message_id
        columns = {"method": "POST", "message_id": "", "query": b"", "content_type": "", "body": b""}
        received = Received(ways[0], columns, (Told(name, meaning, meaning),))
        self.panel.store.write(lambda connection: reports.take(connection, [received]))

    def _having(self, number: int, what: Any) -> Process:
        one = self._process(number)
        return one if what(one) else self._process(number + 1)

    def _answer(self, process: Process, flight: Flight, answer: Answer) -> None:
        if answer in network.LOST:
            self._break(process, flight, answer.takes)
            return
        if self.clock.steady > flight.ends and answer not in network.TIMED_OUT:
            answer = network.TIMED_OUT[0 if answer.takes else 1]
        assert flight.request is not None
        process.flights.remove(flight)
        self.truth.arrived(flight, taken=answer.takes)
        self.made += 1
        if answer in network.ACCEPTED:
            self.names[flight.claim.message_id].append(f"p-{self.made}")
        flight.end(answer.exchange(flight.request, self.made))

    # Callbacks.

    @rule(process=which, limit=some.integers(1, 6), tries=some.sampled_from((1, 1, 3, 8)), answer=hearings)
    def tell(self, process: int, limit: int, tries: int, answer: Answer) -> None:
        """A process tells callers what is due, now and each time when it is due again."""
        one = self._process(process)
        for _ in range(tries):
            self.hearing.tell(one, limit, answer)
            at = self.hearing.next_due()
            if at is None:
                return
            self.advance(max(0.0, at - self.clock.wall))

    # Time.

    @rule(seconds=spans, clock=some.sampled_from((0, 0, 0, -3600, 3600, -40, 40)))
    def wait(self, seconds: float, clock: float) -> None:
        """Time goes by, or somebody sets the clock."""
        if not clock:
            self.advance(seconds)
            return
        self.clock.set_by(clock)
        self.latest = max(self.latest, self.clock.wall)
        self.truth.clock_set()
