"""Work on many messages in steps: groups for a few seconds, and then where the next step begins.

Each group is one commit, so that nobody who sends waits for long, and a kill between two loses nothing.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from webpanel.store import StoreUnavailable
from webpanel.wire.problem import Problem

#: Messages in one commit.
GROUP = 100
#: Seconds of one step; a request is given up after 60.
STEP = 5.0


@dataclass(frozen=True)
class Left:
    """So many messages stay as they are, for the same reason; one of them."""

    problem: Problem
    count: int
    example: str


@dataclass(frozen=True)
class Progress:
    """How far it is: ``after`` is the last message that was looked at, ``done`` those that were changed."""

    after: str = ""
    done: int = 0
    left: Mapping[str, Left] = field(default_factory=dict)
    finished: bool = False
    #: It could not be stored and can be gone on with.
    halted: bool = False

    @property
    def seen(self) -> int:
        return self.done + sum(each.count for each in self.left.values())

    def plus(self, after: str, done: int, left: Sequence[tuple[str, Problem]]) -> "Progress":
        """With a group more, in which ``left`` names the messages that stay."""
        reasons = dict(self.left)
        for message_id, problem in left:
            known = reasons.get(problem.code, Left(problem, 0, message_id))
            reasons[problem.code] = replace(known, count=known.count + 1)
        return replace(self, after=after, done=self.done + done, left=reasons)


#: The rows of the next group, from a message's id on.
Next = Callable[[str], Sequence[Any]]
#: Does it to the rows; returns which stay as they are, and why.
Act = Callable[[Sequence[Any]], Sequence[tuple[str, Problem]]]


def go(progress: Progress, following: Next, act: Act, seconds: float | None = None) -> Progress:
    """On from ``progress`` for about ``seconds`` (None: :data:`STEP`), at least one group.

    ``halted`` when it cannot be stored.
    """
    ends = time.monotonic() + (STEP if seconds is None else seconds)
    progress = replace(progress, halted=False)
    while True:
        rows = following(progress.after)
        if not rows:
            return replace(progress, finished=True)
        try:
            left = act(rows)
        except StoreUnavailable:
            return replace(progress, halted=True)
        progress = progress.plus(rows[-1].id, len(rows) - len(left), left)
        if time.monotonic() > ends:
            return progress
