"""Which messages a person decides about together: how many, which of them cannot, and group by group.

What counts is when a message became unclear or failed, by the database's clock. So those of a choice can
only become fewer once it was counted: what comes later is not among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, or_, select

from webpanel import models
from webpanel.store import now

#: What may be decided about messages, by the state that they are in.
DECISIONS: dict[str, tuple[str, ...]] = {"unknown": ("resend", "sent", "failed"), "failed": ("resend",)}
#: Messages that are shown beside their count.
EXAMPLES = 5

_message = models.Message.__table__
_gateway = models.Gateway.__table__
_event = models.Event.__table__


@dataclass(frozen=True)
class Chosen:
    """Messages in ``state`` since ``since`` and until before ``until``.

    ``gateway_id``: None for all; 0 for those whose gateway is gone. ``counted_at``: later ones are none.
    """

    state: Literal["unknown", "failed"]
    gateway_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    counted_at: datetime | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        found = [_message.c.state == self.state]
        if self.gateway_id is not None:
            found.append(_message.c.gateway_id == (self.gateway_id or None))
        if self.since is not None:
            found.append(_message.c.final_at >= self.since)
        if self.until is not None:
            found.append(_message.c.final_at < self.until)
        if self.counted_at is not None:
            found.append(_message.c.final_at <= self.counted_at)
        return found


@dataclass(frozen=True)
class Count:
    """``chosen`` as counted: ``total`` messages; ``left`` of them (code -> number) stay as they are."""

    chosen: Chosen
    total: int
    left: dict[str, int]
    examples: Sequence[Row[Any]]

    @property
    def able(self) -> int:
        return self.total - sum(self.left.values())


def count(connection: Connection, chosen: Chosen, decision: str) -> Count:
    """How many there are now, unless ``chosen`` was counted before: how many there are left of it."""
    if chosen.counted_at is None:
        chosen = replace(chosen, counted_at=now(connection))
    each = _from(select(_why_not(decision).label("why_not")), chosen).subquery()
    counted = select(each.c.why_not, func.count()).group_by(each.c.why_not)
    numbers = dict(connection.execute(counted).all())
    examples = _from(select(_message), chosen).order_by(_message.c.id).limit(EXAMPLES)
    return Count(
        chosen,
        sum(numbers.values()),
        {code: number for code, number in numbers.items() if code},
        connection.execute(examples).all(),
    )


def group(
    connection: Connection, chosen: Chosen, decision: str, after: str, limit: int
) -> Sequence[Row[Any]]:
    """The next of them by id; ``why_not`` is blank for one with which ``decision`` can be done."""
    wanted = select(
        _message.c.id,
        _message.c.recipient,
        _message.c.text,
        _message.c.gateway_id,
        _message.c.priority,
        _why_not(decision).label("why_not"),
    )
    following = _from(wanted, chosen).where(_message.c.id > after)
    return connection.execute(following.order_by(_message.c.id).limit(limit)).all()


def _from(wanted: Select[Any], chosen: Chosen) -> Select[Any]:
    joined = _message.outerjoin(_gateway, _gateway.c.id == _message.c.gateway_id)
    return wanted.select_from(joined).where(*chosen.conditions)


def _why_not(decision: str) -> ColumnElement[str]:
    """The code for what keeps a message from being sent once more; anything can be marked."""
    if decision != "resend":
        return case((_message.c.id.is_(None), ""), else_="")
    resent = select(1).where(_event.c.message_id == _message.c.id, _event.c.code == "event_resent").exists()
    return case(
        (_message.c.test, "resend_test"),
        (_message.c.sensitive, "resend_sensitive"),
        (or_(_message.c.recipient.is_(None), _message.c.text.is_(None)), "resend_removed"),
        (resent, "message_resent"),
        (_gateway.c.id.is_(None), "resend_gateway_gone"),
        (~_gateway.c.enabled, "resend_gateway_off"),
        else_="",
    )
