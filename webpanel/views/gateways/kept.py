"""The replies kept with a draft, stored or when it is saved, and what its rules make of them."""

import hashlib
import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webpanel import replies, words
from webpanel.models import db
from webpanel.replies import MOST_KEPT, Keeping, Written
from webpanel.views.gateways.draft import Draft
from webpanel.views.messages import wording
from webpanel.views.visible import visible
from webpanel.wire import rejudging
from webpanel.wire.gateway import Gateway as Settings
from webpanel.wire.rejudging import MEANINGS, Difference, Example, Flip, Means, Shift, Standing
from webpanel.wire.rules import check_rule
from webpanel.wire.verdict import Reply, Verdict

#: Characters of a kept reply that its row shows.
SHOWN = 200
#: Seconds for judging real replies again: what an expression needs for one is bounded, not for all.
PATIENCE = 2.0

_KEEP = re.compile(r"([0-9A-Z]{26}):(accepted|failed)")
_ID = re.compile("[0-9]{1,9}")


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


class Kept:
    """What is to be said of a draft's kept replies. Looked up and judged when a page first asks for it."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        #: What was done about one of them just now.
        self.said = ""
        #: Whether that was to drop one.
        self.dropped = False
        self._sent = request.form if request.method == "POST" else {}
        #: Id of a test's message -> what its reply means, once it is saved.
        self.pending: dict[str, Means] = dict(_read(self._list("keep")))
        self.removed = frozenset(int(id_) for id_ in self._list("unkeep") if _ID.fullmatch(id_))

    @property
    def url(self) -> str:
        return url_for(".keep", gateway_id=self._gateway_id)

    @property
    def rejudge_url(self) -> str:
        return url_for(".rejudge", gateway_id=self._gateway_id)

    @property
    def _gateway_id(self) -> int | None:
        return self.draft.gateway.id if self.draft.gateway else None

    def keep(self, asked: str) -> bool:
        """Keep the reply of a test at the next save: ``MESSAGE:MEANS``; False when that cannot be done."""
        [(message_id, means)] = list(_read([asked])) or [("", "accepted")]
        if message_id not in self.pending and self.count >= MOST_KEPT:
            self.said = words.sentence("kept_too_many", {"most": MOST_KEPT})
            return False
        if replies.of_test(db.session, message_id) is None:
            self.said = words.sentence("kept_gone")
            return False
        self.pending[message_id] = means
        self.said = words.sentence("kept_when_saved", {"means": words.sentence(f"means_{means}")})
        return True

    def drop(self, message_id: str) -> None:
        """Do not keep it after all."""
        self.dropped = True
        if self.pending.pop(message_id, None):
            self.said = words.sentence("kept_dropped")

    @property
    def count(self) -> int:
        """How many would be kept after a save."""
        stored = {kept.id for kept in self._stored}
        return len(stored - self.removed) + len(self._written) + len(self.pending)

    def keeping(self) -> Keeping:
        """What a save does."""
        return Keeping(self.pending, self.removed, self._written)

    @cached_property
    def readable(self) -> bool:
        """Whether every rule that judges can be read as it is typed."""
        rules = ("failure", "later", "success")
        return not any(
            check_rule(getattr(self._after, f"{name}_kind"), getattr(self._after, f"{name}_rule"), name)
            for name in rules
        )

    @cached_property
    def rows(self) -> list[Row]:
        """Those that are stored, and behind them those that a save would keep."""
        return [*map(self._stored_row, self._stored), *(self._new_row(each) for each in self._new)]

    @cached_property
    def flips(self) -> tuple[FlipRow, ...]:
        return tuple(map(self._flip_row, self._flips))

    @cached_property
    def difference(self) -> Difference:
        """What would differ of the last real replies; nothing where the rules are those that are saved."""
        if self._before is None or not self.changed or not self.readable:
            return Difference()
        last = replies.last_real(db.session, self.draft.gateway.id)
        return rejudging.difference(self._before, self._after, _patiently(last))

    @property
    def changed(self) -> bool:
        """Whether rules that judge are typed other than they are saved."""
        return self._before is not None and not rejudging.same_judgement(self._before, self._after)

    @property
    def shifts(self) -> list[ShiftRow]:
        return [self._shift_row(shift) for shift in self.difference.shifts]

    @property
    def unjudged(self) -> str:
        """How many real replies could not be judged again, and why; blank for none."""
        masked, cut = self.difference.masked, self.difference.cut
        said = []
        if masked:
            said.append(
                ngettext(
                    "%(num)d more could not be judged again: a secret stood in it, which is hidden.",
                    "%(num)d more could not be judged again: a secret stood in each, which is hidden.",
                    masked,
                )
            )
        if cut:
            said.append(
                ngettext(
                    "%(num)d more could not be judged again: it was longer than what is kept.",
                    "%(num)d more could not be judged again: they were longer than what is kept.",
                    cut,
                )
            )
        return " ".join(said)

    @property
    def must_be_confirmed(self) -> bool:
        """Whether a save would change what is known to be right, and nobody has said yet that it may."""
        differs = bool(self._flips or self.difference.shifts)
        return differs and self.mark not in self.confirmed

    @property
    def confirmed(self) -> list[str]:
        """The marks of what was confirmed in this form."""
        return self._list("confirmed")[:2]

    @cached_property
    def mark(self) -> str:
        """Names exactly what differs, so that another difference is asked about again.

        Not how many real replies: while somebody reads of them, more come in.
        """
        flipped = sorted(
            (each.example.key, each.example.means, _outcome(each.before), _outcome(each.after))
            for each in self._flips
        )
        shifted = sorted((each.before, each.after) for each in self.difference.shifts)
        rules = [_judging(self._before) if self._before else None, _judging(self._after)]
        return hashlib.sha256(json.dumps([flipped, shifted, rules]).encode()).hexdigest()

    @cached_property
    def _before(self) -> Settings | None:
        return self.draft.gateway.settings() if self.draft.gateway else None

    @cached_property
    def _after(self) -> Settings:
        return self.draft.form.settings()

    @property
    def _stored(self) -> list:
        return self.draft.gateway.kept_replies if self.draft.gateway else []

    @cached_property
    def _written(self) -> tuple[Written, ...]:
        """The examples of the provider's file that a new gateway is made from."""
        if self.draft.gateway or self.draft.preset is None:
            return ()
        return tuple(
            Written(each.means, each.status, each.content_type, each.body.encode())
            for each in self.draft.preset.replies[: MOST_KEPT // 2]
        )

    @cached_property
    def _new(self) -> list[Example]:
        """What a save would keep."""
        found = [(replies.of_test(db.session, each), means) for each, means in self.pending.items()]
        return [
            *(replies.example_of_written(number, each) for number, each in enumerate(self._written)),
            *(replies.example_of_test(row, means) for row, means in found if row),
        ]

    @cached_property
    def _flips(self) -> tuple[Flip, ...]:
        if not self.readable:
            return ()
        stay = [replies.example(each) for each in self._stored if each.id not in self.removed]
        return (
            *rejudging.flips(self._before, self._after, stay),
            *rejudging.flips(None, self._after, self._new),
        )

    def _stored_row(self, kept) -> Row:
        example = replies.example(kept)
        return self._row(
            example, id=kept.id, by=kept.kept_by, at=kept.kept_at, removed=kept.id in self.removed
        )

    def _new_row(self, example: Example) -> Row:
        return self._row(example, test=example.key if example.key in self.pending else "")

    def _row(self, example: Example, **more) -> Row:
        agrees, told = None, ""
        if self.readable:
            standing = rejudging.standing(self._after, example)
            agrees, told = standing.agrees, _told(standing)
        reply = example.reply
        return Row(example.key, example.means, _status_line(reply), _excerpt(reply), agrees, told, **more)

    def _flip_row(self, flip: Flip) -> FlipRow:
        reply = flip.example.reply
        before = _told(flip.before) if flip.before else _("It is new.")
        return FlipRow(flip.example.means, _status_line(reply), _excerpt(reply), before, _told(flip.after))

    def _shift_row(self, shift: Shift) -> ShiftRow:
        said = ngettext(
            "%(num)d of %(total)d that was %(before)s would be %(after)s.",
            "%(num)d of %(total)d that were %(before)s would be %(after)s.",
            shift.count,
            total=self.difference.judged,
            before=words.sentence(f"judged_{shift.before}"),
            after=words.sentence(f"judged_{shift.after}"),
        )
        return ShiftRow(said, shift.keys)

    def _list(self, name: str) -> list[str]:
        return self._sent.getlist(name)[:MOST_KEPT] if self._sent else []


def _read(sent: Iterable[str]) -> Iterator[tuple[str, Means]]:
    for each in sent:
        if found := _KEEP.fullmatch(each):
            yield found[1], MEANINGS[found[2] != "accepted"]


def _patiently(found: Iterator[tuple[str, Reply]]) -> Iterator[tuple[str, Reply]]:
    ends = time.monotonic() + PATIENCE
    for each in found:
        yield each
        if time.monotonic() > ends:
            return


def _judging(settings: Settings) -> list[str]:
    return [getattr(settings, name) for name in rejudging.JUDGING]


def _outcome(standing: Standing | None) -> str:
    return standing.verdict.outcome if standing else ""


def _told(standing: Standing) -> str:
    return words.sentence(f"kept_{standing.unsure}") if standing.unsure else _said(standing.verdict)


def _said(found: Verdict) -> str:
    return visible(wording.said({"code": found.code, "values": found.values}))


def _status_line(reply: Reply) -> str:
    return visible(f"{reply.status} {reply.reason}".strip())[:60]


def _excerpt(reply: Reply) -> str:
    line = " ".join(visible(reply.body[: SHOWN * 4]).split())
    return line[:SHOWN] + ("…" if len(line) > SHOWN else "")
