"""How long a message takes from the call of the API to the provider; figures and nothing asserted.

The server and the provider are processes of their own. On an idle panel; and urgent messages, one after
the other, while 20,000 of bulk wait for the same gateway, whose provider takes 50 ms for each.
"""

import argparse
import http.client
import json
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.bench.calls import answered, connected, with_key
from tests.bench.figures import milliseconds, say, spread
from tests.bench.processes import running
from tests.bench.waiting import batches, set_up
from tests.instances import LOOPBACK
from tests.server import Server, running_server

#: Messages of one run, and requests in flight beside an urgent one.
SAMPLES, IN_FLIGHT = 25, 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--samples", type=int, default=SAMPLES, help="messages of each run")
    asked = parser.parse_args()
    say("latency", "p50 ms", "p99 ms", "p50 of each run", "still waiting")
    with running("tests.bench.quick_provider") as provider:
        with tempfile.TemporaryDirectory(prefix="webpanel-bench-") as folder:
            idle(Path(folder) / "instance", provider, asked)
        with tempfile.TemporaryDirectory(prefix="webpanel-bench-") as folder:
            urgent(Path(folder) / "instance", provider, asked)


def idle(folder: Path, provider: str, asked: argparse.Namespace) -> None:
    key = set_up(folder, f"{provider}/0", in_flight=4)
    with running_server(folder, LOOPBACK) as server:
        tell("idle panel", measure(server, key, provider, asked))


def urgent(folder: Path, provider: str, asked: argparse.Namespace) -> None:
    key = set_up(folder, f"{provider}/50", IN_FLIGHT)
    with running_server(folder, LOOPBACK) as server:
        with connected(server.url) as connection:
            for body in batches(priority="bulk"):
                connection.request("POST", "/api/v1/messages/batch", body, with_key(key))
                answered(connection, 202)
        runs = measure(server, key, provider, asked, priority="urgent")
        with closing(sqlite3.connect(folder / "webpanel.sqlite")) as database:
            (left,) = database.execute("SELECT count(*) FROM message WHERE state = 'queued'").fetchone()
        tell("urgent, 20,000 wait", runs, left)


def measure(
    server: Server, key: str, provider: str, asked: argparse.Namespace, **more: Any
) -> list[list[float]]:
    """Seconds from a call to the provider, for each message of each run."""
    called: list[dict[str, float]] = []
    with connected(server.url) as connection:
        for _ in range(asked.runs):
            called.append({})
            for number in range(asked.samples):
                began = time.monotonic()
                called[-1][send(connection, key, number, **more)] = began
    with connected(provider) as connection:
        connection.request("GET", "/arrivals")
        arrivals = json.loads(answered(connection, 200))
    return [[arrivals[message_id] - began for message_id, began in run.items()] for run in called]


def send(connection: http.client.HTTPConnection, key: str, number: int, **more: Any) -> str:
    """The id of a message that is sent when this returns."""
    message = {"to": "+447911123456", "message": f"Your code is {number}", "wait": 25, **more}
    connection.request("POST", "/api/v1/messages", json.dumps(message), with_key(key))
    return json.loads(answered(connection, 200))["id"]


def tell(name: str, runs: list[list[float]], left: int = 0) -> None:
    every = [each for run in runs for each in run]
    middles = [float(milliseconds(run, 0.5)) for run in runs]
    say(name, milliseconds(every, 0.5), milliseconds(every, 0.99), spread(middles, 1), left)


if __name__ == "__main__":
    main()
