"""Applications and their keys: made, changed, replaced, and recognised at every request.

A room of its own beside ``accounts``, which keeps people: a program has no password and no session.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from webpanel import models
from webpanel.prepared import Prepared
from webpanel.store import Store, from_now, now
from webpanel.usage import Limits
from webpanel.wire import destinations, phone
from webpanel.wire.problem import Problem, Refused

PRIORITIES = ("urgent", "normal", "bulk")
#: States in which the messages of a test may end.
TEST_STATES = ("sent", "delivered", "undelivered", "failed", "unknown", "expired")

LONGEST_NAME = 64
LONGEST_SENDER = 200
MOST_LIMIT = 1_000_000_000
MOST_VALID_FOR = 720 * 3600
#: Seconds between two notes of a key's last use, where nothing else is written.
_USE_NOTED = 60

_KEY = re.compile(r"smsgw_([0-9a-f]{16})_([0-9a-f]{64})", re.ASCII)

_application = models.Application.__table__
_key = models.ApplicationKey.__table__


@dataclass(frozen=True)
class Terms:
    """What an application may do, as an administrator types it; the names of the table's columns.

    A limit of 0 is none; a new application has low ones.
    """

    name: str = ""
    enabled: bool = True
    gateways: tuple[int, ...] = ()
    countries: str = ""
    per_minute: int = 30
    parts_per_day: int = 200
    parts_per_month: int = 2000
    per_recipient_hour: int = 10
    most_parts: int = 4
    test_state: str = ""
    priority: int = 1
    valid_for: int = 0
    sensitive: bool = False
    sender: str = ""
    country: str = ""
    gateway_id: int | None = None
    door_get: bool = False
    door_kannel: bool = False
    door_twilio: bool = False

    @property
    def limits(self) -> Limits:
        return Limits(self.per_minute, self.per_recipient_hour, self.parts_per_day, self.parts_per_month)


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


def recognise(engine: Engine, presented: str) -> Grant | None:
    """Who holds the key ``presented``; None for one that is wrong, over, revoked or switched off."""
    read = _KEY.fullmatch(presented)
    row = None
    if read is not None:
        with engine.connect() as connection:
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
    values = {name: getattr(row, name) for name in Terms.__dataclass_fields__}
    return Terms(**{**values, "gateways": tuple(values["gateways"])})


def note_use(store: Store, grant: Grant) -> None:
    """A key was used for something that stores nothing else; noted once a minute."""
    if not grant.used_lately:
        used = update(_key).where(_key.c.id == grant.key_id).values(last_used_at=from_now())
        store.write(lambda connection: connection.execute(used))


def add(store: Store, wanted: Terms, actor: str) -> int:
    """Store a new application, without a key; returns its id. Raises Refused."""
    check(wanted)

    def group(connection: Connection) -> int:
        row = {**_row(wanted), "created_at": now(connection), "created_by": actor}
        return _once_named(connection, insert(_application).values(row)).inserted_primary_key[0]

    return store.write(group)


def change(store: Store, application_id: int, wanted: Terms) -> None:
    """Store what an application may do from its next request on. Raises Refused, LookupError."""
    check(wanted)

    def group(connection: Connection) -> None:
        changed = update(_application).where(_application.c.id == application_id).values(_row(wanted))
        if not _once_named(connection, changed).rowcount:
            raise LookupError(application_id)

    store.write(group)


def remove(store: Store, application_id: int) -> None:
    """Delete it with its keys; its messages stay, with its name. Raises LookupError."""

    def group(connection: Connection) -> None:
        if not connection.execute(delete(_application).where(_application.c.id == application_id)).rowcount:
            raise LookupError(application_id)

    store.write(group)


def add_key(store: Store, application_id: int, wanted: KeyTerms, actor: str) -> str:
    """A new key; returned once, and stored nowhere. Raises LookupError."""
    shown = secrets.token_hex(8)
    key = f"smsgw_{shown}_{secrets.token_hex(32)}"

    def group(connection: Connection) -> None:
        there = connection.execute(select(_application.c.id).where(_application.c.id == application_id))
        if there.first() is None:
            raise LookupError(application_id)
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
    """The key is refused from the next request on. Raises LookupError."""

    def group(connection: Connection) -> None:
        here = (_key.c.id == key_id, _key.c.application_id == application_id)
        if not connection.execute(
            update(_key).where(*here, _key.c.revoked_at.is_(None)).values(revoked_at=from_now())
        ).rowcount:
            raise LookupError(key_id)

    store.write(group)


def expire(store: Store, application_id: int, key_id: int, at: datetime) -> None:
    """Let a key end at a time, so that another one can take its place before. Raises LookupError.

    Never later than it would end by itself: one that is over stays so.
    """

    def group(connection: Connection) -> None:
        here = (_key.c.id == key_id, _key.c.application_id == application_id)
        sooner = or_(_key.c.expires_at.is_(None), _key.c.expires_at > at)
        if not connection.execute(
            update(_key).where(*here, _key.c.revoked_at.is_(None), sooner).values(expires_at=at)
        ).rowcount:
            raise LookupError(key_id)

    store.write(group)


def check(wanted: Terms) -> None:
    """Raises Refused with every field that cannot be."""
    problems: list[Problem] = []
    if not wanted.name.strip():
        problems.append(Problem("application_name_missing", "name"))
    elif len(wanted.name) > LONGEST_NAME or not wanted.name.isprintable():
        problems.append(Problem("application_name", "name", values={"longest": LONGEST_NAME}))
    try:
        destinations.read(wanted.countries, "countries")
    except Refused as refused:
        problems.extend(refused.problems)
    if wanted.country:
        try:
            phone.country(wanted.country)
        except Refused as refused:
            problems.extend(replace(problem, field="country") for problem in refused.problems)
    problems.extend(
        Problem("limit_range", field, values={"most": MOST_LIMIT})
        for field in ("per_minute", "parts_per_day", "parts_per_month", "per_recipient_hour", "most_parts")
        if not 0 <= getattr(wanted, field) <= MOST_LIMIT
    )
    if not 0 <= wanted.valid_for <= MOST_VALID_FOR:
        problems.append(Problem("valid_for_range", "valid_for", values={"most": MOST_VALID_FOR}))
    if wanted.test_state and wanted.test_state not in TEST_STATES:
        problems.append(Problem("choice_unknown", "test_state"))
    if not 0 <= wanted.priority < len(PRIORITIES):
        problems.append(Problem("choice_unknown", "priority"))
    if len(wanted.sender) > LONGEST_SENDER or not (wanted.sender.isprintable()):
        problems.append(Problem("sender_unusable", "sender", values={"longest": LONGEST_SENDER}))
    if problems:
        raise Refused(*problems)


def _row(wanted: Terms) -> dict[str, Any]:
    return {**asdict(wanted), "gateways": list(wanted.gateways), "name": wanted.name.strip()}


def _once_named(connection: Connection, statement: Any) -> Any:
    try:
        return connection.execute(statement)
    except IntegrityError as error:
        raise Refused(Problem("application_name_taken", "name")) from error
