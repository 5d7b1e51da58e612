"""A connection that keeps a deadline and knows what it wrote; and those that may be used again."""

import select
import socket
import threading
import time
from collections import defaultdict

from webpanel.sending.deadline import Deadline

#: Seconds. Longer than that, and a provider may be closing it at this very moment.
LONGEST_IDLE = 2.0
#: As many as requests may be in flight: with fewer, a busy gateway would dial for some of them anew.
MOST_IDLE = 128
#: One TLS record: OpenSSL reports a write only as a whole, and a record that left in part cannot be read
#: by the peer, so that what was counted is what can have arrived.
_SLICE = 1 << 14

#: Scheme, host, port.
Origin = tuple[str, str, int]


class Connection:
    """A connected socket, plain or TLS. Used by one thread at a time."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        #: Bytes that the last ``write`` wrote, also when it failed.
        self.written = 0

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Write all of it, counting in ``written``. Raises OSError, TimeoutError at the deadline."""
        self.written = 0
        view = memoryview(data)
        while view:
            self._socket.settimeout(deadline.left())
            sent = self._socket.send(view[:_SLICE])
            self.written += sent
            view = view[sent:]

    def read(self, deadline: Deadline) -> bytes:
        """The next bytes; none when the peer ended. Raises OSError, TimeoutError at the deadline."""
        self._socket.settimeout(deadline.left())
        data = self._socket.recv(_SLICE)
        # A thread may be woken long after its socket was.
        deadline.left()
        return data

    @property
    def quiet(self) -> bool:
        """Open, and nothing to read: neither an end nor bytes that nobody asked for."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        self._socket.close()


class IdleConnections:
    """Connections between two requests, by origin; for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[Origin, list[tuple[float, Connection]]] = defaultdict(list)
        self._closed = False

    def take(self, origin: Origin) -> Connection | None:
        """The one used last, if it is still good; it is the caller's from then on."""
        while (connection := self._last(origin)) is not None:
            # Asked outside the lock: the system's answer lets other threads run meanwhile.
            if connection.quiet:
                return connection
            connection.close()
        return None

    def keep(self, origin: Origin, connection: Connection) -> None:
        """Take it back, or close it when there are enough."""
        with self._lock:
            self._drop_old()
            if self._closed or sum(map(len, self._idle.values())) >= MOST_IDLE:
                connection.close()
            else:
                self._idle[origin].append((time.monotonic(), connection))

    def close(self) -> None:
        """Close all, now and whatever comes back later."""
        with self._lock:
            self._closed = True
            self._drop_old(longest=-1.0)

    def _last(self, origin: Origin) -> Connection | None:
        with self._lock:
            self._drop_old()
            waiting = self._idle.get(origin)
            return waiting.pop()[1] if waiting else None

    def _drop_old(self, longest: float = LONGEST_IDLE) -> None:
        oldest = time.monotonic() - longest
        for origin, connections in list(self._idle.items()):
            # The oldest stand in front.
            while connections and connections[0][0] < oldest:
                connections.pop(0)[1].close()
            if not connections:
                del self._idle[origin]
