"""The replies kept with a draft, stored or when it is saved, and what its rules make of them."""

import hashlib
import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from flask import request, url_for

from webpanel import replies, words
from webpanel.models import KeptReply, db
from webpanel.replies import MOST_KEPT, Keeping, Written
from webpanel.views.gateways import kept_rows
from webpanel.views.gateways.draft import Draft
from webpanel.views.gateways.kept_rows import FlipRow, Row, ShiftRow
from webpanel.wire import rejudging
from webpanel.wire.gateway import Gateway as Settings
from webpanel.wire.rejudging import MEANINGS, Difference, Example, Flip, Means, Standing
from webpanel.wire.rules import check_rule
from webpanel.wire.verdict import Reply

#: Seconds for judging examples, and for judging real replies again: what a rule needs for one is bounded,
#: not for all.
PATIENCE = 2.0

_KEEP = re.compile(r"([0-9A-Z]{26}):(accepted|failed)")
_ID = re.compile("[0-9]{1,9}")


class Kept:
    """What is to be said of a draft's kept replies. Looked up and judged when a page first asks for it."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        #: What was done about one of them just now.
        self.said = ""
        #: Whether that was to drop one, or nothing because it cannot be done.
        self.dropped = self.refused = False
        self._sent = request.form if request.method == "POST" else {}
        #: Id of a test's message -> what its reply means, once it is saved.
        self.pending: dict[str, Means] = dict(_read(self._list("keep")))
        self.removed = frozenset(int(id_) for id_ in self._list("unkeep") if _ID.fullmatch(id_))
        #: Key of an example, and whether the rules as they are typed judged it.
        self._standings: dict[tuple[str, bool], Standing] = {}
        self._spent = 0.0

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
            return self._refuse("kept_too_many", most=MOST_KEPT)
        if replies.of_test(db.session, message_id) is None:
            return self._refuse("kept_gone")
        self.pending[message_id] = means
        self.said = words.sentence("kept_when_saved", {"means": words.sentence(f"means_{means}")})
        return True

    def _refuse(self, code: str, **values: int) -> bool:
        self.said, self.refused = words.sentence(code, values), True
        return False

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
        return tuple(map(kept_rows.flip, self._flips))

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
        return [kept_rows.shift(shift, self.difference.judged) for shift in self.difference.shifts]

    @property
    def unjudged(self) -> str:
        """How many real replies could not be judged again, and why; blank for none."""
        return kept_rows.unjudged(self.difference)

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

    @cached_property
    def _stored(self) -> list[KeptReply]:
        return replies.kept(db.session, self.draft.gateway.id) if self.draft.gateway else []

    @cached_property
    def _written(self) -> tuple[Written, ...]:
        """The examples of the provider's file that a new gateway is made from."""
        return () if self.draft.gateway else replies.of_preset(self.draft.preset)

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
            *rejudging.flips(self._before, self._after, stay, self._judged),
            *rejudging.flips(None, self._after, self._new, self._judged),
        )

    def _stored_row(self, kept: KeptReply) -> Row:
        example, removed = replies.example(kept), kept.id in self.removed
        row = kept_rows.row(example, self._standing(example))
        return replace(row, id=kept.id, by=kept.kept_by, at=kept.kept_at, removed=removed)

    def _new_row(self, example: Example) -> Row:
        row = kept_rows.row(example, self._standing(example))
        return replace(row, test=example.key if example.key in self.pending else "")

    def _standing(self, example: Example) -> Standing | None:
        return self._judged(self._after, example) if self.readable else None

    def _judged(self, settings: Settings, example: Example) -> Standing:
        """Once a page, and while there is time; at least the first."""
        asked = (example.key, settings is self._after)
        if asked not in self._standings:
            began = time.monotonic()
            late = bool(self._standings) and self._spent > PATIENCE
            self._standings[asked] = rejudging.unjudged() if late else rejudging.standing(settings, example)
            self._spent += time.monotonic() - began
        return self._standings[asked]

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
