"""What a change of a gateway's rules would make of replies that are known: examples, and real ones.

Stored replies are masked. One is not judged again where that could matter:

- *masked*: a rule that is looked at on the way to the verdict, before or after the change, could find
  something else in the reply as it came (:func:`webpanel.wire.masked.is_certain`);
- *cut*: the verdict depends on what lay beyond the part that was read (``ambiguous_cut``).

An example that nobody waits for is not judged either (*slow*): how long that may take is the caller's to say.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from webpanel.wire import masked, rules, verdict
from webpanel.wire.gateway import Gateway
from webpanel.wire.rules import Body, Rule
from webpanel.wire.verdict import Outcome, Reply, Verdict

Means = Literal["accepted", "failed"]
Reason = Literal["masked", "cut", "slow"]

MEANINGS: tuple[Means, ...] = ("accepted", "failed")
#: The settings that a verdict's class depends on.
JUDGING = (
    *("failure_kind", "failure_rule", "failure_fault"),
    *("later_kind", "later_rule", "success_kind", "success_rule"),
)
#: Of the replies that would be judged otherwise, so many of a sort are named.
MOST_NAMED = 5


@dataclass(frozen=True)
class Example:
    """A reply of which a person knows what it means; ``key`` names it for the caller."""

    key: str
    means: Means
    reply: Reply


@dataclass(frozen=True)
class Standing:
    """What rules make of an example; ``agrees`` is None where that cannot be told, for the reason given."""

    verdict: Verdict
    agrees: bool | None
    unsure: Reason | None = None


@dataclass(frozen=True)
class Flip:
    """An example that rules contradict; ``before`` is None for one that is new."""

    example: Example
    before: Standing | None
    after: Standing


@dataclass(frozen=True)
class Shift:
    """So many replies of the class ``before`` would be of the class ``after``; the first are named."""

    before: Outcome
    after: Outcome
    count: int
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """Of ``judged`` replies those that shift; ``masked`` and ``cut`` more could not be judged again."""

    judged: int = 0
    masked: int = 0
    cut: int = 0
    shifts: tuple[Shift, ...] = ()


def stored(status: int, head: bytes, body: bytes, *, cut: bool = False, complete: bool = True) -> Reply:
    """A reply as it lies in the database: ``head`` is the status line and the headers."""
    first, *lines = head.decode("utf-8", "replace").splitlines() or [""]
    named = (line.partition(":") for line in lines)
    headers = tuple((name.strip(), value.strip()) for name, sign, value in named if sign)
    reason = first.split(" ", 2)[2] if first.count(" ") > 1 else ""
    return Reply(status, reason, headers, body, complete=complete, cut=cut)


def same_judgement(one: Gateway, other: Gateway) -> bool:
    """Whether both judge every reply alike, as far as their settings tell."""
    return all(getattr(one, name) == getattr(other, name) for name in JUDGING)


def standing(gateway: Gateway, example: Example) -> Standing:
    """What the gateway's rules make of an example."""
    found = verdict.judge(gateway, example.reply)
    unsure = _unsure(gateway, example.reply, found)
    agrees = (found.outcome == "accepted") == (example.means == "accepted")
    return Standing(found, None if unsure else agrees, unsure)


def unjudged() -> Standing:
    """Of an example that nobody waits for."""
    return Standing(Verdict("ambiguous", "ambiguous_cut"), None, "slow")


def flips(
    before: Gateway | None,
    after: Gateway,
    examples: Iterable[Example],
    judged: Callable[[Gateway, Example], Standing] = standing,
) -> tuple[Flip, ...]:
    """The examples that ``after`` contradicts and ``before`` does not; without ``before``, all of those.

    ``judged``: what judges, where that is not done anew each time.
    """
    found = []
    for example in examples:
        present = judged(after, example)
        if present.agrees is not False:
            continue
        past = judged(before, example) if before else None
        if past is None or past.agrees is not False:
            found.append(Flip(example, past, present))
    return tuple(found)


def difference(before: Gateway, after: Gateway, replies: Iterable[tuple[str, Reply]]) -> Difference:
    """In what the two judge real replies otherwise. They are taken one by one, and none is kept."""
    counts = {"judged": 0, "masked": 0, "cut": 0}
    shifts: dict[tuple[Outcome, Outcome], Shift] = {}
    for key, reply in replies:
        past, present = verdict.judge(before, reply), verdict.judge(after, reply)
        unsure = _unsure(before, reply, past) or _unsure(after, reply, present)
        counts[unsure or "judged"] += 1
        if unsure or past.outcome == present.outcome:
            continue
        pair = (past.outcome, present.outcome)
        known = shifts.get(pair, Shift(*pair, 0, ()))
        shifts[pair] = replace(known, count=known.count + 1, keys=(*known.keys, key)[:MOST_NAMED])
    most_first = sorted(shifts.values(), key=lambda shift: (-shift.count, shift.before, shift.after))
    return Difference(**counts, shifts=tuple(most_first))


def _unsure(gateway: Gateway, reply: Reply, found: Verdict) -> Reason | None:
    if found.code == "ambiguous_cut":
        return "cut"
    return None if _is_certain(gateway, reply) else "masked"


def _is_certain(gateway: Gateway, reply: Reply) -> bool:
    """Whether no rule that is looked at, in the verdict's order, could find something else without masks."""
    if not reply.complete:
        # Then no rule is looked at.
        return True
    body = Body(reply.body, reply.header("Content-Type"), reply.cut)
    asked = [Rule(gateway.failure_kind, gateway.failure_rule), Rule(gateway.later_kind, gateway.later_rule)]
    for rule in (each for each in asked if each.is_stated):
        if not masked.is_certain(rule, body):
            return False
        if rules.apply(rule, body).holds:
            return True
    success = Rule(gateway.success_kind, gateway.success_rule)
    is_asked = 200 <= reply.status <= 299 and success.is_stated  # noqa: PLR2004 - a 2xx
    return not is_asked or masked.is_certain(success, body)
