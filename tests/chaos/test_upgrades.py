"""Killed while it brings an older database up to date, the panel starts all the same, with every message."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.orm import Session

from tests.calling import NUMBER
from tests.chaos.extent import ROUNDS
from tests.chaos.points import UPGRADING
from tests.chaos.world import World, world
from tests.instances import opened
from tests.test_canary_ways import put_back
from webpanel import intake
from webpanel.models import Gateway

MESSAGES = 20


def accept(folder: Path) -> list[str]:
    """Messages that wait, while no panel runs."""
    with opened(folder) as app:
        parts = app.extensions["webpanel"]
        with Session(parts.store.engine) as session:
            gateway = session.get_one(Gateway, 1)
            return [
                intake.accept(
                    parts.store,
                    vault=parts.vault,
                    gateway=gateway,
                    panel_country="GB",
                    to=NUMBER,
                    text=f"Message {number}",
                    actor="ada",
                    source="page",
                    lifetime_hours=24,
                    ring=parts.sender.ring,
                )
                for number in range(MESSAGES)
            ]


def as_it_was(panel: World) -> bool:
    with closing(sqlite3.connect(panel.database)) as connection:
        whole = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        states = connection.execute("SELECT DISTINCT state FROM message").fetchall()
        return whole and revision == [("0001",)] and states == [("queued",)]


def test_killed_while_it_upgrades(tmp_path: Path) -> None:
    with world(tmp_path, calling=0) as panel:
        panel.callers.accepted = dict(enumerate(accept(panel.folder)))
        put_back(panel.database)
        for _ in range(ROUNDS):
            for point in UPGRADING:
                panel.kill_at(point, panel.chance.randint(1, point.often))
                assert as_it_was(panel), point.name
        with panel.serving() as server:
            panel.settle()
            assert "The database was upgraded" in server.output
            assert server.stop() == 0
        panel.reckon("killed while upgrading")
