"""The one proxy that may be named: what it is told, what it may not do, what is judged."""

import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sending.certificates import Certificate, authority, issue
from tests.sending.outgoing import LOOPBACK, code, exchange, outgoing
from tests.sending.sockets import Peer, Script, Server, answer, answer_each, unanswered_port
from webpanel.sending.networks import Networks
from webpanel.sending.proxy import Proxy
from webpanel.sending.transport import Transport
from webpanel.wire.problem import Refused

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HOST = "sms.example"


@pytest.fixture(scope="module")
def trusted() -> Certificate:
    return authority()


@pytest.fixture(scope="module")
def context(trusted: Certificate, tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return issue(trusted, HOST).server_context(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def bundle(trusted: Certificate, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "trusted.pem"
    path.write_bytes(trusted.pem())
    return path


def never(*_asked: object, **_options: object) -> list[tuple[object, ...]]:
    raise AssertionError("the provider's name is for the proxy to look up")


Through = Callable[..., Transport]


@pytest.fixture
def through() -> Iterator[Through]:
    """Makes a transport. The proxy itself stands on loopback, which nothing allows: naming it does."""
    made = []

    def make(
        proxy: Server, *, login: str = "", networks: Networks | None = None, **options: object
    ) -> Transport:
        url = f"http://{login}127.0.0.1:{proxy.port}"
        made.append(Transport(networks or Networks(), url, look_up=never, **options))
        return made[-1]

    yield make
    for transport in made:
        transport.close()


def test_http_goes_in_absolute_form_and_the_record_stays_the_requests_own(through: Through) -> None:
    with Server(answer_each(OK)) as proxy:
        request = outgoing(80, host=HOST, target=b"/a/../b?q=%41", headers=[(b"x-key", "é".encode())])
        transport = through(proxy, login="us%40er:p%3Aw@")
        for _ in range(2):
            result = exchange(transport, request)
            assert result.problem is None
            assert result.written == request.raw
        login = b"Proxy-Authorization: Basic " + b64encode(b"us@er:p:w") + b"\r\n"
        line, _, rest = request.raw.partition(b"\r\n")
        assert line == b"POST /a/../b?q=%41 HTTP/1.1"
        expected = b"POST http://sms.example:80/a/../b?q=%41 HTTP/1.1\r\n" + login + rest
        assert proxy.requests == [expected, expected]
        assert proxy.connections == 1


def tunnelling(
    context: ssl.SSLContext, answered: bytes = b"HTTP/1.0 200 Connection established\r\n\r\n"
) -> Script:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(answered)
        with context.wrap_socket(peer.socket, server_side=True) as peer.socket:
            while True:
                peer.request()
                peer.send(OK)

    return script


@pytest.mark.parametrize(
    "answered",
    [
        b"HTTP/1.0 200 Connection established\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nVia: x\r\n\r\n",
    ],
)
def test_https_goes_through_a_tunnel(
    through: Through, context: ssl.SSLContext, bundle: Path, answered: bytes
) -> None:
    with Server(tunnelling(context, answered)) as proxy:
        transport = through(proxy, login="user:pass@", trust=bundle)
        request = outgoing(443, host=HOST, scheme="https")
        for _ in range(2):
            result = exchange(transport, request)
            assert result.problem is None
            assert result.written == request.raw
        login = b64encode(b"user:pass")
        assert proxy.requests == [
            b"CONNECT sms.example:443 HTTP/1.1\r\nHost: sms.example:443\r\n"
            b"Proxy-Authorization: Basic " + login + b"\r\n\r\n",
            request.raw,
            request.raw,
        ]
        transport.close()


def test_the_certificate_is_still_the_providers(
    through: Through, context: ssl.SSLContext, bundle: Path
) -> None:
    with Server(tunnelling(context)) as proxy:
        result = exchange(through(proxy, trust=bundle), outgoing(443, host="other.example", scheme="https"))
    assert (result.point, code(result)) == ("tls", "tls_wrong_host")


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        (answer(b"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n"), "proxy_refused"),
        (answer(b"HTTP/1.1 403 No\r\nContent-Length: 500\r\n\r\nbecause"), "proxy_refused"),
        (answer(b"HTTP/1.1 200 OK\r\n\r\nbytes before TLS"), "proxy_refused"),
        (answer(b"HTTP/1.1 200 OK\r\n"), "proxy_silent"),
        (answer(b""), "proxy_silent"),
        (answer(b"junk"), "proxy_silent"),
        (lambda peer: peer.hang(), "proxy_silent"),
    ],
)
def test_a_proxy_that_opens_no_tunnel(through: Through, script: Script, problem: str) -> None:
    with Server(script) as proxy:
        request = outgoing(443, host=HOST, scheme="https")
        result = exchange(through(proxy), request, connect_timeout=0.4)
    assert (result.point, code(result), result.written) == ("connect", problem, b"")


def test_a_proxy_that_is_not_there() -> None:
    with unanswered_port() as port:
        transport = Transport(LOOPBACK, f"http://127.0.0.1:{port}/")
        result = exchange(transport, outgoing(80, host=HOST))
    assert (result.point, code(result)) == ("connect", "proxy_unreached")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("host", "problem"),
    [
        ("127.0.0.1", "network_loopback"),
        ("127.1", "network_loopback"),
        ("::1", "network_loopback"),
        ("10.0.0.5", "network_private"),
        ("169.254.169.254", "network_metadata"),
        ("localhost", "network_loopback"),
        ("LOCALHOST.", "network_loopback"),
        ("a.localhost", "network_loopback"),
    ],
)
def test_what_the_url_itself_says_is_judged(through: Through, scheme: str, host: str, problem: str) -> None:
    with Server(answer(OK)) as proxy:
        result = exchange(through(proxy), outgoing(80, host=host, scheme=scheme))
        assert (result.point, code(result)) == ("refused", problem)
        assert proxy.connections == 0


def test_what_is_allowed_may_be_asked_of_the_proxy(through: Through) -> None:
    with Server(answer(OK)) as proxy:
        transport = through(proxy, networks=Networks.parse("10.0.0.5:8080"))
        assert exchange(transport, outgoing(8080, host="10.0.0.5")).problem is None
        assert proxy.requests[0].startswith(b"POST http://10.0.0.5:8080/v1/send HTTP/1.1\r\n")


def test_part_of_a_request_to_a_proxy(through: Through) -> None:
    with Server(lambda peer: peer.over.wait(5)) as proxy:
        request = outgoing(80, host=HOST, body=b"x" * 15_000_000)
        result = exchange(through(proxy), request, timeout=1)
    assert (result.point, code(result)) == ("sending", "send_timeout")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "proxy:3128",
        "https://proxy:3128",
        "socks5://proxy",
        "http://",
        "http://proxy:port",
        "http://p/path",
        "http://p?q",
    ],
)
def test_what_cannot_be_a_proxy(url: str) -> None:
    with pytest.raises(Refused) as refused:
        Proxy.parse(url)
    assert refused.value.problems[0].code == "egress_proxy_unreadable"


def test_a_proxy_without_port() -> None:
    assert Proxy.parse("http://[::1]") == Proxy("::1", 3128)
    assert Proxy.parse("http://proxy.example:80/") == Proxy("proxy.example", 80)
