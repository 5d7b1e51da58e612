"""The demonstration provider's server: any path takes a message, a few paths are its own pages.

On the paths of some known providers it answers as they do; see :mod:`~webpanel.demo_provider.roles`.

Built on http.server, not on the panel's WSGI server: it must be able to close a connection without
one byte of an answer, and to show headers as they arrived.
"""

import ipaddress
import mimetypes
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

import click
from jinja2 import Environment, FileSystemLoader

from webpanel.demo_provider.answer import Answer, as_json, generic
from webpanel.demo_provider.inbox import MODES, Inbox
from webpanel.demo_provider.request import read
from webpanel.demo_provider.roles import ROLES, Asked, played

BODY_LIMIT = 1_000_000
LONGEST_WAIT = 300.0
#: Secrets by key, for the provider whose requests are signed.
KEYS: Mapping[str, str] = MappingProxyType({"demo-key": "demo-secret"})
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def _folder(name: str) -> Path:
    """``templates`` and ``static`` stand beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).parents[1]
    beside = package.parent / name
    return beside if beside.is_dir() else package / name


STATIC = _folder("static")


def _pages() -> Environment:
    pages = Environment(
        loader=FileSystemLoader(_folder("templates")), autoescape=True, extensions=["jinja2.ext.i18n"]
    )
    pages.install_null_translations(newstyle=True)
    return pages


class Server(ThreadingHTTPServer):
    """Listens at once; answers while :meth:`run` runs, until :meth:`stop`. Loopback addresses only."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, keys: Mapping[str, str] = KEYS) -> None:
        """``keys``: secrets by key, for the provider whose requests are signed."""
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
        if not address.is_loopback:
            raise ValueError(f"the demonstration provider listens on loopback only, not on {host}")
        if isinstance(address, ipaddress.IPv6Address):
            self.address_family = socket.AF_INET6
        self.inbox = Inbox()
        self.keys = dict(keys)
        self.pages = _pages()
        self.stopping = threading.Event()
        super().__init__((str(address), port), Handler)

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, without a slash at the end."""
        host = self.server_address[0]
        return f"http://[{host}]:{self.port}" if ":" in str(host) else f"http://{host}:{self.port}"

    @property
    def own_hosts(self) -> frozenset[str]:
        """What a browser may name in Host: anything else is another site's name for this address."""
        return frozenset({f"localhost:{self.port}", urlsplit(self.url).netloc})

    def run(self) -> None:
        self.serve_forever(poll_interval=0.2)

    def stop(self) -> None:
        """Ends :meth:`run` and every answer that is waiting; call it from another thread."""
        self.stopping.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "DemoProvider"
    sys_version = ""
    timeout = 120
    disable_nagle_algorithm = True
    server: Server

    def handle_request(self) -> None:
        body = self._body()
        if body is None:
            return
        # http.server shortens `//path`; what was asked for stands in the request line.
        target = self.requestline.split()[1]
        path = urlsplit(target).path
        asked = (self.command, path)
        if asked == ("GET", "/"):
            self._page()
        elif asked == ("GET", "/messages.json"):
            self._own(self._messages)
        elif asked == ("POST", "/mode"):
            self._own(lambda: self._set_mode(body))
        elif self.command == "GET" and path.startswith("/static/"):
            self._static(path.removeprefix("/static/"))
        elif asked == ("GET", "/favicon.ico"):
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"")
        else:
            self._take(target, body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request  # noqa: N815 - http.server's names

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            self.close_connection = True
            self._answer(HTTPStatus.LENGTH_REQUIRED, "text/plain", b"Content-Length is needed.\n")
            return None
        if int(length) > BODY_LIMIT:
            self.close_connection = True
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "text/plain", b"Too large.\n")
            return None
        return self.rfile.read(int(length))

    def _take(self, target: str, body: bytes) -> None:
        recipient, text = read(target, self.headers, body)
        role = played(urlsplit(target).path)
        asked = Asked(self.command, target, self.headers, body, self.server.keys, self.server.inbox.first_use)
        fault = role.fault(asked) if role else None
        received, seconds = self.server.inbox.take(
            role.identify if role else "demo-{}".format,
            method=self.command,
            target=target,
            headers=tuple(self.headers.items()),
            body=body.decode("utf-8", "replace"),
            recipient=recipient,
            text=text,
            played=role.name if role else "",
            fit=fault is None,
        )
        if received.mode == "close":
            self.close_connection = True
            return
        if received.mode == "slow":
            self.server.stopping.wait(seconds)
        if role:
            self._say(role.answer(asked, fault, received.mode, received.id, seconds))
        else:
            self._say(generic(received, seconds))

    def _own(self, answer: Callable[[], None]) -> None:
        """Answers only what this page's own browser tab, or a program, asks for."""
        host = self.headers.get("Host", "")
        origin = self.headers.get("Origin")
        if (
            host not in self.server.own_hosts
            or (origin is not None and origin != f"http://{host}")
            or self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
        ):
            self._json({"error": "Only this page itself may do that."}, HTTPStatus.FORBIDDEN)
        else:
            answer()

    def _messages(self) -> None:
        mode, seconds, messages = self.server.inbox.state()
        shown = [message.as_json() for message in messages]
        self._json({"mode": mode, "seconds": seconds, "count": len(shown), "messages": shown})

    def _set_mode(self, body: bytes) -> None:
        fields = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        mode = fields.get("mode")
        try:
            seconds = float(fields["seconds"]) if "seconds" in fields else None
        except ValueError:
            seconds = -1.0
        if mode not in MODES or not (seconds is None or 0 <= seconds <= LONGEST_WAIT):
            error = f"mode is one of {', '.join(MODES)}; seconds lies between 0 and {LONGEST_WAIT:.0f}."
            self._json({"error": error}, HTTPStatus.UNPROCESSABLE_ENTITY)
            return
        self.server.inbox.set_mode(mode, seconds)
        self._answer(HTTPStatus.SEE_OTHER, "text/plain", b"", {"Location": "/"})

    def _page(self) -> None:
        mode, seconds, messages = self.server.inbox.state()
        page = self.server.pages.get_template("demo_provider/phone.html").render(
            mode=mode,
            modes=MODES,
            seconds=seconds,
            longest_wait=LONGEST_WAIT,
            messages=messages[-50:],
            count=len(messages),
            url=self.server.url,
            roles=ROLES,
            keys=self.server.keys,
        )
        self._answer(HTTPStatus.OK, "text/html; charset=utf-8", page.encode(), PAGE_HEADERS)

    def _static(self, name: str) -> None:
        file = (STATIC / name).resolve()
        if not file.is_relative_to(STATIC.resolve()) or not file.is_file():
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"")
            return
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self._answer(HTTPStatus.OK, kind, file.read_bytes())

    def _json(self, value: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._say(as_json(value, status))

    def _say(self, answer: Answer) -> None:
        self._answer(answer.status, answer.kind, answer.body, answer.headers)

    def _answer(self, status: int, kind: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        try:
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            # Whoever asked no longer waits, as the mode `slow` means to show.
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Silent: its page shows what it got, and the terminal belongs to the panel."""


def serve(host: str = "127.0.0.1", port: int = 0, keys: Mapping[str, str] = KEYS) -> None:
    """Runs until SIGINT or SIGTERM; prints one line with the address once it listens.

    Raises OSError for a taken port, ValueError for an address that is not loopback.
    """
    server = Server(host, port, keys)

    def stop(*_: object) -> None:
        # shutdown() waits for the loop, which this very thread runs.
        threading.Thread(target=server.stop).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    click.echo(f"Demonstration provider: {server.url}/")
    server.run()
