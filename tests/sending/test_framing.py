"""When a reply is whole: tables, and the property that no part of a reply passes for all of it."""

import http.client
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.sending.framing import ReplyReader

OK = b"HTTP/1.1 200 OK\r\n"


def read(data: bytes, *, method: str = "POST", closed: bool = True, **limits: int) -> ReplyReader:
    reader = ReplyReader(method, **limits)
    reader.feed(data)
    if closed and not reader.done:
        reader.close()
    return reader


#: Reply, what its body is, whether the connection may be used again.
WHOLE = [
    (OK + b"Content-Length: 5\r\n\r\nhello", b"hello", True),
    (OK + b"Content-Length: 0\r\n\r\n", b"", True),
    (OK + b"content-length:5, 5\r\nContent-Length: 5\r\n\r\nhello", b"hello", True),
    (OK + b"Content-Length: 5\r\nConnection: Close\r\n\r\nhello", b"hello", False),
    (OK + b"Connection: keep-alive, close\r\nContent-Length: 5\r\n\r\nhello", b"hello", False),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello", False),
    (OK + b"Content-Length: 5\r\n\r\nhello, more than that", b"hello", False),
    (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", b"hello", True),
    (b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", b"hello", True),
    (b"HTTP/1.1  200  Fine \r\nContent-Length: 5\r\n\r\nhello", b"hello", True),
    (OK + b"Folded: a\r\n  b\r\nno colon here\r\nContent-Length : 5\r\n\r\nhello", b"hello", True),
    (OK + b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", b"hello", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", b"hello", True),
    (OK + b"Transfer-Encoding: Chunked\r\nContent-Length: 99\r\n\r\n5\r\nhello\r\n0\r\n\r\n", b"hello", True),
    (OK + b'Transfer-Encoding: chunked\r\n\r\n3;x="y"\r\nhel\r\n 002 \r\nlo\r\n000\r\n\r\n', b"hello", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nSum: 1\r\nEnd: 2\r\n\r\n", b"hello", True),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nSum: 1\r\n", b"hello", False),
    (OK + b"Transfer-Encoding: chunked\n\n5\nhello\n0\n\n", b"hello", True),
    (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n"
        + OK
        + b"Content-Length: 1\r\n\r\nx",
        b"x",
        True,
    ),
    (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", b"", True),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", b"", True),
    (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", b"", False),
]


@pytest.mark.parametrize(("data", "body", "reusable"), WHOLE)
def test_a_whole_reply_needs_no_close(data: bytes, body: bytes, reusable: bool) -> None:
    reader = read(data, closed=False)
    assert (reader.complete, reader.fault, bytes(reader.body)) == (True, "", body)
    assert reader.reusable is reusable


@pytest.mark.parametrize(("data", "body", "reusable"), WHOLE)
def test_it_does_not_matter_how_the_bytes_arrive(data: bytes, body: bytes, reusable: bool) -> None:
    reader = ReplyReader("POST")
    for byte in data:
        reader.feed(bytes([byte]))
    assert (reader.complete, bytes(reader.body)) == (True, body)
    assert reusable or not reader.reusable, "arriving slowly makes nothing reusable"


@pytest.mark.parametrize("data", [data for data, _, _ in WHOLE])
def test_a_part_of_a_reply_is_never_whole(data: bytes) -> None:
    """Cut anywhere before the point at which the reader itself says it is whole."""
    reader = ReplyReader("POST")
    whole_at = next(at for at, byte in enumerate(data) if (reader.feed(bytes([byte])), reader.done)[1]) + 1
    for end in range(whole_at):
        assert not read(data[:end]).complete, data[:end]


def test_a_body_without_length_ends_with_the_connection() -> None:
    open_still = read(OK + b"\r\nhello", closed=False)
    assert not open_still.complete
    open_still.close()
    assert open_still.complete
    assert bytes(open_still.body) == b"hello"
    assert not open_still.reusable


def test_a_reply_to_head_has_no_body() -> None:
    reader = read(OK + b"Content-Length: 5\r\n\r\n", method="HEAD", closed=False)
    assert reader.complete
    assert reader.reusable


def test_a_tunnel_begins_after_the_head() -> None:
    assert read(b"HTTP/1.0 200 Connection established\r\n\r\n", method="CONNECT", closed=False).reusable
    assert not read(b"HTTP/1.1 200 OK\r\n\r\nbytes", method="CONNECT", closed=False).reusable


@pytest.mark.parametrize(
    ("data", "stage"),
    [
        (b"", "nothing"),
        (b"HT", "head"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "nothing"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "head"),
        (b"HTTP/1.1 200 OK\r\n", "head"),
        (OK + b"Content-Length: 5\r\n\r\nhell", "body"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", "body"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "body"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0", "body"),
    ],
)
def test_a_reply_that_breaks_off(data: bytes, stage: str) -> None:
    reader = read(data)
    assert not reader.complete
    assert reader.stage == stage
    assert not reader.reusable
    if stage == "head":
        assert reader.status == 0, "a reply cut inside its headers has no status"
        assert reader.raw == data


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"\x15\x03\x01\x00\x02\x02P", "reply_not_http"),
        (b"SSH-2.0-OpenSSH\r\n", "reply_not_http"),
        (b"<html>", "reply_not_http"),
        (b"\r\n\r\n", "reply_not_http"),
        (b"HTTP/2 200\r\n\r\n", "reply_not_http"),
        (b"HTTP/1.1 OK\r\n\r\n", "reply_not_http"),
        (b"HTTP/1.1 20 OK\r\n\r\n", "reply_not_http"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "reply_not_http"),
        (b"HTTP/1.1 000 OK\r\n\r\n", "reply_not_http"),
        (OK + b"A: b\r\n" * 20000, "reply_head_too_long"),
        (OK + b"A: " + b"b" * 70000, "reply_head_too_long"),
        (OK + b"A: " + b"b" * 70000 + b"\r\n\r\n", "reply_head_too_long"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 3000, "reply_head_too_long"),
        (OK + b"Content-Length: 5, 6\r\n\r\nhello", "reply_length_broken"),
        (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "reply_length_broken"),
        (OK + b"Content-Length: -5\r\n\r\nhello", "reply_length_broken"),
        (OK + b"Content-Length: five\r\n\r\nhello", "reply_length_broken"),
        (OK + "Content-Length: \u0665\r\n\r\nhello".encode(), "reply_length_broken"),
        (OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nhello", "reply_length_broken"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nhello\r\n", "reply_chunk_broken"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n", "reply_chunk_broken"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n", "reply_chunk_broken"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", "reply_chunk_broken"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n\r\n", "reply_chunk_broken"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 5000, "reply_chunk_broken"),
    ],
)
def test_what_cannot_be_a_reply(data: bytes, fault: str) -> None:
    reader = read(data)
    assert reader.fault == fault
    assert reader.done
    assert not reader.complete
    assert not reader.reusable


