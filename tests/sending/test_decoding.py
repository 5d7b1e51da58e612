"""Compressed replies: readable, whole, and never more than the limit."""

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.sending.decoding import Undecodable, decode

LIMIT = 1000


def deflate_raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKERS = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", deflate_raw),
]


@pytest.mark.parametrize(("coding", "pack"), PACKERS)
@pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 50 * LIMIT])
def test_back_to_what_it_was_up_to_the_limit(coding: str, pack, size: int) -> None:
    data = bytes(i % 251 for i in range(size))
    assert decode(pack(data), [coding], limit=LIMIT, whole=True) == (data[:LIMIT], size > LIMIT)


@pytest.mark.parametrize(("coding", "pack"), PACKERS)
def test_a_stream_that_does_not_end_is_not_whole(coding: str, pack) -> None:
    packed = pack(b"hello hello hello")
    with pytest.raises(Undecodable):
        decode(packed[:-2] if coding != "deflate" else packed[:4], [coding], limit=LIMIT, whole=True)


def test_of_a_stream_cut_by_us_what_can_be_read() -> None:
    packed = gzip.compress(b"".join(b"%d " % i for i in range(10000)))
    data, more = decode(packed[:500], ["gzip"], limit=LIMIT, whole=False)
    assert data.startswith(b"0 1 2 3 ")
    assert not more or len(data) == LIMIT


@pytest.mark.parametrize("codings", [["br"], ["zstd"], ["gzip", "gzip", "gzip"], ["nonsense"]])
def test_codings_that_are_not_ours(codings: list[str]) -> None:
    with pytest.raises(Undecodable):
        decode(gzip.compress(b"x"), codings, limit=LIMIT, whole=True)


def test_garbage() -> None:
    for coding in ("gzip", "deflate"):
        with pytest.raises(Undecodable):
            decode(b"not packed at all", [coding], limit=LIMIT, whole=True)


def test_without_coding_and_without_body() -> None:
    assert decode(b"x" * LIMIT, [], limit=LIMIT, whole=True) == (b"x" * LIMIT, False)
    assert decode(b"abc", ["identity"], limit=LIMIT, whole=True) == (b"abc", False)
    assert decode(b"", ["gzip"], limit=LIMIT, whole=True) == (b"", False)


def test_several_members_are_one_stream_and_padding_is_none() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0\0"
    assert decode(packed, ["gzip"], limit=LIMIT, whole=True) == (b"one two", False)
    assert decode(gzip.compress(b"x" * 700) * 3, ["gzip"], limit=LIMIT, whole=True) == (b"x" * LIMIT, True)


def test_twice_packed() -> None:
    packed = gzip.compress(zlib.compress(b"hello"))
    assert decode(packed, ["deflate", "gzip"], limit=LIMIT, whole=True) == (b"hello", False)


@pytest.mark.parametrize("codings", [["gzip"], ["gzip", "gzip"]])
def test_a_bomb_stays_small(codings: list[str]) -> None:
    bomb = b"\0" * 50_000_000
    for _ in codings:
        bomb = gzip.compress(bomb)
    tracemalloc.start()
    try:
        data, more = decode(bomb, codings, limit=1 << 16, whole=True)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (len(data), more) == (1 << 16, True)
    assert peak < 1_000_000


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate"]), st.booleans())
def test_nothing_else_is_raised(data: bytes, coding: str, whole: bool) -> None:
    try:
        decode(data, [coding], limit=LIMIT, whole=whole)
    except Undecodable:
        return
