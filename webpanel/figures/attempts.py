"""How many attempts came to what, and how long they took, since the tables began.

A process reads each attempt once, in pieces, and keeps the sums; only what is new, or still under way,
is read again. So the first sums cost seconds for each million of attempts, and later ones little.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection, Engine, bindparam, case, func, or_, select

from webpanel import models
from webpanel.prepared import Prepared
from webpanel.store import from_now

#: Upper bounds of the durations that are told apart, in milliseconds; one more has no bound.
BOUNDS = (100, 250, 500, 1000, 2500, 5000, 10_000, 30_000)

#: Seconds for reading; whoever asks for metrics waits for ten.
PATIENCE = 4.0
#: Attempts that are read at once: others may write between two pieces.
_PIECE = 20_000
#: A row so young may stand before one that is not there yet.
_SETTLES = timedelta(minutes=1)
#: What began before and never ended will not end any more.
_ENDS = timedelta(hours=1)

_attempt = models.Attempt.__table__

_within = (_attempt.c.id > bindparam("after")) & (_attempt.c.id <= bindparam("through"))
_LAST = Prepared(select(func.max(_attempt.c.id).label("id")))
_UNSETTLED = Prepared(
    select(func.min(_attempt.c.id).label("id")).where(
        _within,
        or_(
            _attempt.c.started_at > from_now(-_SETTLES.total_seconds()),
            _attempt.c.outcome.is_(None) & (_attempt.c.started_at > from_now(-_ENDS.total_seconds())),
        ),
    )
)
_SUMS = Prepared(
    select(
        _attempt.c.gateway_id,
        _attempt.c.outcome,
        func.count().label("number"),
        func.coalesce(func.sum(_attempt.c.duration_ms), 0).label("ms"),
        # One whose duration nobody knows is within no bound.
        *(
            func.sum(case((_attempt.c.duration_ms <= bound, 1), else_=0)).label(f"to_{bound}")
            for bound in BOUNDS
        ),
    )
    # Tests name no gateway.
    .where(_within, _attempt.c.gateway_id.is_not(None), _attempt.c.outcome.is_not(None))
    .group_by(_attempt.c.gateway_id, _attempt.c.outcome)
)


@dataclass
class Sum:
    """``within[n]`` attempts took no longer than ``BOUNDS[n]``; all of them ``ms`` together."""

    number: int = 0
    ms: int = 0
    within: list[int] = field(default_factory=lambda: [0] * len(BOUNDS))


#: By gateway's id and outcome.
Sums = Mapping[tuple[int, str], Sum]


class Attempts:
    """The sums of one database, for all threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settled: dict[tuple[int, str], Sum] = {}
        #: Every attempt up to this id is in them, or will never count.
        self._through = 0

    def sums(self, engine: Engine) -> Sums | None:
        """As they are now; None while there is more to read than fits into :data:`PATIENCE`: ask again."""
        ends = time.monotonic() + PATIENCE
        with self._lock:
            while self._settle(engine):
                if time.monotonic() > ends:
                    return None
            found = {key: Sum(each.number, each.ms, list(each.within)) for key, each in self._settled.items()}
            with engine.connect() as connection:
                _add(found, connection, self._through, _last(connection))
        return found

    def _settle(self, engine: Engine) -> bool:
        """Keep the sums of one piece; False when it was the last."""
        with engine.connect() as connection:
            last = _last(connection)
            through = min(last, self._through + _PIECE)
            values = {"after": self._through, "through": through}
            unsettled = _UNSETTLED.first(connection, values).id
            until = through if unsettled is None else unsettled - 1
            _add(self._settled, connection, self._through, until)
        self._through = max(self._through, until)
        return unsettled is None and through < last


def _last(connection: Connection) -> int:
    return _LAST.first(connection).id or 0


def _add(to: dict[tuple[int, str], Sum], connection: Connection, after: int, through: int) -> None:
    for row in _SUMS.all(connection, {"after": after, "through": through}):
        found = to.setdefault((row.gateway_id, row.outcome), Sum())
        found.number += row.number
        found.ms += row.ms
        found.within = [
            number + getattr(row, f"to_{bound}") for number, bound in zip(found.within, BOUNDS, strict=True)
        ]
