"""Runs the migrations on the database of the current Flask application."""

from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Engine, event

from webpanel.models import Instant


def render_item(kind: str, item: Any, autogenerate_context: Any) -> str | Literal[False]:  # noqa: ARG001
    # A migration stays what it was when the program's own types move on.
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Instant) else False


def transactional(engine: Engine) -> None:
    """Makes a migration all or nothing on SQLite too, where the driver would commit each CREATE TABLE."""

    @event.listens_for(engine, "connect")
    def no_implicit_begin(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def explicit_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


database = current_app.extensions["migrate"].db
if database.engine.dialect.name == "sqlite":
    transactional(database.engine)
with database.engine.connect() as opened:
    context.configure(
        connection=opened,
        target_metadata=database.metadata,
        render_as_batch=True,
        render_item=render_item,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
