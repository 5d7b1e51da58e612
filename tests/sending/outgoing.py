"""Requests for the servers of the tests, and what must hold of every exchange whatever happens."""

from collections.abc import Sequence

from tests.sending.test_transport_words import CODES
from webpanel.sending.exchange import BODY_LIMIT
from webpanel.sending.networks import Networks
from webpanel.sending.transport import Exchange, Transport
from webpanel.wire.compose import OutgoingRequest
from webpanel.words import sentence

LOOPBACK = Networks.parse("127.0.0.0/8 [::1]")
#: Seconds that the machine may be late in a test of a deadline.
LATE = 1.5


def outgoing(  # noqa: PLR0913 - every part of a request may matter to a test
    port: int,
    *,
    host: str = "127.0.0.1",
    scheme: str = "http",
    method: str = "POST",
    target: bytes = b"/v1/send",
    headers: Sequence[tuple[bytes, bytes]] = (),
    body: bytes | None = b"text=hello",
) -> OutgoingRequest:
    shown = f"[{host}]" if ":" in host else host
    length = [(b"Content-Length", str(len(body)).encode())] if body is not None else []
    return OutgoingRequest(
        method=method,
        scheme=scheme,
        host=host,
        port=port,
        target=target,
        headers=((b"Host", f"{shown}:{port}".encode()), *headers, *length),
        body=body,
        secret_spans=(),
    )


def exchange(
    transport: Transport, request: OutgoingRequest, *, connect_timeout: float = 5.0, timeout: float = 5.0
) -> Exchange:
    """``transport.send`` with what must always hold: its own time, its words, its promises."""
    result = transport.send(request, connect_timeout=connect_timeout, timeout=timeout)
    assert result.duration_ms < (timeout + LATE) * 1000
    assert (result.problem is None) == (result.reply is not None and result.reply.complete)
    assert request.raw.startswith(result.written)
    if result.point in ("refused", "dns", "connect", "tls"):
        assert result.written == b""
    if result.point == "sending":
        assert result.written
        assert result.reply is None
    if result.point == "waiting":
        assert result.written == request.raw
        assert result.reply is None
    if result.problem:
        assert set(result.problem.values) == set(CODES[result.problem.code])
        assert sentence(result.problem.code, result.problem.values)
    if result.reply:
        assert len(result.reply.body) <= BODY_LIMIT
        assert result.reply.complete or not result.reply.cut
    return result


def code(result: Exchange) -> str | None:
    return result.problem.code if result.problem else None
