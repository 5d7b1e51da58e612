"""A provider that counts, by message id, what reached it, and answers as a test wants."""

import os
import socket
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

#: Seconds that a hanging reply waits for at most: longer than a test may take.
PATIENCE = 20


@dataclass(frozen=True)
class Answer:
    """``cut``: close without a reply, after the request was read. ``hang``: say nothing until the end."""

    status: int = 200
    body: bytes = b'{"sent": true}'
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    hang: bool = False


OK = Answer()

#: (message id, body of the request) -> answer.
Script = Callable[[str, bytes], Answer]


class CountingProvider:
    """Listens on loopback from ``with`` on. The message id is read from the header ``X-Message``.

    Only whole requests count. ``record``: a file in which the id of each stands, on disk, before it is
    answered, for who counts durably.
    """

    def __init__(self, script: Script | Answer = OK, record: Path | None = None) -> None:
        self.script = script
        self.seen: Counter[str] = Counter()
        self.bodies: list[bytes] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._record = record
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1/send"

    @property
    def total(self) -> int:
        return self.seen.total()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def arrived(self, message_id: str, body: bytes) -> Answer:
        with self._lock:
            self.seen[message_id] += 1
            self.bodies.append(body)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            if self._record is not None:
                _note(self._record, message_id)
        return self.script(message_id, body) if callable(self.script) else self.script

    def left(self, answer: Answer) -> None:
        """Called before the answer is written: whoever reads it may send the next request at once."""
        if answer.hang:
            self._over.wait(PATIENCE)
        with self._lock:
            self.in_flight -= 1


def _note(record: Path, message_id: str) -> None:
    descriptor = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, f"{message_id}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what some tests are about."""


def _handler(provider: CountingProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length")
            body = self.rfile.read(int(length or 0))
            if length is None or len(body) < int(length):
                # Whoever sent it died while writing.
                self.close_connection = True
                return
            answer = provider.arrived(self.headers.get("X-Message", ""), body)
            provider.left(answer)
            if answer.cut or answer.hang:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_args: Any) -> None:
            """Tests read what is counted, not a log."""

    return Handler
