"""How many messages a second are accepted; figures and nothing asserted. ``make bench`` runs it.

Side by side in one run: the API on the running server, an empty Flask view on the same kind of server,
and bare SQLite commits of the same rows. Medians of several runs, with the lowest and the highest.
"""

import argparse
import http.client
import json
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.bench.empty_view import running_empty_view
from tests.instances import furnish, opened
from tests.server import running_server
from webpanel.models import Message

CONNECTIONS = (1, 16, 64)
BATCH = 10_000

#: One request on a connection; raises when it was not answered as it should be.
Call = Callable[[http.client.HTTPConnection, int], None]


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
    with running_server(folder / "instance") as server, running_empty_view() as empty:
        accept, nothing = _accept(key), _nothing
        say("single requests", "connections", "accepts/s", "p50 ms", "p99 ms", "empty view/s", "ratio")
        for connections in CONNECTIONS:
            ours, theirs, times = [], [], []
            for _ in range(runs):
                rate, took = load(server.url, accept, connections, seconds)
                ours.append(rate)
                times += took
                theirs.append(load(empty, nothing, connections, seconds)[0])
            times.sort()
            say(
                "",
                connections,
                spread(ours),
                f"{times[len(times) // 2] * 1000:.1f}",
                f"{times[int(len(times) * 0.99)] * 1000:.1f}",
                spread(theirs),
                f"{statistics.median(ours) / statistics.median(theirs):.2f}",
            )
        say("batches", "messages", "messages/s")
        say("one text", BATCH, spread([batch(server.url, key, own=False) for _ in range(runs)]))
        say("own texts", BATCH, spread([batch(server.url, key, own=True) for _ in range(runs)]))
    say("bare commits", "rows in each", "rows/s")
    for rows in (1, 16, 64, BATCH):
        say("", rows, spread([commits(folder, rows, seconds) for _ in range(runs)]))


def load(url: str, call: Call, connections: int, seconds: float) -> tuple[float, list[float]]:
    """Requests a second over ``connections`` that ask as fast as they are answered; seconds of each."""
    took: list[list[float]] = [[] for _ in range(connections)]
    ends = time.monotonic() + seconds
    address = url.removeprefix("http://").rstrip("/")

    def ask(own: list[float]) -> None:
        with closing(http.client.HTTPConnection(address, timeout=60)) as connection:
            while (began := time.monotonic()) < ends:
                call(connection, len(own))
                own.append(time.monotonic() - began)

    threads = [threading.Thread(target=ask, args=(own,)) for own in took]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = [each for own in took for each in own]
    return len(every) / (time.monotonic() - began), every


def _accept(key: str) -> Call:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def call(connection: http.client.HTTPConnection, number: int) -> None:
        body = json.dumps({"to": "+447911123456", "message": f"Lesson {number} is cancelled"})
        connection.request("POST", "/api/v1/messages", body, headers)
        answered(connection, 202)

    return call


def _nothing(connection: http.client.HTTPConnection, _number: int) -> None:
    connection.request("POST", "/", b'{"to": "+447911123456", "message": "x"}')
    answered(connection, 200)


def answered(connection: http.client.HTTPConnection, status: int) -> bytes:
    reply = connection.getresponse()
    body = reply.read()
    if reply.status != status:
        raise RuntimeError(f"{reply.status}: {body[:300]!r}")
    return body


def batch(url: str, key: str, *, own: bool) -> float:
    """Messages a second of one request with :data:`BATCH` of them."""
    numbers = [f"+4479{number:08}" for number in range(11_000_000, 11_000_000 + BATCH)]
    if own:
        each = [{"to": to, "message": f"Lesson {place} is off"} for place, to in enumerate(numbers)]
        body = json.dumps({"messages": each})
    else:
        body = json.dumps({"to": numbers, "message": "The lesson is cancelled"})
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"))) as connection:
        began = time.monotonic()
        connection.request("POST", "/api/v1/messages/batch", body, headers)
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


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"


def say(*cells: object) -> None:
    sys.stdout.write("".join(f"{cell!s:<24}" for cell in cells).rstrip() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
