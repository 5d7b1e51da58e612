"""Moves what waits at one gateway to another that can send it.

What may have reached the provider before stays: another gateway would send it a second time.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, insert, select, update

from webpanel import models
from webpanel.intake import steps
from webpanel.intake.by_hand import WAITING
from webpanel.intake.clerk import Clerk, Waiting
from webpanel.intake.steps import Progress
from webpanel.intake.together import Hand
from webpanel.store import from_now, now
from webpanel.vault import Unreadable
from webpanel.wire.problem import Problem, Refused

#: Seconds for trying in advance which messages the other gateway can send.
PATIENCE = 2.0

_message = models.Message.__table__
_event = models.Event.__table__
_gateway = models.Gateway.__table__
_application = models.Application.__table__

#: What waits has a time; by that it is found without a look at all that was ever sent.
_WAITS = (_message.c.state.in_(WAITING), _message.c.due_at.is_not(None))

_MOVE = (
    update(_message)
    .where(_message.c.id == bindparam("of"))
    .values(
        gateway_id=bindparam("to"),
        gateway_name=bindparam("named"),
        sender=bindparam("as_sender"),
        # What it waited for was the other gateway's; what has its own time keeps it.
        state=case((_message.c.state == "scheduled", "scheduled"), else_="queued"),
        due_at=case((_message.c.state == "scheduled", _message.c.due_at), else_=from_now()),
        reason=None,
    )
)


@dataclass(frozen=True)
class Queue:
    """What waits at a gateway: ``total``, of which ``unclear`` may have reached the provider.

    ``newest``: the last of them by id; those that come later are not among them. ``sending``: on their
    way, and so not waiting.
    """

    total: int
    unclear: int
    sending: int
    newest: str


@dataclass(frozen=True)
class Move:
    """From which gateway to which; of messages up to ``newest``."""

    source: int
    target: int
    newest: str


def waiting(connection: Connection, source: int, newest: str = "") -> Queue:
    """What waits there now; with ``newest``, of those that were counted before."""
    waits = [*_WAITS, _message.c.gateway_id == source]
    if newest:
        waits.append(_message.c.id <= newest)
    row = connection.execute(
        select(
            func.count().label("total"),
            func.count().filter(_message.c.possible_duplicate).label("unclear"),
            func.max(_message.c.id).label("newest"),
        ).where(*waits)
    ).one()
    sending = select(func.count()).where(_message.c.state == "sending", _message.c.gateway_id == source)
    return Queue(row.total, row.unclear, connection.execute(sending).scalar_one(), newest or row.newest or "")


def tried(hand: Hand, asked: Move) -> Progress:
    """What would become of them: as far as can be tried in :data:`PATIENCE`, and nothing is changed."""
    ends = time.monotonic() + PATIENCE
    progress = Progress()
    while time.monotonic() < ends:
        with hand.store.engine.connect() as connection:
            rows = _group(connection, asked, progress.after)
            if not rows:
                break
            _fitting, left = _fits(hand, connection, asked, rows)
        progress = progress.plus(rows[-1].id, len(rows) - len(left), left)
    return progress


def move(hand: Hand, asked: Move, progress: Progress, seconds: float | None = None) -> Progress:
    """A step of the move. Messages that changed since they were counted stay, as do those that cannot."""

    def following(after: str) -> Sequence[Any]:
        with hand.store.engine.connect() as connection:
            return _group(connection, asked, after)

    def act(rows: Sequence[Any]) -> Sequence[tuple[str, Problem]]:
        with hand.store.engine.connect() as connection:
            fitting, left = _fits(hand, connection, asked, rows)
        if fitting:
            moved = hand.store.write(lambda connection: _moved(connection, asked, fitting, hand.caller.actor))
            if isinstance(moved, Problem):
                return [*left, *((each, moved) for each in fitting)]
            left += [(each, Problem("move_changed")) for each in fitting if each not in moved]
            hand.ring(asked.target)
        return left

    return steps.go(progress, following, act, seconds)


def _group(connection: Connection, asked: Move, after: str) -> Sequence[Row[Any]]:
    return connection.execute(
        select(
            _message.c.id,
            _message.c.recipient,
            _message.c.text,
            _message.c.sealed_text,
            _message.c.sender,
            _message.c.application_id,
            _message.c.possible_duplicate,
        )
        .where(
            *_WAITS,
            _message.c.gateway_id == asked.source,
            _message.c.id > after,
            _message.c.id <= asked.newest,
        )
        .order_by(_message.c.id)
        .limit(steps.GROUP)
    ).all()


def _fits(
    hand: Hand, connection: Connection, asked: Move, rows: Sequence[Any]
) -> tuple[dict[str, str], list[tuple[str, Problem]]]:
    """The ids that the target can send, each with its sender; and why it cannot send the others."""
    judge = _Judge(hand, connection, asked)
    fitting, left = {}, []
    for row in rows:
        try:
            fitting[row.id] = judge.sender_for(row)
        except Refused as refused:
            left.append((row.id, refused.problems[0]))
    return fitting, left


class _Judge:
    """Whether the target can, and may, send a message that waits for the source."""

    def __init__(self, hand: Hand, connection: Connection, asked: Move) -> None:
        self._connection, self._asked, self._vault = connection, asked, hand.vault
        self._clerk = Clerk(connection, hand.vault, hand.caller, hand.place)

    def sender_for(self, row: Row[Any]) -> str:
        if row.possible_duplicate:
            raise Refused(Problem("move_unclear"))
        if row.application_id in self._forbidden:
            raise Refused(Problem("gateway_not_allowed", "gateway"))
        sender = "" if row.sender == self._own_sender else row.sender
        text = row.text or ""
        if row.sealed_text is not None:
            try:
                text = self._vault.decrypt(row.sealed_text)
            except Unreadable as error:
                raise Refused(Problem("secrets_unreadable", "text")) from error
        return self._clerk.fit(Waiting(row.id, row.recipient or "", text, sender), self._asked.target)

    @cached_property
    def _own_sender(self) -> str:
        """What the source is sent by where nothing else is asked for: the target has its own."""
        wanted = select(_gateway.c.sender).where(_gateway.c.id == self._asked.source)
        return self._connection.execute(wanted).scalar() or ""

    @cached_property
    def _forbidden(self) -> set[int]:
        """The applications that may not use the target."""
        limited = select(_application.c.id, _application.c.gateways)
        return {
            row.id
            for row in self._connection.execute(limited)
            if row.gateways is not None and self._asked.target not in row.gateways
        }


def _moved(connection: Connection, asked: Move, senders: dict[str, str], actor: str) -> set[str] | Problem:
    """Those that still waited there and are moved now; or why none can be."""
    gateways = {
        row.id: row
        for row in connection.execute(
            select(_gateway.c.id, _gateway.c.name, _gateway.c.enabled)
            .where(_gateway.c.id.in_((asked.source, asked.target)))
            .order_by(_gateway.c.id)
            .with_for_update()
        )
    }
    if (target := gateways.get(asked.target)) is None:
        return Problem("gateway_gone", "gateway")
    if not target.enabled:
        return Problem("gateway_disabled", "gateway")
    found = set(
        connection.execute(
            select(_message.c.id)
            .where(
                _message.c.id.in_(senders),
                _message.c.gateway_id == asked.source,
                _message.c.state.in_(WAITING),
                ~_message.c.possible_duplicate,
            )
            .with_for_update()
        ).scalars()
    )
    if not found:
        return found
    ids = sorted(found)
    connection.execute(
        _MOVE,
        [{"of": each, "to": target.id, "named": target.name, "as_sender": senders[each]} for each in ids],
    )
    source = gateways.get(asked.source)
    values = {"from": source.name if source else "", "to": target.name}
    step = {"at": now(connection), "code": "event_moved", "values": values, "actor": actor}
    connection.execute(insert(_event), [{**step, "message_id": each} for each in ids])
    return found
