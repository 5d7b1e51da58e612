"""Servers on loopback that do to a connection exactly what a script says."""

import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Self

#: Seconds that anything here waits for at most: far more than a test may take.
PATIENCE = 20


class Peer:
    """The server's end of one connection."""

    def __init__(self, sock: socket.socket, over: threading.Event) -> None:
        self.socket = sock
        self.socket.settimeout(PATIENCE)
        self.over = over
        self.received = b""

    def request(self) -> bytes:
        """Read one whole request: head, and body by its Content-Length."""
        while b"\r\n\r\n" not in self.received:
            self._more()
        head, _, rest = self.received.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        while len(rest) < length:
            rest += self._more()
        request, self.received = head + b"\r\n\r\n" + rest[:length], rest[length:]
        return request

    def _more(self) -> bytes:
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the client went away")
        self.received += data
        return data

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def drip(self, data: bytes, pause: float) -> None:
        """Byte by byte, ``pause`` seconds apart, until the client or the test is gone."""
        for byte in data:
            self.send(bytes([byte]))
            if self.over.wait(pause):
                return

    def hang(self) -> None:
        """Do nothing until the client goes away or the test is over."""
        while not self.over.is_set():
            readable, _, _ = select.select([self.socket], [], [], 0.05)
            if readable and not self.socket.recv(1 << 16):
                return

    def reset(self) -> None:
        """End the connection by force (RST)."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


Script = Callable[[Peer], None]


class Server:
    """Runs ``scripts`` on its connections: the first on the first, the last on all that follow."""

    def __init__(
        self, *scripts: Script, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self._scripts = scripts
        self._context = context
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.socket(family)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((host, 0))
        self._listener.listen(128)
        self.host = host
        self.port: int = self._listener.getsockname()[1]
        #: Requests that were read whole, of all connections.
        self.requests: list[bytes] = []
        self.connections = 0
        self._over = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            script = self._scripts[min(self.connections, len(self._scripts) - 1)]
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock, script), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, script: Script) -> None:
        # Clients that go away in the middle are what most tests are about.
        with suppress(OSError):
            if self._context:
                sock.settimeout(PATIENCE)
                sock = self._context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            self._sockets.append(sock)
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            peer = _Recording(sock, self._over, self.requests)
            script(peer)
        sock.close()


class _Recording(Peer):
    def __init__(self, sock: socket.socket, over: threading.Event, requests: list[bytes]) -> None:
        super().__init__(sock, over)
        self._requests = requests

    def request(self) -> bytes:
        request = super().request()
        self._requests.append(request)
        return request


def answer(reply: bytes) -> Script:
    """Read a request, send ``reply``, and close."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(reply)

    return script


def answer_each(reply: bytes) -> Script:
    """The same for one request after the other on one connection."""

    def script(peer: Peer) -> None:
        while True:
            peer.request()
            peer.send(reply)

    return script


@contextmanager
def unanswered_port() -> Iterator[int]:
    """A port on loopback on which nothing listens, and nothing else will."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@contextmanager
def silent_port() -> Iterator[int]:
    """A port on loopback that lets a connection attempt wait: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
            waiting.append(sock)
        try:
            yield listener.getsockname()[1]
        finally:
            for sock in waiting:
                sock.close()
