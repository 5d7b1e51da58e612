"""From a name to a connection: look-up, judgement of the address, every address in turn."""

import errno
import resource
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.sending.outgoing import LOOPBACK, code, exchange, outgoing
from tests.sending.sockets import Server, answer, silent_port, unanswered_port
from webpanel.sending.networks import Networks
from webpanel.sending.transport import Transport
from webpanel.words import sentence

EMPTY = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def transport() -> Iterator[Transport]:
    transport = Transport(LOOPBACK)
    yield transport
    transport.close()


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
    with Server(answer(EMPTY)) as server:
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

    with Server(answer(EMPTY)) as server:
        refused = exchange(Transport(Networks(), look_up=look_up), outgoing(server.port, host="sms.example"))
        assert (refused.point, server.connections) == ("refused", 0)
        assert asked == ["sms.example"], "looked up once, and that answer is the one judged and dialled"
        sent = exchange(Transport(LOOPBACK, look_up=look_up), outgoing(server.port, host="sms.example"))
        assert sent.problem is None
        assert server.requests[0].startswith(b"POST /v1/send HTTP/1.1\r\nHost: sms.example:")


def test_every_address_of_a_name_is_tried() -> None:
    look_up = leads_to("10.0.0.1", "127.0.0.2", "127.0.0.1")
    with Server(answer(EMPTY)) as server:
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


def test_ipv6(transport: Transport) -> None:
    with Server(answer(EMPTY), host="::1") as server:
        assert exchange(transport, outgoing(server.port, host="::1")).problem is None


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

    with Server(answer(EMPTY)) as server:
        monkeypatch.setattr("webpanel.sending.dial.socket.socket", no_ipv6)
        transport = Transport(LOOPBACK, look_up=leads_to("::1", "127.0.0.1"))
        assert exchange(transport, outgoing(server.port, host="sms.example")).problem is None
