"""A composed request as a curl command for sh: every byte of it, or with its secrets hidden.

A room of its own beside what reads examples, because it starts from bytes that are final.
"""

import re
from collections.abc import Iterable

from webpanel.wire import multipart
from webpanel.wire.compose import OutgoingRequest
from webpanel.wire.curl_command import OURS
from webpanel.wire.masking import mask

#: What curl says by itself, and in the same words.
_CURLS_OWN = (b"host", b"content-length")
#: What a page or a clipboard may change: everything below a blank but the line end, and its like above.
_FRAGILE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffd\ufeff\u2028\u2029]")
_PART = re.compile(r'Content-Disposition: form-data; name="([^"%\r\n=;]+)"\r\n\r\n([^\r\n]*)\r\n')
_BOUNDARY = re.compile(rf"{re.escape(multipart.TYPE)}; boundary=([A-Za-z0-9]+)")


def written(request: OutgoingRequest, *, hidden: Iterable[str] | None = None) -> str:
    """The command that makes ``request``.

    ``hidden`` given: what came from secrets, and whatever spells one of these values, is masked. Without
    it the command holds the secrets, and read back with the same User-Agent composes to the same bytes.
    A body in parts gets a boundary of curl's own. Text that reads as a placeholder is read as one.
    """
    masked = _Masked(request, None if hidden is None else tuple(hidden))
    target = masked.target
    address = request.url.removesuffix(request.target.decode("ascii"))
    headers = masked.headers
    # What is masked is not to be taken literally: read again, its secrets are asked for.
    begun = OURS if hidden is None else "curl "
    lines = [f"{begun}-X {request.method} {quoted(address + target)}"]
    body = masked.body
    parts = _parts(headers, body) if body is not None else None
    is_accept_curls = [value for name, value in headers if name.lower() == b"accept"] == ["*/*"]
    for name, value in headers:
        if name.lower() in _CURLS_OWN or (is_accept_curls and name == b"Accept"):
            continue
        if parts is not None and name.lower() == b"content-type":
            continue
        lines.append(f"-H {quoted(f'{name.decode()}: {value}' if value else f'{name.decode()};')}")
    if parts is not None:
        lines += [f"--form-string {quoted(part)}" for part in parts]
    elif body is not None:
        lines.append(f"--data-raw {quoted(body)}")
    return " \\\n  ".join(lines)


def quoted(text: str) -> str:
    """One word of sh. What would not survive a page or a clipboard is written as bash and zsh read it."""
    if _FRAGILE.search(text):
        written = text.replace("\\", "\\\\").replace("'", "\\'")
        return "$'" + _FRAGILE.sub(lambda found: _bytes(found[0]), written) + "'"
    return "'" + text.replace("'", "'\\''") + "'"


def _bytes(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode())


class _Masked:
    """The pieces of a request as text, with masks where they are wanted."""

    def __init__(self, request: OutgoingRequest, hidden: tuple[str, ...] | None) -> None:
        self.spans, self.hidden = request.secret_spans, hidden
        at = len(request.method) + 1
        self.target = self._text(request.target, at)
        at += len(request.target) + len(b" HTTP/1.1\r\n")
        self.headers: list[tuple[bytes, str]] = []
        for name, value in request.headers:
            at += len(name) + len(b": ")
            self.headers.append((name, self._text(value, at)))
            at += len(value) + len(b"\r\n")
        self.body = None if request.body is None else self._text(request.body, at + len(b"\r\n"))

    def _text(self, content: bytes, at: int) -> str:
        if self.hidden is not None:
            end = at + len(content)
            spans = [(start - at, stop - at) for start, stop in self.spans if start < end and stop > at]
            content = mask(content, spans=spans, secrets=self.hidden)
        return content.decode("utf-8", "replace")


def _parts(headers: list[tuple[bytes, str]], body: str) -> list[str] | None:
    """``name=value`` of each part; None for another body, and for values that lines cannot hold."""
    types = [value for name, value in headers if name.lower() == b"content-type"]
    boundary = _BOUNDARY.fullmatch(types[0]) if len(types) == 1 else None
    if not boundary:
        return None
    pieces = body.split(f"--{boundary[1]}")
    if pieces[0] or pieces[-1] != "--\r\n":
        return None
    parts = []
    for piece in pieces[1:-1]:
        found = _PART.fullmatch(piece.removeprefix("\r\n"))
        whole = found and (found[1] + found[2])
        if (
            not found
            or not whole
            or found[1] != found[1].strip()
            or found[2] != found[2].strip()
            or "{{" in whole
        ):
            return None
        if found[1].startswith("#"):
            return None
        parts.append(f"{found[1]}={found[2]}")
    return parts or None
