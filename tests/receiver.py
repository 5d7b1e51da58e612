"""A program that is told what became of its messages: it keeps each request, and answers as a test wants."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message as Headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

#: Seconds that a hanging answer waits for at most.
PATIENCE = 20


@dataclass(frozen=True)
class Told:
    """One request, as it came."""

    method: str
    path: str
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Answer:
    """``hang``: say nothing until the test is over."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    hang: bool = False


OK = Answer()


class Receiver:
    """Listens on loopback from ``with`` on. ``answers``: what is answered to each request.

    ``record``: a file that gets a line with the webhook's id before each answer, for who counts durably.
    """

    def __init__(
        self,
        answers: Callable[[Told], Answer] | Answer = OK,
        *,
        host: str = "127.0.0.1",
        record: Path | None = None,
    ) -> None:
        self.answers = answers
        self.told: list[Told] = []
        self._host, self._record = host, record
        self._lock, self._over = threading.Lock(), threading.Event()
        self._server = _Server((host, 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._server.server_address[1]}/told"

    @property
    def site(self) -> str:
        return f"{self._host}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def arrived(self, told: Told) -> Answer:
        with self._lock:
            self.told.append(told)
            if self._record is not None:
                with self._record.open("a") as file:
                    file.write(f"{told.headers['webhook-id']}\n")
        answer = self.answers(told) if callable(self.answers) else self.answers
        if answer.hang:
            self._over.wait(PATIENCE)
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what some tests are about."""


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            answer = receiver.arrived(Told(self.command, self.path, self.headers, body))
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_args: Any) -> None:
            """Tests read what is kept, not a log."""

    return Handler
