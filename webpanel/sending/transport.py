"""The only door to the network: one composed request out, at most one reply in, and what became of both.

Built on requests, through an adapter of ours: whatever is mocked or mounted there is mocked here too.
What requests, urllib3 and http.client would do by themselves is not wanted for a message that costs
money (normalise the request, follow, retry, re-send on a stale connection, read environment and netrc,
take a reply that broke off for a whole one), so an attempt of ours writes, reads and judges the bytes.
"""

import socket
from io import BytesIO
from pathlib import Path
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import ProtocolError

from webpanel.sending.connection import IdleConnections
from webpanel.sending.deadline import Deadline
from webpanel.sending.dial import Dialler, Unreached
from webpanel.sending.exchange import BODY_LIMIT, Attempt, Exchange
from webpanel.sending.names import LookUp, Names
from webpanel.sending.networks import Networks
from webpanel.sending.proxy import Proxy
from webpanel.sending.tls import trust_context
from webpanel.wire.compose import OutgoingRequest
from webpanel.wire.problem import Problem
from webpanel.wire.verdict import Reply

__all__ = ["Exchange", "Transport"]


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
        attempt = Attempt(request, self._dialler, self._idle, connect_timeout, timeout)
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

    def reach(self, scheme: str, host: str, port: int, *, timeout: float) -> Problem | None:
        """Look up, connect and, for https, shake hands: not a byte of a request is written.

        Why that cannot be done within ``timeout`` seconds; None when it can.
        """
        try:
            self._dialler.dial((scheme, host, port), Deadline(timeout)).close()
        except Unreached as unreached:
            return unreached.problem
        return None

    def close(self) -> None:
        """Close the connections that are kept; what is being sent goes on."""
        self._idle.close()


class _Prepared(PreparedRequest):
    """``request`` as the library shows it to its hooks and mocks; the attempt writes the original."""

    def __init__(self, request: OutgoingRequest, attempt: Attempt) -> None:
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
    """Gives the library the attempt where it asks for a pool of connections."""

    def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Response:
        return super().send(request, stream=True)

    def get_connection_with_tls_context(self, request: _Prepared, *_args: Any, **_options: Any) -> "_Line":
        return _Line(request.attempt)

    def cert_verify(self, *_args: Any, **_options: Any) -> None:
        """Nothing to set: the dialler has its own context, which always verifies."""

    def request_url(self, request: PreparedRequest, *_args: Any, **_options: Any) -> str:
        return str(request.url)


class _Line:
    """What the library takes for a pool of connections."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt

    def urlopen(self, **_options: Any) -> HTTPResponse:
        """The library's way to say "now"; what it would like to be sent is not looked at."""
        exchange = self._attempt.run()
        reply = exchange.reply
        if exchange.problem or reply is None:
            raise ProtocolError(exchange.problem.code if exchange.problem else exchange.point)
        return HTTPResponse(
            body=BytesIO(reply.body),
            headers=HTTPHeaderDict(reply.headers),
            status=reply.status,
            reason=reply.reason,
            preload_content=False,
        )


def _stand_in(request: OutgoingRequest, response: Response, attempt: Attempt) -> Exchange:
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
