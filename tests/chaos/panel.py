"""``python -m tests.chaos.panel``: the panel's command line, in a process that harms itself.

``CHAOS_POINT`` names one of :mod:`tests.chaos.points` and ``CHAOS_NTH`` at which time of reaching it the
process sends itself SIGKILL. ``CHAOS_CLOCK`` names a file with the number of seconds by which every
clock of the process but the monotonic one is wrong: the time of the system, and that of the database.
"""

import datetime
import itertools
import os
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests.chaos.points import BY_NAME, Point
from webpanel.cli import main

#: Of 1970, as a Julian day.
EPOCH = 2440587.5


def arm(point: Point, nth: int) -> None:
    """Have the process killed when it reaches ``point`` for the ``nth`` time."""
    module, _, path = point.target.partition(":")
    owner: Any = import_module(module)
    *outer, name = path.split(".")
    for each in outer:
        owner = getattr(owner, each)
    times = itertools.count(1)

    def reached() -> None:
        if next(times) == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, _wrapped(getattr(owner, name), point, reached))


def _wrapped(function: Callable[..., Any], point: Point, reached: Callable[[], None]) -> Callable[..., Any]:
    def before(*given: Any, **named: Any) -> Any:
        reached()
        return function(*given, **named)

    def after(*given: Any, **named: Any) -> Any:
        result = function(*given, **named)
        if result or point.side == "after":
            reached()
        return result

    def halfway(self: Any, data: bytes, deadline: Any) -> None:
        half = len(data) // 2
        function(self, data[:half], deadline)
        reached()
        function(self, data[half:], deadline)
        self.written = len(data)

    return {"before": before, "halfway": halfway}.get(point.side, after)


def set_clock(file: Path) -> None:
    """Have all that asks for the time of day be wrong by what stands in ``file`` at that moment."""
    real = time.time

    def shift() -> float:
        return float(file.read_text())

    class Shifted(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return datetime.datetime.fromtimestamp(time.time(), tz)

    @event.listens_for(Engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.create_function("julianday", 1, lambda _now: EPOCH + time.time() / 86400)

    time.time = lambda: real() + shift()
    for name, module in list(sys.modules.items()):
        if name.startswith("webpanel") and getattr(module, "datetime", None) is datetime.datetime:
            module.datetime = Shifted  # type: ignore[attr-defined]


if __name__ == "__main__":
    if chosen := os.environ.get("CHAOS_POINT"):
        arm(BY_NAME[chosen], int(os.environ["CHAOS_NTH"]))
    if clock := os.environ.get("CHAOS_CLOCK"):
        set_clock(Path(clock))
    main()
