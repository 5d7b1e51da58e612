"""Every fault of the network, from a gateway's row to a message's state: the table of DESIGN section 4.

The bytes, points and deadlines of the transport have tests of their own; here is what follows from them.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.sending.certificates import Certificate, authority, issue
from tests.sending.outgoing import LATE
from tests.sending.panel import SendingPanel, running
from tests.sending.sockets import Peer, Script, Server, answer, answer_each, silent_port, unanswered_port
from webpanel.sending.names import LookUp
from webpanel.sending.networks import Networks
from webpanel.sending.transport import Transport

HOST = "sms.example"
#: Seconds of the gateway's time-out; until the connection stands, half of it.
TIMEOUT = 0.8

OK = b"HTTP/1.1 200 OK\r\n"
SENT = OK + b'Content-Length: 14\r\n\r\n{"sent": true}'


def dripping(first: bytes, rest: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(first)
        peer.drip(rest, 0.02)

    return script


def endless(first: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(first)
        while not peer.over.is_set():
            peer.send(b"x" * 4096)

    return script


def requested(then: Script) -> Script:
    def script(peer: Peer) -> None:
        peer.request()
        then(peer)

    return script


def half_read(peer: Peer) -> None:
    peer.socket.recv(10)
    peer.reset()


@contextmanager
def serving(script: Script, context: ssl.SSLContext | None = None) -> Iterator[int]:
    with Server(script, context=context) as server:
        yield server.port


def unknown(*_asked: Any, **_options: Any) -> list[tuple[Any, ...]]:
    raise socket.gaierror(socket.EAI_NONAME, "unknown")


def to_loopback(_host: str, port: int, **_options: Any) -> list[tuple[Any, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@dataclass(frozen=True)
class Fault:
    """``place`` gives the port; ``outcome`` and ``code`` are what the attempt must say."""

    place: Callable[[], AbstractContextManager[int]]
    outcome: str
    code: str
    host: str = "127.0.0.1"


def http(script: Script) -> Callable[[], AbstractContextManager[int]]:
    return lambda: serving(script)


FAULTS = {
    # Nothing left: it is tried again, and nobody can have got it.
    "refused": Fault(unanswered_port, "not_sent", "connect_refused"),
    "no connection": Fault(silent_port, "not_sent", "connect_timeout"),
    "unknown name": Fault(unanswered_port, "not_sent", "dns_unknown", "unknown.example"),
    "slow name": Fault(unanswered_port, "not_sent", "dns_timeout", "slow.example"),
    # Something left: it is sent once more, and says so.
    "reset during the request": Fault(http(half_read), "ambiguous", "reset_nothing"),
    "reset after the request": Fault(http(requested(Peer.reset)), "ambiguous", "reset_nothing"),
    "closed without an answer": Fault(http(answer(b"")), "ambiguous", "closed_nothing"),
    "no answer": Fault(http(requested(Peer.hang)), "ambiguous", "timeout_nothing"),
    "cut in the status line": Fault(http(answer(b"HTTP/1.1 20")), "ambiguous", "closed_head"),
    "cut in the headers": Fault(http(answer(OK + b"Content-Length: 14\r\n")), "ambiguous", "closed_head"),
    "headers drip": Fault(http(dripping(OK, b"X: y\r\n" * 60)), "ambiguous", "timeout_head"),
    "body drips": Fault(
        http(dripping(OK + b"Content-Length: 300\r\n\r\n", b'{"sent": true}' * 30)),
        "ambiguous",
        "timeout_body",
    ),
    "endless headers": Fault(http(endless(OK + b"X: ")), "ambiguous", "reply_head_too_long"),
    "body cut": Fault(http(answer(SENT[:-4])), "ambiguous", "closed_body"),
    "chunks cut": Fault(
        http(answer(OK + b'Transfer-Encoding: chunked\r\n\r\ne\r\n{"sent": true}\r\n')),
        "ambiguous",
        "closed_body",
    ),
    "two lengths": Fault(
        http(answer(OK + b'Content-Length: 14\r\nContent-Length: 15\r\n\r\n{"sent": true}')),
        "ambiguous",
        "reply_length_broken",
    ),
    "junk": Fault(http(answer(b"220 mail.example ESMTP\r\n")), "ambiguous", "reply_not_http"),
}
#: The server's certificate, by fault; all of them before a byte of the request.
TLS = {
    "expired": ("tls_expired", lambda trusted: issue(trusted, HOST, valid_days=(-30, -1))),
    "wrong host": ("tls_wrong_host", lambda trusted: issue(trusted, "other.example")),
    "self-signed": ("tls_self_signed", lambda _trusted: issue(None, HOST)),
    "unknown issuer": ("tls_unknown_issuer", lambda _trusted: issue(authority("Another"), HOST)),
}


@pytest.fixture(scope="module")
def trusted() -> Certificate:
    return authority()


@pytest.fixture
def over() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def look_up(over: threading.Event) -> LookUp:
    def look_up(host: str, port: int, **_options: Any) -> list[tuple[Any, ...]]:
        if host == "slow.example":
            over.wait(20)
        return to_loopback(host, port) if host == HOST else unknown()

    return look_up


@pytest.fixture
def panel(tmp_path: Path, trusted: Certificate, look_up: LookUp) -> Iterator[SendingPanel]:
    bundle = tmp_path / "trusted.pem"
    bundle.write_bytes(trusted.pem())
    transport = Transport(Networks.parse("127.0.0.1"), trust=bundle, look_up=look_up)
    with running(tmp_path, transport=transport) as panel:
        yield panel


def deliver(panel: SendingPanel, url: str) -> str:
    """One message by a gateway of its own, attempted once."""
    gateway_id = panel.gateway(url, timeout=TIMEOUT, connect_timeout=TIMEOUT / 2)
    message_id = panel.accept(gateway_id)
    panel.deliver(gateway_id)
    return message_id


def check(panel: SendingPanel, message_id: str, outcome: str, code: str) -> None:
    message, (attempt,) = panel.message(message_id), panel.attempts(message_id)
    assert attempt.reason is not None
    assert (attempt.outcome, attempt.reason["code"]) == (outcome, code)
    # Its request is shown exactly when a byte of it was written.
    assert (attempt.request is not None) == (outcome == "ambiguous")
    assert message.state == "queued"
    assert message.possible_duplicate == (outcome == "ambiguous")
    assert attempt.duration_ms is not None
    assert attempt.duration_ms < (TIMEOUT + LATE) * 1000


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_network(panel: SendingPanel, name: str) -> None:
    fault = FAULTS[name]
    with fault.place() as port:
        message_id = deliver(panel, f"http://{fault.host}:{port}/")
    check(panel, message_id, fault.outcome, fault.code)


@pytest.mark.parametrize("name", TLS)
def test_a_fault_of_tls(panel: SendingPanel, trusted: Certificate, tmp_path: Path, name: str) -> None:
    code, certificate = TLS[name]
    with serving(answer(SENT), certificate(trusted).server_context(tmp_path)) as port:
        message_id = deliver(panel, f"https://{HOST}:{port}/")
    check(panel, message_id, "not_sent", code)


def test_a_connection_reset_before_the_request(panel: SendingPanel) -> None:
    """Of plain HTTP nobody can tell it from one during the request; of TLS the handshake does.

    The reset comes after the handshake's first bytes: an earlier one can meet the connect itself.
    """
    with serving(half_read) as port:
        message_id = deliver(panel, f"https://{HOST}:{port}/")
    check(panel, message_id, "not_sent", "tls_closed")


@pytest.mark.parametrize(
    ("first", "state"),
    [
        # What was read is enough for the rule; 64 KB without a word of it is not.
        (OK + b'\r\n{"sent": true}', "sent"),
        (OK + b"\r\n", "queued"),
    ],
)
def test_an_endless_body(panel: SendingPanel, first: bytes, state: str) -> None:
    with serving(endless(first)) as port:
        message_id = deliver(panel, f"http://127.0.0.1:{port}/")
    message, (attempt,) = panel.message(message_id), panel.attempts(message_id)
    assert (message.state, message.possible_duplicate) == (state, state == "queued")
    assert attempt.outcome == ("accepted" if state == "sent" else "ambiguous")
    assert attempt.reply_cut
    assert len(attempt.reply_body or b"") <= 1 << 16


def test_a_body_longer_than_its_length(panel: SendingPanel) -> None:
    """It is whole as far as it was announced, and its connection is not used again."""
    with Server(answer_each(SENT + b"and more")) as server:
        gateway_id = panel.gateway(f"http://127.0.0.1:{server.port}/", in_flight=1)
        for text in ("one", "two"):
            panel.accept(gateway_id, text)
        panel.deliver(gateway_id)
        assert server.connections == 2
    assert panel.states() == ["sent", "sent"]


def test_a_stale_connection(panel: SendingPanel) -> None:
    """The second request is written on a kept connection that ends: uncertain, and not sent again at once."""

    def once_then_gone(peer: Peer) -> None:
        peer.request()
        peer.send(SENT)
        peer.request()
        peer.reset()

    with Server(once_then_gone, answer(SENT)) as server:
        gateway_id = panel.gateway(f"http://127.0.0.1:{server.port}/", in_flight=1)
        first, second = (panel.accept(gateway_id, text) for text in ("one", "two"))
        panel.deliver(gateway_id)
        assert server.connections == 1
        assert len(server.requests) == 2
    assert panel.message(first).state == "sent"
    check(panel, second, "ambiguous", "reset_nothing")
