"""How a run ends: nothing may wait for ever, neither when all goes well from now on nor when nothing does."""

from typing import TYPE_CHECKING

from tests.chaos.machine import network
from tests.chaos.machine.hearing import TAKEN
from tests.chaos.machine.panel import Process
from webpanel import gateways
from webpanel.sending import questions, sweep

if TYPE_CHECKING:
    from tests.chaos.machine.rules import Machine

#: Drains that a run needs at most until all is sent.
MOST = 500


def end(machine: "Machine") -> None:
    """Bring every message to its end."""
    for process in machine.panel.processes:
        process.begin()
    one = machine.panel.processes[0]
    # Where the clock was set back, a lease lasts for that much longer.
    leases = [each.lease_until / 1000 for each in machine.panel.tables.messages() if each.lease_until]
    machine.clock.advance(max([0.0, *(until - machine.clock.wall for until in leases)]))
    one.delivery.recover()
    if machine.ends_well and machine.gateways:
        _go_well(machine, one)
        waiting = [each for each in machine.panel.tables.messages() if each.state in sweep.WAITING]
        assert not waiting, "everything works, and it waits"
    last = max((each.expires_at for each in machine.panel.tables.messages()), default=0) / 1000
    machine.clock.advance(max(0.0, last - machine.clock.wall))
    one.delivery.expire()
    _tell_all(machine, one)


def _tell_all(machine: "Machine", one: Process) -> None:
    """Every caller takes what it is told, each time when it is due."""
    for _ in range(MOST):
        at = machine.hearing.next_due()
        if at is None:
            break
        machine.clock.advance(max(0.0, at - machine.clock.wall))
        machine.hearing.tell(one, 100, TAKEN[0])
    states = {each.state for each in machine.panel.tables.callback_rows().values()}
    assert states <= {"told", "failed"}, "a caller waits for ever"


def _go_well(machine: "Machine", one: Process) -> None:
    """Every gateway works and may send, and each is drained when its last drain said."""
    for gateway_id in machine.gateways:
        gateways.release(machine.panel.store, gateway_id)
        gateways.set_enabled(machine.panel.store, gateway_id, True)
        gateways.resume(machine.panel.store, gateway_id)
        machine.truth.resumed.add(gateway_id)
    for _ in range(MOST):
        one.delivery.expire()
        due = []
        with machine.panel.tables.engine.connect() as connection:
            for gateway_id in machine.gateways:
                at = questions.next_due(connection, gateway_id)
                if at is not None:
                    due.append((at.timestamp(), gateway_id))
        if not due:
            return
        at, gateway_id = min(due)
        machine.clock.advance(max(0.0, at - machine.clock.wall))
        machine.drain_with(one, gateway_id, 100, network.ACCEPTED)
    raise AssertionError("it is due again and again")
