import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, column, create_engine, event, select, table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError

from webpanel.store import INSERTS, READERS, Store, StoreUnavailable, configure, from_now, insert_once, now

PATIENCE = 10


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = configure(create_engine(f"sqlite:///{tmp_path / 'store.sqlite'}"), busy_seconds=0.2)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE owner (id INTEGER PRIMARY KEY)"))
        connection.execute(
            text("CREATE TABLE thing (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES owner, content BLOB)")
        )
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    store = Store(engine)
    yield store
    store.close()


@pytest.mark.parametrize("dialect", [sqlite, postgresql])
def test_insert_once_is_a_statement_of_both_databases(dialect: Any) -> None:
    statement = INSERTS[dialect.dialect.name](table("thing", column("id"))).values(id=1)
    compiled = str(statement.on_conflict_do_nothing().compile(dialect=dialect.dialect()))
    assert compiled.endswith("ON CONFLICT DO NOTHING")


def test_insert_once_says_whether_it_did(store: Store, engine: Engine) -> None:
    thing = table("thing", column("id"))
    assert store.write(lambda connection: insert_once(connection, thing, id=1))
    assert not store.write(lambda connection: insert_once(connection, thing, id=1))
    assert things(engine) == [1]


def put(number: int) -> Callable[[Connection], int]:
    def group(connection: Connection) -> int:
        connection.execute(text("INSERT INTO thing (id) VALUES (:id)"), {"id": number})
        return number

    return group


