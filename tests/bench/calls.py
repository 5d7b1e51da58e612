"""Requests to a server of a benchmark, over connections that stay open."""

import http.client
import threading
import time
from collections.abc import Callable
from contextlib import closing

#: One request on a connection; raises when it was not answered as it should be.
Call = Callable[[http.client.HTTPConnection, int], None]


def connected(url: str) -> closing[http.client.HTTPConnection]:
    """A connection to the server at ``url``, closed when the block is left."""
    return closing(http.client.HTTPConnection(url.removeprefix("http://").partition("/")[0], timeout=120))


def answered(connection: http.client.HTTPConnection, status: int) -> bytes:
    reply = connection.getresponse()
    body = reply.read()
    if reply.status != status:
        raise RuntimeError(f"{reply.status}: {body[:300]!r}")
    return body


def with_key(key: str) -> dict[str, str]:
    """The headers of a request of the API."""
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


def load(url: str, call: Call, connections: int, seconds: float) -> tuple[float, list[float]]:
    """Requests a second over ``connections`` that ask as fast as they are answered; seconds of each."""
    took: list[list[float]] = [[] for _ in range(connections)]
    ends = time.monotonic() + seconds

    def ask(own: list[float]) -> None:
        with connected(url) as connection:
            while (began := time.monotonic()) < ends:
                call(connection, len(own))
                own.append(time.monotonic() - began)

    return in_threads([lambda own=own: ask(own) for own in took], lambda: sum(map(len, took))), [
        each for own in took for each in own
    ]


def in_threads(tasks: list[Callable[[], None]], done: Callable[[], int]) -> float:
    """How many a second were ``done`` by all ``tasks`` together, a thread for each."""
    threads = [threading.Thread(target=task) for task in tasks]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done() / (time.monotonic() - began)
