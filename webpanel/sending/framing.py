"""Where a reply's header block ends and where its body does: what makes a reply complete.

Fed with the very bytes that were read, so that what is judged, kept and shown is one and the same, and
a reply that broke off is never taken for a whole one. Bounded: no more than the two limits is kept.
Source of the rules: RFC 9112, sections 2.2, 4, 6 and 7; lenient where it costs no certainty.
"""

import re
from typing import Literal

#: What was read last: nothing, an unfinished header block, an unfinished body, everything.
Stage = Literal["nothing", "head", "body", "end"]

_STATUS_LINE = re.compile(rb"HTTP/1\.([0-9]) +([1-9][0-9]{2})(?:[ \t]+(.*))?")
_PROTOCOL = b"HTTP/1."
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?", re.DOTALL)
#: An empty line, or trailers up to one.
_TRAILER_END = re.compile(rb"\r?\n|(?:[^\r\n].*?)\r?\n\r?\n", re.DOTALL)
_LONGEST_CHUNK_LINE = 4096
_INTERIM = 100
_SUCCESS = 200
_REDIRECTION = 300
_SWITCHING = 101
_BODILESS = (204, 304)


class ReplyReader:
    """One reply to a request of ``method``: feed it what is read until it is ``done``.

    ``fault`` is a code when the bytes cannot be a reply (``reply_not_http``, ``reply_head_too_long``,
    ``reply_length_broken``, ``reply_chunk_broken``); reading on is pointless then. Limits in bytes.
    """

    def __init__(self, method: str, *, head_limit: int = 1 << 16, body_limit: int = 1 << 16) -> None:
        self._method = method
        self._head_limit = head_limit
        self._body_limit = body_limit
        self._unread = bytearray()
        self._searched = 0
        self._interim = 0
        #: Of the body or of the present chunk; None while a body ends with the connection.
        self._left: int | None = None
        self._chunked = False
        self._in_chunk = False
        self._persistent = False

        self.stage: Stage = "nothing"
        self.fault = ""
        self.status = 0
        self.reason = ""
        self.headers: tuple[tuple[str, str], ...] = ()
        self.body = bytearray()
        #: The body's length as the header block gave it.
        self.length: int | None = None
        #: The body goes on beyond the limit; what is beyond was not waited for.
        self.cut = False
        #: The connection is ready for another request.
        self.reusable = False

    @property
    def done(self) -> bool:
        return self.stage == "end" or self.cut or bool(self.fault)

    @property
    def complete(self) -> bool:
        """Everything arrived, or at least as much of it as is kept."""
        return not self.fault and (self.stage == "end" or self.cut)

    @property
    def raw(self) -> bytes:
        """What arrived of a header block that never ended."""
        return bytes(self._unread[: self._head_limit]) if self.stage in ("nothing", "head") else b""

    def feed(self, data: bytes) -> None:
        """The next bytes. What comes after the end is no part of the reply and spoils the connection."""
        if self.done:
            self.reusable = False
            return
        self._unread += data
        while not self.done and self._step():
            pass
        if self.stage == "end":
            self.reusable = self._persistent and not self._unread

    def close(self) -> None:
        """The peer ended the connection in good order: the end of a body that has no other."""
        self._persistent = self.reusable = False
        if self.stage == "body" and not self._chunked and self._left is None and not self.fault:
            self.stage = "end"

    def values(self, name: str) -> list[str]:
        """The elements of a header that is a list, of all its lines, in small letters."""
        lines = [value for header, value in self.headers if header.lower() == name]
        return [element.strip().lower() for element in ",".join(lines).split(",") if element.strip()]

    def codings(self) -> list[str]:
        """What was done to the body, in that order: the content's codings, then the transfer's own."""
        return self.values("content-encoding") + [c for c in self._transfer_codings() if c != "chunked"]

    def _step(self) -> bool:
        """Take what can be taken of what is unread; False when more must be read for that."""
        if self.stage != "body":
            return self._take_head()
        if self._chunked and not self._in_chunk:
            return self._take_chunk_line()
        return self._take_body()

    def _take_head(self) -> bool:
        if not self._unread:
            return False
        self.stage = "head"
        if not self._unread.startswith(_PROTOCOL[: len(self._unread)]):
            return self._fail("reply_not_http")
        end = _HEAD_END.search(self._unread, self._searched)
        if self._interim + (end.end() if end else len(self._unread)) > self._head_limit:
            return self._fail("reply_head_too_long")
        if end is None:
            self._searched = max(0, len(self._unread) - 3)
            return False
        head = bytes(self._unread[: end.start()])
        return self._read_head(head, end.end())

    def _read_head(self, head: bytes, length: int) -> bool:
        lines = _LINE_END.split(head)
        status_line = _STATUS_LINE.fullmatch(lines[0])
        if status_line is None:
            return self._fail("reply_not_http")
        del self._unread[:length]
        self._searched = 0
        version, status, reason = status_line.groups()
        if _INTERIM <= int(status) < _SUCCESS and int(status) != _SWITCHING:
            self._interim += length
            self.stage = "head" if self._unread else "nothing"
            return bool(self._unread)
        self.status = int(status)
        self.reason = _text(reason or b"")
        self.headers = _headers(lines[1:])
        self.stage = "body"
        self._persistent = version != b"0" and "close" not in self.values("connection")
        return self._frame()

    def _frame(self) -> bool:
        """How the body ends (RFC 9112, 6.3)."""
        codings = self._transfer_codings()
        if self._is_bodiless():
            self.stage = "end"
        elif codings:
            self._chunked = codings[-1] == "chunked"
        elif lengths := set(self.values("content-length")):
            length = lengths.pop()
            if lengths or not (length.isascii() and length.isdigit() and len(length) < len(str(1 << 64))):
                return self._fail("reply_length_broken")
            self.length = self._left = int(length)
            if not self._left:
                self.stage = "end"
        return True

    def _is_bodiless(self) -> bool:
        tunnel = self._method == "CONNECT" and _SUCCESS <= self.status < _REDIRECTION
        if tunnel or self.status == _SWITCHING:
            # What follows is another protocol: the one asked for, or one that nobody asked for.
            self._persistent = tunnel
            return True
        return self._method == "HEAD" or self.status in _BODILESS

    def _transfer_codings(self) -> list[str]:
        return [coding for coding in self.values("transfer-encoding") if coding != "identity"]

    def _take_body(self) -> bool:
        room = self._body_limit - len(self.body)
        wanted = len(self._unread) if self._left is None else min(self._left, len(self._unread))
        taken = min(wanted, room)
        self.body += self._unread[:taken]
        del self._unread[:taken]
        if self._left is not None:
            self._left -= taken
        if taken == room and (self._left or wanted > taken):
            self.cut = True
        elif self._left == 0:
            if self._chunked:
                self._in_chunk = False
            else:
                self.stage = "end"
        return not self.done and bool(self._unread)

    def _take_chunk_line(self) -> bool:
        # The line end after a chunk's data stands before the next chunk's line.
        start = _LINE_END.match(self._unread) if self._left is not None else None
        if self._left is not None and start is None:
            if self._unread in (b"", b"\r"):
                return False
            return self._fail("reply_chunk_broken")
        begin = start.end() if start else 0
        end = _LINE_END.search(self._unread, begin)
        if end is None:
            if len(self._unread) > _LONGEST_CHUNK_LINE:
                return self._fail("reply_chunk_broken")
            return False
        size = _CHUNK_SIZE.fullmatch(self._unread, begin, end.start())
        if size is None:
            return self._fail("reply_chunk_broken")
        self._left = int(size[1], 16)
        del self._unread[: end.end()]
        self._in_chunk = self._left > 0
        if not self._left:
            self._end_chunks()
        return True

    def _end_chunks(self) -> None:
        """The last chunk makes the body complete; trailers only matter to the next reply here."""
        self.stage = "end"
        if trailers := _TRAILER_END.match(self._unread):
            del self._unread[: trailers.end()]
        else:
            self._persistent = False

    def _fail(self, code: str) -> bool:
        self.fault = code
        return False


def _headers(lines: list[bytes]) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {_text(line.strip())}".strip())
        else:
            header, _, content = line.partition(b":")
            headers.append((_text(header.strip()), _text(content.strip(b" \t"))))
    return tuple(headers)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
