"""Mends what a dead process left behind, and ends what waited too long.

A room of its own beside ``ledger``: that one is the ordinary way of a message, this one the way back
to it. Each function is one group of :meth:`webpanel.store.Store.write`; each change asks again for
what was read, so that several sweeps, also of several processes, do no harm.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from webpanel import callbacks, models
from webpanel.sending import ledger, policy
from webpanel.sending.policy import Standing, Step
from webpanel.store import from_now
from webpanel.wire.gateway import Gateway as Settings
from webpanel.wire.verdict import Verdict

_gateway = models.Gateway.__table__
_message = models.Message.__table__
_attempt = models.Attempt.__table__

#: The states of messages that nobody has in hand.
WAITING = ("queued", "held", "scheduled")

#: What a gateway says about a message of which nobody knows how it went.
_OF_GATEWAY = ("on_ambiguous", "retry_delays", "urgent_retry_delays", "failover_after")

#: Messages ended in one group; others may write between two groups.
MOST = 200

#: What is known of an attempt that was marked and never finished.
INTERRUPTED = Verdict("ambiguous", "interrupted")


def lost_leases(connection: Connection) -> Sequence[Row[Any]]:
    """The messages whose lease is over; ``attempt_id`` is None where nothing was marked under it."""
    return connection.execute(
        select(
            _message.c.id,
            _message.c.lease_token,
            _message.c.test,
            _message.c.possible_duplicate,
            _message.c.attempt_count,
            _message.c.expires_at,
            _message.c.on_ambiguous.label("own_on_ambiguous"),
            from_now().label("present"),
            _attempt.c.id.label("attempt_id"),
            _message.c.priority,
            *(_gateway.c[name] for name in _OF_GATEWAY),
        )
        .outerjoin(_attempt, _attempt.c.token == _message.c.lease_token)
        .outerjoin(_gateway, _gateway.c.id == _message.c.gateway_id)
        .where(_message.c.state == "sending", _message.c.lease_until <= from_now())
    ).all()


def recover(connection: Connection, rows: Sequence[Row[Any]], resend_after: float) -> int:
    """Bring messages of :func:`lost_leases` back on their way; returns how many still were lost."""
    return sum(_recover(connection, row, resend_after) for row in rows)


def _recover(connection: Connection, row: Row[Any], resend_after: float) -> bool:
    if row.attempt_id is None:
        step = Step("queued", "event_lease_lost", due_in=0.0, possible_duplicate=row.possible_duplicate)
        reason = None
    else:
        step = _interrupted(row, resend_after)
        reason = {"code": INTERRUPTED.code, "values": INTERRUPTED.values}
    changed = connection.execute(
        update(_message)
        .where(
            _message.c.id == row.id,
            _message.c.lease_token == row.lease_token,
            _message.c.state == "sending",
            _message.c.lease_until <= from_now(),
        )
        .values(
            state=step.state,
            due_at=None if step.due_in is None else from_now(step.due_in),
            final_at=from_now() if step.due_in is None else None,
            **({"sealed_text": None} if step.due_in is None else {}),
            lease_token=None,
            lease_until=None,
            possible_duplicate=step.possible_duplicate,
            reason=reason,
        )
    )
    if not changed.rowcount:
        return False
    if reason is not None:
        connection.execute(
            update(_attempt)
            .where(_attempt.c.id == row.attempt_id, _attempt.c.finished_at.is_(None))
            .values(finished_at=from_now(), outcome=INTERRUPTED.outcome, reason=reason)
        )
        ledger.note(connection, row.id, "event_lease_lost", {})
    ledger.note(connection, row.id, step.event, {**step.values, **({"reason": reason} if reason else {})})
    if step.due_in is None:
        callbacks.queue(connection, row.id)
    return True


def _interrupted(row: Row[Any], resend_after: float) -> Step:
    if row.test:
        return policy.after_test(INTERRUPTED)
    # Without its gateway there is nobody left to send it once more.
    gone = row.on_ambiguous is None
    settings = (
        Settings(on_ambiguous="hold")
        if gone
        else Settings(**{name: getattr(row, name) for name in _OF_GATEWAY})
    )
    own = None if gone else row.own_on_ambiguous
    plan = policy.plan(settings, urgent=row.priority == ledger.URGENT, own=own, resend_after=resend_after)
    left = (row.expires_at - row.present).total_seconds()
    return policy.next_step(INTERRUPTED, Standing(row.attempt_count, left, row.possible_duplicate), plan)


def expire(connection: Connection) -> int:
    """End what waited past its lifetime; returns how many (call again when it is :data:`MOST`)."""
    return _end(connection, _message.c.expires_at <= from_now(), "expired", "event_expired", "lifetime_ended")


def bury_orphans(connection: Connection) -> int:
    """End what waits for a gateway that is gone; as :func:`expire`."""
    return _end(
        connection,
        _message.c.gateway_id.is_(None),
        "cancelled",
        "event_gateway_deleted",
        "event_gateway_deleted",
    )


def _end(connection: Connection, condition: ColumnElement[bool], state: str, event: str, code: str) -> int:
    rows = connection.execute(
        select(_message.c.id, _message.c.possible_duplicate)
        .where(_message.c.state.in_(WAITING), condition)
        .limit(MOST)
        .with_for_update(skip_locked=True)
    ).all()
    reason = {"code": code, "values": {}}
    for row in rows:
        # What may have reached the provider before was not simply "too late" or "cancelled".
        final, step = ("unknown", "event_unknown") if row.possible_duplicate else (state, event)
        changed = connection.execute(
            update(_message)
            .where(_message.c.id == row.id, _message.c.state.in_(WAITING))
            .values(state=final, due_at=None, sealed_text=None, final_at=from_now(), reason=reason)
        )
        if changed.rowcount:
            ledger.note(connection, row.id, step, {"reason": reason})
            callbacks.queue(connection, row.id)
    return len(rows)
