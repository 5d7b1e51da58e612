"""The write side of the database: one writer at a time, several groups to a commit.

SQLite has one writer, so one thread of the process is it: the first that comes. Others hand in prepared
groups of statements and wait; whatever came together while the last commit ran is committed together by
the first of them, each group in a savepoint of its own, so that one bad row refuses nobody else's. A
thread that only wrote would cost two changes of threads for each commit, which take longer than its
statements. Pages read through connections of their own. The statements are plain SQLAlchemy Core that
PostgreSQL takes as well.
"""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy import BigInteger, Connection, Engine, Table, TypeDecorator, bindparam, event, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from webpanel.commits import Job, StoreUnavailable, commit, unavailable
from webpanel.models import Instant
from webpanel.prepared import Prepared

T = TypeVar("T")
A = TypeVar("A")

#: SQLAlchemy has ON CONFLICT only by dialect; both databases spell it alike.
INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

#: An execution option of a connection whose transactions write: they take SQLite's write lock when
#: they begin. One that reads first and then writes would be refused at once, without the busy
#: time-out, whenever somebody else wrote in between.
WRITES = "webpanel_writes"

#: Seconds to wait for another process that holds SQLite's write lock.
BUSY_SECONDS = 5.0

#: Seconds between two tries to store what must not be lost: at first, and at most.
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0

#: Groups in one commit; bounds what a failed commit refuses, and how long the first one waits.
LARGEST_COMMIT = 100

#: Connections that are kept at hand for :meth:`Store.reading`.
READERS = 8

log = structlog.get_logger(__name__)


class DatabaseTime(FunctionElement[datetime]):
    """The database's present time plus some milliseconds, as an :class:`~webpanel.models.Instant`.

    Leases and due times are set and compared by it alone, so that a process whose clock is wrong, or
    that stood still for a while, cannot believe that it still holds a message.
    """

    type = Instant()
    inherit_cache = True
    name = "database_time"


@compiles(DatabaseTime, "sqlite")
def _sqlite_time(element: DatabaseTime, compiler: Any, **options: Any) -> str:
    # julianday() is a whole number of milliseconds inside SQLite, but a float of days outside it:
    # rounded, not cut. (unixepoch('subsec') came only with SQLite 3.42.)
    present = "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"
    return f"({present} + {compiler.process(element.clauses, **options)})"


@compiles(DatabaseTime, "postgresql")
def _postgresql_time(element: DatabaseTime, compiler: Any, **options: Any) -> str:
    present = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    return f"({present} + {compiler.process(element.clauses, **options)})"


class Seconds(TypeDecorator[float]):
    """A number of seconds, handed to the database as whole milliseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Any) -> int | None:  # noqa: ARG002
        return None if value is None else round(value * 1000)


def from_now(seconds: float = 0) -> DatabaseTime:
    """The SQL expression for the database's time, ``seconds`` (also negative) from now."""
    return DatabaseTime(literal(seconds, Seconds()))


def from_now_by(parameter: str) -> DatabaseTime:
    """As :func:`from_now`, in a statement that is made once: the seconds are its ``parameter``."""
    return DatabaseTime(bindparam(parameter, type_=Seconds()))


_NOW = Prepared(select(from_now().label("now")))


def now(connection: Connection) -> datetime:
    """The database's present time."""
    return _NOW.first(connection).now


def insert_once(connection: Connection, table: Table, **values: Any) -> bool:
    """Insert a row unless one with the same key is there; False when it is."""
    insert = INSERTS[connection.dialect.name]
    return connection.execute(insert(table).values(**values).on_conflict_do_nothing()).rowcount == 1


