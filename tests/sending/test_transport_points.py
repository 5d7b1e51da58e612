"""Where an exchange broke off, and what came of it: each on a real socket, each within its time."""

import errno
import resource
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sending.outgoing import LOOPBACK, code, exchange, outgoing
from tests.sending.sockets import Peer, Script, Server, answer, silent_port, unanswered_port
from webpanel.sending.networks import Networks
from webpanel.sending.transport import Transport
from webpanel.words import sentence

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


def test_a_system_that_gives_no_more_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    result = exchange(Transport(LOOPBACK), outgoing(80, host="sms.example"))
    assert (result.point, code(result)) == ("dns", "dns_failed")


def test_a_system_that_gives_no_more_sockets() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    transport = Transport(LOOPBACK)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        result = transport.send(outgoing(80), connect_timeout=1, timeout=1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (result.point, code(result)) == ("connect", "connect_failed")
    assert result.problem is not None
    assert "Too many open files" in sentence(result.problem.code, result.problem.values)


def test_an_address_of_a_kind_that_the_system_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """IPv6 switched off, and a name that leads there first."""
    real = socket.socket

    def no_ipv6(family: int = -1, *rest: object, **options: object) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return real(family, *rest, **options)

    with Server(answer(OK + b"Content-Length: 0\r\n\r\n")) as server:
        monkeypatch.setattr("webpanel.sending.dial.socket.socket", no_ipv6)
        transport = Transport(LOOPBACK, look_up=leads_to("::1", "127.0.0.1"))
        assert exchange(transport, outgoing(server.port, host="sms.example")).problem is None


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


def test_nothing_listens(transport: Transport) -> None:
    with unanswered_port() as port:
        result = exchange(transport, outgoing(port))
    assert (result.point, code(result)) == ("connect", "connect_refused")


def test_no_way_to_get_there() -> None:
    # No packet leaves: the system does not connect to everybody.
    everybody = "255.255.255.255"
    result = exchange(Transport(Networks.parse(everybody)), outgoing(80, host=everybody))
    assert (result.point, code(result)) == ("connect", "connect_unreachable")


def test_nothing_answers_a_connection(transport: Transport) -> None:
    with silent_port() as port:
        result = exchange(transport, outgoing(port), connect_timeout=0.4, timeout=5)
    assert (result.point, code(result)) == ("connect", "connect_timeout")
    assert result.duration_ms < 2000


def gone(*_asked: object, **_options: object) -> list[tuple[object, ...]]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def troubled(*_asked: object, **_options: object) -> list[tuple[object, ...]]:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def empty(*_asked: object, **_options: object) -> list[tuple[object, ...]]:
    return []


@pytest.mark.parametrize(
    ("look_up", "problem"), [(gone, "dns_unknown"), (troubled, "dns_failed"), (empty, "dns_unknown")]
)
def test_a_name_that_leads_nowhere(look_up: object, problem: str) -> None:
    result = exchange(Transport(LOOPBACK, look_up=look_up), outgoing(80, host="sms.example"))
    assert (result.point, code(result)) == ("dns", problem)


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example", "ex\0ample"])
def test_what_cannot_be_a_name(transport: Transport, host: str) -> None:
    result = exchange(transport, outgoing(80, host=host, headers=()))
    assert result.point == "dns"
    assert code(result) in ("dns_failed", "dns_unknown"), "the system's resolvers do not agree which"


def leads_to(*addresses: str) -> object:
    def look_up(_host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in addresses
        ]

    return look_up


def test_an_address_that_is_not_public_is_refused_and_the_sentence_says_how_to_allow_it() -> None:
    with Server(answer(OK + b"Content-Length: 0\r\n\r\n")) as server:
        result = exchange(Transport(Networks()), outgoing(server.port))
        assert (result.point, code(result)) == ("refused", "network_loopback")
        assert server.connections == 0
        assert result.problem is not None
        line = result.problem.values["line"]
        assert line == f"WEBPANEL_ALLOW_NETWORKS=127.0.0.1:{server.port}"
        assert line in sentence(result.problem.code, result.problem.values)
        allowed = Transport(Networks.parse(line.partition("=")[2]))
        assert exchange(allowed, outgoing(server.port)).problem is None


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "017700000001", "::1", "[::1]", "::ffff:127.0.0.1"]
)
def test_no_spelling_of_an_address_gets_past(host: str) -> None:
    result = exchange(Transport(Networks()), outgoing(80, host=host))
    assert (result.point, code(result)) == ("refused", "network_loopback")


