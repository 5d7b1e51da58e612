"""The points at which the panel is killed: every window between two things that must not come apart.

A point is a function of the program and a side of it: the launcher (:mod:`tests.chaos.panel`) wraps it
from outside, so that the program itself knows of no point.
"""

from dataclasses import dataclass
from typing import Literal

#: ``after something``: after a call that returned anything at all. ``halfway``: of
#: ``Connection.write``, when half of the bytes were written.
Side = Literal["before", "after", "after something", "halfway"]


@dataclass(frozen=True)
class Point:
    name: str
    side: Side
    #: ``module:function`` or ``module:Class.method``.
    target: str
    #: It is reached so often for certain, whatever the kills before it left to do.
    often: int = 3


#: In the order of a message's life; each kill leaves something to do for the next start.
POINTS = (
    Point("before the accept commit", "after", "webpanel.intake.submitting:commit"),
    Point("accepted, before the answer", "after", "webpanel.store:Store.write_together"),
    Point("in the claim, before its commit", "after something", "webpanel.sending.ledger:claim"),
    Point("claimed, before the mark", "after something", "webpanel.sending.claims:Claims.take"),
    Point("in the mark, before its commit", "after something", "webpanel.sending.ledger:mark"),
    Point("marked, before a connection", "before", "webpanel.sending.attempt:run"),
    Point("connected, nothing written", "before", "webpanel.sending.connection:Connection.write"),
    Point("half of the request written", "halfway", "webpanel.sending.connection:Connection.write"),
    Point("request written, reply unread", "before", "webpanel.sending.connection:Connection.read"),
    Point("reply read, before the finish", "after", "webpanel.sending.attempt:run"),
    Point("in the finish, before its commit", "after something", "webpanel.sending.ledger:finish"),
    Point("after the finish", "after", "webpanel.store:Store.insist_together"),
    Point("callback queued, before its commit", "after", "webpanel.callbacks:queue"),
    Point("callback claimed, before it is told", "after something", "webpanel.callbacks.ledger:claim"),
    Point("caller told, before that is stored", "before", "webpanel.callbacks.ledger:finish"),
    Point("in a report, before its commit", "after something", "webpanel.sending.reports:take"),
    Point("report stored, before its answer", "after", "webpanel.report_door:_store"),
    Point("in the sweep, before its commit", "after something", "webpanel.sending.sweep:_recover", 1),
    Point("after the sweep", "after something", "webpanel.sending.claims:Claims.recover", 1),
)

#: While the panel starts and brings an older database up to date.
UPGRADING = (
    Point("while the database is copied", "before", "webpanel.database:_copy", 1),
    Point("the copy made, nothing upgraded", "after", "webpanel.database:_copy", 1),
    Point("in a migration", "after", "alembic.runtime.migration:HeadMaintainer.update_to_step", 4),
)

BY_NAME = {point.name: point for point in (*POINTS, *UPGRADING)}
