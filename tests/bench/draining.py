"""How many messages a second go out, from 20,000 that wait; figures and nothing asserted.

Side by side in one run: the panel's sender on its own SQLite file, and the same requests by bare
``requests`` in as many threads. The parts of both take turns. Medians with the lowest and the highest;
``cpu`` is the milliseconds of processor that the process used for each message, whoever else works on
the machine, and ``times one`` how often the bare requests one at a time go into the panel's rate.
"""

import argparse
import itertools
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

import requests

from tests.bench.calls import in_threads, with_key
from tests.bench.figures import say, spread
from tests.bench.processes import running
from tests.bench.waiting import WAITING, batches, set_up
from tests.instances import LOOPBACK, opened
from webpanel import logs
from webpanel.server import keep_to_one_processor

DELAYS = (0, 50)
IN_FLIGHT = (1, 16, 64, 100)


class Part(NamedTuple):
    rate: float
    #: Milliseconds a message.
    cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=12.0, help="of each run, at most")
    parser.add_argument("--delay", type=int, nargs="*", default=DELAYS, help="of the provider, in ms")
    parser.add_argument("--in-flight", type=int, nargs="*", default=IN_FLIGHT)
    asked = parser.parse_args()
    logs.configure()
    say(
        "delay ms",
        "in flight",
        "panel/s",
        "bare requests/s",
        "ratio",
        "cpu ms, panel",
        "cpu ms, bare",
        "times one",
    )
    with running("tests.bench.quick_provider") as provider:
        for delay in asked.delay:
            url = f"{provider}/{delay}"
            one = statistics.median(bare(url, 1, WAITING, asked.seconds / 4).rate for _ in range(asked.runs))
            for in_flight in asked.in_flight:
                with tempfile.TemporaryDirectory(prefix="webpanel-bench-") as folder:
                    compare(Path(folder) / "instance", url, in_flight, one, asked)


def compare(folder: Path, url: str, in_flight: int, one: float, asked: argparse.Namespace) -> None:
    fill(folder, url, in_flight)
    ours, theirs = [], []
    for _ in range(asked.runs):
        ours.append(drain(folder, WAITING // asked.runs, asked.seconds))
        theirs.append(bare(url, in_flight, WAITING // asked.runs, asked.seconds))
    rates = [part.rate for part in ours]
    say(
        url.rpartition("/")[2],
        in_flight,
        spread(rates),
        spread([part.rate for part in theirs]),
        spread([mine.rate / other.rate for mine, other in zip(ours, theirs, strict=True)], 2),
        spread([part.cpu for part in ours], 2),
        spread([part.cpu for part in theirs], 2),
        f"{statistics.median(rates) / one:.1f}",
    )


def fill(folder: Path, url: str, in_flight: int) -> None:
    """A panel with :data:`WAITING` messages for one gateway; nothing is sent yet."""
    key = set_up(folder, url, in_flight)
    with opened(folder) as app:
        for body in batches():
            reply = app.test_client().post("/api/v1/messages/batch", data=body, headers=with_key(key))
            assert reply.status_code == HTTPStatus.ACCEPTED, reply.text


def drain(folder: Path, most: int, seconds: float) -> Part:
    """Send until ``most`` messages are final, or for so many seconds."""
    with opened(folder, LOOPBACK) as app, as_the_server_runs():
        sender = app.extensions["webpanel"].sender
        ended, enough = itertools.count(1), threading.Event()
        last = [0, 0.0]

        def end(_message_id: str) -> None:
            last[:] = next(ended), time.monotonic()
            if last[0] >= most:
                enough.set()

        sender.delivery.on_end(end)
        began, used = time.monotonic(), time.process_time()
        sender.start()
        enough.wait(seconds)
        used = time.process_time() - used
        count, at = last
        return Part(count / (at - began), used / count * 1000)


@contextmanager
def as_the_server_runs() -> Iterator[None]:
    """Threads that start inside share one processor, as those of ``webpanel run`` do."""
    before = os.sched_getaffinity(0)
    keep_to_one_processor()
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def bare(url: str, threads: int, most: int, seconds: float) -> Part:
    """The same requests by ``requests``, a session in each thread."""
    numbers, ends = iter(range(most)), time.monotonic() + seconds
    lock, counts = threading.Lock(), [0] * threads

    def ask(place: int) -> None:
        with requests.Session() as session:
            while time.monotonic() < ends:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                reply = session.post(
                    url,
                    data={"to": f"4479{11_000_000 + number}", "text": f"Lesson {number} is off"},
                    headers={"X-Message": f"{number:026}"},
                    timeout=30,
                )
                if not reply.json()["sent"]:
                    raise RuntimeError(reply.text)
                counts[place] += 1

    used = time.process_time()
    rate = in_threads([lambda place=place: ask(place) for place in range(threads)], lambda: sum(counts))
    return Part(rate, (time.process_time() - used) / sum(counts) * 1000)


if __name__ == "__main__":
    main()
