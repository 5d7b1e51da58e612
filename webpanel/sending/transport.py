"""The only door to the network: one composed request out, at most one reply in, and what became of both.

Built on requests, through an adapter of ours: whatever is mocked or mounted there is mocked here too.
What requests, urllib3 and http.client would do by themselves is not wanted for a message that costs
money (normalise the request, follow, retry, re-send on a stale connection, read environment and netrc,
take a reply that broke off for a whole one), so the bytes are written, read and judged here.
"""

import socket
import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import ProtocolError

from webpanel.sending.connection import Connection, IdleConnections, Origin
from webpanel.sending.deadline import Deadline
from webpanel.sending.decoding import Undecodable, decode
from webpanel.sending.dial import Dialler, Unreached
from webpanel.sending.framing import ReplyReader
from webpanel.sending.names import LookUp, Names
from webpanel.sending.networks import Networks
from webpanel.sending.proxy import Proxy
from webpanel.sending.tls import trust_context
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


class Transport:
    """Sends requests, from as many threads as there are. ``close`` it when no more will be sent.

    ``egress_proxy`` is the only proxy ever used; ``trust`` names a bundle of authorities to believe
    instead of the usual ones. Raises Refused for a proxy that cannot be read, OSError for such a bundle.
    """

    def __init__(
        self,
        networks: Networks,
        egress_proxy: str | None = None,
        *,
        trust: str | Path | None = None,
        look_up: LookUp = socket.getaddrinfo,
    ) -> None:
        proxy = Proxy.parse(egress_proxy) if egress_proxy else None
        self._dialler = Dialler(networks, Names(look_up), trust_context(trust), proxy)
        self._idle = IdleConnections()
        self._adapter = _Adapter()

    def send(self, request: OutgoingRequest, *, connect_timeout: float, timeout: float) -> Exchange:
        """Write ``request`` once and read the reply. Never raises for what the network does.

        Both times are in seconds from now, by the wall: ``timeout`` holds for everything together,
        ``connect_timeout`` for look-up, connection and TLS, with all addresses of the name.
        """
        attempt = _Attempt(request, self._dialler, self._idle, connect_timeout, timeout)
        try:
            response = self._adapter.send(_Prepared(request, attempt))
        except Exception:
            # The record, not the library, says what happened.
            if attempt.exchange is None:
                raise
        else:
            if attempt.exchange is None:
                return _stand_in(request, response, attempt)
        return attempt.exchange

    def close(self) -> None:
        """Close the connections that are kept; what is being sent goes on."""
        self._idle.close()


class _Prepared(PreparedRequest):
    """``request`` as the library shows it to its hooks and mocks; the attempt writes the original."""

    def __init__(self, request: OutgoingRequest, attempt: "_Attempt") -> None:
        super().__init__()
        self.method = request.method
        self.url = request.url
        self.headers = CaseInsensitiveDict()
        for name, value in request.headers:
            shown = value.decode("utf-8", "replace")
            before = self.headers.get(name.decode("latin-1"))
            self.headers[name.decode("latin-1")] = shown if before is None else f"{before}, {shown}"
        # As the library itself prepares them: a form is text, all else is bytes.
        is_form = self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        self.body = request.body.decode("latin-1") if request.body and is_form else request.body
        self.attempt = attempt


class _Adapter(HTTPAdapter):
    """Gives the library the attempt itself where it asks for a pool of connections."""

    def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Response:
        return super().send(request, stream=True)

    def get_connection_with_tls_context(self, request: _Prepared, *_args: Any, **_options: Any) -> "_Attempt":
        return request.attempt

    def cert_verify(self, *_args: Any, **_options: Any) -> None:
        """Nothing to set: the dialler has its own context, which always verifies."""

    def request_url(self, request: PreparedRequest, *_args: Any, **_options: Any) -> str:
        return str(request.url)


@dataclass
class _Attempt:
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

    def urlopen(self, **_options: Any) -> HTTPResponse:
        """The library's way to say "now"; what it would like to be sent is not looked at."""
        self.exchange = self._run()
        reply = self.exchange.reply
        if self.exchange.problem or reply is None:
            raise ProtocolError(self.exchange.problem.code if self.exchange.problem else "")
        return HTTPResponse(
            body=BytesIO(reply.body),
            headers=HTTPHeaderDict(reply.headers),
            status=reply.status,
            reason=reply.reason,
            preload_content=False,
        )

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
        return Exchange(point, problem, written, reply, round((time.monotonic() - self.started) * 1000))


def _own(pieces: list[tuple[bytes, bool]], written: int) -> bytes:
    """The request's own bytes among the first ``written`` ones."""
    own = b""
    for piece, is_own in pieces:
        if is_own:
            own += piece[: max(0, written)]
        written -= len(piece)
    return own


def _stand_in(request: OutgoingRequest, response: Response, attempt: _Attempt) -> Exchange:
    """The exchange when something else mounted in the library (a mock) answered instead of the network."""
    body = response.raw.read(BODY_LIMIT + 1, decode_content=True)
    reply = Reply(
        status=response.status_code,
        reason=response.reason or "",
        headers=tuple(response.headers.items()),
        body=body[:BODY_LIMIT],
        complete=True,
        cut=len(body) > BODY_LIMIT,
    )
    return attempt.over("reply", None, request.raw, reply)
