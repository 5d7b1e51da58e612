"""How many messages were accepted in an hour or a day, and what became of them."""

import threading
import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection, bindparam, func, or_, select

from webpanel import models
from webpanel.figures import spans
from webpanel.figures.spans import Span
from webpanel.prepared import Prepared

_message = models.Message.__table__

#: What became of messages, in the order in which a plot piles them up -> the states that it stands for.
OUTCOMES: dict[str, tuple[str, ...]] = {
    "delivered": ("delivered",),
    "sent": ("sent",),
    "waiting": ("scheduled", "queued", "sending", "held"),
    "unclear": ("unknown",),
    "failed": ("failed", "undelivered", "expired"),
    "cancelled": ("cancelled",),
}
_OUTCOME_OF = {state: outcome for outcome, states in OUTCOMES.items() for state in states}

#: Seconds for which the count of a day that is long over is kept: a message of it may still change.
KEPT = 60.0
_LONG_OVER = timedelta(days=1)

#: Outcome -> number of messages, each of :data:`OUTCOMES`.
Counts = Mapping[str, int]

# By state and id: one short walk along an index for each state. Without naming the states, SQLite would
# look up each message's row.
_COUNT = Prepared(
    select(_message.c.state, func.count().label("number"))
    .where(
        or_(*(_message.c.state == state for state in _OUTCOME_OF)),
        _message.c.id >= bindparam("since"),
        _message.c.id < bindparam("until"),
    )
    .group_by(_message.c.state)
)


class Flow:
    """The counts of the last day and the last month, for all pages of a process.

    Tests of gateways are among the messages, as they are on the Messages page.
    """

    def __init__(self, kept: float = KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        #: When it was counted, by the monotonic clock, and the counts.
        self._known: dict[Span, tuple[float, Counts]] = {}

    def last_day(self, connection: Connection, now: datetime, zone: tzinfo) -> list[tuple[Span, Counts]]:
        """By hour, the oldest first; as they are now."""
        return [(span, counted(connection, span)) for span in spans.hours(now, zone)]

    def last_month(self, connection: Connection, now: datetime, zone: tzinfo) -> list[tuple[Span, Counts]]:
        """By day, the oldest first; those that are over for more than a day as of a minute ago."""
        month = spans.days(now, zone)
        with self._lock:
            known = {span: self._known[span] for span in month if span in self._known}
        oldest = time.monotonic() - self._kept
        for span in month:
            if now - span.end < _LONG_OVER or span not in known or known[span][0] < oldest:
                known[span] = (time.monotonic(), counted(connection, span))
        with self._lock:
            self._known = known
        return [(span, known[span][1]) for span in month]


def counted(connection: Connection, span: Span) -> Counts:
    """The messages that were accepted within ``span``, by what became of them until now."""
    found = dict.fromkeys(OUTCOMES, 0)
    limits = {"since": models.Message.id_at(span.start), "until": models.Message.id_at(span.end)}
    for row in _COUNT.all(connection, limits):
        found[_OUTCOME_OF[row.state]] += row.number
    return found


def total(several: Iterable[Counts]) -> Counts:
    found = dict.fromkeys(OUTCOMES, 0)
    for counts in several:
        for outcome, number in counts.items():
            found[outcome] += number
    return found
