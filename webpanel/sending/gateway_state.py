"""What delivery does to a gateway: stop it, pause it, let a message through, let it go on.

A room of its own beside ``ledger``, whose rows are messages. Each function runs inside one group of
:meth:`webpanel.store.Store.write`; all times are the database's.
"""

from sqlalchemy import Connection, bindparam, or_, select, update

from webpanel import models
from webpanel.prepared import Prepared
from webpanel.sending import pace, policy
from webpanel.sending.ledger import Reason
from webpanel.sending.questions import Loaded
from webpanel.store import from_now, now

_gateway = models.Gateway.__table__
_attempt = models.Attempt.__table__

_LAST = (
    select(_attempt.c.outcome, _attempt.c.started_at, from_now().label("present"))
    .join(_gateway, _gateway.c.id == _attempt.c.gateway_id)
    .where(
        _attempt.c.gateway_id == bindparam("gateway"),
        # A crash of ours says nothing about the provider, and such an attempt has no duration.
        _attempt.c.duration_ms.is_not(None),
        or_(_gateway.c.resumed_at.is_(None), _attempt.c.started_at > _gateway.c.resumed_at),
    )
    .order_by(_attempt.c.id.desc())
    .limit(bindparam("most"))
)
_GOT_THROUGH = Prepared(
    update(_gateway)
    .where(_gateway.c.id == bindparam("gateway"), _gateway.c.failing_since.is_not(None))
    .values(failing_since=None, paused_until=None, paused_reason=None, resumed_at=from_now())
)
_ONLY_REJECTIONS = _LAST.where(_attempt.c.outcome.in_(("accepted", "rejected")))


def stop(connection: Connection, gateway_id: int, version: int, reason: Reason) -> None:
    """Stop a gateway until a person looks at it, unless its settings were changed since ``version``."""
    connection.execute(
        update(_gateway)
        .where(_gateway.c.id == gateway_id, _gateway.c.version == version, _gateway.c.stopped_at.is_(None))
        .values(stopped_at=from_now(), stopped_reason=reason)
    )


def pause(connection: Connection, gateway_id: int, seconds: float, reason: Reason) -> None:
    """Let a gateway send nothing for ``seconds``; a longer pause that it has stays."""
    connection.execute(
        update(_gateway)
        .where(
            _gateway.c.id == gateway_id,
            or_(_gateway.c.paused_until.is_(None), _gateway.c.paused_until < from_now(seconds)),
        )
        .values(paused_until=from_now(seconds), paused_reason=reason)
    )


def let_through(connection: Connection, loaded: Loaded) -> None:
    """A message begins: to a gateway that is paused after failures it is the only one for a while."""
    if loaded.failing:
        connection.execute(
            update(_gateway)
            .where(_gateway.c.id == loaded.gateway_id, _gateway.c.failing_since.is_not(None))
            .values(paused_until=from_now(policy.TRIED_EVERY))
        )


def room(connection: Connection, loaded: Loaded) -> int:
    """How many messages the pace of a gateway that has one lets begin now."""
    used_until = connection.execute(
        select(_gateway.c.paced_until).where(_gateway.c.id == loaded.gateway_id)
    ).scalar()
    present = now(connection).timestamp()
    most = pace.used_up(present, loaded.settings.pace)
    if used_until is not None and used_until > most:
        # The clock was set back. Kept as it is, nothing would be sent until it is as late again.
        connection.execute(
            update(_gateway)
            .where(_gateway.c.id == loaded.gateway_id, _gateway.c.paced_until > most)
            .values(paced_until=most)
        )
    return pace.room(used_until, present, loaded.settings.pace)


def use_pace(connection: Connection, loaded: Loaded) -> bool:
    """One more message begins; False when the gateway's pace does not let it."""
    if not loaded.settings.pace:
        return True
    # For PostgreSQL, where others mark at the same time; SQLite has one writer.
    row = select(_gateway.c.paced_until).where(_gateway.c.id == loaded.gateway_id).with_for_update()
    used_until = connection.execute(row).scalar()
    until = pace.begun(used_until, now(connection).timestamp(), loaded.settings.pace)
    if until is None:
        return False
    connection.execute(update(_gateway).where(_gateway.c.id == loaded.gateway_id).values(paced_until=until))
    return True


def got_through(connection: Connection, loaded: Loaded) -> None:
    """The provider answered: a pause after failures is over."""
    _GOT_THROUGH.change(connection, {"gateway": loaded.gateway_id})


def failed(connection: Connection, gateway_id: int, reason: Reason) -> None:
    """An attempt failed for which the message is not to blame: pause the gateway when it is one too many."""
    rows = connection.execute(_LAST, {"gateway": gateway_id, "most": policy.MOST_JUDGED}).all()
    if not policy.trips([(row.outcome, (row.present - row.started_at).total_seconds()) for row in rows]):
        return
    opened = connection.execute(
        update(_gateway)
        .where(_gateway.c.id == gateway_id, _gateway.c.failing_since.is_(None))
        .values(failing_since=from_now())
    )
    if opened.rowcount:
        pause(connection, gateway_id, policy.TRIED_EVERY, reason)


def only_rejections(connection: Connection, gateway_id: int) -> bool:
    """Whether the last ten that the provider took or refused were all refused.

    Counted since the gateway last began anew; tests do not count (their attempts name no gateway).
    """
    most = policy.REJECTIONS_IN_A_ROW
    rows = connection.execute(_ONLY_REJECTIONS, {"gateway": gateway_id, "most": most}).all()
    return len(rows) == most and all(row.outcome == "rejected" for row in rows)
