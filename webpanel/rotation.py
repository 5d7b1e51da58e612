"""Another key for the secrets: encrypts what is stored with the first of the vault's keys.

A room of its own because it belongs to the start of a server, not to any gateway.
"""

from typing import Any

from sqlalchemy import Column, Connection, select, update

from webpanel.models import Application, CallbackTarget, Message, Secret
from webpanel.store import Store
from webpanel.vault import Unreadable, Vault

#: What names a row, and the column of it that is encrypted.
ENCRYPTED = (
    (Secret.__table__.c.id, Secret.__table__.c.ciphertext),
    (Application.__table__.c.id, Application.__table__.c.callback_secret),
    (Application.__table__.c.id, Application.__table__.c.callback_secret_before),
    (CallbackTarget.__table__.c.message_id, CallbackTarget.__table__.c.sealed),
    (Message.__table__.c.id, Message.__table__.c.sealed_text),
)
#: In which states a message may have a sealed text: an index finds these among a million others.
_SEALED = Message.__table__.c.state.in_(("scheduled", "queued", "held", "sending"))


def rotate(store: Store, vault: Vault) -> int:
    """All or nothing; returns how many secrets none of the keys can read, which stay as they are."""

    def group(connection: Connection) -> int:
        return sum(_rotate(connection, vault, key, column) for key, column in ENCRYPTED)

    return store.write(group)


def _rotate(connection: Connection, vault: Vault, key: Column[Any], column: Column[Any]) -> int:
    unreadable = 0
    wanted = select(key, column).where(column.is_not(None))
    if key.table is Message.__table__:
        wanted = wanted.where(_SEALED)
    for name, ciphertext in connection.execute(wanted).all():
        try:
            rotated = vault.rotate(ciphertext)
        except Unreadable:
            unreadable += 1
            continue
        connection.execute(update(key.table).where(key == name).values({column: rotated}))
    return unreadable
