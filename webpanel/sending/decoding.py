"""A compressed reply made readable, never past a limit."""

import zlib
from collections.abc import Sequence

_GZIP = ("gzip", "x-gzip")
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
#: Nobody compresses twice but to harm.
_MAX_CODINGS = 2


class Undecodable(ValueError):  # noqa: N818 - said of the reply, as Refused is of an input
    """The bytes are not what their coding says, or the coding is not one of ours."""


def decode(data: bytes, codings: Sequence[str], *, limit: int, whole: bool) -> tuple[bytes, bool]:
    """Undo ``codings`` (as a ``Content-Encoding`` lists them: the last was applied last).

    Returns at most ``limit`` bytes, and whether the limit held back more. ``whole`` says that ``data``
    is all there was, so a stream that does not end in it is Undecodable.
    """
    more = False
    codings = [coding for coding in codings if coding != "identity"]
    if len(codings) > _MAX_CODINGS:
        raise Undecodable
    for coding in reversed(codings):
        if not data:
            break
        data, beyond = _decode(data, coding, limit, whole and not more)
        more = more or beyond
    return data[:limit], more or len(data) > limit


def _decode(data: bytes, coding: str, limit: int, whole: bool) -> tuple[bytes, bool]:
    if coding in _GZIP:
        return _members(data, limit, whole)
    if coding != "deflate":
        raise Undecodable
    try:
        return _inflate(data, zlib.MAX_WBITS, limit, whole)[:2]
    except Undecodable:
        # Many servers send "deflate" without zlib's wrapping.
        return _inflate(data, -zlib.MAX_WBITS, limit, whole)[:2]


def _members(data: bytes, limit: int, whole: bool) -> tuple[bytes, bool]:
    """A gzip stream may be several, one after the other; what follows that is none is padding."""
    output, more, rest = _inflate(data, _GZIP_WINDOW, limit, whole)
    while not more and rest.startswith(_GZIP_MAGIC):
        part, more, rest = _inflate(rest, _GZIP_WINDOW, limit - len(output), whole)
        output += part
    return output, more


def _inflate(data: bytes, window: int, limit: int, whole: bool) -> tuple[bytes, bool, bytes]:
    inflater = zlib.decompressobj(window)
    try:
        # One byte beyond the limit, because 0 would mean "no limit" and a full one says nothing.
        output = inflater.decompress(data, limit + 1)
    except zlib.error as error:
        raise Undecodable from error
    if len(output) > limit:
        return output[:limit], True, b""
    if not inflater.eof and whole:
        raise Undecodable
    return output, False, inflater.unused_data
