"""Replies that are kept with a gateway as examples, and the last real ones. All of them are masked.

A room of its own beside ``gateways``: that one keeps how a provider is asked, this one what it answered.
What changes rows here runs inside the group that saves the gateway.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select
from sqlalchemy.orm import Session

from webpanel import models
from webpanel.presets import Preset
from webpanel.store import now
from webpanel.wire import rejudging
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.rejudging import MEANINGS, Example, Means
from webpanel.wire.verdict import Reply

_kept = models.KeptReply.__table__
_attempt = models.Attempt.__table__
_message = models.Message.__table__

#: Replies kept with one gateway: each is judged with every change of a rule.
MOST_KEPT = 20
#: Real replies that are judged again.
LAST = 200
#: Attempts that are looked through for them: most have a reply.
MOST_LOOKED_AT = 2000
#: Of those, read at a time: a reply may be 64 KB.
_AT_A_TIME = 10

_OF_REPLY = (
    *(_attempt.c.message_id, _attempt.c.outcome, _attempt.c.reason, _attempt.c.started_at),
    *(_attempt.c.reply_status, _attempt.c.reply_head, _attempt.c.reply_body, _attempt.c.reply_cut),
)
# The verdicts of rules and statuses; an attempt that is uncertain for another reason has no whole reply.
_OF_WHOLE_REPLIES = frozenset({"ambiguous_cut", "ambiguous_moved", "ambiguous_status"})


@dataclass(frozen=True)
class Written:
    """A reply that nobody got: it stands in a provider's file. ``body`` is at most 64 KB."""

    means: Means
    status: int
    content_type: str
    body: bytes

    @property
    def head(self) -> bytes:
        return f"HTTP/1.1 {self.status}\r\nContent-Type: {self.content_type}".encode()

    @property
    def reply(self) -> Reply:
        return rejudging.stored(self.status, self.head, self.body)


@dataclass(frozen=True)
class Keeping:
    """What a save does to a gateway's kept replies.

    ``tests``: id of a test's message -> what its reply means. ``removed``: ids of kept ones.
    """

    tests: Mapping[str, Means] = field(default_factory=dict)
    removed: Collection[int] = frozenset()
    written: Sequence[Written] = ()


def kept(session: Session, gateway_id: int) -> list[models.KeptReply]:
    """The replies kept with a gateway, oldest first."""
    asked = select(models.KeptReply).where(models.KeptReply.gateway_id == gateway_id)
    return list(session.scalars(asked.order_by(models.KeptReply.id)))


def of_preset(preset: Preset | None) -> tuple[Written, ...]:
    """The example replies of a provider's file, for a gateway that is made from it."""
    examples = preset.replies[: MOST_KEPT // 2] if preset else ()
    return tuple(Written(each.means, each.status, each.content_type, each.body.encode()) for each in examples)


def of_test(connection: Connection | Session, message_id: str) -> Row[Any] | None:
    """The attempt of a test whose reply can be kept: it came, and came whole. None for anything else."""
    asked = (
        select(*_OF_REPLY)
        .join(_message, _message.c.id == _attempt.c.message_id)
        .where(_message.c.id == message_id, _message.c.test.is_(True))
        .order_by(_attempt.c.number.desc())
        .limit(1)
    )
    row = connection.execute(asked).first()
    return row if row and row.reply_status is not None and _is_whole(row) else None


def example_of_test(row: Row[Any], means: Means) -> Example:
    """A test's reply as it would be judged once it is kept; its key is the message's id."""
    return Example(row.message_id, means, _reply(row))


def last_real(session: Session, gateway_id: int, most: int = LAST) -> Iterator[tuple[str, Reply]]:
    """The ids of messages and their replies, newest first, read a few at a time. Tests are not among them."""
    asked = (
        select(*_OF_REPLY)
        # A test's attempt has no gateway.
        .where(_attempt.c.gateway_id == gateway_id)
        .order_by(_attempt.c.id.desc())
        .limit(MOST_LOOKED_AT)
        .execution_options(yield_per=_AT_A_TIME)
    )
    replied = (row for row in session.execute(asked) if row.reply_status is not None and row.outcome)
    for row in islice(replied, most):
        yield row.message_id, _reply(row)


def example(row: models.KeptReply) -> Example:
    """A kept reply as it is judged; its key is ``kept-ID``."""
    reply = rejudging.stored(row.status, row.head, row.body, cut=row.cut)
    return Example(f"kept-{row.id}", row.means, reply)


def example_of_written(number: int, written: Written) -> Example:
    """A reply of a provider's file; its key is ``written-NUMBER``."""
    return Example(f"written-{number}", written.means, written.reply)


def keep(connection: Connection, gateway_id: int, keeping: Keeping, actor: str) -> None:
    """Do what ``keeping`` says, inside the group that saves the gateway.

    A test that is gone meanwhile, and a reply that is kept already, are passed over. Raises Refused when
    it would be too many.
    """
    of_it = _kept.c.gateway_id == gateway_id
    if keeping.removed:
        connection.execute(delete(_kept).where(of_it, _kept.c.id.in_(list(keeping.removed)[:MOST_KEPT])))
    stored = select(_kept.c.means, _kept.c.status, _kept.c.body).where(of_it)
    known = {tuple(row) for row in connection.execute(stored)}
    new = {_judged(row): row for row in _rows(connection, keeping, actor)}
    rows = [row for judged, row in new.items() if judged not in known]
    if len(known) + len(rows) > MOST_KEPT:
        raise Refused(Problem("kept_too_many", values={"most": MOST_KEPT}))
    if rows:
        at = now(connection)
        connection.execute(insert(_kept), [{**row, "gateway_id": gateway_id, "kept_at": at} for row in rows])


def _rows(connection: Connection, keeping: Keeping, actor: str) -> Iterator[dict[str, Any]]:
    for each in keeping.written:
        yield {
            "means": each.means,
            "status": each.status,
            "head": each.head,
            "body": each.body,
            "cut": False,
            "kept_by": "",
        }
    for message_id, means in keeping.tests.items():
        found = of_test(connection, message_id)
        if found and means in MEANINGS:
            yield {
                "means": means,
                "status": found.reply_status,
                "head": found.reply_head or b"",
                "body": found.reply_body or b"",
                "cut": found.reply_cut,
                "kept_by": actor,
            }


def _judged(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Two replies that agree in this say the same."""
    return row["means"], row["status"], row["body"]


def _is_whole(row: Row[Any]) -> bool:
    return row.outcome != "ambiguous" or (row.reason or {}).get("code") in _OF_WHOLE_REPLIES


def _reply(row: Row[Any]) -> Reply:
    return rejudging.stored(
        row.reply_status,
        row.reply_head or b"",
        row.reply_body or b"",
        cut=row.reply_cut,
        complete=_is_whole(row),
    )
