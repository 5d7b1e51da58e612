"""The demonstration provider as a process of the test: the far side of a real wire."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests


@dataclass(frozen=True)
class Provider:
    #: ``http://127.0.0.1:PORT``; any path takes a message.
    url: str

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def messages(self) -> list[dict[str, Any]]:
        """Every request it got so far, oldest first; see ``Received.as_json``."""
        return requests.get(f"{self.url}/messages.json", timeout=10).json()["messages"]

    def set_mode(self, mode: str, seconds: float | None = None) -> None:
        """``seconds`` is how long ``slow`` waits, and what ``later429`` asks for."""
        fields = {"mode": mode} if seconds is None else {"mode": mode, "seconds": str(seconds)}
        reply = requests.post(f"{self.url}/mode", data=fields, timeout=10, allow_redirects=False)
        assert reply.status_code == 303, reply.text


@contextmanager
def running(*options: str) -> Iterator[Provider]:
    """Starts the provider with ``options`` on a free loopback port; ends it, and waits for its end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "webpanel.demo_provider", *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, f"no address in the first line: {line!r}"
        yield Provider(found[0])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
        process.stdout.close()
