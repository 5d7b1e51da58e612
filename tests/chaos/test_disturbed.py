"""Told to stop, stopped, in another hour, on a full disk, locked out: nothing is lost or hidden."""

import resource
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.chaos.extent import LOCKED
from tests.chaos.world import LEASE, PATIENCE, SETTINGS, World, world
from tests.sending.counting import OK, Answer
from tests.sending.panel import eventually
from tests.server import Server
from webpanel import create_app
from webpanel.config import Config

IN_FLIGHT = 50


def test_told_to_stop_it_finishes_what_is_in_flight(tmp_path: Path) -> None:
    gate = threading.Event()

    def answer(_message_id: str, _body: bytes) -> Answer:
        gate.wait(PATIENCE)
        return OK

    with world(tmp_path, in_flight=IN_FLIGHT, timeout=30.0, calling=8) as panel:
        panel.provider.script = answer
        with panel.serving() as server:
            eventually(lambda: panel.provider.in_flight == IN_FLIGHT, PATIENCE)
            server.process.send_signal(signal.SIGTERM)
            eventually(lambda: "Stopping" in server.output, PATIENCE)
            gate.set()
            assert server.ended() == 0
        assert panel.provider.total == IN_FLIGHT
        with panel.serving() as server:
            panel.settle()
            assert server.stop() == 0
        figures = panel.reckon(f"told to stop with {IN_FLIGHT} requests in flight")
    assert (figures.uncertain, figures.doubled) == (0, 0)


@contextmanager
def another_machine(folder: Path) -> Iterator[None]:
    """A second sender on the same database, which knows nothing of what the first one holds."""
    app = create_app(Config.load(SETTINGS, folder))
    parts = app.extensions["webpanel"]
    parts.sender.start()
    try:
        yield
    finally:
        parts.sender.stop()
        parts.store.close()
        parts.transport.close()
        parts.store.engine.dispose()


#: How many messages a sender holds, marked (its request is in flight) and only claimed.
HOLDS = (
    "SELECT count(attempt.id), count(*) - count(attempt.id) FROM message "
    "LEFT JOIN attempt ON attempt.token = message.lease_token WHERE message.state = 'sending'"
)


def freeze(panel: World, server: Server) -> None:
    """SIGSTOP while it holds messages of both kinds, and not while it keeps everybody from writing."""

    def frozen() -> bool:
        server.process.send_signal(signal.SIGSTOP)
        with closing(sqlite3.connect(panel.database, timeout=0.5)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.rollback()
                marked, claimed = connection.execute(HOLDS).fetchone()
            except sqlite3.OperationalError:
                marked = claimed = 0
        if marked and claimed:
            return True
        server.process.send_signal(signal.SIGCONT)
        return False

    eventually(frozen, PATIENCE)


def test_a_process_that_stood_still_sends_nothing_that_another_took_over(tmp_path: Path) -> None:
    def slow(_message_id: str, _body: bytes) -> Answer:
        time.sleep(0.2)
        return OK

    with world(tmp_path) as panel:
        panel.provider.script = slow
        with panel.serving() as server:
            eventually(lambda: panel.provider.total >= 20, PATIENCE)
            freeze(panel, server)
            panel.provider.script = OK
            with another_machine(panel.folder):
                # Longer than any lease: that of a marked message is the time-out's longer.
                time.sleep(LEASE + 2.0 + 2.0)
                server.process.send_signal(signal.SIGCONT)
                total = panel.provider.total
                eventually(lambda: panel.provider.total >= total + 20, PATIENCE)
                panel.settle()
            assert server.stop() == 0
        figures = panel.reckon("stopped for longer than a lease")
    assert figures.uncertain, "another took over what was marked"


def test_the_clock_an_hour_forward_and_back(tmp_path: Path) -> None:
    clock = tmp_path / "clock"

    def turn(seconds: int) -> None:
        written = tmp_path / "clock.new"
        written.write_text(str(seconds))
        written.replace(clock)

    with world(tmp_path) as panel:
        turn(0)
        with panel.serving(CHAOS_CLOCK=str(clock)) as server:
            for hour in (0, 1, 0):
                turn(hour * 3600)
                total = panel.provider.total
                eventually(lambda total=total: panel.provider.total >= total + 20, PATIENCE)
            # What was due in the hour that was taken back waits until it comes again.
            turn(3600)
            panel.settle()
            assert server.stop() == 0
        panel.reckon("clock an hour forward and back")


def fill_disk(server: Server) -> None:
    """No file of the process may grow, nor be written."""
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def free_disk(server: Server) -> None:
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_a_full_disk(tmp_path: Path) -> None:
    with world(tmp_path) as panel:
        with panel.serving() as server:
            eventually(lambda: panel.provider.total >= 20, PATIENCE)
            fill_disk(server)
            eventually(lambda: len(panel.callers.refused) >= 5, PATIENCE)
            accepted = len(panel.callers.accepted)
            refused = len(panel.callers.refused)
            eventually(lambda: len(panel.callers.refused) >= refused + 20, PATIENCE)
            assert len(panel.callers.accepted) == accepted, "what cannot be stored gets no id"
            free_disk(server)
            eventually(lambda: len(panel.callers.accepted) >= accepted + 20, PATIENCE)
            panel.settle()
            assert server.stop() == 0
        panel.reckon("disk full")


def test_a_locked_database(tmp_path: Path) -> None:
    with world(tmp_path) as panel:
        with panel.serving() as server:
            eventually(lambda: panel.provider.total >= 20, PATIENCE)
            with closing(sqlite3.connect(panel.database, timeout=20)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                accepted = len(panel.callers.accepted)
                ends = time.monotonic() + LOCKED
                # Who comes while another waits for the lock is told after the second busy time-out.
                eventually(lambda: panel.callers.refused, PATIENCE)
                time.sleep(max(0.0, ends - time.monotonic()))
                # An answer may have been on its way when the lock was taken.
                assert len(panel.callers.accepted) <= accepted + 4
                connection.rollback()
            eventually(lambda: len(panel.callers.accepted) >= accepted + 20, PATIENCE)
            panel.settle()
            assert server.stop() == 0
        panel.reckon(f"database locked for {LOCKED} s")