def test_the_address_dialled_is_judged_not_the_name() -> None:
    asked = []
    inner = leads_to("127.0.0.1")

    def look_up(host: str, port: int, **options: object) -> object:
        asked.append(host)
        return inner(host, port, **options)

    with Server(answer(OK + b"Content-Length: 0\r\n\r\n")) as server:
        refused = exchange(Transport(Networks(), look_up=look_up), outgoing(server.port, host="sms.example"))
        assert (refused.point, server.connections) == ("refused", 0)
        assert asked == ["sms.example"], "looked up once, and that answer is the one judged and dialled"
        sent = exchange(Transport(LOOPBACK, look_up=look_up), outgoing(server.port, host="sms.example"))
        assert sent.problem is None
        assert server.requests[0].startswith(b"POST /v1/send HTTP/1.1\r\nHost: sms.example:")


def test_every_address_of_a_name_is_tried() -> None:
    look_up = leads_to("10.0.0.1", "127.0.0.2", "127.0.0.1")
    with Server(answer(OK + b"Content-Length: 0\r\n\r\n")) as server:
        transport = Transport(LOOPBACK, look_up=look_up)
        assert exchange(transport, outgoing(server.port, host="sms.example")).problem is None
    result = exchange(transport, outgoing(server.port, host="sms.example"))
    assert (result.point, code(result)) == ("connect", "connect_refused")


@pytest.mark.parametrize("addresses", [("127.0.0.2", "10.0.0.1"), ("10.0.0.1", "127.0.0.2")])
def test_an_allowed_address_that_does_not_answer_says_more_than_one_that_is_not_allowed(
    addresses: tuple[str, ...],
) -> None:
    with unanswered_port() as port:
        transport = Transport(LOOPBACK, look_up=leads_to(*addresses))
        result = exchange(transport, outgoing(port, host="sms.example"))
    assert (result.point, code(result)) == ("connect", "connect_refused")


def test_an_address_that_does_not_answer_leaves_time_for_the_next() -> None:
    with silent_port() as port, socket.socket(socket.AF_INET6) as listener:
        listener.bind(("::1", port))
        listener.listen()
        transport = Transport(LOOPBACK, look_up=leads_to("127.0.0.1", "::1"))
        result = exchange(transport, outgoing(port, host="sms.example"), connect_timeout=0.6, timeout=1)
    assert (result.point, code(result)) == ("waiting", "timeout_nothing"), "the second one took the request"


def test_a_connection_lost_before_the_first_byte_sends_nothing(transport: Transport) -> None:
    with Server(answer(OK + b"Content-Length: 0\r\n\r\n")) as server:
        request = outgoing(server.port)
        assert exchange(transport, request).problem is None
    result = exchange(transport, request)
    assert (result.point, result.written) == ("connect", b"")


def test_ipv6(transport: Transport) -> None:
    with Server(answer(OK + b"Content-Length: 0\r\n\r\n"), host="::1") as server:
        assert exchange(transport, outgoing(server.port, host="::1")).problem is None


def test_a_request_that_the_provider_does_not_take(transport: Transport) -> None:
    with Server(lambda peer: peer.over.wait(5)) as server:
        result = exchange(transport, outgoing(server.port, body=b"x" * 30_000_000), timeout=0.5)
    assert (result.point, code(result)) == ("sending", "send_timeout")
