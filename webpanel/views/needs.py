"""What needs a person, a line each: the banner on every page.

Whoever knows of something more adds a function to :data:`ASKED`. Each runs for every page that is
shown, so it costs one or two looks into an index.
"""

import shutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_security import current_user
from sqlalchemy import select

from webpanel import heartbeat
from webpanel.accounts import ADMINISTRATOR
from webpanel.figures import queue
from webpanel.models import Application, Gateway, db
from webpanel.sending import failover
from webpanel.services import services
from webpanel.store import from_now
from webpanel.views.messages import wording
from webpanel.views.visible import visible

#: For so long a gateway may be paused after failures before it is worth a word.
FAILING = timedelta(minutes=5)
#: Bytes of free disk below which the panel may soon be unable to store what it accepts.
LOW_DISK = 200 * 1024 * 1024


@dataclass(frozen=True)
class Need:
    """One line: what is the matter, since when where it is known, and where it can be solved.

    ``url`` and ``link`` (its words) are blank where the reader can do nothing about it.
    """

    text: str
    since: datetime | None = None
    url: str = ""
    link: str = ""


def what_is_needed(besides: Collection[int] = ()) -> list[Need]:
    """The lines for the present reader, without gateways (ids) of which the page itself tells."""
    return [need for ask in ASKED for need in ask(besides)]


def stopped_gateways(besides: Collection[int]) -> Iterable[Need]:
    rows = _gateways(Gateway.stopped_at.is_not(None), besides)
    if not rows:
        return
    takers = failover.takers(db.session.connection())
    waiting = [row for row in rows if row.id not in takers]
    told = [_stopped(waiting)] if waiting else []
    told += [
        _("The gateway “%(name)s” is stopped; “%(next)s” takes over.", name=row.name, next=takers[row.id])
        for row in rows
        if row.id in takers
    ]
    text = " ".join(told)
    if _is_administrator():
        why = visible(wording.said(rows[0].stopped_reason))
        if len(rows) > 1:
            why = _("“%(name)s”: %(reason)s", name=rows[0].name, reason=why)
        text = f"{text} {why}"
    yield _at_gateways(text)


def _stopped(rows: Collection) -> str:
    return ngettext(
        "The gateway %(names)s is stopped; its messages wait.",
        "%(num)s gateways are stopped, and their messages wait: %(names)s.",
        len(rows),
        names=_names(rows),
    )


def failing_gateways(besides: Collection[int]) -> Iterable[Need]:
    """Those that are paused after failures for longer than :data:`FAILING`, and that nothing else keeps."""
    long_ago = Gateway.failing_since <= from_now(-FAILING.total_seconds())
    runs = Gateway.enabled & Gateway.stopped_at.is_(None) & Gateway.held_at.is_(None)
    rows = _gateways(long_ago & runs, besides)
    if rows:
        text = ngettext(
            "The gateway %(names)s is paused after failures; one message at a time is tried.",
            "%(num)s gateways are paused after failures, and one message at a time is tried: %(names)s.",
            len(rows),
            names=_names(rows),
        )
        yield _at_gateways(text, since=min(row.failing_since for row in rows))


def left_gateways(besides: Collection[int]) -> Iterable[Need]:
    """Those of which nobody sends what is due. A page that tells of one tells why it is kept, not this."""
    del besides
    rows = queue.left(db.session.connection())
    if not rows:
        return
    if heartbeat.alive(services().config.instance):
        text = ngettext(
            "Messages wait for the gateway %(names)s, and nothing is sent by it.",
            "Messages wait for %(num)s gateways, and nothing is sent by them: %(names)s.",
            len(rows),
            names=_names(rows),
        )
    else:
        text = _("Nothing is being sent: the part of the panel that sends does not run. Restart the panel.")
    yield _at_gateways(text, since=min(row.since for row in rows))


def unclear_messages(besides: Collection[int]) -> Iterable[Need]:
    del besides
    if count := queue.unclear(db.session.connection()):
        text = ngettext(
            "For one message it is not certain whether the provider took it: somebody must look.",
            "For %(num)s messages it is not certain whether the provider took them: somebody must look.",
            count,
        )
        yield Need(text, url=url_for("messages.index", state="unknown"), link=_("To the unclear messages"))


def silent_callbacks(besides: Collection[int]) -> Iterable[Need]:
    """Applications whose callbacks were switched off because none reached their address."""
    del besides
    if not _is_administrator():
        return
    off = Application.callback_off_at.is_not(None)
    wanted = select(Application.id, Application.name, Application.callback_off_at).where(off)
    for row in db.session.execute(wanted.order_by(Application.name)):
        yield Need(
            _("The callbacks of the application “%(name)s” are switched off: none was taken.", name=row.name),
            row.callback_off_at,
            url_for("applications.application", application_id=row.id, _anchor="callbacks"),
            _("To its callbacks"),
        )


def low_disk(besides: Collection[int]) -> Iterable[Need]:
    del besides
    if not _is_administrator():
        return
    free = shutil.disk_usage(services().config.instance).free
    if free < LOW_DISK:
        megabytes = free // (1024 * 1024)
        yield Need(
            _(
                "The disk is nearly full: %(megabytes)s MB are left. When nothing is left, no message is "
                "accepted. Make room on the machine.",
                megabytes=megabytes,
            )
        )


#: What is asked for each page, in the order in which it is told.
ASKED: tuple[Callable[[Collection[int]], Iterable[Need]], ...] = (
    stopped_gateways,
    left_gateways,
    failing_gateways,
    unclear_messages,
    silent_callbacks,
    low_disk,
)


def _gateways(condition, besides: Collection[int]) -> list:
    wanted = (
        select(Gateway.id, Gateway.name, Gateway.stopped_reason, Gateway.failing_since)
        .where(condition)
        .order_by(Gateway.position, Gateway.id)
    )
    return [row for row in db.session.execute(wanted) if row.id not in besides]


def _names(rows: Collection) -> str:
    return "“" + "”, “".join(row.name for row in rows) + "”"


def _at_gateways(text: str, since: datetime | None = None) -> Need:
    if not _is_administrator():
        return Need(text, since)
    return Need(text, since, url_for("gateways.index"), _("To the gateways"))


def _is_administrator() -> bool:
    return current_user.has_role(ADMINISTRATOR)
