"""What the socket carries is what was composed, byte for byte, and what is said to have been written."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sending.outgoing import LOOPBACK, exchange, outgoing
from tests.sending.sockets import Server, answer, answer_each
from webpanel.sending.transport import Transport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(answer_each(OK)) as server:
        yield server


@pytest.fixture(scope="module")
def transport() -> Iterator[Transport]:
    transport = Transport(LOOPBACK)
    yield transport
    transport.close()


TARGETS = [
    b"/",
    b"/v1/send?to=%2B447911123456&text=a%20b",
    b"/a/../b/./c//d",
    b"/%2e%2e/%2E%2E/%7Euser/~user",
    b"/?",
    b"/?a=1&a=2&&=&;x",
    b"/%zz%",
    b'/a|b^c`d{e}[f]\\g"h<i>',
    b"//other.example/path",
    b"http://other.example/path",
    b"/caf%C3%A9?q=%F0%9F%98%80",
    b"/#fragment",
    b"/a;b=c,d@e:f!g$h&i'j(k)l*m+n",
    b"/%0d%0aX-Injected:%201",
    b"*",
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_targets(server: Server, transport: Transport, method: str, target: bytes) -> None:
    request = outgoing(server.port, method=method, target=target, body=None if method == "GET" else b"x")
    result = exchange(transport, request)
    assert result.problem is None
    assert server.requests[-1] == request.raw == result.written


HEADERS: list[list[tuple[bytes, bytes]]] = [
    [],
    [(b"x-lower", b"1"), (b"X-UPPER", b"2"), (b"X-Repeated", b"a"), (b"x-repeated", b"b")],
    [(b"X-Text", "café 😀".encode()), (b"X-Latin", b"\xe9\xff")],
    [(b"X-Blank", b""), (b"X-Long", b"y" * 20000)],
    [(b"User-Agent", b""), (b"Accept", b"*/*"), (b"Accept-Encoding", b"identity")],
    [(b"Content-Type", b"application/json"), (b"Authorization", b"Basic YTpi"), (b"Cookie", b"a=b; c=d")],
    [(b"Expect", b"nothing"), (b"Z", b"1"), (b"A", b"2"), (b"Proxy-Authorization", b"kept")],
]


@pytest.mark.parametrize("headers", HEADERS)
def test_headers_and_nothing_beside_them(
    server: Server, transport: Transport, headers: list[tuple[bytes, bytes]]
) -> None:
    request = outgoing(server.port, headers=headers)
    assert exchange(transport, request).written == request.raw
    assert server.requests[-1] == request.raw


@pytest.mark.parametrize(
    "body", [None, b"", b"\x00\xff\r\n\r\n", "Grüße 😀".encode("utf-16"), b"z" * 500_000]
)
def test_bodies(server: Server, transport: Transport, body: bytes | None) -> None:
    request = outgoing(server.port, body=body)
    assert exchange(transport, request).written == request.raw
    assert server.requests[-1] == request.raw


_ASCII = st.integers(0x21, 0x7E)
_VISIBLE = _ASCII | st.integers(0x80, 0xFF)


@settings(deadline=None)
@given(
    target=st.lists(_ASCII, max_size=60).map(lambda codes: b"/" + bytes(codes)),
    values=st.lists(st.lists(_VISIBLE, max_size=30).map(bytes), max_size=4),
    body=st.binary(max_size=200),
)
def test_any_bytes(
    server: Server, transport: Transport, target: bytes, values: list[bytes], body: bytes
) -> None:
    headers = [(b"X-%d" % number, value) for number, value in enumerate(values)]
    request = outgoing(server.port, target=target, headers=headers, body=body)
    result = exchange(transport, request)
    assert result.problem is None
    assert server.requests[-1] == request.raw == result.written


def test_environment_and_netrc_are_not_looked_at(
    server: Server, transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text(netrc.read_text())
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    request = outgoing(server.port)
    fresh = Transport(LOOPBACK)
    for sender in (transport, fresh):
        assert exchange(sender, request).problem is None
        assert server.requests[-1] == request.raw
    fresh.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_replies_like_others(transport: Transport, status: int) -> None:
    with Server(answer(OK)) as elsewhere:
        location = f"http://127.0.0.1:{elsewhere.port}/"
        reply = f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
        with Server(answer(reply)) as server:
            result = exchange(transport, outgoing(server.port))
        assert result.reply is not None
        assert result.reply.status == status
        assert ("Location", location) in result.reply.headers
        assert elsewhere.connections == 0


def test_cookies_are_not_kept(transport: Transport) -> None:
    reply = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: 0\r\n\r\n"
    with Server(answer_each(reply)) as server:
        request = outgoing(server.port)
        for _ in range(2):
            assert exchange(transport, request).problem is None
        assert server.requests == [request.raw, request.raw]
