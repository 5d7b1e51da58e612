"""The sign of life of whoever sends: a file in the instance folder that its sweep touches.

A room of its own because the sender gives it, and pages and terminal, also in other processes, take it.
A file, not a row: it costs no commit, and tells something also while the database is locked or full.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from webpanel.instance import FILE_MODE

FILE = "sender.alive"

#: Seconds between two signs, and after how many without one the sender counts as dead.
EVERY, LONGEST = 10.0, 45.0


@dataclass
class Heartbeat:
    """What the sweep calls after each of its rounds that went well; touches the file when it is time."""

    folder: Path
    _next: float = field(default=0.0, init=False)

    def beat(self) -> None:
        """Never raises: that a sign cannot be given is no reason not to send."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        try:
            descriptor = os.open(self.folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        except OSError:
            return
        try:
            os.utime(descriptor)
        finally:
            os.close(descriptor)


def age(folder: Path) -> float | None:
    """Seconds since the last sign; None when there never was one. Raises OSError, but for a missing file."""
    try:
        at = (folder / FILE).stat().st_mtime
    except FileNotFoundError:
        return None
    # A clock that was set back makes it negative; the next sign puts that right.
    return abs(time.time() - at)


def alive(folder: Path) -> bool:
    """Whether the panel of this instance folder looked for something to send within :data:`LONGEST`."""
    found = age(folder)
    return found is not None and found <= LONGEST
