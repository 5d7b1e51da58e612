"""What an administrator sets for the whole panel: the one row of its table."""

from sqlalchemy import Connection, insert, update

from webpanel import models
from webpanel.store import Store

_panel = models.Panel.__table__


def country() -> str:
    """The default country as a region (``GB``), blank until it was set. Reads in the request's session."""
    row = models.db.session.get(models.Panel, 1)
    return row.default_country if row else ""


def set_country(store: Store, region: str) -> None:
    def group(connection: Connection) -> None:
        changed = connection.execute(update(_panel).where(_panel.c.id == 1).values(default_country=region))
        if not changed.rowcount:
            connection.execute(insert(_panel).values(id=1, default_country=region))

    store.write(group)
