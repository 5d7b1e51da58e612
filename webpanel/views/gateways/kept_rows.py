"""Kept replies, and what changed rules make of known ones, in words. What was answered is only text here."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from webpanel import words
from webpanel.views.messages import wording
from webpanel.views.visible import visible
from webpanel.wire.rejudging import Difference, Example, Flip, Means, Shift, Standing
from webpanel.wire.verdict import Reply, Verdict

#: Characters of a kept reply that its row shows.
SHOWN = 200


@dataclass(frozen=True)
class Row:
    """One kept reply as the page shows it; every text in it is safe to look at."""

    key: str
    means: Means
    status_line: str
    excerpt: str
    agrees: bool | None
    #: What the rules say, or why that cannot be told.
    told: str
    #: Id of the row in the table; None for one that a save would keep.
    id: int | None = None
    by: str = ""
    at: datetime | None = None
    removed: bool = False
    #: The message of the test it comes from; blank for one that is kept, or stands in a provider's file.
    test: str = ""


@dataclass(frozen=True)
class FlipRow:
    """An example that the typed rules contradict, in words."""

    means: Means
    status_line: str
    excerpt: str
    before: str
    after: str


@dataclass(frozen=True)
class ShiftRow:
    """So many real replies that would be judged otherwise, in words, and the messages of the first."""

    said: str
    messages: tuple[str, ...]


def row(example: Example, standing: Standing | None) -> Row:
    """The row of an example; ``standing`` is None where the rules cannot be read."""
    return Row(
        example.key,
        example.means,
        _status_line(example.reply),
        _excerpt(example.reply),
        standing.agrees if standing else None,
        _told(standing) if standing else "",
    )


def flip(found: Flip) -> FlipRow:
    example = found.example
    before = _told(found.before) if found.before else _("It was not kept before.")
    return FlipRow(
        example.means, _status_line(example.reply), _excerpt(example.reply), before, _told(found.after)
    )


def shift(found: Shift, judged: int) -> ShiftRow:
    """``judged``: how many real replies were judged."""
    said = ngettext(
        "%(num)d of %(total)d that was %(before)s would be %(after)s.",
        "%(num)d of %(total)d that were %(before)s would be %(after)s.",
        found.count,
        total=judged,
        before=words.sentence(f"judged_{found.before}"),
        after=words.sentence(f"judged_{found.after}"),
    )
    return ShiftRow(said, found.keys)


def unjudged(difference: Difference) -> str:
    """How many real replies could not be judged again, and why; blank for none."""
    said = []
    if difference.masked:
        said.append(
            ngettext(
                "%(num)d more could not be judged again: a secret stood in it, which is hidden.",
                "%(num)d more could not be judged again: a secret stood in each, which is hidden.",
                difference.masked,
            )
        )
    if difference.cut:
        said.append(
            ngettext(
                "%(num)d more could not be judged again: it was longer than what is kept.",
                "%(num)d more could not be judged again: they were longer than what is kept.",
                difference.cut,
            )
        )
    return " ".join(said)


def _told(standing: Standing) -> str:
    return words.sentence(f"kept_{standing.unsure}") if standing.unsure else _said(standing.verdict)


def _said(found: Verdict) -> str:
    return visible(wording.said({"code": found.code, "values": found.values}))


def _status_line(reply: Reply) -> str:
    return visible(f"{reply.status} {reply.reason}".strip())[:60]


def _excerpt(reply: Reply) -> str:
    line = " ".join(visible(reply.body[: SHOWN * 4]).split())
    return line[:SHOWN] + ("…" if len(line) > SHOWN else "")
