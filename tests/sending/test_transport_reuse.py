"""Connections that are used again, and those that must not be."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sending.outgoing import LOOPBACK, code, exchange, outgoing
from tests.sending.sockets import Peer, Server, answer, answer_each
from webpanel.sending import connection
from webpanel.sending.transport import Transport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def transport() -> Iterator[Transport]:
    transport = Transport(LOOPBACK)
    yield transport
    transport.close()


def test_one_connection_for_one_request_after_the_other(transport: Transport) -> None:
    with Server(answer_each(OK)) as server:
        for number in range(5):
            assert exchange(transport, outgoing(server.port, body=b"%d" % number)).problem is None
        assert (server.connections, len(server.requests)) == (1, 5)


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 Not yours\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000,
    ],
    ids=["close", "1.0", "bytes left over", "cut by us"],
)
def test_not_used_again(transport: Transport, reply: bytes) -> None:
    with Server(answer_each(reply)) as server:
        for _ in range(2):
            result = exchange(transport, outgoing(server.port))
            assert result.problem is None
            assert result.reply is not None
            assert result.reply.status == 200
        assert server.connections == 2


def test_a_connection_on_which_bytes_came_unasked_is_not_used_again(transport: Transport) -> None:
    asked, told = threading.Event(), threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(OK)
        asked.wait(5)
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold")
        told.set()
        peer.hang()

    with Server(script, answer(OK)) as server:
        exchange(transport, outgoing(server.port))
        asked.set()
        told.wait(5)
        result = exchange(transport, outgoing(server.port))
        assert result.reply is not None
        assert result.reply.body == b""
        assert server.connections == 2


def test_idle_for_too_long(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(connection.time, "monotonic", lambda: now[0])
    with Server(answer_each(OK)) as server:
        for pause, connections in [(0, 1), (1.9, 1), (1.9, 1), (2.1, 2)]:
            now[0] += pause
            exchange(transport, outgoing(server.port))
            assert server.connections == connections


def test_a_reused_connection_that_the_provider_ends_is_not_used_for_a_second_try(
    transport: Transport,
) -> None:
    """The fault of the plugin: two messages, one reported failure."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(OK)
        peer.request()

    with Server(script, answer(OK)) as server:
        assert exchange(transport, outgoing(server.port, body=b"first")).problem is None
        second = outgoing(server.port, body=b"second")
        result = exchange(transport, second)
        assert (result.point, code(result), result.written) == ("waiting", "closed_nothing", second.raw)
        assert server.connections == 1
        assert len(server.requests) == 2
        assert exchange(transport, outgoing(server.port)).problem is None
        assert server.connections == 2


def test_a_reused_connection_that_is_reset(transport: Transport) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(OK)
        peer.request()
        peer.reset()

    with Server(script, answer(OK)) as server:
        assert exchange(transport, outgoing(server.port)).problem is None
        result = exchange(transport, outgoing(server.port))
        assert (result.point, code(result)) == ("waiting", "reset_nothing")
        assert server.connections == 1


def test_a_reused_connection_that_is_gone_before_the_first_byte(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(OK)
        peer.reset()
        gone.set()

    with Server(script) as server:
        assert exchange(transport, outgoing(server.port)).problem is None
        gone.wait(5)
        # As if it had broken between the look at it and the first write.
        monkeypatch.setattr(connection.Connection, "quiet", True)
        result = exchange(transport, outgoing(server.port))
        assert (result.point, code(result), result.written) == ("connect", "send_broken", b"")
        assert server.connections == 1


def test_what_the_provider_closed_while_idle_costs_nothing(transport: Transport) -> None:
    closed = threading.Event()

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(OK)
        peer.socket.close()
        closed.set()

    with Server(script, answer(OK)) as server:
        for _ in range(2):
            assert exchange(transport, outgoing(server.port)).problem is None
            closed.wait(5)
        assert server.connections == 2


def test_origins_do_not_share(transport: Transport) -> None:
    with Server(answer_each(OK)) as one, Server(answer_each(OK)) as other:
        for server in (one, other, one, other):
            assert exchange(transport, outgoing(server.port)).problem is None
        assert (one.connections, other.connections) == (1, 1)
        assert (len(one.requests), len(other.requests)) == (2, 2)


def test_many_threads_at_once(transport: Transport) -> None:
    def script(peer: Peer) -> None:
        while True:
            body = peer.request().partition(b"\r\n\r\n")[2]
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    with Server(script) as server, ThreadPoolExecutor(30) as pool:

        def ask(number: int) -> bool:
            body = b"message %d" % number
            result = exchange(transport, outgoing(server.port, body=body), timeout=15)
            return result.reply is not None and result.reply.body == body

        assert all(pool.map(ask, range(600)))
        assert len(server.requests) == 600
        assert server.connections <= 600
    transport.close()


def test_after_close_nothing_is_kept(transport: Transport) -> None:
    with Server(answer_each(OK)) as server:
        exchange(transport, outgoing(server.port))
        transport.close()
        for _ in range(2):
            assert exchange(transport, outgoing(server.port)).problem is None
        assert server.connections == 3


def test_no_more_than_so_many_are_kept(transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MOST_IDLE", 1)
    with Server(answer_each(OK)) as one, Server(answer_each(OK)) as other:
        for server in (one, other, one, other):
            assert exchange(transport, outgoing(server.port)).problem is None
        assert (one.connections, other.connections) == (1, 2)
