"""One deadline for an attempt, whatever drips; and bounded memory, whatever floods."""

import gzip
import os
import threading
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from tests.sending.outgoing import LOOPBACK, code, exchange, outgoing
from tests.sending.sockets import Peer, Script, Server, answer
from webpanel.sending.exchange import BODY_LIMIT
from webpanel.sending.transport import Transport

OK = b"HTTP/1.1 200 OK\r\n"
#: Whole, were there no deadline: 200 bytes, one every 20 ms, are 4 s.
SLOW = 0.02


@pytest.fixture
def transport() -> Iterator[Transport]:
    transport = Transport(LOOPBACK)
    yield transport
    transport.close()


def dripping(first: bytes, rest: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(first)
        peer.drip(rest, SLOW)

    return script


DRIPS = {
    "status line": (dripping(b"", b"HTTP/1.1 200 " + b"O" * 300 + b"\r\n\r\n"), "timeout_head"),
    "headers": (dripping(OK, b"X: y\r\n" * 60 + b"\r\n"), "timeout_head"),
    "interim replies": (dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 20 + OK + b"\r\n"), "timeout_"),
    "body of known length": (dripping(OK + b"Content-Length: 300\r\n\r\n", b"z" * 300), "timeout_body"),
    "body without length": (dripping(OK + b"\r\n", b"z" * 300), "timeout_body"),
    "chunks": (
        dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nz\r\n" * 60 + b"0\r\n\r\n"),
        "timeout_body",
    ),
    "a chunk's size": (
        dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 300),
        "timeout_body",
    ),
}


@pytest.mark.parametrize("name", DRIPS)
def test_dripping_does_not_move_the_deadline(transport: Transport, name: str) -> None:
    script, problem = DRIPS[name]
    with Server(script) as server:
        result = exchange(transport, outgoing(server.port), timeout=0.4)
    assert result.point == "reply" or name == "interim replies"
    assert str(code(result)).startswith(problem)
    assert 350 < result.duration_ms < 1500


