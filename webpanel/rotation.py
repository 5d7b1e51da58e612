"""Another key for the secrets: encrypts what is stored with the first of the vault's keys.

A room of its own because it belongs to the start of a server, not to any gateway.
"""

from sqlalchemy import Connection, select, update

from webpanel.models import Secret
from webpanel.store import Store
from webpanel.vault import Unreadable, Vault

_secret = Secret.__table__


def rotate(store: Store, vault: Vault) -> int:
    """All or nothing; returns how many secrets none of the keys can read, which stay as they are."""

    def group(connection: Connection) -> int:
        unreadable = 0
        for secret_id, ciphertext in connection.execute(select(_secret.c.id, _secret.c.ciphertext)).all():
            try:
                rotated = vault.rotate(ciphertext)
            except Unreadable:
                unreadable += 1
                continue
            connection.execute(update(_secret).where(_secret.c.id == secret_id).values(ciphertext=rotated))
        return unreadable

    return store.write(group)
