"""Prepared statements: what SQLAlchemy would have executed, and its errors."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    bindparam,
    create_engine,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, OperationalError

from webpanel.models import Instant
from webpanel.prepared import Prepared
from webpanel.store import configure, from_now

THINGS = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", Instant),
    Column("on", Boolean),
    Column("values", JSON),
    Column("count", Integer, default=3),
)
NOON = datetime(2026, 12, 24, 12, tzinfo=UTC)
ROW = {"id": 1, "at": NOON, "on": True, "values": {"é": [1]}, "count": 7}

add = Prepared(insert(THINGS), THINGS.c.keys())
find = Prepared(select(THINGS).where(THINGS.c.id == bindparam("of"), THINGS.c.count > 5))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = configure(create_engine(f"sqlite:///{tmp_path / 'things.sqlite'}"))
    THINGS.metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_it_writes_and_reads_as_sqlalchemy_does(connection: Connection) -> None:
    add.run(connection, [ROW, {**ROW, "id": 2, "at": None, "on": False, "values": None}])
    for number in (1, 2):
        found = connection.execute(select(THINGS).where(THINGS.c.id == number)).one()
        assert find.first(connection, {"of": number}) == tuple(found)
    assert find.first(connection, {"of": 1})._asdict() == ROW
    assert find.first(connection, {"of": 3}) is None


def test_rows_that_share_values_are_written_each_with_its_own(connection: Connection) -> None:
    shared, later = {"n": 1}, NOON.replace(hour=13)
    several: list[dict[str, Any]] = [
        {"id": 1, "at": NOON, "on": True, "values": shared, "count": 7},
        {"id": 2, "at": NOON, "on": True, "values": shared, "count": 7},
        {"id": 3, "at": None, "on": False, "values": {"n": True}, "count": 8},
        {"id": 4, "at": later, "on": False, "values": {"n": 1.0}, "count": 8},
        {"id": 5, "at": NOON, "on": True, "values": shared, "count": 9},
    ]
    add.run(connection, several)
    rows = [find.first(connection, {"of": number})._asdict() for number in range(1, 6)]
    assert rows == several
    assert [repr(row["values"]["n"]) for row in rows] == ["1", "1", "True", "1.0", "1"]


def test_named_parameters_are_those_of_each_row() -> None:
    change = Prepared(update(THINGS).where(THINGS.c.id == bindparam("of")).values(at=bindparam("when")))
    rows = change._for(postgresql.dialect())._rows([{"of": 1, "when": NOON}, {"of": 2, "when": None}])
    milliseconds = round(NOON.timestamp() * 1000)
    assert rows == [{"of": 1, "when": milliseconds}, {"of": 2, "when": None}]


def test_a_value_of_the_statement_stays_and_a_given_one_is_needed(connection: Connection) -> None:
    add.run(connection, [ROW, {**ROW, "id": 2, "count": 5}])
    assert find.all(connection, {"of": 2}) == []
    with pytest.raises(KeyError):
        find.all(connection)
    more = Prepared(
        update(THINGS).where(THINGS.c.id == bindparam("of")).values(count=THINGS.c.count + bindparam("more"))
    )
    more.run(connection, [{"of": 2, "more": 1}, {"of": 2, "more": 2}])
    assert find.first(connection, {"of": 2}).count == 8
    assert more.change(connection, {"of": 2, "more": 3}) == 1
    assert more.change(connection, {"of": 3, "more": 3}) == 0
    assert find.first(connection, {"of": 2}).count == 11


def test_what_is_read_is_no_transaction_that_stays_open(connection: Connection) -> None:
    add.run(connection, [ROW])
    find.all(connection, {"of": 1})
    assert not connection.connection.dbapi_connection.in_transaction  # type: ignore[union-attr]


def test_errors_are_those_of_sqlalchemy_and_tell_no_value(connection: Connection) -> None:
    add.run(connection, [ROW])
    with pytest.raises(IntegrityError) as taken:
        add.run(connection, [{**ROW, "values": {"text": "private"}}])
    assert "private" not in str(taken.value)
    with pytest.raises(IntegrityError) as taken:
        add.change(connection, {**ROW, "values": {"text": "private"}})
    assert "private" not in str(taken.value)
    THINGS.drop(connection)
    connection.commit()
    with pytest.raises(OperationalError):
        find.all(connection, {"of": 1})


def test_a_default_of_python_is_not_forgotten(connection: Connection) -> None:
    with pytest.raises(ValueError, match="count"):
        Prepared(insert(THINGS), ("id",)).run(connection, [{"id": 1}])


class Recorded:
    """A connection of PostgreSQL, as far as a prepared statement sees it."""

    dialect = postgresql.psycopg.dialect()
    dialect.dbapi = type("psycopg", (), {"Error": Exception})

    def __init__(self) -> None:
        self.executed: tuple[str, Any] = "", None
        self.connection = self

    def cursor(self) -> "Recorded":
        return self

    def execute(self, sql: str, parameters: Any) -> None:
        self.executed = sql, parameters

    def fetchall(self) -> list[tuple[Any, ...]]:
        return [(1, 1_798_113_600_000)]

    def close(self) -> None:
        pass


def test_postgresql_takes_its_values_by_name() -> None:
    connection: Any = Recorded()
    late = Prepared(
        select(THINGS.c.id, THINGS.c.at).where(THINGS.c.at > bindparam("since"), THINGS.c.at < from_now(2))
    )
    assert late.all(connection, {"since": NOON}) == [(1, NOON)]
    sql, parameters = connection.executed
    assert "%(since)s" in sql
    assert "clock_timestamp" in sql
    assert parameters == {"since": 1_798_113_600_000, "param_1": 2000}
