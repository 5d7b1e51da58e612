"""What every rule of the machine stands on: what there is, what is looked at after each, and the end."""

import sys
from collections import defaultdict
from collections.abc import Sequence

from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.chaos.machine.ending import end
from tests.chaos.machine.hearing import Hearing
from tests.chaos.machine.network import Flight, Killed
from tests.chaos.machine.panel import Panel, Process, Tables
from tests.chaos.machine.truth import FINAL, Truth
from webpanel.invariants import breaches

#: A number that picks one of however many there are.
which = some.integers(0, 11)

#: Steps between two looks at all that the tables alone can show, which takes longer than a step.
LOOK_AT_ALL = 15


class Scene(RuleBasedStateMachine):
    def __init__(self, tables: Tables) -> None:
        super().__init__()
        self._clock = tables.clocks.renewed()
        self.clock = self._clock.__enter__()
        self.hearing = Hearing(tables)
        self.panel = Panel(tables, self._left, self.hearing.send)
        self.truth = Truth(tables, self.clock)
        #: Idempotency-Key -> what was asked under it, what was answered, and when.
        self.keys: dict[str, tuple[bytes, list[str], float]] = {}
        #: Message -> what the provider calls it.
        self.names: defaultdict[str, list[str]] = defaultdict(list)
        self.latest = self.clock.wall
        self.made = self.steps = 0
        self.ends_well = False

    # What there is.

    @property
    def gateways(self) -> list[int]:
        return list(self.panel.tables.gateways())

    def _gateway(self, number: int) -> int:
        ids = self.gateways
        return ids[number % len(ids)]

    def _due(self, number: int) -> int:
        """Rather one that has something to send."""
        ids = self.panel.processes[0].delivery.due() or self.gateways
        return ids[number % len(ids)]

    def _process(self, number: int) -> Process:
        return self.panel.processes[number % 2]

    def _message(self, number: int, states: Sequence[str]) -> str | None:
        ids = [each.id for each in self.panel.tables.messages() if each.state in states]
        return ids[number % len(ids)] if ids else None

    def _left(self, flight: Flight, timeout: float) -> None:
        self.truth.left(flight, timeout)

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.latest = max(self.latest, self.clock.wall)

    def _break(self, process: Process, flight: Flight, taken: bool) -> None:
        process.flights.remove(flight)
        self.truth.arrived(flight, taken=taken)
        flight.end(Killed())

    # What must hold.

    @invariant()
    def look(self) -> None:
        self.truth.look()
        self.hearing.look()
        self.steps += 1
        if self.steps % LOOK_AT_ALL == 0:
            self.look_at_all(late=1e9)

    def look_at_all(self, late: float) -> None:
        with self.panel.tables.engine.connect() as connection:
            found = breaches(connection, late)
        assert not found

    def teardown(self) -> None:
        try:
            for process in self.panel.processes:
                for flight in list(process.flights):
                    self._break(process, flight, taken=False)
            if sys.exc_info()[0] is None:
                end(self)
                self.look()
                self.look_at_all(late=0)
                assert {each.state for each in self.panel.tables.messages()} <= FINAL
        finally:
            self.panel.close()
            self._clock.__exit__(None, None, None)
