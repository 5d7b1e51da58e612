"""The rows of telling: claim, finish, and what a process that died left behind.

Each function is one group of :meth:`webpanel.store.Store.write`, or reads. All times are the database's.
A change of a callback asks for its state and its lease's token, never only for its id.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from webpanel import models
from webpanel.callbacks import policy
from webpanel.callbacks.policy import Finding, Step
from webpanel.prepared import Prepared
from webpanel.store import from_now

_message = models.Message.__table__
_application = models.Application.__table__
_target = models.CallbackTarget.__table__
_callback = models.Callback.__table__
_attempt = models.CallbackAttempt.__table__

# Asked again and again, mostly in vain.
_SITES = Prepared(select(_callback.c.site).where(_callback.c.due_at <= from_now()).group_by(_callback.c.site))
_LOST = Prepared(
    select(_callback.c.id, _callback.c.lease_token).where(_callback.c.lease_until <= from_now()).limit(200)
)
_LOAD = (
    select(
        _callback,
        _target.c.sealed,
        _target.c.shown,
        _application.c.id.label("application"),
        _application.c.name.label("application_name"),
        _application.c.callback_url,
        _application.c.callback_secret,
        _application.c.callback_secret_before,
        (_application.c.callback_secret_until > from_now()).label("before_signs"),
    )
    .outerjoin(_target, _target.c.message_id == _callback.c.message_id)
    .outerjoin(_application, _application.c.id == _callback.c.application_id)
    .where(_callback.c.id == bindparam("of"))
)


@dataclass(frozen=True)
class Claim:
    """A callback that this process may send, for as long as its lease lasts."""

    callback_id: int
    token: str
    site: str


def due_sites(connection: Connection) -> list[str]:
    """The sites (host and port) that are to be told something now."""
    return [row.site for row in _SITES.all(connection)]


def claim(connection: Connection, site: str, limit: int, lease: float) -> list[Claim]:
    """Take up to ``limit`` due callbacks of a site, the longest due first, and begin an attempt of each."""
    wanted = (
        select(_callback.c.id, _callback.c.attempt_count)
        .where(_callback.c.site == site, _callback.c.due_at <= from_now())
        .order_by(_callback.c.due_at, _callback.c.id)
        .limit(limit)
        # For PostgreSQL, where others write at the same time; SQLite has no such clause and needs none.
        .with_for_update(skip_locked=True)
    )
    claims = []
    for row in connection.execute(wanted).all():
        token = secrets.token_hex(16)
        connection.execute(
            update(_callback)
            .where(_callback.c.id == row.id)
            .values(
                state="sending",
                due_at=None,
                lease_token=token,
                lease_until=from_now(lease),
                attempt_count=row.attempt_count + 1,
            )
        )
        connection.execute(
            insert(_attempt).values(
                callback_id=row.id, number=row.attempt_count + 1, token=token, started_at=from_now()
            )
        )
        claims.append(Claim(row.id, token, site))
    return claims


def load(connection: Connection, callback_id: int) -> tuple[Any, Any] | None:
    """The callback with its address and application, and its message; None when they are gone."""
    row = connection.execute(_LOAD, {"of": callback_id}).first()
    if row is None:
        return None
    message = connection.execute(select(_message).where(_message.c.id == row.message_id)).first()
    return None if message is None else (row, message)


def finish(
    connection: Connection, claim: Claim, finding: Finding, step: Step, attempt: Mapping[str, Any]
) -> bool:
    """Store how a try went and what follows; False when the claim is not held any more.

    ``attempt``: columns of the attempt's row beside outcome and reason.
    """
    told = finding.outcome == "told"
    changed = connection.execute(
        update(_callback)
        .where(
            _callback.c.id == claim.callback_id,
            _callback.c.lease_token == claim.token,
            _callback.c.state == "sending",
        )
        .values(
            state=step.state,
            due_at=None if step.due_in is None else from_now(step.due_in),
            reason=None if told else finding.reason,
            failure_count=_callback.c.failure_count + (0 if told else 1),
            lease_token=None,
            lease_until=None,
            ended_at=from_now() if step.due_in is None else None,
        )
        .returning(_callback.c.application_id, _callback.c.own)
    ).first()
    connection.execute(
        update(_attempt)
        .where(_attempt.c.token == claim.token, _attempt.c.finished_at.is_(None))
        .values(finished_at=from_now(), outcome=finding.outcome, reason=finding.reason, **attempt)
    )
    if changed is None:
        return False
    if not changed.own and changed.application_id is not None:
        _note_standing(connection, changed.application_id, told=told)
    return True


def recover(connection: Connection, held: Collection[str]) -> int:
    """Make due again what a process that died was sending; those ``held`` by this one are left alone."""
    lost = [row for row in _LOST.all(connection) if row.lease_token not in held]
    for row in lost:
        connection.execute(
            update(_callback)
            .where(
                _callback.c.id == row.id,
                _callback.c.lease_token == row.lease_token,
                _callback.c.lease_until <= from_now(),
            )
            .values(state="waiting", due_at=from_now(), lease_token=None, lease_until=None)
        )
        connection.execute(
            update(_attempt)
            .where(_attempt.c.token == row.lease_token, _attempt.c.finished_at.is_(None))
            .values(
                finished_at=from_now(),
                outcome="later",
                reason={"code": "callback_interrupted", "values": {}},
            )
        )
    return len(lost)


def keep_secret(connection: Connection, application_id: int, ciphertext: bytes) -> bytes | None:
    """The application's secret: ``ciphertext`` where it had none. None when it is gone."""
    this = _application.c.id == application_id
    connection.execute(
        update(_application)
        .where(this, _application.c.callback_secret.is_(None))
        .values(callback_secret=ciphertext)
    )
    return connection.execute(select(_application.c.callback_secret).where(this)).scalar()


def _note_standing(connection: Connection, application_id: int, *, told: bool) -> None:
    """How the application's address stands; one that failed for too long is switched off."""
    this = _application.c.id == application_id
    since = _application.c.callback_failing_since
    if told:
        connection.execute(
            update(_application).where(this, since.is_not(None)).values(callback_failing_since=None)
        )
        return
    connection.execute(
        update(_application).where(this, since.is_(None)).values(callback_failing_since=from_now())
    )
    switched_off = connection.execute(
        update(_application)
        .where(
            this,
            since <= from_now(-policy.PATIENCE.total_seconds()),
            _application.c.callback_off_at.is_(None),
        )
        .values(callback_off_at=from_now())
    )
    if switched_off.rowcount:
        connection.execute(
            update(_callback)
            .where(
                _callback.c.application_id == application_id,
                _callback.c.own.is_(False),
                _callback.c.state == "waiting",
            )
            .values(
                state="failed",
                due_at=None,
                ended_at=from_now(),
                reason={"code": "callback_switched_off", "values": {}},
            )
        )
