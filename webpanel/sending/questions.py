"""What drains and sweep ask of the tables: which gateways and messages may be sent, and when.

A room of its own beside ``ledger``, which changes what is asked about here. All times are the
database's.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, or_, select

from webpanel import models
from webpanel.prepared import Prepared
from webpanel.sending import pace
from webpanel.store import from_now
from webpanel.wire.gateway import Gateway as Settings

_gateway = models.Gateway.__table__
_message = models.Message.__table__
_secret = models.Secret.__table__

#: What a drain takes once its time has come.
DUE_STATES = ("queued", "scheduled")

_SETTINGS = tuple(_gateway.c[name] for name in Settings.__dataclass_fields__)


@dataclass(frozen=True)
class Loaded:
    """A gateway as a drain found it; once somebody changes it, marks for ``version`` change no row."""

    gateway_id: int
    version: int
    settings: Settings
    secrets: dict[str, str]
    #: It is paused after failures, and one message is let through to see whether it works again.
    failing: bool = False
    #: Where its provider reports; blank when the panel has no public address.
    report_url: str = ""
    report_token: str = ""

    @property
    def hidden(self) -> dict[str, str]:
        """What is masked in all that is kept of an attempt."""
        return {**self.secrets, "": self.report_token}


def may_send() -> ColumnElement[bool]:
    """The condition on a row of gateways: it is on, and neither stopped nor held nor paused."""
    return (
        _gateway.c.enabled
        & _gateway.c.stopped_at.is_(None)
        & _gateway.c.held_at.is_(None)
        & or_(_gateway.c.paused_until.is_(None), _gateway.c.paused_until <= from_now())
    )


def is_ready() -> ColumnElement[bool]:
    """The condition on a row of messages: it waits for a drain, now or later."""
    # Not IN: that is spelled anew for each execution.
    return or_(*(_message.c.state == state for state in DUE_STATES))


def due() -> ColumnElement[bool]:
    """The condition on a row of messages: a drain may take it."""
    return is_ready() & (_message.c.due_at <= from_now()) & (_message.c.expires_at > from_now())


# Made once: every message that is accepted rings for a drain, which asks these.
_LOAD = Prepared(
    select(
        *(_gateway.c.version, may_send().label("ready"), _gateway.c.failing_since, _gateway.c.report_token),
        *_SETTINGS,
    ).where(_gateway.c.id == bindparam("gateway"))
)
_NEXT_DUE = Prepared(
    select(
        _gateway.c.paused_until,
        _gateway.c.pace,
        _gateway.c.paced_until,
        from_now().label("present"),
        select(_message.c.due_at)
        .where(
            _message.c.gateway_id == bindparam("gateway"),
            is_ready(),
            _message.c.due_at.is_not(None),
            _message.c.expires_at > from_now(),
        )
        .order_by(_message.c.due_at)
        .limit(1)
        .scalar_subquery()
        .label("due"),
    ).where(
        _gateway.c.id == bindparam("gateway"),
        _gateway.c.enabled,
        _gateway.c.stopped_at.is_(None),
        _gateway.c.held_at.is_(None),
    )
)
_CIPHERTEXTS = Prepared(
    select(_secret.c.name, _secret.c.ciphertext).where(_secret.c.gateway_id == bindparam("gateway"))
)
_DUE_GATEWAYS = Prepared(
    select(_gateway.c.id).where(
        may_send(), select(1).where(_message.c.gateway_id == _gateway.c.id, due()).exists()
    )
)


def load(connection: Connection, gateway_id: int) -> Any:
    """Version, settings and, as ``ready``, whether it may send; None when it is gone."""
    return _LOAD.first(connection, {"gateway": gateway_id})


def ciphertexts(connection: Connection, gateway_id: int) -> dict[str, bytes]:
    """The gateway's secrets by name, still encrypted."""
    rows = _CIPHERTEXTS.all(connection, {"gateway": gateway_id})
    return {row.name: row.ciphertext for row in rows}


def due_gateways(connection: Connection) -> list[int]:
    """The gateways that may send and have something due: one look into the index for each."""
    return [row.id for row in _DUE_GATEWAYS.all(connection)]


def next_due(connection: Connection, gateway_id: int) -> datetime | None:
    """When the gateway's next message is due (may be past); None when none waits or it may not send.

    A paused gateway: the end of the pause, when that is later; so for one whose pace is used up.
    """
    row = _NEXT_DUE.first(connection, {"gateway": gateway_id})
    if row is None or row.due is None:
        return None
    times = [row.due]
    if row.paused_until is not None:
        times.append(row.paused_until)
    if row.pace:
        opens = pace.opens_at(row.paced_until, row.present.timestamp(), row.pace)
        times.append(datetime.fromtimestamp(opens, UTC))
    return max(times)


def gateway_of(connection: Connection, message_id: str) -> int | None:
    """The gateway of a message; None for one that has none any more. Raises LookupError."""
    row = connection.execute(select(_message.c.gateway_id).where(_message.c.id == message_id)).first()
    if row is None:
        raise LookupError(message_id)
    return row.gateway_id


def state_of(connection: Connection, message_id: str) -> str:
    return connection.execute(select(_message.c.state).where(_message.c.id == message_id)).scalar_one()
