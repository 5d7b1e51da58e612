"""TLS: trusted only when it should be, each failure with words of its own, under the same deadline."""

import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sending.certificates import Certificate, authority, issue
from tests.sending.outgoing import LOOPBACK, code, exchange, outgoing
from tests.sending.sockets import Peer, Server, answer, answer_each
from webpanel.sending.transport import Transport
from webpanel.wire.compose import OutgoingRequest
from webpanel.words import sentence

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HOST = "sms.example"


def to_loopback(_host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.fixture(scope="module")
def trusted() -> Certificate:
    return authority()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def context(trusted: Certificate, folder: Path) -> ssl.SSLContext:
    return issue(trusted, HOST, "127.0.0.1").server_context(folder)


@pytest.fixture
def transport(trusted: Certificate, tmp_path: Path) -> Iterator[Transport]:
    bundle = tmp_path / "trusted.pem"
    bundle.write_bytes(trusted.pem())
    transport = Transport(LOOPBACK, trust=bundle, look_up=to_loopback)
    yield transport
    transport.close()


def secure(server: Server, *, host: str = HOST, body: bytes = b"text=hello") -> OutgoingRequest:
    return outgoing(server.port, host=host, scheme="https", body=body)


@pytest.mark.parametrize("host", [HOST, "127.0.0.1", "SMS.example", "sms.example."])
def test_a_good_certificate(transport: Transport, context: ssl.SSLContext, host: str) -> None:
    with Server(answer(OK), context=context) as server:
        result = exchange(transport, secure(server, host=host))
        assert result.problem is None
        assert result.written == server.requests[0]


def test_a_connection_is_used_again(transport: Transport, context: ssl.SSLContext) -> None:
    with Server(answer_each(OK), context=context) as server:
        for _ in range(3):
            assert exchange(transport, secure(server)).problem is None
        assert (server.connections, len(server.requests)) == (1, 3)


def test_a_long_request_arrives_whole(transport: Transport, context: ssl.SSLContext) -> None:
    with Server(answer(OK), context=context) as server:
        request = secure(server, body=bytes(i % 251 for i in range(3_000_000)))
        assert exchange(transport, request, timeout=15).problem is None
        assert server.requests[0] == request.raw


WRONG = {
    "expired": (lambda signer: issue(signer, HOST, valid_days=(-30, -1)), "tls_expired"),
    "not yet valid": (lambda signer: issue(signer, HOST, valid_days=(1, 30)), "tls_not_yet_valid"),
    "wrong host": (lambda signer: issue(signer, "other.example"), "tls_wrong_host"),
    "no host": (issue, "tls_wrong_host"),
    "self-signed": (lambda _: issue(None, HOST), "tls_self_signed"),
    "unknown authority": (lambda _: issue(authority("Nobody"), HOST), "tls_unknown_issuer"),
    "impostor's authority": (lambda _: issue(authority(), HOST), "tls_unknown_issuer"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_certificate_that_proves_nothing(
    transport: Transport, trusted: Certificate, folder: Path, name: str
) -> None:
    make, problem = WRONG[name]
    with Server(answer(OK), context=make(trusted).server_context(folder)) as server:
        result = exchange(transport, secure(server))
        assert (result.point, code(result)) == ("tls", problem)
        assert server.requests == [], "nothing was told to a stranger"
        # OpenSSL ends some of its reasons with a full stop, others not.
        words = sentence(problem, result.problem.values)
        assert words.endswith(".")
        assert not re.search(r"\.\W*\.$", words), words


def test_each_of_them_has_its_own_words() -> None:
    values = {"host": HOST, "reason": "why"}
    codes = {problem for _, problem in WRONG.values()}
    assert len({sentence(code, values) for code in codes}) == len(codes)


def test_a_wrong_address(transport: Transport, trusted: Certificate, folder: Path) -> None:
    with Server(answer(OK), context=issue(trusted, HOST).server_context(folder)) as server:
        assert code(exchange(transport, secure(server, host="127.0.0.1"))) == "tls_wrong_host"


def test_without_a_bundle_of_its_own_a_private_authority_is_not_believed(context: ssl.SSLContext) -> None:
    with Server(answer(OK), context=context) as server:
        result = exchange(Transport(LOOPBACK, look_up=to_loopback), secure(server))
        assert (result.point, code(result)) == ("tls", "tls_unknown_issuer")


def test_a_server_that_does_not_speak_tls(transport: Transport) -> None:
    def script(peer: Peer) -> None:
        peer.socket.recv(1000)
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        peer.hang()

    with Server(script) as server:
        result = exchange(transport, secure(server))
    assert (result.point, code(result)) == ("tls", "tls_not_spoken")


def test_a_server_that_speaks_only_tls_asked_for_http(transport: Transport, context: ssl.SSLContext) -> None:
    with Server(answer(OK), context=context) as server:
        result = exchange(transport, outgoing(server.port))
    assert result.point in ("reply", "waiting")
    assert result.problem is not None


def test_an_old_version(transport: Transport) -> None:
    def script(peer: Peer) -> None:
        peer.socket.recv(1000)
        # Alert, fatal, protocol_version.
        peer.send(b"\x15\x03\x01\x00\x02\x02\x46")
        peer.hang()

    with Server(script) as server:
        assert code(exchange(transport, secure(server))) == "tls_version"


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        (lambda peer: peer.socket.recv(1000), "tls_closed"),
        (lambda peer: (peer.socket.recv(1000), peer.reset()), "tls_closed"),
        (lambda peer: peer.hang(), "tls_timeout"),
        # Alert, fatal, handshake_failure.
        (
            lambda peer: (peer.socket.recv(1000), peer.send(b"\x15\x03\x03\x00\x02\x02\x28"), peer.hang()),
            "tls_failed",
        ),
    ],
    ids=["closed", "reset", "silent", "refused"],
)
def test_a_handshake_that_breaks_off(transport: Transport, script: object, problem: str) -> None:
    with Server(script) as server:
        result = exchange(transport, secure(server), connect_timeout=0.4)
    assert (result.point, code(result)) == ("tls", problem)


def test_a_dripping_handshake(transport: Transport) -> None:
    def script(peer: Peer) -> None:
        peer.socket.recv(1000)
        # A handshake record of 16 KB that announces more than will ever come.
        peer.drip(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + bytes(1000), 0.02)

    with Server(script) as server:
        result = exchange(transport, secure(server), connect_timeout=0.4, timeout=5)
    assert (result.point, code(result)) == ("tls", "tls_timeout")
    assert 350 < result.duration_ms < 1500


def test_a_dripping_reply(transport: Transport, context: ssl.SSLContext) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.drip(OK + b"x" * 300, 0.02)

    with Server(script, context=context) as server:
        result = exchange(transport, secure(server), timeout=0.5)
    assert (result.point, code(result)) == ("reply", "timeout_head")


def test_a_request_that_is_not_taken(transport: Transport, context: ssl.SSLContext) -> None:
    with Server(lambda peer: peer.over.wait(5), context=context) as server:
        result = exchange(transport, secure(server, body=b"x" * 15_000_000), timeout=1)
    assert (result.point, code(result)) == ("sending", "send_timeout")


@pytest.mark.parametrize("orderly", [True, False], ids=["close_notify", "FIN alone"])
def test_a_body_that_ends_with_the_connection(
    transport: Transport, context: ssl.SSLContext, orderly: bool
) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\nok")
        if orderly:
            peer.socket.unwrap()

    with Server(script, context=context) as server:
        result = exchange(transport, secure(server))
    assert result.problem is None
    assert result.reply is not None
    assert result.reply.body == b"ok"


def test_a_reply_cut_inside_its_headers(transport: Transport, context: ssl.SSLContext) -> None:
    with Server(answer(b"HTTP/1.1 200 OK\r\nContent-Le"), context=context) as server:
        result = exchange(transport, secure(server))
    assert (result.point, code(result)) == ("reply", "closed_head")
    assert result.reply is not None
    assert result.reply.status == 0


def test_a_bundle_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Transport(LOOPBACK, trust=tmp_path / "nothing.pem")
