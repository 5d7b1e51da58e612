"""Names into addresses, within a deadline.

The system's look-up cannot be interrupted, so it runs in threads of its own, and a few of them only:
a resolver that hangs delays look-ups, never the process. Whoever asks for a name that is being looked
up already waits for the same answer, so one bad name holds one thread.
"""

import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from webpanel.sending.deadline import Deadline

#: Address family, and the address in the form that ``socket.connect`` takes.
Address = tuple[socket.AddressFamily, tuple[Any, ...]]
#: Shaped as ``socket.getaddrinfo``.
LookUp = Callable[..., list[tuple[Any, ...]]]

_FAMILIES = (socket.AF_INET, socket.AF_INET6)


class _Asked:
    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.answer: Future[list[Address]] = Future()
        self.waiting = 0


class Names:
    """Look-ups by at most ``threads`` threads, which live only while there is something to look up."""

    def __init__(self, look_up: LookUp = socket.getaddrinfo, *, threads: int = 16) -> None:
        self._look_up = look_up
        self._limit = threads
        self._threads = 0
        self._lock = threading.Lock()
        self._asked: dict[tuple[str, int], _Asked] = {}
        self._queue: deque[_Asked] = deque()

    def addresses(self, host: str, port: int, deadline: Deadline) -> list[Address]:
        """The addresses of ``host``, in the system's order of preference; at least one.

        Raises TimeoutError at the deadline, ``socket.gaierror`` when the name leads nowhere, and
        ValueError when it cannot be a name.
        """
        asked = self._join(host, port)
        try:
            return asked.answer.result(timeout=deadline.left())
        finally:
            self._leave(asked)

    def _join(self, host: str, port: int) -> _Asked:
        with self._lock:
            asked = self._asked.get((host, port))
            if asked is None:
                asked = _Asked(host, port)
                if self._threads < self._limit:
                    threading.Thread(target=self._work, name="look-up", daemon=True).start()
                    self._threads += 1
                self._asked[host, port] = asked
                self._queue.append(asked)
            asked.waiting += 1
            return asked

    def _leave(self, asked: _Asked) -> None:
        with self._lock:
            asked.waiting -= 1
            if not asked.waiting and asked.answer.cancel():
                del self._asked[asked.host, asked.port]
                self._queue.remove(asked)

    def _next(self) -> _Asked | None:
        with self._lock:
            if not self._queue:
                self._threads -= 1
                return None
            asked = self._queue.popleft()
            asked.answer.set_running_or_notify_cancel()
            return asked

    def _work(self) -> None:
        while asked := self._next():
            try:
                found = addresses_of(self._look_up, asked.host, asked.port)
                error = None
            except Exception as failure:  # noqa: BLE001 - whatever it is belongs to those who wait
                error = failure
            with self._lock:
                del self._asked[asked.host, asked.port]
            if error:
                asked.answer.set_exception(error)
            else:
                asked.answer.set_result(found)


def addresses_of(look_up: LookUp, host: str, port: int, *, flags: int = 0) -> list[Address]:
    """What ``look_up`` says now, in this thread."""
    found = look_up(host, port, type=socket.SOCK_STREAM, flags=flags)
    addresses = [(family, address) for family, _, _, _, address in found if family in _FAMILIES]
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    return addresses


def literal(host: str, port: int) -> list[Address]:
    """The address that ``host`` itself is, in any form the system reads (``127.1`` too); empty for a name."""
    try:
        return addresses_of(socket.getaddrinfo, host, port, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return []
