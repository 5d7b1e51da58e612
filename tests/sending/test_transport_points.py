"""Where an exchange broke off, and what came of it: each on a real socket, each within its time."""

import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sending.outgoing import LOOPBACK, code, exchange, outgoing
from tests.sending.sockets import Peer, Script, Server, answer
from webpanel.sending.transport import Transport

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def transport() -> Iterator[Transport]:
    transport = Transport(LOOPBACK)
    yield transport
    transport.close()


def test_a_whole_reply(transport: Transport) -> None:
    with Server(answer(OK + b'Content-Length: 13\r\nX-A: 1\r\nX-A: 2\r\n\r\n{"sent":true}')) as server:
        result = exchange(transport, outgoing(server.port))
    assert result.point == "reply"
    assert result.reply is not None
    assert (result.reply.status, result.reply.reason) == (200, "OK")
    assert result.reply.headers == (("Content-Length", "13"), ("X-A", "1"), ("X-A", "2"))
    assert result.reply.body == b'{"sent":true}'
    assert not result.reply.cut
    assert result.written == outgoing(server.port).raw == server.requests[0]


def after_request(then: Script) -> Script:
    def script(peer: Peer) -> None:
        peer.request()
        then(peer)

    return script


def sending(data: bytes, then: Script = lambda _: None) -> Script:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(data)
        then(peer)

    return script


#: What the server does; point, code; status and body of the reply, if there is any.
BREAKS = {
    "empty reply": (answer(b""), "waiting", "closed_nothing", None),
    "reset after the request": (after_request(Peer.reset), "waiting", "reset_nothing", None),
    "no answer": (after_request(Peer.hang), "waiting", "timeout_nothing", None),
    "only an interim reply": (
        answer(b"HTTP/1.1 100 Continue\r\n\r\n"),
        "waiting",
        "closed_nothing",
        None,
    ),
    "cut in the status line": (answer(b"HTTP/1.1 2"), "reply", "closed_head", (0, b"HTTP/1.1 2")),
    "cut inside the headers": (
        answer(OK + b"Content-Length: 0\r\n"),
        "reply",
        "closed_head",
        (0, OK + b"Content-Length: 0\r\n"),
    ),
    "header block without end": (sending(OK, Peer.hang), "reply", "timeout_head", (0, OK)),
    "body shorter than its length": (
        answer(OK + b"Content-Length: 10\r\n\r\nhello"),
        "reply",
        "closed_body",
        (200, b"hello"),
    ),
    "body that stops": (
        sending(OK + b"Content-Length: 10\r\n\r\nhello", Peer.hang),
        "reply",
        "timeout_body",
        (200, b"hello"),
    ),
    "body without length that stops": (
        sending(OK + b"\r\nhello", Peer.hang),
        "reply",
        "timeout_body",
        (200, b"hello"),
    ),
    "chunks without the last": (
        answer(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
        "reply",
        "closed_body",
        (200, b"hello"),
    ),
    "junk instead of HTTP": (
        answer(b"\x00\xffjunk\r\n\r\n"),
        "reply",
        "reply_not_http",
        (0, b"\x00\xffjunk\r\n\r\n"),
    ),
    "junk instead of a length": (
        answer(OK + b"Content-Length: many\r\n\r\nhello"),
        "reply",
        "reply_length_broken",
        (200, b""),
    ),
    "two lengths": (
        answer(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        "reply",
        "reply_length_broken",
        (200, b""),
    ),
    "junk instead of a chunk": (
        answer(OK + b"Transfer-Encoding: chunked\r\n\r\nhello"),
        "reply",
        "closed_body",
        (200, b""),
    ),
    "gzip that is none": (
        answer(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"),
        "reply",
        "reply_undecodable",
        (200, b"hello"),
    ),
    "a coding that is not ours": (
        answer(OK + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello"),
        "reply",
        "reply_undecodable",
        (200, b"hello"),
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_no_whole_reply(transport: Transport, name: str) -> None:
    script, point, problem, shown = BREAKS[name]
    with Server(script) as server:
        result = exchange(transport, outgoing(server.port), timeout=0.4 if "timeout" in problem else 5)
    assert (result.point, code(result)) == (point, problem)
    assert result.written == outgoing(server.port).raw
    assert len(server.requests) == 1, "never sent again"
    assert server.connections == 1
    if shown is None:
        assert result.reply is None
    else:
        assert result.reply is not None
        assert (result.reply.status, result.reply.body) == shown
        assert not result.reply.complete


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([b"", b"HTTP/1.1 ", OK, OK + b"Transfer-Encoding: chunked\r\n\r\n"]),
    st.binary(max_size=400),
)
def test_whatever_comes_it_is_told_and_not_raised(transport: Transport, first: bytes, rest: bytes) -> None:
    with Server(answer(first + rest)) as server:
        result = exchange(transport, outgoing(server.port))
    assert result.point == ("reply" if first + rest else "waiting")


def test_reset_in_the_middle_of_the_body(transport: Transport) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(OK + b"\r\nhello")
        # The client has read it once it sends nothing more; only then is the reset not faster.
        peer.over.wait(0.2)
        peer.reset()

    with Server(script) as server:
        result = exchange(transport, outgoing(server.port))
    assert (result.point, code(result)) == ("reply", "reset_body")
    assert result.reply is not None
    assert result.reply.body == b"hello"


def test_reset_during_the_request(transport: Transport) -> None:
    def script(peer: Peer) -> None:
        peer.socket.recv(1000)
        peer.reset()

    body = b"x" * 20_000_000
    with Server(script) as server:
        result = exchange(transport, outgoing(server.port, body=body))
    assert (result.point, code(result)) == ("sending", "send_broken")
    assert 0 < len(result.written) < len(body)


def test_an_answer_given_before_the_request_was_read(transport: Transport) -> None:
    def script(peer: Peer) -> None:
        peer.socket.recv(1000)
        peer.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        peer.socket.shutdown(socket.SHUT_WR)
        peer.hang()

    with Server(script) as server:
        result = exchange(transport, outgoing(server.port, body=b"x" * 5_000_000))
    assert result.problem is None
    assert result.reply is not None
    assert (result.reply.status, result.reply.body) == (413, b"big")


def test_an_answer_before_the_connection_broke(transport: Transport) -> None:
    """A provider that refuses early closes with the request unread, which resets the connection."""

    def script(peer: Peer) -> None:
        peer.socket.recv(1000)
        peer.send(b"HTTP/1.1 401 No\r\nContent-Length: 3\r\n\r\nwho")
        peer.over.wait(0.2)

    with Server(script) as server:
        result = exchange(transport, outgoing(server.port, body=b"x" * 20_000_000))
    assert result.problem is None
    assert result.reply is not None
    assert result.reply.status == 401
    assert len(result.written) < 20_000_000


def test_a_connection_lost_before_the_first_byte_sends_nothing(transport: Transport) -> None:
    with Server(answer(OK + b"Content-Length: 0\r\n\r\n")) as server:
        request = outgoing(server.port)
        assert exchange(transport, request).problem is None
    result = exchange(transport, request)
    assert (result.point, result.written) == ("connect", b"")


def test_a_request_that_the_provider_does_not_take(transport: Transport) -> None:
    with Server(lambda peer: peer.over.wait(5)) as server:
        result = exchange(transport, outgoing(server.port, body=b"x" * 15_000_000), timeout=1)
    assert (result.point, code(result)) == ("sending", "send_timeout")
