"""The time of the machine: the database's, and the monotonic one of the processes.

Only the machine's rules let it go on, so a run is the same each time. The database asks for its time by
``julianday``, which is replaced on each connection; the modules that hold deadlines ask :mod:`time`,
whose place a :class:`Clock` takes there.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event

from webpanel import store
from webpanel.intake import clerk
from webpanel.sending import claims, ledger

#: Any day; nothing of the product may depend on it.
BEGINS = datetime(2031, 3, 30, 0, 30, tzinfo=UTC).timestamp()

#: Julian day of 1970, and seconds of a day.
_EPOCH, _DAY = 2440587.5, 86_400.0

#: The modules that ask for the monotonic time.
_ASKING = (claims, ledger, store)


class Clock:
    """``wall``: the database's time, seconds since 1970. ``steady``: the monotonic one."""

    def __init__(self) -> None:
        self.wall, self.steady = BEGINS, 1000.0
        #: For how long the process stands still at each of the next questions for the monotonic time.
        self.stalls: deque[float] = deque()
        self._ids = 0

    @property
    def present(self) -> datetime:
        return datetime.fromtimestamp(self.wall, UTC)

    def advance(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def set_by(self, seconds: float) -> None:
        """Somebody sets the wall's clock; the other one does not know."""
        self.wall += seconds

    def monotonic(self) -> float:
        """In the place of :func:`time.monotonic`."""
        if self.stalls:
            self.advance(self.stalls.popleft())
        return self.steady

    def sleep(self, seconds: float) -> None:
        """In the place of :func:`time.sleep`."""
        self.advance(seconds)

    def new_id(self) -> str:
        """In the place of the ids of messages, which have the machine's own time and chance in them."""
        self._ids += 1
        return f"{self._ids:026d}"


class Clocks:
    """Gives an engine, which lasts for many runs, the clock of the present one."""

    def __init__(self, engine: Engine) -> None:
        self.clock = Clock()

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: Any) -> None:
            connection.create_function("julianday", 1, self._julian_day)

    def _julian_day(self, _of: Any) -> float:
        return self.clock.wall / _DAY + _EPOCH

    @contextmanager
    def renewed(self) -> Iterator[Clock]:
        """A new clock, for as long as it lasts."""
        self.clock = Clock()
        with ExitStack() as places:
            for module in _ASKING:
                places.enter_context(patch.object(module, "time", self.clock))
            places.enter_context(patch.object(clerk, "new_id", self.clock.new_id))
            yield self.clock
