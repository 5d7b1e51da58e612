"""The embedded sender: threads that run drains, a heap of rings that are due, and the sweep.

Whatever rings, rings after its commit and names a gateway only; a ring lost or doubled costs time, at
most that of one sweep, never a message.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from webpanel.sending.delivery import Delivery

#: Threads that run drains; a drain waits for no reply, so a few serve many gateways.
DRAIN_THREADS = 4

#: Seconds between two sweeps, and sweeps between two searches for what waited too long.
SWEEP_SECONDS = 1.0
SWEEPS_TO_EXPIRY = 10

NEVER = float("inf")

log = structlog.get_logger(__name__)


class Sender:
    """Runs the drains of ``delivery`` in threads of its own, from :meth:`start` to :meth:`stop`.

    ``on_sweep`` is called after each sweep that went well, and must not raise.
    """

    def __init__(
        self,
        delivery: Delivery,
        *,
        threads: int = DRAIN_THREADS,
        sweep_seconds: float = SWEEP_SECONDS,
        on_sweep: Callable[[], None] = lambda: None,
    ) -> None:
        self.delivery = delivery
        self._sweep_seconds = sweep_seconds
        self._on_sweep = on_sweep
        self._wake = threading.Condition()
        self._stopped = False
        #: (due by the monotonic clock, order of ringing, gateway); stale entries are skipped.
        self._heap: list[tuple[float, int, int]] = []
        self._order = itertools.count()
        #: The one entry of the heap that counts, for each gateway that has one.
        self._rings: dict[int, float] = {}
        #: The gateways in a drain, and when they were rung for during it.
        self._draining: dict[int, float] = {}
        self._sweep = threading.Event()
        self._threads = [
            threading.Thread(target=self._serve, name=f"drain-{number}", daemon=True)
            for number in range(threads)
        ]
        self._threads.append(threading.Thread(target=self._run_sweeps, name="sweep", daemon=True))
        delivery.on_ring(self.ring)

    def start(self) -> None:
        """Begin to send; what waits from before is found by the first sweep, at once."""
        for thread in self._threads:
            thread.start()

    def ring(self, gateway_id: int, delay: float = 0.0) -> None:
        """Ask for a drain of a gateway, ``delay`` seconds from now. From any thread, after the commit."""
        with self._wake:
            due = time.monotonic() + delay
            if gateway_id in self._draining:
                self._draining[gateway_id] = min(due, self._draining[gateway_id])
            else:
                self._push(gateway_id, due)

    def stop(self) -> None:
        """Take up nothing more and finish what is in flight; blocks until that is stored."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        self._sweep.set()
        self.delivery.stop()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _serve(self) -> None:
        while (gateway_id := self._next()) is not None:
            due = NEVER
            try:
                if (again := self.delivery.drain(gateway_id)) is not None:
                    due = time.monotonic() + max(0.0, (again - datetime.now(UTC)).total_seconds())
            except Exception:
                # The thread must live; the sweep rings again.
                log.exception("drain_broke", gateway=gateway_id)
            with self._wake:
                due = min(due, self._draining.pop(gateway_id))
                if due < NEVER:
                    self._push(gateway_id, due)

    def _next(self) -> int | None:
        """Wait for the next gateway whose ring is due; None once stopped."""
        with self._wake:
            while not self._stopped:
                self._drop_stale()
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is None or wait > 0:
                    self._wake.wait(wait)
                    continue
                _, _, gateway_id = heapq.heappop(self._heap)
                del self._rings[gateway_id]
                self._draining[gateway_id] = NEVER
                return gateway_id
            return None

    def _push(self, gateway_id: int, due: float) -> None:
        if due < self._rings.get(gateway_id, NEVER):
            self._rings[gateway_id] = due
            heapq.heappush(self._heap, (due, next(self._order), gateway_id))
            self._wake.notify()

    def _drop_stale(self) -> None:
        while self._heap and self._rings.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)

    def _run_sweeps(self) -> None:
        for count in itertools.count():
            try:
                self.delivery.recover()
                self.delivery.divert()
                self.delivery.settle_reports(everything=count % SWEEPS_TO_EXPIRY == 0)
                if count % SWEEPS_TO_EXPIRY == 0:
                    self.delivery.expire()
                for gateway_id in self.delivery.due():
                    self.ring(gateway_id)
                self._on_sweep()
            except Exception:
                log.exception("sweep_broke")
            if self._sweep.wait(self._sweep_seconds):
                return