@pytest.mark.parametrize(
    ("framing", "wrap"),
    [
        (b"Content-Length: %d\r\n\r\n", b"%b"),
        (b"Transfer-Encoding: chunked\r\nX: %d\r\n\r\n", b"1\r\n%b\r\n0\r\n\r\n"),
        (b"X: %d\r\n\r\n", b"%b"),
    ],
    ids=["length", "chunks", "close"],
)
@pytest.mark.parametrize(("size", "cut"), [(99, False), (100, False), (101, True), (5000, True)])
def test_our_own_stop_is_no_break(framing: bytes, wrap: bytes, size: int, cut: bool) -> None:
    body = b"x" * size
    if b"chunked" in framing:
        wrapped = b"".join(b"1\r\n%b\r\n" % body[i : i + 1] for i in range(size)) + b"0\r\n\r\n"
    else:
        wrapped = wrap % body
    reader = read(OK + framing % size + wrapped, body_limit=100)
    assert reader.complete
    assert reader.cut is cut
    assert bytes(reader.body) == body[:100]
    assert not (cut and reader.reusable)


def test_what_came_too_much_spoils_the_connection() -> None:
    reader = read(OK + b"Content-Length: 1\r\n\r\nx", closed=False)
    assert reader.reusable
    reader.feed(b"y")
    assert not reader.reusable
    assert bytes(reader.body) == b"x"


def test_the_headers_are_kept_as_they_came() -> None:
    reader = read(
        OK + "X-Ü: é\r\nSet-Cookie: a\r\nset-cookie: b\r\nLatin: \xe9".encode("latin-1") + b"\r\n\r\n"
    )
    assert reader.headers == (("X-Ü", "é"), ("Set-Cookie", "a"), ("set-cookie", "b"), ("Latin", "é"))
    assert reader.reason == "OK"


def test_codings_in_the_order_in_which_they_were_applied() -> None:
    head = (
        b"Content-Encoding: Deflate\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    assert read(OK + head).codings() == ["deflate", "gzip"]


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.data())
def test_pieces_make_no_difference_and_the_standard_library_agrees(
    chunks: list[bytes], data: st.DataObject
) -> None:
    reply = (
        OK
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
        + b"0\r\n\r\n"
    )
    cuts = sorted(data.draw(st.sets(st.integers(0, len(reply)), max_size=8)) | {0, len(reply)})
    reader = ReplyReader("POST")
    for start, end in pairwise(cuts):
        reader.feed(reply[start:end])
    assert reader.complete
    oracle = http.client.HTTPResponse(_Socket(reply), method="POST")
    oracle.begin()
    assert bytes(reader.body) == oracle.read() == b"".join(chunks)


@given(st.binary(max_size=300), st.booleans())
def test_nothing_breaks_it(data: bytes, as_http: bool) -> None:
    reader = read((OK if as_http else b"") + data)
    if reader.complete:
        assert reader.status == 200


class _Socket:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self.data)
