"""What must be true once everything came to its end, and the figures of a run."""

from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from webpanel.invariants import breaches
from webpanel.models import Attempt, Callback, Message

#: What a run was like, for the summary of ``make chaos`` and for docs/delivery.md.
FIGURES: dict[str, "Figures"] = {}


@dataclass
class Figures:
    kills: int = 0
    messages: int = 0
    requests: int = 0
    #: Attempts that a kill hit between mark and finish, or whose reply was lost.
    uncertain: int = 0
    #: Messages that the provider got twice; each of them is flagged, with those where it was in doubt.
    doubled: int = 0
    flagged: int = 0
    unclear: int = 0
    lost: int = 0
    hidden: int = 0

    def __add__(self, other: Self) -> "Figures":
        return Figures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


def reckon(
    database: Path, record: Path, accepted: set[str], *, reported: set[str], kills: int = 0
) -> Figures:
    """Compare what callers were told, what the tables say and what the provider got. All is final.

    ``reported``: the messages of which the provider's report was taken, that they were delivered.
    """
    seen = Counter(record.read_text().split())
    engine = create_engine(f"sqlite:///{database}")
    try:
        with Session(engine) as session:
            broken = breaches(session.connection(), late=0)
            messages = {each.id: each for each in session.scalars(select(Message))}
            attempts = Counter(session.scalars(select(Attempt.outcome)))
            uncertain = Counter(
                session.scalars(select(Attempt.message_id).where(Attempt.outcome == "ambiguous"))
            )
            untold = list(session.scalars(select(Callback.message_id).where(Callback.state != "told")))
            session.expunge_all()
    finally:
        engine.dispose()
    assert not broken, broken
    lost = accepted - messages.keys()
    hidden = [each.id for each in messages.values() if seen[each.id] > 1 and not each.possible_duplicate]
    assert not lost, "every accepted id exists"
    assert not messages.keys() - accepted, "what was asked for once is stored once"
    assert not seen.keys() - accepted, "nothing is sent that nobody asked for"
    assert not untold, "every caller that asked for it was told"
    wrong = [each for each in reported if messages[each].state != "delivered"]
    assert not wrong, "a report that was taken is not lost"
    assert not hidden, "two or more seen implies possible_duplicate"
    for message in messages.values():
        count = seen[message.id]
        assert message.final_at is not None
        assert message.state in ("sent", "unknown", "delivered"), message.state
        # Sent once more after an attempt that was not certain, and never again.
        assert count <= 1 + min(uncertain[message.id], 1)
        assert count <= message.attempt_count
        assert count or message.state == "unknown", "sent implies at least one seen"
        assert message.state != "unknown" or message.possible_duplicate, "unclear only after once more"
        assert message.text is None or not message.sensitive
    return Figures(
        kills=kills,
        messages=len(messages),
        requests=seen.total(),
        uncertain=attempts["ambiguous"],
        doubled=sum(count > 1 for count in seen.values()),
        flagged=sum(each.possible_duplicate for each in messages.values()),
        unclear=sum(each.state == "unknown" for each in messages.values()),
        lost=len(lost),
        hidden=len(hidden),
    )