def configure(engine: Engine, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Make every connection of ``engine`` durable and honest about transactions; returns ``engine``.

    SQLite: WAL, ``synchronous=FULL``, foreign keys, a busy time-out, and explicit ``BEGIN`` by
    SQLAlchemy's documented hook (the driver's own begins late and never for ``SAVEPOINT``), which is
    ``BEGIN IMMEDIATE`` on a connection with the execution option :data:`WRITES`. Other databases are
    left as they are.
    """
    if engine.dialect.name != "sqlite":
        return engine

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        # The time-out first: the change to WAL itself may have to wait for a lock.
        cursor.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "commit")
    def _commit(connection: Connection) -> None:
        # The driver's own says nothing when SQLite gave the transaction up before (full disk, I/O error).
        connection.exec_driver_sql("COMMIT")

    return engine


class Store:
    """The one writer of this process; ``engine`` (see :func:`configure`) is also good for reading.

    Another process may have a store on the same database: each takes the write lock for its commits.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        #: What waits while somebody commits.
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._gate = threading.Condition(threading.Lock())
        self._busy = self._closed = False
        #: The thread that commits now, and the connection of whoever does.
        self._leader: int | None = None
        self._connection: Connection | None = None
        self._readers: deque[Connection] = deque()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for quick reads, each of which finds what is committed then.

        It comes from the few that are kept at hand: the pool takes as long to hand one out, and to take
        it back, as a statement of :class:`~webpanel.prepared.Prepared` takes.
        """
        try:
            connection = self._readers.pop()
        except IndexError:
            connection = self.engine.connect()
        try:
            yield connection
            # No transaction stays open, neither SQLAlchemy's nor one that only the driver knows of.
            connection.rollback()
            connection.connection.rollback()
        except BaseException:
            connection.close()
            raise
        if self._closed or len(self._readers) >= READERS:
            connection.close()
        else:
            self._readers.append(connection)

    def write(self, group: Callable[[Connection], T]) -> T:
        """Run ``group(connection)`` in the next commit; returns its result once that is on disk.

        What ``group`` raises is raised here, and nothing of it is stored. Raises
        :class:`StoreUnavailable` when nothing can be stored. ``group`` must be quick, may be called
        once, and touches no network.
        """
        return self._wait(Job(group))

    def write_together(self, together: Callable[[Connection, list[A]], list[T | Exception]], asked: A) -> T:
        """As :meth:`write`, with all that wait for the same ``together`` in one group of statements.

        ``together(connection, [asked, ...])`` returns a result or an exception for each; it may be called
        again, one at a time, when it raises.
        """
        return self._wait(Job(together=together, asked=asked))

    def insist(self, group: Callable[[Connection], T], seconds: float) -> T:
        """As :meth:`write`, tried again for so long while nothing can be stored. ``group`` may run often.

        For what would be lost otherwise: the answer of a provider.
        """
        return self._insist(lambda: self.write(group), seconds)

    def insist_together(
        self, together: Callable[[Connection, list[A]], list[T | Exception]], asked: A, seconds: float
    ) -> T:
        """As :meth:`write_together`, with the patience of :meth:`insist`."""
        return self._insist(lambda: self.write_together(together, asked), seconds)

    def close(self) -> None:
        """Commit what was handed in before, refuse what comes later."""
        with self._gate:
            self._closed = True
            self._gate.wait_for(lambda: not self._busy)
            if self._connection is not None:
                self._connection.close()
                self._connection = None
        while self._readers:
            self._readers.pop().close()

    def _insist(self, write: Callable[[], T], seconds: float) -> T:
        ends = time.monotonic() + seconds
        wait = FIRST_WAIT
        while True:
            try:
                return write()
            except StoreUnavailable:
                if self._closed or time.monotonic() + wait > ends:
                    raise
                time.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)

    def _wait(self, job: Job) -> Any:
        if self._leader == threading.get_ident():
            raise RuntimeError("a group of statements cannot wait for another one")
        with self._gate:
            if self._closed:
                raise StoreUnavailable("closed")
            leads, self._busy = not self._busy, True
            if not leads:
                self._jobs.put(job)
        if leads or job.wait():
            self._lead(job)
        return job.result()

    def _lead(self, own: Job) -> None:
        """Commit with all that wait, and make way for the next one."""
        # Those that are about to come are let come first: their commit costs nothing more.
        time.sleep(0)
        jobs = [own, *self._waiting()]
        self._leader = threading.get_ident()
        outcomes = self._committed(jobs)
        self._leader = None
        for job, outcome in zip(jobs, outcomes, strict=True):
            job.finish(outcome)
        with self._gate:
            following = next(self._waiting(), None)
            if following is None:
                self._busy = False
                self._gate.notify_all()
        if following is not None:
            following.lead()

    def _waiting(self) -> Iterator[Job]:
        with suppress(queue.Empty):
            for _ in range(LARGEST_COMMIT - 1):
                yield self._jobs.get_nowait()

    def _committed(self, jobs: list[Job]) -> list[Any]:
        try:
            if self._connection is None:
                # One of its own: pages that use up the pool must not hold up the sending.
                self._connection = self.engine.connect().execution_options(**{WRITES: True})
            return commit(self._connection, jobs)
        except BaseException as error:  # noqa: BLE001 - whatever it is, nobody may believe it was stored
            log.warning("store_unavailable", error=type(error).__name__, groups=len(jobs))
            if self._connection is not None:
                self._connection.invalidate()
                self._connection.close()
                self._connection = None
            return [unavailable(error) for _ in jobs]
