"""What an administrator sets for the whole panel: the one row of its table."""

from zoneinfo import available_timezones

from sqlalchemy import Connection, insert, update

from webpanel import models
from webpanel.store import Store
from webpanel.wire.problem import Problem, Refused

_panel = models.Panel.__table__


def country() -> str:
    """The default country as a region (``GB``), blank until it was set. Reads in the request's session."""
    row = models.db.session.get(models.Panel, 1)
    return row.default_country if row else ""


def time_zone() -> str:
    """In which days and months begin. Reads in the request's session."""
    row = models.db.session.get(models.Panel, 1)
    return row.time_zone if row else "UTC"


def set_country(store: Store, region: str) -> None:
    _set(store, {"default_country": region})


def set_time_zone(store: Store, name: str) -> None:
    """``name`` is one of :func:`zoneinfo.available_timezones`. Raises Refused."""
    if name not in available_timezones():
        raise Refused(Problem("time_zone_unknown", "time_zone", values={"text": name[:64]}))
    _set(store, {"time_zone": name})


def _set(store: Store, values: dict[str, str]) -> None:
    def group(connection: Connection) -> None:
        changed = connection.execute(update(_panel).where(_panel.c.id == 1).values(values))
        if not changed.rowcount:
            connection.execute(insert(_panel).values(id=1, **values))

    store.write(group)
