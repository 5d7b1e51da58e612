"""What one gateway has in hand in this process: claimed messages, workers, in-flight limit.

A room of its own because drains fill a lane and workers empty it, in different threads; the lock that
stands between them is here and nowhere else. Nothing here outlives the process: what must is a row.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

#: Seconds that an attempt is believed to take until some were measured, and the weight of a new measure.
FIRST_GUESS = 0.25
WEIGHT = 0.2

#: Most messages claimed at once.
LARGEST_CLAIM = 100


class Lane(Generic[T]):
    """One gateway's share of the pool. A worker is a thread of the pool that calls :meth:`take`."""

    def __init__(self) -> None:
        #: Held by the one drain that serves the gateway.
        self.draining = threading.Lock()
        self._changed = threading.Condition()
        self._urgent: deque[T] = deque()
        self._ready: deque[T] = deque()
        self._workers = 0
        self._limit = 1
        self._narrow = False
        self._halted = False
        #: Somebody waits for a worker to come free.
        self._wanted = False
        self._seconds = FIRST_GUESS

    def open(self, in_flight: int) -> int:
        """Begin a drain with this limit; how many workers may start now."""
        with self._changed:
            self._limit = max(1, in_flight)
            self._halted = False
            free = self._free()
            self._wanted = free <= 0
            return free

    def narrow(self) -> None:
        """One request in flight, until :meth:`widen`: something timed out."""
        with self._changed:
            self._narrow = True

    def widen(self) -> None:
        with self._changed:
            self._narrow = False

    def halt(self) -> None:
        """Hand out nothing more in this drain: the gateway may not send any longer."""
        with self._changed:
            self._halted = True
            self._changed.notify_all()

    @property
    def workers(self) -> int:
        return self._workers

    @property
    def halted(self) -> bool:
        return self._halted

    def batch(self, seconds: float) -> int:
        """How many messages the lane can send in ``seconds`` at its pace, and at least one each."""
        with self._changed:
            pace = self._allowed() / self._seconds
            return max(1, self._free(), min(LARGEST_CLAIM, int(pace * seconds)))

    def fill(self, batch: Sequence[T], urgent: Sequence[T] = ()) -> int:
        """Lay out a batch, ``urgent`` before all others; returns how many workers must be started for it."""
        with self._changed:
            self._urgent.extend(urgent)
            self._ready.extend(batch)
            started = max(0, min(self._free(), self._laid_out()))
            self._workers += started
            return started

    def take(self) -> T | None:
        """A worker's next piece of work; None ends the worker."""
        with self._changed:
            if self._laid_out() and not self._halted and self._workers <= self._allowed():
                piece = (self._urgent or self._ready).popleft()
                if self._laid_out() <= self._allowed():
                    self._changed.notify_all()
                return piece
            self._workers -= 1
            self._changed.notify_all()
            return None

    def served(self, seconds: float) -> None:
        """An attempt took so long, with all that belongs to it."""
        with self._changed:
            self._seconds += WEIGHT * (max(seconds, 1e-3) - self._seconds)

    def dropped(self, workers: int) -> None:
        """So many workers could not be started after all."""
        with self._changed:
            self._workers -= workers
            self._changed.notify_all()

    def leave(self) -> bool:
        """After a worker ended: whether a drain waits for its place (said once)."""
        with self._changed:
            wanted, self._wanted = self._wanted, False
            return wanted

    def runs_low(self, until: float, patience: float, *, empty: bool = False) -> bool:
        """Wait until less is laid out than may be in flight (or nothing), or the lane is halted.

        Ends at ``until`` (monotonic) all the same. False when for ``patience`` seconds no worker came
        free: then the next one that does is told so by :meth:`leave`.
        """
        with self._changed:
            while not self._halted and self._laid_out() > (0 if empty else self._allowed()):
                left = until - time.monotonic()
                if left <= 0:
                    break
                before = self._laid_out()
                if not self._changed.wait_for(
                    lambda before=before: self._laid_out() < before or self._halted, min(left, patience)
                ):
                    self._wanted = left > patience
                    return not self._wanted
            return True

    def clear(self) -> list[T]:
        """What was laid out and not taken; it is the caller's again."""
        with self._changed:
            rest = [*self._urgent, *self._ready]
            self._urgent.clear()
            self._ready.clear()
            return rest

    def idle(self, timeout: float) -> bool:
        """Wait until no worker is left; False when one still is after ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._workers, timeout)

    def _laid_out(self) -> int:
        return len(self._urgent) + len(self._ready)

    def _allowed(self) -> int:
        return 1 if self._narrow else self._limit

    def _free(self) -> int:
        return self._allowed() - self._workers
