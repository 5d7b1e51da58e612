"""Callers that wait for the outcome of a message, no more of them than the server can spare threads for.

A room of its own because delivery tells it and the API asks it, and neither knows of the other.
"""

import threading
import time
from collections import defaultdict

from sqlalchemy import Engine, select

from webpanel import models

#: Seconds between two looks at the table: another process may bring the message to its end.
LOOK_AGAIN = 1.0

_message = models.Message.__table__


class Waiting:
    """``most``: so many wait at the same time; whoever comes then does not wait at all."""

    def __init__(self, engine: Engine, most: int) -> None:
        self._engine = engine
        self._places = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._bells: dict[str, set[threading.Event]] = defaultdict(set)

    def ended(self, message_id: str) -> None:
        """A message came to its end; its rows are committed."""
        with self._lock:
            for bell in self._bells.get(message_id, ()):
                bell.set()

    def until_final(self, message_id: str, seconds: float) -> bool:
        """Wait until the message is final, or the time is over; False when there was no place to wait."""
        if not self._places.acquire(blocking=False):
            return False
        bell = threading.Event()
        with self._lock:
            self._bells[message_id].add(bell)
        try:
            self._wait(message_id, bell, time.monotonic() + seconds)
        finally:
            with self._lock:
                self._bells[message_id].discard(bell)
                if not self._bells[message_id]:
                    del self._bells[message_id]
            self._places.release()
        return True

    def _wait(self, message_id: str, bell: threading.Event, ends: float) -> None:
        while not self._is_final(message_id) and (left := ends - time.monotonic()) > 0:
            bell.wait(min(left, LOOK_AGAIN))

    def _is_final(self, message_id: str) -> bool:
        with self._engine.connect() as connection:
            found = connection.execute(select(_message.c.final_at).where(_message.c.id == message_id))
            return found.scalar() is not None
