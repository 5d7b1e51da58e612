"""What becomes of an earlier message when it is sent once more together with others.

A room of its own beside ``storing``, in whose commit it takes part: two people who decide about the same
messages at the same moment, and a message that changes after they were counted, meet here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from webpanel import callbacks, models
from webpanel.intake.clerk import Draft
from webpanel.wire.problem import Problem

_message = models.Message.__table__
_event = models.Event.__table__

_CONCLUDE = (
    update(_message)
    .where(_message.c.id == bindparam("of"), _message.c.state == "unknown")
    .values(state="failed", final_at=bindparam("at"), reason={"code": "resent_unclear", "values": {}})
)


def refused(connection: Connection, drafts: Sequence[Draft]) -> dict[str, Problem]:
    """Which of the drafts may not be stored, by their ids: somebody decided about the message before.

    The messages before are held until the commit, so that what is true of them now stays true.
    """
    asked = {draft.row["resent_from"]: draft for draft in drafts if draft.resent_state is not None}
    if not asked:
        return {}
    states = {
        row.id: row.state
        for row in connection.execute(
            select(_message.c.id, _message.c.state)
            .where(_message.c.id.in_(asked))
            .order_by(_message.c.id)
            .with_for_update()
        )
    }
    resent = set(
        connection.execute(
            select(_event.c.message_id).where(_event.c.message_id.in_(asked), _event.c.code == "event_resent")
        ).scalars()
    )
    found = {}
    for draft in drafts:
        before = draft.row["resent_from"]
        if draft.resent_state is None:
            continue
        if before in resent:
            found[draft.row["id"]] = Problem("message_resent")
        elif states.get(before) != draft.resent_state:
            found[draft.row["id"]] = Problem("message_decided")
        else:
            # By the first of these drafts, when two people decide in the same commit.
            resent.add(before)
    return found


def conclude(connection: Connection, drafts: Iterable[Draft], present: datetime) -> None:
    """An unclear message whose place another one takes is unclear no more."""
    rows = [
        {"of": draft.row["resent_from"], "at": present} for draft in drafts if draft.resent_state == "unknown"
    ]
    if rows:
        connection.execute(_CONCLUDE, rows)
        callbacks.queue_several(connection, [row["of"] for row in rows])
