"""The database: whether it can be used, what stands in it, and who works on it."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, NullPool, create_engine, func, select

from webpanel import database as databases
from webpanel import heartbeat, instance, models
from webpanel.config import Config
from webpanel.doctor.finding import Finding
from webpanel.invariants import MOVING, OF_TIME, breaches
from webpanel.rotation import ENCRYPTED
from webpanel.sending.sweep import WAITING
from webpanel.store import BUSY_SECONDS, now
from webpanel.vault import Unreadable, Vault

#: Seconds by which two clocks may differ, and for which the whole database is read at most.
DIFFERENCE, READING = 5.0, 60.0

#: Steps of SQLite's machine between two looks at the time.
_STEPS = 100_000

_gateway = models.Gateway.__table__
_message = models.Message.__table__
_event = models.Event.__table__
_secret = models.Secret.__table__


@contextmanager
def reading(config: Config) -> Iterator[Connection]:
    """The database as it is at one moment; nothing can be written through it."""
    uri = f"{config.database.as_uri()}?mode=ro"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None),
        poolclass=NullPool,
        hide_parameters=True,
    )
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
    finally:
        engine.dispose()


def database(config: Config) -> Iterator[Finding]:
    """Whether it is there, whole, of this program's version, and can be written to."""
    if not config.database.exists():
        yield Finding("database", "wrong", "doctor_database_missing", {"folder": str(config.instance)})
        return
    if databases.stale(config):
        yield Finding("database", "wrong", "doctor_database_old")
        return
    found = list(_damage(config))
    if not _writable(config):
        found.append(Finding("database", "wrong", "doctor_database_locked", {"seconds": f"{BUSY_SECONDS:g}"}))
    yield from found or [Finding("database", "ok", "doctor_database_ok")]


