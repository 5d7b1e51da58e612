"""How many messages a second are accepted; figures and nothing asserted. ``make bench`` runs it.

Side by side in one run: the API on the running server, an empty Flask view on the same kind of server,
and bare SQLite commits of the same rows. Medians of several runs, with the lowest and the highest.
"""

import argparse
import http.client
import json
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from tests.bench.calls import Call, answered, connected, load, with_key
from tests.bench.figures import milliseconds, say, spread
from tests.bench.processes import running
from tests.instances import furnish, opened
from tests.server import running_server
from webpanel.models import Message

CONNECTIONS = (1, 16, 64)
BATCH = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each run of single requests")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="webpanel-bench-") as folder:
        run(Path(folder), asked.runs, asked.seconds)


def run(folder: Path, runs: int, seconds: float) -> None:
    # A gateway that is stopped: what is measured is accepting, not sending.
    key = furnish(folder / "instance", "http://127.0.0.1:1/")
    with opened(folder / "instance") as app:
        store = app.extensions["webpanel"].store
        store.write(lambda c: c.exec_driver_sql("UPDATE gateway SET stopped_at = 1, stopped_reason = '{}'"))
    with running_server(folder / "instance") as server, running("tests.bench.empty_view") as empty:
        accept, nothing = _accept(key), _nothing
        say("single requests", "connections", "accepts/s", "p50 ms", "p99 ms", "empty view/s", "ratio")
        for connections in CONNECTIONS:
            ours, theirs, times = [], [], []
            for _ in range(runs):
                rate, took = load(server.url, accept, connections, seconds)
                ours.append(rate)
                times += took
                theirs.append(load(empty, nothing, connections, seconds)[0])
            say(
                "",
                connections,
                spread(ours),
                milliseconds(times, 0.5),
                milliseconds(times, 0.99),
                spread(theirs),
                f"{statistics.median(ours) / statistics.median(theirs):.2f}",
            )
        say("batches", "messages", "messages/s")
        say("one text", BATCH, spread([batch(server.url, key, own=False) for _ in range(runs)]))
        say("own texts", BATCH, spread([batch(server.url, key, own=True) for _ in range(runs)]))
    say("bare commits", "rows in each", "rows/s")
    for rows in (1, 16, 64, BATCH):
        say("", rows, spread([commits(folder, rows, seconds) for _ in range(runs)]))


def _accept(key: str) -> Call:
    headers = with_key(key)

    def call(connection: http.client.HTTPConnection, number: int) -> None:
        body = json.dumps({"to": "+447911123456", "message": f"Lesson {number} is cancelled"})
        connection.request("POST", "/api/v1/messages", body, headers)
        answered(connection, 202)

    return call


def _nothing(connection: http.client.HTTPConnection, _number: int) -> None:
    connection.request("POST", "/", b'{"to": "+447911123456", "message": "x"}')
    answered(connection, 200)


def batch(url: str, key: str, *, own: bool) -> float:
    """Messages a second of one request with :data:`BATCH` of them."""
    numbers = [f"+4479{number:08}" for number in range(11_000_000, 11_000_000 + BATCH)]
    if own:
        each = [{"to": to, "message": f"Lesson {place} is off"} for place, to in enumerate(numbers)]
        body = json.dumps({"messages": each})
    else:
        body = json.dumps({"to": numbers, "message": "The lesson is cancelled"})
    with connected(url) as connection:
        began = time.monotonic()
        connection.request("POST", "/api/v1/messages/batch", body, with_key(key))
        reply = json.loads(answered(connection, 202))
        took = time.monotonic() - began
    if reply["accepted"] != BATCH:
        raise RuntimeError(str(reply)[:300])
    return BATCH / took


def commits(folder: Path, rows: int, seconds: float) -> float:
    """Rows of messages a second that plain SQLite stores durably, so many in a commit."""
    names = [column.name for column in Message.__table__.columns]
    insert = f"INSERT INTO message ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
    row = ["x"] * len(names)
    with closing(sqlite3.connect(folder / "bare.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"CREATE TABLE IF NOT EXISTS message ({', '.join(names)})")
        stored, began = 0, time.monotonic()
        while time.monotonic() - began < seconds / 4:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(insert, [row] * rows)
            connection.execute("COMMIT")
            stored += rows
        return stored / (time.monotonic() - began)


if __name__ == "__main__":
    main()
