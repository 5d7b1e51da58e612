"""Applications and their keys: made, changed, replaced, and recognised at every request.

A room of its own beside ``accounts``, which keeps people: a program has no password and no session.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from webpanel import models
from webpanel.application_terms import Terms, faults
from webpanel.prepared import Prepared
from webpanel.store import Store, from_now, now
from webpanel.wire import callback_address
from webpanel.wire.problem import Problem, Refused

#: Seconds between two notes of a key's last use, where nothing else is written.
_USE_NOTED = 60

_KEY = re.compile(r"smsgw_([0-9a-f]{16})_([0-9a-f]{64})", re.ASCII)

_application = models.Application.__table__
_gateway = models.Gateway.__table__
_key = models.ApplicationKey.__table__


class Gone(LookupError):  # noqa: N818 - what happened, not an error of the program
    """There is no such application or key (any more)."""


@dataclass(frozen=True)
class Grant:
    """Who calls, and what they may do: a key that was found good, with its application."""

    application_id: int
    key_id: int
    terms: Terms
    may_send: bool
    may_read: bool
    may_read_all: bool
    #: What of the panel counts for its messages, read together with the key.
    panel_country: str = ""
    time_zone: str = "UTC"
    #: Its last use is noted already.
    used_lately: bool = True


@dataclass(frozen=True)
class KeyTerms:
    """What one key may do, and for how many days (None: for good)."""

    may_send: bool = True
    may_read: bool = True
    may_read_all: bool = False
    days: int | None = None


_panel = models.Panel.__table__

_TERMS = tuple(_application.c[name] for name in Terms.__dataclass_fields__)
_TERMS_OF = attrgetter(*Terms.__dataclass_fields__)
_FIND = Prepared(
    select(
        _key.c.id.label("key_id"),
        _key.c.key_hash,
        _key.c.application_id,
        _key.c.may_send,
        _key.c.may_read,
        _key.c.may_read_all,
        func.coalesce(_key.c.last_used_at > from_now(-_USE_NOTED), False).label("used_lately"),
        func.coalesce(select(_panel.c.default_country).scalar_subquery(), "").label("panel_country"),
        func.coalesce(select(_panel.c.time_zone).scalar_subquery(), "UTC").label("time_zone"),
        *_TERMS,
    )
    .join(_application, _application.c.id == _key.c.application_id)
    .where(
        _key.c.public_id == bindparam("public_id"),
        _key.c.revoked_at.is_(None),
        or_(_key.c.expires_at.is_(None), _key.c.expires_at > from_now()),
        _application.c.enabled,
    )
)
#: Compared with where there is no such key, so that finding none takes as long.
_NOBODY = bytes(32)


def recognise(store: Store, presented: str) -> Grant | None:
    """Who holds the key ``presented``; None for one that is wrong, over, revoked or switched off."""
    read = _KEY.fullmatch(presented)
    row = None
    if read is not None:
        with store.reading() as connection:
            row = _FIND.first(connection, {"public_id": read[1]})
    given = hashlib.sha256(presented.encode("utf-8", "replace")).digest()
    if not hmac.compare_digest(given, _NOBODY if row is None else row.key_hash) or row is None:
        return None
    return Grant(
        row.application_id,
        row.key_id,
        terms(row),
        may_send=row.may_send,
        may_read=row.may_read,
        may_read_all=row.may_read_all,
        panel_country=row.panel_country,
        time_zone=row.time_zone,
        used_lately=bool(row.used_lately),
    )


def terms(row: Any) -> Terms:
    """The terms in a row of applications (a row of Core, or a model)."""
    found = Terms(*_TERMS_OF(row))
    return found if found.gateways is None else replace(found, gateways=tuple(found.gateways))


def digest(found: Terms) -> str:
    """What tells whether somebody changed terms; switching on and off is no part of a form."""
    return hashlib.sha256(repr(replace(found, enabled=True)).encode()).hexdigest()


def note_use(store: Store, grant: Grant) -> None:
    """A key was used for something that stores nothing else; noted once a minute."""
    if not grant.used_lately:
        used = update(_key).where(_key.c.id == grant.key_id).values(last_used_at=from_now())
        store.write(lambda connection: connection.execute(used))


def add(store: Store, wanted: Terms, actor: str, unread: Iterable[Problem] = ()) -> int:
    """Store a new application, without a key; returns its id. Raises Refused with every fault.

    ``unread``: those of fields from which no terms could be read.
    """
    known = [*unread, *faults(wanted)]

    def group(connection: Connection) -> int:
        _refuse(known, _faults_of_rows(connection, wanted))
        row = {**_row(wanted), "created_at": now(connection), "created_by": actor}
        return connection.execute(insert(_application).values(row)).inserted_primary_key[0]

    return store.write(group)


def change(
    store: Store, application_id: int, wanted: Terms, unread: Iterable[Problem] = (), seen: str = ""
) -> None:
    """What an application may do from its next request on. Raises Refused as :func:`add`, Gone.

    ``seen``: :func:`digest` of the terms that were changed; others may not have been stored since.
    """
    known = [*unread, *faults(wanted)]

    def group(connection: Connection) -> None:
        this = _application.c.id == application_id
        before = connection.execute(select(*_TERMS).where(this)).first()
        if before is None:
            raise Gone(application_id)
        if seen and seen != digest(terms(before)):
            raise Refused(Problem("application_changed"))
        _refuse(known, _faults_of_rows(connection, wanted, application_id, before.gateways or ()))
        # Another address has its own luck.
        moved = wanted.callback_url.strip() != before.callback_url
        standing = {"callback_failing_since": None, "callback_off_at": None} if moved else {}
        connection.execute(update(_application).where(this).values({**_row(wanted), **standing}))

    store.write(group)


def set_enabled(store: Store, application_id: int, enabled: bool) -> None:
    """Switch on or off, and leave the rest as somebody else may save it at this moment. Raises Gone."""

    def group(connection: Connection) -> None:
        this = _application.c.id == application_id
        if not connection.execute(update(_application).where(this).values(enabled=enabled)).rowcount:
            raise Gone(application_id)

    store.write(group)


def remove(store: Store, application_id: int) -> None:
    """Delete it with its keys; its messages stay, with its name. Raises Gone."""

    def group(connection: Connection) -> None:
        if not connection.execute(delete(_application).where(_application.c.id == application_id)).rowcount:
            raise Gone(application_id)

    store.write(group)


def add_key(store: Store, application_id: int, wanted: KeyTerms, actor: str) -> str:
    """A new key; returned once, and stored nowhere. Raises Gone, and Refused for one that may do nothing."""
    if not (wanted.may_send or wanted.may_read or wanted.may_read_all):
        raise Refused(Problem("key_may_nothing", "may_send"))
    shown = secrets.token_hex(8)
    key = f"smsgw_{shown}_{secrets.token_hex(32)}"

    def group(connection: Connection) -> None:
        there = connection.execute(select(_application.c.id).where(_application.c.id == application_id))
        if there.first() is None:
            raise Gone(application_id)
        at = now(connection)
        connection.execute(
            insert(_key).values(
                application_id=application_id,
                public_id=shown,
                key_hash=hashlib.sha256(key.encode()).digest(),
                may_send=wanted.may_send,
                may_read=wanted.may_read,
                may_read_all=wanted.may_read_all,
                created_at=at,
                created_by=actor,
                expires_at=None if wanted.days is None else at + timedelta(days=wanted.days),
            )
        )

    store.write(group)
    return key


def revoke(store: Store, application_id: int, key_id: int) -> None:
    """The key is refused from the next request on. Raises Gone."""

    def group(connection: Connection) -> None:
        here = (_key.c.id == key_id, _key.c.application_id == application_id)
        if not connection.execute(
            update(_key).where(*here, _key.c.revoked_at.is_(None)).values(revoked_at=from_now())
        ).rowcount:
            raise Gone(key_id)

    store.write(group)


def expire(store: Store, application_id: int, key_id: int, at: datetime) -> None:
    """Let a key end at a time, so that another one can take its place before. Raises Gone.

    Never later than it would end by itself: one that is over stays so.
    """

    def group(connection: Connection) -> None:
        here = (_key.c.id == key_id, _key.c.application_id == application_id)
        sooner = or_(_key.c.expires_at.is_(None), _key.c.expires_at > at)
        if not connection.execute(
            update(_key).where(*here, _key.c.revoked_at.is_(None), sooner).values(expires_at=at)
        ).rowcount:
            raise Gone(key_id)

    store.write(group)


def _row(wanted: Terms) -> dict[str, Any]:
    gateways = None if wanted.gateways is None else list(wanted.gateways)
    url = wanted.callback_url.strip()
    site = callback_address.read(url).site if url else ""
    return {
        **asdict(wanted),
        "gateways": gateways,
        "name": wanted.name.strip(),
        "callback_url": url,
        "callback_site": site,
    }


def _faults_of_rows(
    connection: Connection, wanted: Terms, application_id: int = 0, before: Collection[int] = ()
) -> Iterator[Problem]:
    """What other rows forbid; the same commit stores what they allow.

    Only a gateway that exists can be chosen; one that was chosen ``before`` may be gone since.
    """
    namesake = select(_application.c.id).where(
        _application.c.name == wanted.name.strip(), _application.c.id != application_id
    )
    if connection.execute(namesake).first() is not None:
        yield Problem("application_name_taken", "name")
    there = set(connection.execute(select(_gateway.c.id)).scalars())
    if set(wanted.gateways or ()).difference(there, before):
        yield Problem("gateway_gone", "gateways")
    if wanted.gateway_id is not None and wanted.gateway_id not in there:
        yield Problem("gateway_gone", "gateway_id")


def _refuse(*problems: Iterable[Problem]) -> None:
    if found := tuple(chain(*problems)):
        raise Refused(*found)
