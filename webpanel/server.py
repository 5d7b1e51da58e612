"""The panel's own WSGI server: waitress in a thread, until the process is told to stop."""

import errno
import gc
import os
import signal
import socket
import threading
import time
from contextlib import suppress
from types import FrameType

import structlog
from flask import Flask
from waitress.server import create_server

from webpanel.config import Config

THREADS = 32
CONNECTIONS = 1000
#: Bytes of a request; the largest is a batch of the API, whose own bound is below.
LARGEST_REQUEST = 9_000_000
#: Seconds for pages in flight when the server stops: above a test's longest time-out.
LAST_PAGES = 55.0

log = structlog.get_logger(__name__)


class ListenError(Exception):
    """The address cannot be listened on; the text is one sentence for whoever starts the panel."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on ``host`` and ``port``. Raises :class:`ListenError`."""
    where = f"{host}, port {port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        reason = {
            errno.EADDRINUSE: "another program is using it; choose another one with WEBPANEL_PORT",
            errno.EACCES: "ports below 1024 need more rights; choose another one with WEBPANEL_PORT",
            errno.EADDRNOTAVAIL: "this machine has no such address; choose another one with WEBPANEL_HOST",
        }.get(error.errno or 0, error.strerror)
        raise ListenError(f"The panel cannot listen on {where}: {reason}.") from error
    return listener


def address(listener: socket.socket) -> str:
    """Where it listens, as ``http://127.0.0.1:8000/``."""
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}/" if listener.family == socket.AF_INET6 else f"http://{host}:{port}/"


def keep_to_one_processor() -> None:
    """Run the present thread, and those that it starts from now on, on one processor.

    The interpreter runs one thread at a time. Spread over several processors, each wait for a statement,
    a socket or a lock goes on with a thread elsewhere, and these changes take longer than the work: API
    requests on sixteen connections take twice the time. What needs no interpreter (a password's hash,
    TLS) shares the processor with them; whoever else runs on the machine is moved to the others.
    """
    allowed = sorted(os.sched_getaffinity(0))
    # Another panel on the machine should have another one. Where it is forbidden, it is only slower.
    with suppress(OSError):
        os.sched_setaffinity(0, {allowed[os.getpid() % len(allowed)]})


class Stop:
    """The wish to stop: SIGTERM, Ctrl-C, or another thread's. All but :meth:`ask` in the main thread."""

    def __init__(self) -> None:
        # The interpreter itself writes to the one end at the moment of a signal: one that comes just
        # before the main thread waits for a lock or an event would not wake it.
        self._ear, self._bell = socket.socketpair()
        self._bell.setblocking(False)
        self._signalled = False

    def listen(self) -> None:
        """Signals end :meth:`wait` from now on, and not the process; a second Ctrl-C does."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signal)
        signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)

    def wait(self) -> None:
        self._ear.recv(1)
        signal.set_wakeup_fd(-1)

    def ask(self) -> None:
        self._bell.send(b"\0")

    def _signal(self, number: int, _frame: FrameType | None) -> None:
        if self._signalled and number == signal.SIGINT:
            os._exit(130)
        self._signalled = True


class Server:
    """Serves ``app`` on ``listener``, from the first :meth:`start` to the end of :meth:`finish`."""

    def __init__(self, app: Flask, config: Config, listener: socket.socket) -> None:
        self._waitress = create_server(
            app,
            sockets=[listener],
            threads=THREADS,
            connection_limit=CONNECTIONS,
            asyncore_use_poll=True,
            max_request_body_size=LARGEST_REQUEST,
            ident=None,
            url_scheme=config.scheme,
            # Takes the path off where the proxy kept it, and links begin with it either way.
            url_prefix=config.prefix,
            # What is believed of them is decided in one place, webpanel.front.
            clear_untrusted_proxy_headers=False,
        )
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)
        self._stop = Stop()

    def start(self) -> None:
        """Serves in a thread, so that pages in flight are still written while the process stops.

        Only from the main thread: SIGTERM and Ctrl-C end :meth:`wait` from now on.
        """
        self._stop.listen()
        # What the program is made of lives as long as it does; the collector looks only at what comes.
        gc.freeze()
        self._thread.start()

    def wait(self) -> None:
        """Until SIGTERM or Ctrl-C; a second Ctrl-C ends the process at once."""
        self._stop.wait()

    def finish(self) -> None:
        """Takes no new connection, and waits for the pages in flight."""
        # Read by waitress before each turn of its loop.
        self._waitress.accepting = False
        deadline = time.monotonic() + LAST_PAGES
        while self._busy() and time.monotonic() < deadline:
            time.sleep(0.05)

    @property
    def broken(self) -> bool:
        """Whether it stopped serving without having been asked to."""
        return not self._thread.is_alive()

    def _busy(self) -> bool:
        dispatcher = self._waitress.task_dispatcher
        return self._thread.is_alive() and bool(
            dispatcher.queue
            or dispatcher.active_count
            or any(channel.total_outbufs_len for channel in list(self._waitress.active_channels.values()))
        )

    def _run(self) -> None:
        try:
            self._waitress.run()
        except Exception:
            log.exception("server_broke")
        finally:
            self._stop.ask()
