"""What must be true of the tables at every moment, whatever was killed when (DESIGN section 4).

A room of its own because two ask it: ``webpanel doctor``, and the tests that kill the panel. Each
invariant is one query for the messages that break it, portable, read-only and safe beside a running
server: ask all of them in one transaction.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from webpanel import models
from webpanel.sending.sweep import WAITING
from webpanel.store import from_now

_message = models.Message.__table__
_attempt = models.Attempt.__table__
_event = models.Event.__table__
_answered = models.Answered.__table__

#: Every state that is not final.
MOVING = (*WAITING, "sending")

#: What a panel breaks by not running; the others it never breaks.
OF_TIME = frozenset({"invariant_overdue", "invariant_lease_over"})

#: Seconds by which the sweep may be late.
LATE = 120.0

#: Ids named of each finding.
EXAMPLES = 5

#: Requests with an Idempotency-Key whose answers are looked at: the last ones.
ANSWERS = 5_000
#: A person or a delivery report knew better than the attempt.
_SENT_ALL_THE_SAME = ("event_marked_sent", "event_reported_sent")
#: Ids in one question.
_AT_ONCE = 500


@dataclass(frozen=True)
class Breach:
    """``count`` messages break the invariant ``code`` (a key of ``webpanel.words``), these ids among them."""

    code: str
    count: int
    examples: tuple[str, ...]


def breaches(connection: Connection, late: float = LATE) -> list[Breach]:
    """All that is wrong; ``late``: for how many seconds the sweep may have left something undone."""
    found = [_breach(connection, code, broken) for code, broken in _invariants(late).items()]
    return [breach for breach in (*found, _lost(connection)) if breach is not None]


def _breach(connection: Connection, code: str, broken: ColumnElement[bool]) -> Breach | None:
    wanted = select(_message.c.id).where(broken)
    examples = tuple(connection.execute(wanted.order_by(_message.c.id).limit(EXAMPLES)).scalars())
    if not examples:
        return None
    count = connection.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    return Breach(code, count, examples)


def _invariants(late: float) -> Mapping[str, ColumnElement[bool]]:
    """Code -> the condition on a row of messages that breaks it."""
    message = _message.c
    moving = message.state.in_(MOVING)
    leased = message.state == "sending"
    has_lease = message.lease_token.is_not(None)
    may_have_arrived = _attempts(_attempt.c.outcome.in_(("accepted", "ambiguous")))
    return {
        # In time.
        "invariant_overdue": message.state.in_(WAITING) & (message.expires_at <= from_now(-late)),
        "invariant_lease_over": leased & (message.lease_until <= from_now(-late)),
        # Final or not, and nothing between.
        "invariant_final_at": moving == message.final_at.is_not(None),
        "invariant_final_due": ~moving & message.due_at.is_not(None),
        "invariant_never_due": message.state.in_(("queued", "scheduled")) & message.due_at.is_(None),
        "invariant_lease": or_(leased != has_lease, has_lease != message.lease_until.is_not(None)),
        # Attempts.
        "invariant_attempt_numbers": or_(
            message.attempt_count != _attempts().scalar_subquery(),
            message.attempt_count
            != select(func.coalesce(func.max(_attempt.c.number), 0))
            .where(_attempt.c.message_id == message.id)
            .scalar_subquery(),
        ),
        "invariant_token_twice": message.id.in_(_marked_twice()),
        "invariant_attempt_open": _attempts(
            _attempt.c.finished_at.is_(None),
            or_(~leased, message.lease_token.is_(None), message.lease_token != _attempt.c.token),
        ).scalar_subquery()
        > 0,
        "invariant_after_accepted": message.id.in_(_followed()),
        "invariant_hidden_duplicate": and_(
            ~message.possible_duplicate, may_have_arrived.scalar_subquery() > 1
        ),
        "invariant_sent_unseen": and_(
            message.state == "sent",
            # In an application's test mode nothing is sent.
            or_(~message.test, message.attempt_count > 0),
            _attempts(_attempt.c.outcome == "accepted").scalar_subquery() == 0,
            ~select(1)
            .where(_event.c.message_id == message.id, _event.c.code.in_(_SENT_ALL_THE_SAME))
            .exists(),
        ),
        # What must not be kept.
        "invariant_sealed_kept": ~moving & message.sealed_text.is_not(None),
        "invariant_sensitive_clear": and_(message.sensitive, message.text.is_not(None)),
    }


def _attempts(*conditions: ColumnElement[bool]) -> Select[tuple[int]]:
    """How many attempts of a message there are that fulfil ``conditions``."""
    return (
        select(func.count())
        .select_from(_attempt)
        .where(_attempt.c.message_id == _message.c.id, *conditions)
        .correlate(_message)
    )


def _marked_twice() -> Select[tuple[str]]:
    tokens = select(_attempt.c.token).group_by(_attempt.c.token).having(func.count() > 1)
    return select(_attempt.c.message_id).where(_attempt.c.token.in_(tokens))


def _followed() -> Select[tuple[str]]:
    """Messages that were sent although the provider had accepted them."""
    later = _attempt.alias("later")
    return (
        select(_attempt.c.message_id)
        .join(later, (later.c.message_id == _attempt.c.message_id) & (later.c.number > _attempt.c.number))
        .where(_attempt.c.outcome == "accepted")
    )


def _lost(connection: Connection) -> Breach | None:
    """Ids that callers were given, and under which nothing is stored."""
    lost: list[str] = []
    ids = list(_given(connection))
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        there = set(connection.execute(select(_message.c.id).where(_message.c.id.in_(some))).scalars())
        lost += [each for each in some if each not in there]
    return Breach("invariant_lost", len(lost), tuple(lost[:EXAMPLES])) if lost else None


def _given(connection: Connection) -> Iterator[str]:
    newest = select(_answered.c.results).order_by(_answered.c.created_at.desc()).limit(ANSWERS)
    for results in connection.execute(newest).scalars():
        yield from (each for each in results if isinstance(each, str))
