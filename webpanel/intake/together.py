"""Decides about many messages as ``by_hand`` does about one: sends them once more, or marks them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from webpanel import callbacks, models
from webpanel.intake import chosen as choosing
from webpanel.intake import steps
from webpanel.intake.asking import Caller, Place, Ring, Wanted
from webpanel.intake.chosen import Chosen
from webpanel.intake.steps import Progress
from webpanel.intake.submitting import submit
from webpanel.store import Store, from_now, now
from webpanel.vault import Vault
from webpanel.wire.problem import Problem

_message = models.Message.__table__
_event = models.Event.__table__


@dataclass(frozen=True)
class Hand:
    """Whose decision it is, and what it is carried out with."""

    store: Store
    vault: Vault
    caller: Caller
    place: Place
    ring: Ring


def decide(
    hand: Hand, chosen: Chosen, decision: str, progress: Progress, seconds: float | None = None
) -> Progress:
    """A step of ``decision`` (of :data:`~webpanel.intake.chosen.DECISIONS`) on messages that were counted.

    ``resend``: each as a new message by its own gateway, once, however often this is called and by how
    many at a time; an unclear one is then ``failed``. ``sent``, ``failed``: the state that each then has.
    A message that changed since it was counted stays as it is.
    """

    def following(after: str) -> Sequence[Any]:
        with hand.store.engine.connect() as connection:
            return choosing.group(connection, chosen, decision, after, steps.GROUP)

    def act(rows: Sequence[Any]) -> Sequence[tuple[str, Problem]]:
        if decision == "resend":
            return _resend(hand, chosen.state, rows)
        ids = [row.id for row in rows]
        marked = hand.store.write(lambda connection: _mark(connection, ids, decision, hand.caller.actor))
        return [(each, Problem("message_decided")) for each in ids if each not in marked]

    return steps.go(progress, following, act, seconds)


def _resend(hand: Hand, state: str, rows: Sequence[Any]) -> list[tuple[str, Problem]]:
    left = [(row.id, Problem(row.why_not)) for row in rows if row.why_not]
    ready = [row for row in rows if not row.why_not]
    submitted = submit(
        hand.store,
        vault=hand.vault,
        caller=hand.caller,
        place=hand.place,
        wanted=[
            Wanted(
                row.recipient,
                row.text,
                gateway=row.gateway_id,
                priority=row.priority,
                once=f"again:{row.id}",
                resent_from=row.id,
                resent_state=state,
            )
            for row in ready
        ],
        ring=hand.ring,
    )
    results = zip(ready, submitted.results, strict=True)
    return left + [(row.id, result.problems[0]) for row, result in results if result.message_id is None]


def _mark(connection: Connection, ids: Sequence[str], state: str, actor: str) -> set[str]:
    """Those that were still unclear, and are now marked."""
    code = f"event_marked_{state}"
    unclear = (_message.c.id.in_(ids), _message.c.state == "unknown")
    found = set(connection.execute(select(_message.c.id).where(*unclear).with_for_update()).scalars())
    if found:
        connection.execute(
            update(_message)
            .where(_message.c.id.in_(found), _message.c.state == "unknown")
            .values(state=state, final_at=from_now(), reason={"code": code, "values": {}})
        )
        step = {"at": now(connection), "code": code, "values": {}, "actor": actor}
        connection.execute(insert(_event), [{**step, "message_id": each} for each in sorted(found)])
        callbacks.queue_several(connection, sorted(found))
    return found