def things(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT id FROM thing ORDER BY id")).scalars())


class Together:
    """Hands groups to a store so that one commit takes all of them: the writer is kept busy meanwhile."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.busy, self.go = threading.Event(), threading.Event()

    def __call__(self, *groups: Callable[[Connection], Any]) -> list[Future[Any]]:
        def hold(_connection: Connection) -> None:
            self.busy.set()
            assert self.go.wait(PATIENCE)

        with ThreadPoolExecutor(len(groups) + 1) as pool:
            held = pool.submit(self.store.write, hold)
            assert self.busy.wait(PATIENCE)
            futures = []
            for group in groups:
                waiting = self.store._jobs.qsize()
                futures.append(pool.submit(self.store.write, group))
                while self.store._jobs.qsize() == waiting:
                    time.sleep(0.001)
            self.go.set()
            held.result(PATIENCE)
        return futures


def test_a_write_is_on_disk_when_it_returns(store: Store, engine: Engine) -> None:
    assert store.write(put(1)) == 1
    assert things(engine) == [1]


def test_what_comes_together_is_committed_together(store: Store, engine: Engine) -> None:
    commits = []
    event.listen(engine, "commit", commits.append)
    done = Together(store)(*(put(number) for number in range(20)))
    assert [each.result() for each in done] == list(range(20))
    assert things(engine) == list(range(20))
    assert len(commits) == 2  # the busy group's and theirs


def test_a_group_that_fails_refuses_only_itself(store: Store, engine: Engine) -> None:
    def half(connection: Connection) -> None:
        put(2)(connection)
        raise KeyError("mine")

    first, bad, doubled, last = Together(store)(put(1), half, put(1), put(3))
    assert (first.result(), last.result()) == (1, 3)
    with pytest.raises(KeyError, match="mine"):
        bad.result()
    with pytest.raises(IntegrityError):
        doubled.result()
    assert things(engine) == [1, 3]


def test_a_commit_that_fails_refuses_all_of_it(store: Store, engine: Engine) -> None:
    def orphan(connection: Connection) -> None:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        connection.execute(text("INSERT INTO thing (id, owner) VALUES (2, 99)"))

    for future in Together(store)(put(1), orphan, put(3)):
        with pytest.raises(StoreUnavailable):
            future.result()
    assert things(engine) == []
    assert store.write(put(4)) == 4


def test_a_transaction_that_the_database_gave_up_stores_nothing(store: Store, engine: Engine) -> None:
    """As SQLite does on a full disk: the savepoint is gone, and what follows would commit by itself."""

    def given_up(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")
        raise KeyError("swallowed by nobody")

    for future in Together(store)(put(1), given_up, put(3)):
        with pytest.raises(StoreUnavailable):
            future.result()
    assert things(engine) == []
    assert store.write(put(4)) == 4


def test_a_group_of_its_own_is_not_believed_either(store: Store, engine: Engine) -> None:
    def given_up(connection: Connection) -> None:
        put(1)(connection)
        connection.exec_driver_sql("ROLLBACK")

    with pytest.raises(StoreUnavailable):
        store.write(given_up)
    assert things(engine) == []
    assert store.write(put(4)) == 4


def test_of_what_runs_together_only_the_one_that_fails_is_refused(store: Store, engine: Engine) -> None:
    def together(connection: Connection, asked: list[int]) -> list[int | Exception]:
        return [LookupError(number) if number == 3 else put(number)(connection) for number in asked]

    store.write(put(2))
    with ThreadPoolExecutor(6) as pool:
        done = [pool.submit(store.write_together, together, number) for number in range(1, 6)]
    errors = {number: each.exception() for number, each in enumerate(done, start=1)}
    assert [number for number, error in errors.items() if error is None] == [1, 4, 5]
    assert isinstance(errors[2], IntegrityError)
    assert isinstance(errors[3], LookupError)
    assert things(engine) == [1, 2, 4, 5]


def test_a_full_disk_is_said_and_passes(store: Store, engine: Engine) -> None:
    def limit(pages: int) -> Callable[[Connection], None]:
        return lambda connection: connection.execute(text(f"PRAGMA max_page_count = {pages}")).close()

    def large(connection: Connection) -> None:
        connection.execute(text("INSERT INTO thing (id, content) VALUES (1, zeroblob(1000000))"))

    store.write(limit(20))
    with pytest.raises(StoreUnavailable):
        store.write(large)
    assert things(engine) == []
    store.write(limit(100_000))
    store.write(large)
    assert things(engine) == [1]


def test_another_writer_is_waited_for_and_then_it_is_unavailable(store: Store, engine: Engine) -> None:
    other = engine.connect().execution_options(webpanel_writes=True)
    with other, other.begin(), pytest.raises(StoreUnavailable):
        store.write(put(1))
    assert store.write(put(2)) == 2


def put_together(connection: Connection, numbers: list[int]) -> list[int | Exception]:
    return [put(number)(connection) for number in numbers]


@pytest.mark.parametrize(
    "insist",
    [
        lambda store: store.insist(put(2), PATIENCE),
        lambda store: store.insist_together(put_together, 2, PATIENCE),
    ],
)
def test_insisting_outlasts_another_writer(
    store: Store, engine: Engine, insist: Callable[[Store], int]
) -> None:
    store.write(put(1))
    tried = threading.Event()
    event.listen(engine, "handle_error", lambda _context: tried.set())
    other = engine.connect().execution_options(webpanel_writes=True)
    with ThreadPoolExecutor(1) as pool:
        with other, other.begin():
            insisting = pool.submit(insist, store)
            assert tried.wait(PATIENCE)
        assert insisting.result(PATIENCE) == 2


def test_insisting_ends(store: Store, engine: Engine) -> None:
    other = engine.connect().execution_options(webpanel_writes=True)
    with other, other.begin(), pytest.raises(StoreUnavailable):
        store.insist(put(1), 0.0)
    with pytest.raises(KeyError):
        store.insist(lambda _connection: {}["mine"], PATIENCE)


def test_a_group_holds_the_write_lock_from_its_first_statement(store: Store, engine: Engine) -> None:
    """Reading first and writing then is what a plain BEGIN would refuse at once."""
    refused = []

    def reads_then_writes(connection: Connection) -> None:
        connection.execute(text("SELECT count(*) FROM thing")).scalar()
        with engine.connect().execution_options(webpanel_writes=True) as other:
            try:
                other.begin()
            except OperationalError as error:
                refused.append(str(error))
        put(1)(connection)

    store.write(reads_then_writes)
    assert len(refused) == 1
    assert "locked" in refused[0]
    assert things(engine) == [1]


def test_readers_do_not_wait_for_the_writer(store: Store, engine: Engine) -> None:
    seen = []

    def group(connection: Connection) -> None:
        put(1)(connection)
        with ThreadPoolExecutor(1) as pool:
            seen.extend(pool.submit(things, engine).result(PATIENCE))

    store.write(group)
    assert seen == []
    assert things(engine) == [1]


def test_a_read_finds_what_was_committed_before_it(store: Store, engine: Engine) -> None:
    for number in range(1, 4):
        store.write(put(number))
        with store.reading() as connection:
            # A statement of SQLAlchemy begins a transaction, which would go on seeing what it saw.
            assert list(connection.execute(text("SELECT id FROM thing")).scalars()) == things(engine)
            used = connection
        assert not used.in_transaction()
        assert not used.connection.in_transaction
    assert engine.pool.checkedout() == 2  # the writer's, and the one for reading


def test_connections_for_reading_are_few_and_none_is_kept_that_failed(store: Store, engine: Engine) -> None:
    with pytest.raises(OperationalError), store.reading() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))
    assert engine.pool.checkedout() == 0
    with ExitStack() as several:
        for _ in range(READERS + 2):
            several.enter_context(store.reading())
        assert engine.pool.checkedout() == READERS + 2
    assert engine.pool.checkedout() == READERS
    store.close()
    assert engine.pool.checkedout() == 0


def test_pages_that_use_up_the_pool_do_not_hold_up_the_writer(store: Store, engine: Engine) -> None:
    store.write(put(1))
    taken = [engine.connect() for _ in range(14)]
    try:
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(store.write, put(2)).result(PATIENCE) == 2
    finally:
        for connection in taken:
            connection.close()


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
def test_every_connection_is_durable(engine: Engine, pragma: str, value: object) -> None:
    with engine.connect() as connection:
        assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value


def test_a_group_cannot_wait_for_another(store: Store) -> None:
    with pytest.raises(RuntimeError):
        store.write(lambda _connection: store.write(put(1)))


def test_a_closed_store_has_stored_what_it_was_given_and_takes_no_more(store: Store, engine: Engine) -> None:
    futures = Together(store)(put(1), put(2))
    store.close()
    assert [future.result() for future in futures] == [1, 2]
    with pytest.raises(StoreUnavailable):
        store.write(put(3))
    assert things(engine) == [1, 2]


def test_many_threads_lose_nothing(store: Store, engine: Engine) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(store.write, (put(number) for number in range(400)))) == list(range(400))
    assert things(engine) == list(range(400))


def test_the_databases_time(engine: Engine) -> None:
    before = datetime.now(UTC)
    with engine.connect() as connection:
        present = now(connection)
        later = connection.execute(select(from_now(90.5))).scalar_one()
    assert abs((present - before).total_seconds()) < 1
    assert 90 < (later - before).total_seconds() < 92


def test_the_databases_time_on_postgresql() -> None:
    compiled = str(select(from_now(1.5)).compile(dialect=postgresql.dialect()))
    assert "clock_timestamp()" in compiled
