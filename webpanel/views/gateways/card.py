"""What the tester's card says of a recorded test. Whatever a provider answered is text here, and bounded."""

from contextlib import suppress
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from webpanel.models import Attempt, Message
from webpanel.views.messages import wording
from webpanel.views.visible import visible
from webpanel.wire import clickable, json_text, rejudging, rules
from webpanel.wire.body import NotJson, parse_json
from webpanel.wire.clickable import Clickable
from webpanel.wire.problem import Refused
from webpanel.wire.verdict import Reply, Verdict

#: Characters of a reply on the card; the whole of it stands on the message's page.
SHOWN = 20_000
#: Bytes shown of a reply that is no text, and in one line of them.
BYTES_SHOWN, BYTES_A_LINE = 256, 16
#: One byte in so many that is none of a text makes a reply binary.
_BINARY_SHARE = 4
# Codes of the transport: a status came, and the reading ended before the reply did.
_UNFINISHED = frozenset(
    {"timeout_body", "closed_body", "reset_body", "reply_length_broken", "reply_chunk_broken"}
)


@dataclass(frozen=True)
class Body:
    """A reply's body: indented where it is JSON, otherwise blank, and as it came."""

    indented: str = ""
    raw: str = ""
    #: It is not text: ``raw`` lists its first bytes.
    binary: bool = False
    length: int = 0
    shortened: bool = False


@dataclass(frozen=True)
class Card:
    """A test's result; every text in it is safe to look at."""

    message_id: str
    successful: bool
    reason: str
    #: What else is to know: rules that could not be applied.
    notes: tuple[str, ...]
    status: int | None
    #: ``200 OK``, as the provider worded it.
    status_line: str
    milliseconds: int | None
    request: str
    headers: str
    body: Body
    #: The panel stopped reading the reply at its limit.
    cut: bool
    #: The reply was read to its end.
    whole: bool
    #: Bytes came that are no reply, or not all of its head.
    headless: bool
    #: The reply in pieces to click on; None where no rule can be made from it.
    clickable: Clickable | None


def card(message: Message, by: Verdict | None = None) -> Card:
    """The card of a test that is over, or that another page has not finished yet.

    ``by``: what other rules than those of the test make of its reply.
    """
    attempt = message.attempts[-1] if message.attempts else Attempt()
    head, _separator, headers = visible(attempt.reply_head or b"").partition("\n")
    ended = attempt.reason or message.reason or {}
    reason = {"code": by.code, "values": by.values} if by else ended
    said = visible(wording.said(reason))
    has_status = attempt.reply_status is not None
    unfinished = ended.get("code") in _UNFINISHED
    shown = body(attempt.reply_body or b"")
    return Card(
        message_id=message.id,
        successful=by.outcome == "accepted" if by else message.state == "sent",
        reason=said or _("The panel was stopped before it was known how this ended."),
        notes=tuple(visible(wording.said(note)) for note in (reason.get("values") or {}).get("notes", ())),
        status=attempt.reply_status,
        status_line=head.partition(" ")[2][:60],
        milliseconds=attempt.duration_ms,
        request=visible(attempt.request or b"")[:SHOWN],
        headers=headers[:SHOWN],
        body=shown,
        cut=bool(attempt.reply_cut),
        whole=has_status and not attempt.reply_cut and not unfinished,
        headless=bool(attempt.reply_body) and not has_status,
        clickable=_clickable(attempt) if has_status and not unfinished and not shown.binary else None,
    )


def stored_reply(attempt: Attempt) -> Reply:
    """A complete reply as it was stored: what was masked in it stays masked."""
    return rejudging.stored(
        attempt.reply_status or 0,
        attempt.reply_head or b"",
        attempt.reply_body or b"",
        cut=bool(attempt.reply_cut),
    )


def _clickable(attempt: Attempt) -> Clickable | None:
    reply = stored_reply(attempt)
    found = clickable.read(rules.Body(reply.body, reply.header("Content-Type"), reply.cut))
    if found is None:
        return None
    return replace(found, pieces=tuple(replace(each, text=visible(each.text)) for each in found.pieces))


def body(data: bytes) -> Body:
    """How a reply's body is shown."""
    if _is_binary(data):
        return Body(raw=_listed(data[:BYTES_SHOWN]), binary=True, length=len(data))
    raw = visible(data)
    indented = ""
    with suppress(NotJson, Refused, UnicodeDecodeError):
        text = data.decode("utf-8-sig")
        # Refuses what is nested so deep that its indentation alone would fill the memory.
        parse_json(text)
        indented = visible(json_text.indented(text, SHOWN))
    shortened = max(len(raw), len(indented)) > SHOWN
    return Body(indented[:SHOWN], raw[:SHOWN], length=len(data), shortened=shortened)


def _is_binary(data: bytes) -> bool:
    if b"\0" in data:
        return True
    text = data.decode("utf-8", "replace")
    strange = sum(
        char == "\N{REPLACEMENT CHARACTER}" or (char < " " and char not in "\t\r\n\f") for char in text
    )
    return strange * _BINARY_SHARE > len(text)


def _listed(data: bytes) -> str:
    """``00000010  48 65 6c 6c 6f  Hello`` a line."""
    lines = []
    for start in range(0, len(data), BYTES_A_LINE):
        part = data[start : start + BYTES_A_LINE]
        read = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)  # noqa: PLR2004 - printable ASCII
        lines.append(f"{start:08x}  {part.hex(' '):<{BYTES_A_LINE * 3 - 1}}  {read}")
    return "\n".join(lines)
