"""Drains: send what is due of one gateway, in order, with so many requests in flight.

The table is the truth; a drain may be called by anybody, at any time and too often. It claims a batch,
lays it into the gateway's lane, and threads of one shared pool empty the lane. A drain waits neither
for a reply nor for a time to come: it ends, and says when to call it again.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import structlog

from webpanel.sending import ledger, questions, reports, sweep
from webpanel.sending.claims import Claims
from webpanel.sending.lane import Lane
from webpanel.sending.ledger import Claim
from webpanel.sending.questions import Loaded
from webpanel.sending.transport import Transport
from webpanel.store import Store, StoreUnavailable
from webpanel.vault import Vault

#: A drain's turn, in seconds and in messages; then other gateways have theirs.
SLICE_SECONDS = 2.0
SLICE_MESSAGES = 500

#: Seconds of sending that are claimed at once; an urgent message waits for no more than these to be claimed.
CLAIM_SECONDS = 0.1

#: Seconds for which a drain waits for a worker to come free before it ends; the free worker rings.
PATIENCE = 0.25

#: Seconds after which a drain that could do nothing wants to be called again.
AGAIN = 1.0

#: Requests in flight of all gateways together.
REQUEST_THREADS = 128

#: Seconds between two looks at a message that another process is sending.
POLL = 0.1

log = structlog.get_logger(__name__)


class Delivery:
    """Sends what the table says. One to a process; several processes do each other no harm.

    ``lease``: for how many seconds a claim holds. ``resend_after``: after how many seconds a message is
    sent once more when it is not certain whether the provider took it.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        transport: Transport,
        *,
        lease: float,
        resend_after: float,
    ) -> None:
        self.store = store
        self._claims = Claims(store, vault, transport, lease=lease, resend_after=resend_after)
        self._pool = ThreadPoolExecutor(REQUEST_THREADS, thread_name_prefix="request")
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._lanes: dict[int, Lane[tuple[Loaded, Claim]]] = {}

    def on_end(self, ended: Callable[[str], None]) -> None:
        """Have ``ended`` called with a message's id when this process brought it to a final state."""
        self._claims.on_end = ended

    def on_ring(self, ring: Callable[[int], None]) -> None:
        """Have ``ring`` called with the id of a gateway that should be drained now.

        A drain of it ended for want of a worker, and one came free; or it took over from another one.
        """
        self._claims.ring = ring

    def report_to(self, address: Callable[[str | None], str]) -> None:
        """Have ``address`` make of a gateway's token where its provider reports; without, nowhere."""
        self._claims.report_address = address

    def drain(self, gateway_id: int) -> datetime | None:
        """Send what is due of a gateway, for one slice; returns when to call again.

        None: not before somebody rings, or :meth:`due` names it. A gateway that is gone, stopped or
        already being drained, and a store that is not available, are no errors.
        """
        lane = self._lane(gateway_id)
        if self._stopping.is_set() or not lane.draining.acquire(blocking=False):
            return None
        try:
            return self._drain(gateway_id, lane)
        except StoreUnavailable:
            return _from_now(AGAIN)
        finally:
            lane.draining.release()

    def deliver_one(self, message_id: str) -> str:
        """Attempt one message at once, in this thread, if it is due and its gateway may send.

        When another gateway takes over from that one, it is attempted there too. Safe beside a running
        server: whoever claims it sends it. When that was another, waits until its attempt is over. Returns
        the message's state then. Raises LookupError when there is none, and StoreUnavailable.
        """
        tried: set[int | None] = set()
        while True:
            with self.store.engine.connect() as connection:
                gateway_id = questions.gateway_of(connection, message_id)
                state = questions.state_of(connection, message_id)
            if gateway_id in tried or state not in (*questions.DUE_STATES, "sending"):
                return state
            tried.add(gateway_id)
            self._deliver_by(gateway_id, message_id)
            self._claims.divert()

    def _deliver_by(self, gateway_id: int | None, message_id: str) -> None:
        loaded = None if gateway_id is None else self._claims.load(gateway_id)
        ends = time.monotonic() + self._claims.lease
        if loaded is not None:
            ends += loaded.settings.timeout
            for claim in self._claims.take(loaded, 1, ledger.only(message_id)):
                self._claims.send(loaded, claim)
        while True:
            with self.store.engine.connect() as connection:
                state = questions.state_of(connection, message_id)
            if state != "sending" or time.monotonic() > ends or self._stopping.wait(POLL):
                return

    def due(self) -> list[int]:
        """The gateways that have something due and may send it."""
        with self.store.engine.connect() as connection:
            return questions.due_gateways(connection)

    def recover(self) -> int:
        """Take up what a process that died left behind; returns how many messages."""
        return self._claims.recover()

    def divert(self) -> int:
        """Move what waits for a gateway that cannot send to the one that takes over; returns how many."""
        return self._claims.divert()

    def settle_reports(self, *, everything: bool = False) -> int:
        """Apply the delivery reports that came before their message was known; returns how many changed one.

        ``everything``: look at old ones too, and forget those that waited for a day.
        """
        with self.store.engine.connect() as connection:
            rows = reports.known(connection, everything=everything)
        changed = self.store.write(lambda connection: reports.settle(connection, rows)) if rows else []
        for message_id in changed:
            self._claims.on_end(message_id)
        if everything:
            self.store.write(reports.forget)
        return len(changed)

    def expire(self) -> int:
        """End what waited too long, or for a gateway that is gone; returns how many messages."""
        ended = 0
        for group in (sweep.expire, sweep.bury_orphans):
            while count := self.store.write(group):
                ended += count
        return ended

    def settle(self, timeout: float) -> bool:
        """Wait until no request is in flight; False when one still is after ``timeout`` seconds."""
        ends = time.monotonic() + timeout
        with self._lock:
            lanes = list(self._lanes.values())
        return all(lane.idle(max(0.0, ends - time.monotonic())) for lane in lanes)

    def stop(self) -> None:
        """Claim nothing more, finish what is in flight. Blocks for the longest time-out at most."""
        self._stopping.set()
        with self._lock:
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.halt()
        self._pool.shutdown(wait=True)

    def _drain(self, gateway_id: int, lane: Lane[tuple[Loaded, Claim]]) -> datetime | None:
        loaded = self._claims.load(gateway_id)
        if loaded is None:
            return self._next(gateway_id)
        if lane.open(min(loaded.settings.in_flight, self._share(lane))) <= 0:
            return _from_now(AGAIN)
        try:
            flows = self._fill(lane, loaded, time.monotonic() + SLICE_SECONDS)
        finally:
            if left := lane.clear():
                self._claims.give_back([claim for _, claim in left])
        return self._next(gateway_id) if flows else _from_now(AGAIN)

    def _fill(self, lane: Lane[tuple[Loaded, Claim]], loaded: Loaded, ends: float) -> bool:
        """Keep the lane filled until ``ends``; False when no worker came free for too long."""
        room = SLICE_MESSAGES
        while room > 0 and not lane.halted and not self._stopping.is_set():
            left = ends - time.monotonic()
            if left <= 0:
                break
            batch = lane.batch(min(left, CLAIM_SECONDS, self._claims.lease / 3))
            claims = self._claims.take(loaded, min(room, batch))
            if not claims:
                break
            room -= len(claims)
            urgent = [(loaded, claim) for claim in claims if claim.urgent]
            others = [(loaded, claim) for claim in claims if not claim.urgent]
            self._start(lane, lane.fill(others, urgent))
            if not lane.runs_low(ends, PATIENCE):
                return False
        return lane.runs_low(ends, PATIENCE, empty=True)

    def _start(self, lane: Lane[tuple[Loaded, Claim]], workers: int) -> None:
        for started in range(workers):
            try:
                self._pool.submit(self._work, lane)
            except RuntimeError:  # the pool was shut down meanwhile
                lane.dropped(workers - started)
                break

    def _work(self, lane: Lane[tuple[Loaded, Claim]]) -> None:
        """A worker: one thread of the pool, for as long as the lane has something for it."""
        gateway_id = None
        while (work := lane.take()) is not None:
            loaded, claim = work
            gateway_id = loaded.gateway_id
            began = time.monotonic()
            try:
                report = self._claims.send(loaded, claim)
            except Exception:
                # Stored or not, the message is found by the sweep; the gateway's others wait with it.
                log.exception("attempt_broke", message=claim.message_id)
                report = None
            if report is None:
                lane.halt()
            elif report.timed_out:
                lane.narrow()
            elif report.verdict.outcome == "accepted":
                lane.widen()
            lane.served(time.monotonic() - began)
        if lane.leave() and gateway_id is not None:
            self._claims.ring(gateway_id)

    def _share(self, own: Lane[tuple[Loaded, Claim]]) -> int:
        """Workers that a gateway may have: most of what the others leave, so that another finds some too.

        It grows and shrinks with them, as a buffer's dynamic threshold (Choudhury and Hahne, 1998).
        """
        with self._lock:
            others = sum(lane.workers for lane in self._lanes.values() if lane is not own)
        return max(1, (REQUEST_THREADS - others) * 4 // 5)

    def _next(self, gateway_id: int) -> datetime | None:
        with self.store.engine.connect() as connection:
            return questions.next_due(connection, gateway_id)

    def _lane(self, gateway_id: int) -> Lane[tuple[Loaded, Claim]]:
        with self._lock:
            return self._lanes.setdefault(gateway_id, Lane())


def _from_now(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
