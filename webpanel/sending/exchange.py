"""One request over one connection, and the record of how it went: which point was reached, what was
written, what came back. Everything is told by that record of bytes, nothing by the name of an exception.
"""

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from webpanel.sending.connection import Connection, IdleConnections, Origin
from webpanel.sending.deadline import Deadline
from webpanel.sending.decoding import Undecodable, decode
from webpanel.sending.dial import Dialler, Unreached
from webpanel.sending.framing import ReplyReader
from webpanel.wire.compose import OutgoingRequest
from webpanel.wire.problem import Problem
from webpanel.wire.verdict import Reply

#: How far it got. ``refused``, ``dns``, ``connect``, ``tls``: no byte of the request was written (also
#: when a connection was lost before the first). ``sending``: some bytes were. ``waiting``: all were, and
#: no byte of a reply came.
#: ``reply``: one came at least.
Point = Literal["refused", "dns", "connect", "tls", "sending", "waiting", "reply"]

#: Bytes that are kept of a reply's header block, and of its body once it is decompressed.
HEAD_LIMIT = BODY_LIMIT = 1 << 16


@dataclass(frozen=True)
class Exchange:
    """What became of one request.

    ``problem`` says why there is no complete reply; it is None exactly when there is one.
    ``written`` is the part of ``OutgoingRequest.raw`` that the connection wrote, empty when the provider
    cannot have seen any of it (what a proxy is told besides is left out).
    ``reply`` is None when no byte of one came. One that broke off in its header block, or is no HTTP at
    all, has status 0 and what came as its body; it is never ``complete``. Both may hold secrets; no
    repr shows them.
    """

    point: Point
    problem: Problem | None
    written: bytes = field(repr=False)
    reply: Reply | None = field(repr=False)
    #: From the first look-up of the name to the end of the reply.
    duration_ms: int


@dataclass
class Attempt:
    """One request on its way, and the record of it."""

    request: OutgoingRequest
    dialler: Dialler
    idle: IdleConnections
    connect_timeout: float
    timeout: float
    #: Set once it is over.
    exchange: Exchange | None = None
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.deadline = Deadline(self.timeout)
        self.reader = ReplyReader(self.request.method, head_limit=HEAD_LIMIT, body_limit=BODY_LIMIT)

    def run(self) -> Exchange:
        """Do it, once. Never raises for what the network does."""
        self.exchange = self._run()
        return self.exchange

    def _run(self) -> Exchange:
        request = self.request
        origin: Origin = (request.scheme, request.host, request.port)
        connection = self.idle.take(origin)
        if connection is None:
            try:
                connection = self.dialler.dial(origin, self.deadline.within(self.connect_timeout))
            except Unreached as unreached:
                return self.over(unreached.point, unreached.problem)
        try:
            exchange = self._exchange(connection)
        except BaseException:
            connection.close()
            raise
        if exchange.problem is None and self.reader.reusable:
            self.idle.keep(origin, connection)
        else:
            connection.close()
        return exchange

    def _exchange(self, connection: Connection) -> Exchange:
        pieces = self._pieces()
        broken = self._write(connection, b"".join(piece for piece, _ in pieces))
        written = _own(pieces, connection.written)
        failure = broken if broken == "send_timeout" else self._read(connection)
        reply, undecodable = self._reply()
        code = failure or undecodable
        point: Point = "reply" if reply else "waiting"
        if broken and not reply:
            code, point = broken, "sending"
        if code and not written:
            point = "connect"
        problem = Problem(code, values=self._values(reply)) if code else None
        return self.over(point, problem, written, reply)

    def _pieces(self) -> list[tuple[bytes, bool]]:
        request = self.request
        if self.dialler.proxy and request.scheme == "http":
            return self.dialler.proxy.forward(request.raw, request.host, request.port)
        return [(request.raw, True)]

    def _write(self, connection: Connection, data: bytes) -> str:
        try:
            connection.write(data, self.deadline)
        except TimeoutError:
            return "send_timeout"
        except OSError:
            # The provider may have answered before it closed: that answer is still to be read.
            return "send_broken"
        return ""

    def _read(self, connection: Connection) -> str:
        """Read until the reply is there; else the code that says why it is not."""
        reader = self.reader
        while not reader.done:
            try:
                data = connection.read(self.deadline)
            except TimeoutError:
                return f"timeout_{reader.stage}"
            except OSError:
                return f"reset_{reader.stage}"
            if not data:
                reader.close()
                break
            reader.feed(data)
        if reader.fault:
            return reader.fault
        return "" if reader.complete else f"closed_{reader.stage}"

    def _reply(self) -> tuple[Reply | None, str]:
        """The reply as it can be shown, and the code of what is wrong with its coding."""
        reader = self.reader
        if reader.stage == "nothing":
            return None, ""
        if not reader.status:
            return Reply(0, "", (), reader.raw[:BODY_LIMIT], complete=False, cut=False), ""
        body, beyond, undecodable = bytes(reader.body), False, ""
        whole = reader.complete and not reader.cut
        try:
            body, beyond = decode(body, reader.codings(), limit=BODY_LIMIT, whole=whole)
        except Undecodable:
            undecodable = "reply_undecodable"
        reply = Reply(
            reader.status,
            reader.reason,
            reader.headers,
            body,
            complete=reader.complete and not undecodable,
            cut=reader.complete and (reader.cut or beyond),
        )
        return reply, undecodable

    def _values(self, reply: Reply | None) -> dict[str, Any]:
        return {
            "host": self.request.host,
            "seconds": f"{self.timeout:g}",
            "received": len(self.reader.body),
            "expected": self.reader.length,
            "coding": ", ".join(self.reader.codings()) if reply else "",
        }

    def over(
        self, point: Point, problem: Problem | None, written: bytes = b"", reply: Reply | None = None
    ) -> Exchange:
        """What became of it, as of now."""
        return Exchange(point, problem, written, reply, round((time.monotonic() - self.started) * 1000))


def _own(pieces: list[tuple[bytes, bool]], written: int) -> bytes:
    """The request's own bytes among the first ``written`` ones."""
    own = b""
    for piece, is_own in pieces:
        if is_own:
            own += piece[: max(0, written)]
        written -= len(piece)
    return own
