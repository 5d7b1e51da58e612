"""Brings the database of an instance to the tables of this program.

A room of its own because it needs tables and migrations, and the folder (``instance``) needs neither.
"""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import flask_migrate
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from webpanel import instance
from webpanel.config import Config
from webpanel.models import db

MIGRATIONS = Path(__file__).with_name("migrations")


class DatabaseError(Exception):
    """The database cannot be used; the text is one sentence for whoever starts the panel."""


def url(config: Config) -> str:
    return f"sqlite:///{config.database}"


def migration_app(config: Config | None = None) -> Flask:
    """The least of an application that migrations run in, also for ``flask --app ... db migrate``."""
    folder = instance.chosen(os.environ)
    app = Flask(__name__, instance_path=str(folder))
    app.config["SQLALCHEMY_DATABASE_URI"] = url(config or Config.load(os.environ, folder))
    db.init_app(app)
    flask_migrate.Migrate(app, db, directory=str(MIGRATIONS))
    return app


def upgrade(config: Config) -> Path | None:
    """Creates the database or brings it up to date, and says where it put a copy of the old one.

    Only for the process that holds the instance (``instance.served``). Raises :class:`DatabaseError`.
    """
    if not stale(config):
        return None
    copy = _copy(config.database) if config.database.exists() and config.database.stat().st_size else None
    # SQLite would create it readable by all.
    os.close(os.open(config.database, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, instance.FILE_MODE))
    app = migration_app(config)
    try:
        with app.app_context():
            flask_migrate.upgrade()
            db.engine.dispose()
    except SQLAlchemyError as error:
        raise DatabaseError(
            f"The database {config.database} could not be upgraded and is as it was: {error.args[0]}"
        ) from error
    return copy


def stale(config: Config) -> bool:
    """Whether the database is missing or older than the program.

    Raises :class:`DatabaseError` when it is newer, or no database of a panel.
    """
    scripts = ScriptDirectory.from_config(_alembic())
    found = _revision(config.database)
    if found and found not in {script.revision for script in scripts.walk_revisions()}:
        raise DatabaseError(
            f"The database {config.database} was written by a newer webpanel; "
            "start that version, or put back a copy of the database from before it."
        )
    return found != scripts.get_current_head()


def _alembic() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _revision(database: Path) -> str | None:
    """The revision that stands in the database; None for one without tables."""
    if not database.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if "alembic_version" in tables:
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
                return row and row[0]
    except sqlite3.Error as error:
        raise DatabaseError(f"The database {database} cannot be read: {error}.") from error
    if tables:
        raise DatabaseError(f"{database} is a database, but not one of a panel.")
    return None


def _copy(database: Path) -> Path:
    folder = database.with_name("backups")
    folder.mkdir(mode=instance.FOLDER_MODE, exist_ok=True)
    copy = folder / f"{database.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}{database.suffix}"
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, instance.FILE_MODE))
    try:
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise DatabaseError(
            f"The database {database} could not be copied before the upgrade: {error}."
        ) from error
    return copy
