"""Work on many messages, carried from step to step by the page itself: confirmed once, then gone on with.

A room of its own because messages and gateways have such pages alike. What was counted and how far it is
stands in one signed field, bound to the person: nobody can be sent a page that does something else than
it says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from flask_security import current_user
from itsdangerous import BadSignature, URLSafeSerializer

from webpanel import words
from webpanel.intake import Caller, Hand, Left, Place, Progress
from webpanel.panel import country, time_zone
from webpanel.services import services
from webpanel.wire.problem import Problem


@dataclass(frozen=True)
class Reason:
    """Why so many messages stay as they are; ``example`` is the id of one, blank where none is known."""

    count: int
    said: str
    example: str = ""


def hand() -> Hand:
    """That of whoever is signed in."""
    parts = services()
    return Hand(
        parts.store,
        parts.vault,
        Caller(current_user.username, "page"),
        Place(country(), timedelta(hours=parts.config.lifetime_hours), time_zone()),
        parts.sender.ring,
    )


def sealed(kind: str, run: Mapping[str, Any], progress: Progress) -> str:
    """The value of the hidden field; ``run`` says in JSON's kinds what was counted."""
    left = [
        [each.problem.code, each.problem.field, each.problem.values, each.count, each.example]
        for each in progress.left.values()
    ]
    return _seal(kind).dumps({**run, "progress": [progress.after, progress.done, left]})


def opened(kind: str, field: str | None) -> tuple[dict[str, Any], Progress] | None:
    """What :func:`sealed` closed for this person; None for anything else."""
    try:
        run = _seal(kind).loads(field or "")
    except BadSignature:
        return None
    after, done, left = run.pop("progress")
    reasons = {
        code: Left(Problem(code, where, values=values), count, example)
        for code, where, values, count, example in left
    }
    return run, Progress(after, done, reasons)


def reasons(left: Mapping[str, Left]) -> list[Reason]:
    """The most frequent first."""
    found = [
        Reason(each.count, words.stored({"code": code, "values": each.problem.values}), each.example)
        for code, each in left.items()
    ]
    return sorted(found, key=lambda each: -each.count)


@dataclass(frozen=True)
class Shown:
    """A run as its page shows it; ``field`` is blank once it has ended, then nothing is left to do."""

    progress: Progress
    total: int
    #: Messages that were counted, and were none of these any more when their turn came.
    gone: int
    reasons: list[Reason]
    field: str
    action: str

    @classmethod
    def of(cls, kind: str, run: Mapping[str, Any], progress: Progress, action: str) -> "Shown":
        """``run`` as it was :func:`sealed`, with the ``total`` that was counted."""
        total = run["total"]
        gone = max(0, total - progress.seen) if progress.finished else 0
        field = "" if progress.finished else sealed(kind, run, progress)
        return cls(progress, total, gone, reasons(progress.left), field, action)


def _seal(kind: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt=f"webpanel.run.{kind}.{current_user.id}")