def test_a_whole_reply_that_comes_after_the_deadline_is_none(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread woken too late finds the reply in its buffer, and must not take it."""
    clock, late = time.monotonic, [0.0]
    monkeypatch.setattr("webpanel.sending.deadline.time.monotonic", lambda: clock() + late[0])

    def script(peer: Peer) -> None:
        peer.request()
        late[0] = 100.0
        peer.send(OK + b"Content-Length: 2\r\n\r\nok")

    with Server(script) as server:
        result = transport.send(outgoing(server.port), connect_timeout=5, timeout=5)
    assert code(result) == "timeout_nothing"
    assert result.reply is None


def test_the_request_too_is_under_the_deadline(transport: Transport) -> None:
    def script(peer: Peer) -> None:
        while not peer.over.wait(SLOW):
            peer.socket.recv(2000)

    with Server(script) as server:
        result = exchange(transport, outgoing(server.port, body=b"x" * 15_000_000), timeout=1)
    assert (result.point, code(result)) == ("sending", "send_timeout")


def test_a_slow_look_up() -> None:
    over = threading.Event()

    def look_up(*_asked: object, **_options: object) -> list[tuple[object, ...]]:
        over.wait(20)
        return []

    transport = Transport(LOOPBACK, look_up=look_up)
    try:
        result = exchange(transport, outgoing(80, host="sms.example"), connect_timeout=0.3, timeout=5)
    finally:
        over.set()
    assert (result.point, code(result)) == ("dns", "dns_timeout")
    assert 250 < result.duration_ms < 1500


def flooding(first: bytes, piece: bytes, *, size: int | None = None) -> Script:
    """``piece`` again and again, until the client is gone or ``size`` bytes were sent."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(first)
        sent = 0
        while not peer.over.is_set() and (size is None or sent < size):
            peer.send(piece)
            sent += len(piece)

    return script


BLOCK = b"x" * (1 << 20)
FLOODS = {
    "200 MB of known length": (
        flooding(OK + b"Content-Length: 209715200\r\n\r\n", BLOCK, size=209715200),
        None,
    ),
    "an endless body": (flooding(OK + b"\r\n", BLOCK), None),
    "endless chunks": (
        flooding(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n"),
        None,
    ),
    "one endless chunk": (flooding(OK + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n", BLOCK), None),
    "endless headers": (flooding(OK, b"X-Header: value\r\n" * 1000), "reply_head_too_long"),
    "one endless header": (flooding(OK + b"X: ", BLOCK), "reply_head_too_long"),
    "endless interim replies": (
        flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        "reply_head_too_long",
    ),
    "an endless chunk's size": (
        flooding(OK + b"Transfer-Encoding: chunked\r\n\r\n1;", BLOCK),
        "reply_chunk_broken",
    ),
    "endless junk": (flooding(b"", b"\x00" * (1 << 20)), "reply_not_http"),
    "endless gzip": (flooding(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(BLOCK)), None),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_left_soon_and_takes_no_memory(transport: Transport, name: str) -> None:
    script, problem = FLOODS[name]
    with Server(script) as server:
        tracemalloc.start()
        try:
            result = exchange(transport, outgoing(server.port), timeout=10)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert result.duration_ms < 5000
    assert peak < 2_000_000
    assert code(result) == problem
    if problem is None:
        assert result.reply is not None
        assert result.reply.cut
        assert (result.reply.status, result.reply.body) == (200, b"x" * BODY_LIMIT)


@pytest.mark.parametrize("size", [BODY_LIMIT - 1, BODY_LIMIT, BODY_LIMIT + 1])
@pytest.mark.parametrize("packed", [False, True])
def test_the_limit(transport: Transport, size: int, packed: bool) -> None:
    body = bytes(i % 253 for i in range(size))
    sent = gzip.compress(body) if packed else body
    coding = b"Content-Encoding: gzip\r\n" if packed else b""
    with Server(answer(OK + coding + b"Content-Length: %d\r\n\r\n%b" % (len(sent), sent))) as server:
        result = exchange(transport, outgoing(server.port))
    assert result.reply is not None
    assert result.reply.body == body[:BODY_LIMIT]
    assert result.reply.cut is (size > BODY_LIMIT)
    assert result.reply.complete


def test_the_limit_inside_a_packed_stream(transport: Transport) -> None:
    """The stream is cut before what it unpacks to reaches the limit; what is there can be read."""
    body = os.urandom(2 * BODY_LIMIT)
    sent = gzip.compress(body)
    with Server(
        answer(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(sent), sent))
    ) as server:
        result = exchange(transport, outgoing(server.port))
    assert result.problem is None
    assert result.reply is not None
    assert result.reply.cut
    assert BODY_LIMIT * 0.9 < len(result.reply.body) < BODY_LIMIT
    assert body.startswith(result.reply.body)


@pytest.mark.parametrize("twice", [False, True])
def test_a_gzip_bomb(transport: Transport, twice: bool) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    if twice:
        bomb = gzip.compress(bomb)
    coding = b"gzip, gzip" if twice else b"gzip"
    reply = OK + b"Content-Encoding: %b\r\nContent-Length: %d\r\n\r\n%b" % (coding, len(bomb), bomb)
    with Server(answer(reply)) as server:
        tracemalloc.start()
        try:
            result = exchange(transport, outgoing(server.port))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert result.reply is not None
    assert result.reply.body == bytes(BODY_LIMIT)
    assert result.reply.cut
    assert peak < 2_000_000


def test_a_binary_reply(transport: Transport) -> None:
    body = bytes(range(256))
    with Server(answer(OK + b"Content-Type: image/png\r\nContent-Length: 256\r\n\r\n" + body)) as server:
        result = exchange(transport, outgoing(server.port))
    assert result.reply is not None
    assert result.reply.body == body


def test_chunks_with_trailers(transport: Transport) -> None:
    reply = (
        OK + b"Transfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nSum: 5\r\n\r\n"
    )
    with Server(answer(reply)) as server:
        result = exchange(transport, outgoing(server.port))
    assert result.reply is not None
    assert result.reply.body == b"hello"
    assert result.problem is None
