"""What people see and do of callbacks: send one again, switch an address on, make a secret.

A room of its own beside ``ledger``: that one is the ordinary way of a callback.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from webpanel import models
from webpanel.callbacks import signing
from webpanel.store import Store, from_now
from webpanel.vault import Vault

#: So long the secret before the present one signs, too.
BOTH_SIGN = timedelta(days=1)

_application = models.Application.__table__
_callback = models.Callback.__table__


@dataclass(frozen=True)
class Failing:
    """An application whose address was switched off because nobody answered there."""

    application_id: int
    name: str
    off_at: datetime


def failing(engine: Engine) -> list[Failing]:
    """The applications whose callbacks are switched off: somebody has to look at them."""
    off = (
        select(_application.c.id, _application.c.name, _application.c.callback_off_at)
        .where(_application.c.callback_off_at.is_not(None), _application.c.callback_url != "")
        .order_by(func.lower(_application.c.name))
    )
    with engine.connect() as connection:
        return [Failing(row.id, row.name, row.callback_off_at) for row in connection.execute(off)]


def failures(connection: Connection, application_id: int, most: int) -> Sequence[Row[Any]]:
    """The last callbacks of an application that are not told, or not yet: the newest first."""
    return connection.execute(
        select(_callback)
        .where(
            _callback.c.application_id == application_id,
            _callback.c.state.in_(("waiting", "sending", "failed")),
            _callback.c.failure_count > 0,
        )
        .order_by(_callback.c.id.desc())
        .limit(most)
    ).all()


def send_again(store: Store, message_id: str, callback_id: int) -> bool:
    """Tell it once more, now, with the whole schedule before it; False when it waits for a try anyhow."""
    again = (
        update(_callback)
        .where(
            _callback.c.id == callback_id,
            _callback.c.message_id == message_id,
            _callback.c.state.in_(("told", "failed")),
        )
        .values(state="waiting", due_at=from_now(), failure_count=0, ended_at=None, reason=None)
    )
    return bool(store.write(lambda connection: connection.execute(again).rowcount))


def switch_on(store: Store, application_id: int) -> bool:
    """Call the application's address again, from its next message on; False when it was on."""
    on = (
        update(_application)
        .where(_application.c.id == application_id, _application.c.callback_off_at.is_not(None))
        .values(callback_off_at=None, callback_failing_since=None)
    )
    return bool(store.write(lambda connection: connection.execute(on).rowcount))


def new_secret(store: Store, vault: Vault, application_id: int) -> str | None:
    """A new secret, to be shown once; the one before signs too for a day. None when there is no such one.

    One that nobody has seen is replaced at once.
    """
    secret = signing.new()

    def group(connection: Connection) -> bool:
        this = _application.c.id == application_id
        seen = connection.execute(
            select(_application.c.callback_secret, _application.c.callback_secret_shown_at).where(this)
        ).first()
        if seen is None:
            return False
        known = seen.callback_secret if seen.callback_secret_shown_at is not None else None
        connection.execute(
            update(_application)
            .where(this)
            .values(
                callback_secret=vault.encrypt(secret),
                callback_secret_shown_at=from_now(),
                callback_secret_before=known,
                callback_secret_until=None if known is None else from_now(BOTH_SIGN.total_seconds()),
            )
        )
        return True

    return secret if store.write(group) else None
