"""Failover: which gateway takes over from which, and the messages that wait for one that cannot send.

A room of its own because it is the only place where a message changes its gateway by itself. What may
have reached a provider never does.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, func, select, update

from webpanel import models
from webpanel.sending import ledger, policy
from webpanel.sending.ledger import Claim, Reason, Target
from webpanel.sending.policy import Relief, Standing
from webpanel.sending.questions import due, may_send
from webpanel.store import from_now

_gateway = models.Gateway.__table__
_message = models.Message.__table__
_attempt = models.Attempt.__table__

#: Messages moved in one group; others may write between two groups.
MOST = 200

_GATEWAYS = select(
    _gateway.c.id,
    _gateway.c.name,
    _gateway.c.next_gateway,
    _gateway.c.failover_after,
    _gateway.c.sender,
    _gateway.c.stopped_at,
    _gateway.c.stopped_reason,
    _gateway.c.failing_since,
    _gateway.c.paused_until,
    _gateway.c.paused_reason,
    _gateway.c.enabled,
    _gateway.c.held_at,
    may_send().label("may_send"),
    from_now().label("present"),
)
_HERE = select(
    func.count().label("attempts"),
    func.min(_attempt.c.started_at).label("since"),
    from_now().label("present"),
).where(_attempt.c.message_id == bindparam("message"), _attempt.c.gateway_id == bindparam("gateway"))
_TRIED = select(_attempt.c.gateway_id).where(_attempt.c.message_id == bindparam("message")).distinct()
_MOVE = (
    update(_message)
    .where(
        _message.c.id == bindparam("of"),
        _message.c.gateway_id == bindparam("by"),
        _message.c.possible_duplicate.is_(False),
        due(),
    )
    .values(ledger.MOVED)
)


def standing(connection: Connection, gateway_id: int, claim: Claim) -> tuple[Standing, Target | None]:
    """How a message stands with its gateway, and who could take it now.

    Rather one that has not tried it yet.
    """
    here = connection.execute(_HERE, {"message": claim.message_id, "gateway": gateway_id}).one()
    relief, target = _relief(connection, gateway_id, claim.message_id)
    found = Standing(
        attempts=here.attempts,
        seconds_left=claim.seconds_left,
        possible_duplicate=claim.possible_duplicate,
        here_for=0.0 if here.since is None else (here.present - here.since).total_seconds(),
        relief=relief,
    )
    return found, target


def _relief(connection: Connection, gateway_id: int, message_id: str) -> tuple[Relief, Target | None]:
    chain = list(_takers(connection.execute(_GATEWAYS).all(), gateway_id))
    if not chain:
        return "none", None
    tried = set(connection.execute(_TRIED, {"message": message_id}).scalars())
    fresh = [target for target in chain if target.id not in tried]
    return ("fresh", fresh[0]) if fresh else ("tried", chain[0])


class Way(NamedTuple):
    """From a gateway that cannot send now to the one that takes over."""

    gateway: Row[Any]
    target: Target


def stuck(connection: Connection) -> list[Way]:
    """The gateways that cannot send now, and whose messages another one can take."""
    return list(_ways(connection, _gives_up))


def takers(connection: Connection) -> dict[int, str]:
    """The gateways whose messages all take another one now, each with the name of that one."""
    return {way.gateway.id: way.target.name for way in _ways(connection, _gives_all_up)}


def _ways(connection: Connection, leaves: Callable[[Row[Any]], bool]) -> Iterator[Way]:
    """From each gateway that ``leaves`` picks, and that no person keeps, where another one takes over."""
    gateways = connection.execute(_GATEWAYS).all()
    for gateway in gateways:
        wanted = gateway.enabled and gateway.held_at is None
        if wanted and gateway.next_gateway and leaves(gateway):
            target = next(_takers(gateways, gateway.id), None)
            if target is not None:
                yield Way(gateway, target)


def divert(connection: Connection, way: Way) -> int:
    """Move what is due of a stuck gateway; returns how many (call again until it is none)."""
    gateway, target = way
    waiting = select(_message.c.id).where(
        _message.c.gateway_id == gateway.id, _message.c.possible_duplicate.is_(False), due()
    )
    if (least := _least_urgent(gateway)) is not None:
        waiting = waiting.where(_message.c.priority <= least)
    ids = connection.execute(waiting.limit(MOST).with_for_update(skip_locked=True)).scalars().all()
    moved = 0
    for message_id in ids:
        given = {"of": message_id, "by": gateway.id, **ledger.moving(target)}
        if connection.execute(_MOVE, given).rowcount:
            moved += 1
            values = {"from": target.before, "gateway": target.name, "reason": _why(gateway)}
            ledger.note(connection, message_id, "event_failover", values)
    return moved


def _takers(gateways: Sequence[Row[Any]], gateway_id: int) -> Iterator[Target]:
    """Those that take over from a gateway and may send, each after the one before it.

    One that fails is not among them: it is tried with messages of its own.
    """
    named = {gateway.name: gateway for gateway in gateways}
    left = next(gateway for gateway in gateways if gateway.id == gateway_id)
    seen, at = {gateway_id}, named.get(left.next_gateway)
    while at is not None and at.id not in seen:
        if at.may_send and at.failing_since is None:
            yield Target(at.id, at.name, left.name, left.sender, at.sender)
        seen.add(at.id)
        at = named.get(at.next_gateway)


def _gives_up(gateway: Row[Any]) -> bool:
    """Whether it cannot send at this moment."""
    return gateway.stopped_at is not None or _paused_for(gateway) > 0


def _gives_all_up(gateway: Row[Any]) -> bool:
    """Whether no message waits for it, but the one that is let through now and then."""
    return _least_urgent(gateway) is None


def _paused_for(gateway: Row[Any]) -> float:
    if gateway.paused_until is None:
        return 0.0
    return (gateway.paused_until - gateway.present).total_seconds()


def _least_urgent(gateway: Row[Any]) -> int | None:
    """The priority down to which messages need not wait for a pause to end; None: all leave, -1: none.

    While it fails, one message is let through now and then; all others take the next gateway at once.
    """
    if gateway.stopped_at is not None or gateway.failing_since is not None:
        return None
    if _paused_for(gateway) > gateway.failover_after:
        return None
    return 0 if _paused_for(gateway) > policy.URGENT_FAILOVER_AFTER else -1


def _why(gateway: Row[Any]) -> Reason | None:
    return gateway.stopped_reason if gateway.stopped_at is not None else gateway.paused_reason