def _damage(config: Config) -> Iterator[Finding]:
    ends = datetime.now(UTC).timestamp() + READING
    with closing(sqlite3.connect(f"{config.database.as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
        connection.set_progress_handler(lambda: datetime.now(UTC).timestamp() > ends, _STEPS)
        try:
            said = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise databases.DatabaseError(
                    f"The database {config.database} cannot be read: {error}."
                ) from error
            yield Finding("database", "advice", "doctor_database_large", {"seconds": f"{READING:g}"})
            return
        except sqlite3.DatabaseError as error:
            said, orphans = [str(error)], None
    if said != ["ok"] or orphans:
        reason = "; ".join(said) if said != ["ok"] else f"{orphans[0]} -> {orphans[2]}"
        yield Finding("database", "wrong", "doctor_database_damaged", {"reason": reason})


def _writable(config: Config) -> bool:
    """Takes the write lock for a moment; False when another one does not let go of it."""
    with closing(sqlite3.connect(config.database, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise databases.DatabaseError(
                f"The database {config.database} cannot be written to: {error}."
            ) from error
    return True


def clock(config: Config) -> Iterator[Finding]:
    with reading(config) as connection:
        there = now(connection)
        newest = connection.execute(select(_event.c.at).order_by(_event.c.id.desc()).limit(1)).scalar()
    here = datetime.now(UTC)
    apart = abs((there - here).total_seconds())
    if apart > DIFFERENCE:
        yield Finding("clock", "wrong", "doctor_clock_apart", {"seconds": round(apart)})
    elif newest is not None and (ahead := (newest - here).total_seconds()) > DIFFERENCE:
        yield Finding("clock", "wrong", "doctor_clock_back", {"minutes": f"{ahead / 60:,.0f}"})
    else:
        yield Finding("clock", "ok", "doctor_clock_ok", {"now": f"{here:%Y-%m-%d %H:%M:%S}"})


def sender(config: Config) -> Iterator[Finding]:
    """Whether somebody sends."""
    # Of a server that was killed the last sign is still fresh; its lock went with it.
    runs = bool(instance.url(config.instance))
    if runs and heartbeat.alive(config.instance):
        yield Finding("sender", "ok", "doctor_sender_ok")
        return
    age = heartbeat.age(config.instance)
    with reading(config) as connection:
        wanted = select(func.count()).where(_message.c.state.in_(MOVING))
        waiting = connection.execute(wanted).scalar_one()
    values = {"waiting": waiting, "seconds": "-" if age is None else f"{age:,.0f}"}
    if runs:
        yield Finding("sender", "wrong", "doctor_sender_silent", values)
    elif waiting:
        yield Finding("sender", "wrong", "doctor_sender_missing", values)
    else:
        yield Finding("sender", "advice", "doctor_sender_idle")


def secrets(config: Config) -> Iterator[Finding]:
    """Whether the keys open everything that was encrypted."""
    vault = Vault(instance.keys(config).secrets)
    with reading(config) as connection:
        stored = connection.execute(
            select(_gateway.c.name, _secret.c.ciphertext).join_from(_secret, _gateway)
        ).all()
        sealed = _ciphertexts(connection, _message.c.sealed_text)
        callbacks = [
            ciphertext
            for _key, column in ENCRYPTED
            if column.table not in (_secret, _message)
            for ciphertext in _ciphertexts(connection, column)
        ]
    closed = sorted({name for name, ciphertext in stored if not _opens(vault, ciphertext)})
    texts = sum(not _opens(vault, ciphertext) for ciphertext in sealed)
    untold = sum(not _opens(vault, ciphertext) for ciphertext in callbacks)
    for name in closed:
        yield Finding("secrets", "wrong", "doctor_secrets_closed", {"name": name})
    if texts:
        yield Finding("secrets", "wrong", "doctor_texts_closed", {"count": texts})
    if untold:
        yield Finding("secrets", "wrong", "doctor_callbacks_closed", {"count": untold})
    if not closed and not texts and not untold:
        yield Finding("secrets", "ok", "doctor_secrets_ok", {"count": len(stored)})


def _ciphertexts(connection: Connection, column: Column[bytes]) -> Sequence[bytes]:
    return connection.execute(select(column).where(column.is_not(None))).scalars().all()


def _opens(vault: Vault, ciphertext: bytes) -> bool:
    try:
        # Reads it whatever it was encrypted for.
        vault.rotate(ciphertext)
    except Unreadable:
        return False
    return True


def gateways(config: Config) -> Iterator[Finding]:
    """Those that send nothing until a person looked at them."""
    waits = (
        select(func.count())
        .where(_message.c.gateway_id == _gateway.c.id, _message.c.state.in_(WAITING))
        .scalar_subquery()
    )
    with reading(config) as connection:
        rows = connection.execute(
            select(
                _gateway.c.name,
                _gateway.c.enabled,
                _gateway.c.stopped_at,
                _gateway.c.stopped_reason,
                _gateway.c.held_at,
                _gateway.c.held_by,
                _gateway.c.failing_since,
                _gateway.c.paused_reason,
                waits.label("waiting"),
            ).order_by(_gateway.c.position, _gateway.c.id)
        ).all()
    fine = True
    for row in rows:
        if (found := _of_gateway(row)) is not None:
            yield found
            fine = False
    if fine:
        yield Finding("gateways", "ok", "doctor_gateways_ok", {"count": len(rows)})


def _of_gateway(row: Any) -> Finding | None:
    values = {"name": row.name, "waiting": row.waiting}
    if row.stopped_at is not None:
        return Finding("gateways", "wrong", "doctor_gateway_stopped", values, row.stopped_reason)
    if row.enabled and row.held_at is None and row.failing_since is not None:
        return Finding("gateways", "wrong", "doctor_gateway_failing", values, row.paused_reason)
    if not row.waiting:
        return None
    if not row.enabled:
        return Finding("gateways", "wrong", "doctor_gateway_off", values)
    if row.held_at is not None:
        return Finding("gateways", "wrong", "doctor_gateway_held", {**values, "by": row.held_by})
    return None


def messages(config: Config) -> Iterator[Finding]:
    """The invariants."""
    with reading(config) as connection:
        found = breaches(connection)
        count = connection.execute(select(func.count()).select_from(_message)).scalar_one()
    for breach in found:
        values = {"count": breach.count, "examples": ", ".join(breach.examples)}
        yield Finding("messages", "wrong", breach.code, values)
    if any(breach.code not in OF_TIME for breach in found):
        yield Finding("messages", "wrong", "doctor_messages_report")
    if not found:
        yield Finding("messages", "ok", "doctor_messages_ok", {"count": f"{count:,}"})
