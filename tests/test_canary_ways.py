"""No secret shows that comes in by another way than the gateway's form, nor in a copy of the database."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from tests.canary import leaks
from tests.echo import Echo
from tests.server import running_server
from tests.test_canary import LOGIN, enter, keep_files, rows, walk
from tests.visitor import Visitor
from tests.ways_in import BROUGHT, come_in, secrets


@pytest.fixture
def echo() -> Iterator[Echo]:
    echo = Echo(secrets())
    with echo.server:
        yield echo


def test_what_comes_in_by_other_ways_shows_nowhere(app: Flask, tmp_path: Path, echo: Echo) -> None:
    folder = tmp_path / "panel"
    seen: dict[str, bytes] = {}
    env = {"WEBPANEL_ALLOW_NETWORKS": f"127.0.0.1:{echo.server.port}"}
    with running_server(folder, env) as server:
        ada = Visitor("ada", server.url, seen)
        link = server.setup_link
        ada.get(link)
        ada.post(link, {"name": "ada", "password": LOGIN.value, "repeated": LOGIN.value})
        ada.post("/welcome", {"default_country": "GB"})
        enter(ada, LOGIN)
        come_in(ada, echo, folder, seen, env)
        assert rows(folder, "SELECT gateway_id FROM kept_reply ORDER BY gateway_id") == ["1", "2", "3", "4"]
        walk(app, ada, folder)
        keep_files(folder, seen, "while it runs")
        server.stop()
        seen["output"] = server.output.encode()
    put_back(folder / "webpanel.sqlite")
    with running_server(folder, env) as server:
        server.stop()
        seen["output of the upgrade"] = server.output.encode()
    assert list((folder / "backups").iterdir())
    keep_files(folder, seen, "afterwards")

    used = [canary for brought in BROUGHT.values() for canary in brought]
    asked = {"what the provider got": b"".join(echo.server.requests)}
    assert len(leaks(used, asked)) == len(used)
    found = leaks(used, seen)
    assert not found, "\n".join(found)


def put_back(database: Path) -> None:
    """To the version before this one, so that the next start copies it and brings it up to date."""
    with closing(sqlite3.connect(database)) as connection:
        # Of the application's columns none needs to go: its table does.
        for table in ("callback_attempt", "callback", "callback_target"):
            connection.execute(f"DROP TABLE {table}")
        for column in (
            *("retry_delays", "urgent_retry_delays", "pace", "next_gateway", "failover_after"),
            *("request_number", "paused_reason", "failing_since", "held_at", "held_by", "paced_until"),
        ):
            connection.execute(f"ALTER TABLE gateway DROP COLUMN {column}")
        # The youngest migration's first: an index keeps its columns, a table those that it points to.
        for index in ("ix_message_provider", "ix_gateway_report_token"):
            connection.execute(f"DROP INDEX {index}")
        for table in ("report_received", "report_waiting"):
            connection.execute(f"DROP TABLE {table}")
        for column in (
            *("report_id_kind", "report_id_rule", "report_status_kind", "report_status_rule", "report_words"),
            *("report_sign", "report_secret", "report_header", "report_answer", "report_token"),
        ):
            connection.execute(f"ALTER TABLE gateway DROP COLUMN {column}")
        for index in ("ix_message_waiting", "ix_message_application_id_id"):
            connection.execute(f"DROP INDEX {index}")
        for table in ("answered", "usage", "application_key", "application"):
            connection.execute(f"DROP TABLE {table}")
        for column in ("application_id", "reference", "sensitive", "sealed_text", "priority", "on_ambiguous"):
            connection.execute(f"ALTER TABLE message DROP COLUMN {column}")
        connection.execute("ALTER TABLE panel DROP COLUMN time_zone")
        connection.execute("ALTER TABLE gateway DROP COLUMN destinations")
        connection.execute("DROP TABLE kept_reply")
        for column in ("reason_kind", "reason_rule", "preset", "preset_base"):
            connection.execute(f"ALTER TABLE gateway DROP COLUMN {column}")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
