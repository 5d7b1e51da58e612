"""The database: created and upgraded by migrations, copied first, and refused when it is newer."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from webpanel import database, instance
from webpanel.config import Config
from webpanel.models import db


@pytest.fixture
def config(tmp_path: Path) -> Config:
    instance.prepare(tmp_path / "instance")
    return Config(instance=tmp_path / "instance")


@pytest.fixture
def upgraded(config: Config) -> Config:
    assert database.upgrade(config) is None
    return config


def rows(path: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def write(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def older(config: Config) -> None:
    """A database that a panel from before the first migration could have left."""
    write(
        config.database,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "CREATE TABLE note (text VARCHAR)",
        "INSERT INTO note VALUES ('kept')",
    )
    config.database.chmod(0o600)


def copies(config: Config) -> list[Path]:
    return sorted((config.instance / "backups").glob("*"))


def test_migrations_and_models_agree(upgraded: Config) -> None:
    engine = create_engine(database.url(upgraded))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
    engine.dispose()


def test_both_roles_are_there_from_the_first_migration_on(upgraded: Config) -> None:
    assert rows(upgraded.database, "SELECT name FROM role ORDER BY id") == [("administrator",), ("sender",)]


def test_a_new_database_is_nobody_elses_and_has_no_copy(upgraded: Config) -> None:
    assert stat.S_IMODE(upgraded.database.stat().st_mode) == 0o600
    assert copies(upgraded) == []
    instance.check(upgraded.instance)


def test_an_up_to_date_database_is_left_alone(upgraded: Config) -> None:
    before = upgraded.database.read_bytes()
    assert not database.stale(upgraded)
    assert database.upgrade(upgraded) is None
    assert upgraded.database.read_bytes() == before
    assert copies(upgraded) == []


def test_an_older_database_is_copied_before_it_is_upgraded(config: Config) -> None:
    older(config)
    # What stands in the write-ahead log only belongs to the copy as well.
    with closing(sqlite3.connect(config.database)) as open_elsewhere:
        open_elsewhere.execute("PRAGMA journal_mode = WAL")
        open_elsewhere.execute("INSERT INTO note VALUES ('in the log')")
        open_elsewhere.commit()
        copy = database.upgrade(config)
    assert copies(config) == [copy]
    assert copy is not None
    assert rows(copy, "SELECT text FROM note") == [("kept",), ("in the log",)]
    assert rows(copy, "SELECT name FROM sqlite_master WHERE name = 'message'") == []
    assert rows(config.database, "SELECT count(*) FROM message") == [(0,)]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700


def test_a_migration_that_fails_changes_nothing(config: Config) -> None:
    older(config)
    write(config.database, "CREATE TABLE message (id INTEGER)")
    before = rows(config.database, "SELECT name FROM sqlite_master ORDER BY name")
    with pytest.raises(database.DatabaseError, match="could not be upgraded and is as it was"):
        database.upgrade(config)
    assert rows(config.database, "SELECT name FROM sqlite_master ORDER BY name") == before


def test_a_newer_database_is_refused_and_not_touched(upgraded: Config) -> None:
    write(upgraded.database, "UPDATE alembic_version SET version_num = '9999'")
    before = upgraded.database.read_bytes()
    with pytest.raises(database.DatabaseError, match="was written by a newer webpanel") as error:
        database.upgrade(upgraded)
    assert "\n" not in str(error.value)
    assert upgraded.database.read_bytes() == before
    assert copies(upgraded) == []


@pytest.mark.parametrize("content", [b"no database at all, but long enough to look at" * 50, None])
def test_another_programs_file_is_refused(config: Config, content: bytes | None) -> None:
    if content is None:
        write(config.database, "CREATE TABLE recipe (name VARCHAR)")
    else:
        config.database.write_bytes(content)
    before = config.database.read_bytes()
    with pytest.raises(database.DatabaseError):
        database.upgrade(config)
    assert config.database.read_bytes() == before


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory(str(database.MIGRATIONS)).get_heads()) == 1
