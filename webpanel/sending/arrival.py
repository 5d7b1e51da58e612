"""What a delivery report makes of a message's state: a pure function.

A room of its own beside ``policy``, which decides after an attempt; this decides long after it. A report
proves at most two things, that the provider took the message and what became of it there: so a state
never goes back from ``delivered``, and what was still to be sent once more is not.
"""

from typing import Literal

#: What a message's report can come to.
Became = Literal["sent", "delivered", "undelivered"]

#: Waiting; a report about one of them tells that an earlier attempt arrived after all.
_WAITING = frozenset({"scheduled", "queued", "held"})

#: Meaning -> the states that it changes, and to which. Waiting ones are changed by each of them. ``failed``
#: and what was not sent in time or cancelled stay as they are until the provider says that it arrived.
_CHANGES: dict[str, tuple[frozenset[str], Became]] = {
    "delivered": (
        frozenset({"sent", "unknown", "undelivered", "failed", "expired", "cancelled"}) | _WAITING,
        "delivered",
    ),
    "undelivered": (frozenset({"sent", "unknown"}) | _WAITING, "undelivered"),
    "under way": (frozenset({"unknown"}) | _WAITING, "sent"),
}


def after(state: str, attempts: int, meaning: str) -> Became | None:
    """The state that follows; None when the report changes nothing.

    ``attempts`` made: of a message that no provider ever saw, a report proves nothing. One in state
    ``sending`` has an attempt whose end comes first; until then its report waits.
    """
    if not attempts or meaning not in _CHANGES:
        return None
    states, became = _CHANGES[meaning]
    return became if state in states else None
