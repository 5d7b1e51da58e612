"""What people do: send one message, send one again, cancel one, say what became of an unclear one."""

from datetime import timedelta
from typing import Literal

from sqlalchemy import Connection, update
from sqlalchemy.orm import Session

from webpanel import callbacks, models
from webpanel.intake.asking import Caller, Place, Ring, Wanted
from webpanel.intake.storing import note
from webpanel.intake.submitting import submit
from webpanel.store import Store, from_now
from webpanel.vault import Vault
from webpanel.wire.problem import Problem, Refused

#: What nobody has in hand: a person may still cancel it.
WAITING = ("scheduled", "queued", "held")
FINAL = ("sent", "delivered", "undelivered", "failed", "unknown", "expired", "cancelled")

_message = models.Message.__table__


def accept(  # noqa: PLR0913 - a message has that many facts, each by name
    store: Store,
    *,
    vault: Vault,
    gateway: models.Gateway,
    panel_country: str,
    to: str,
    text: str,
    actor: str,
    source: str,
    lifetime_hours: float,
    ring: Ring,
    once: str | None = None,
    resent_from: str | None = None,
) -> str:
    """Store one message of a person's for ``gateway``; returns its id once it is on disk.

    ``once``: the caller's own word for this sending, at most 64 characters; used twice, it makes one
    message, whose id is returned again. ``source``: the door (``page``, ``terminal``). Raises Refused
    with every problem found (fields ``recipient``, ``text``, ``gateway``) and StoreUnavailable.
    """
    submitted = submit(
        store,
        vault=vault,
        caller=Caller(actor, source),
        place=Place(panel_country, timedelta(hours=lifetime_hours)),
        wanted=[Wanted(to, text, gateway=gateway.id, once=once, resent_from=resent_from)],
        ring=ring,
    )
    result = submitted.results[0]
    if result.message_id is None:
        raise Refused(*result.problems)
    return result.message_id


def resend(  # noqa: PLR0913 - as accept
    store: Store,
    message: models.Message,
    *,
    vault: Vault,
    panel_country: str,
    actor: str,
    source: str,
    lifetime_hours: float,
    ring: Ring,
    once: str | None = None,
) -> str:
    """Send a final message once more, as a new one by the same gateway; returns the new one's id.

    Raises as :func:`accept`, and Refused (field ``message``) for one that is not final, or whose number
    or text was removed.
    """
    if message.state not in FINAL:
        raise Refused(Problem("message_not_final", "message"))
    if message.sensitive:
        raise Refused(Problem("message_sensitive", "message"))
    if message.recipient is None or message.text is None:
        raise Refused(Problem("message_removed", "message"))
    with Session(store.engine) as session:
        gateway = message.gateway_id and session.get(models.Gateway, message.gateway_id)
        if not gateway:
            raise Refused(Problem("gateway_gone", "gateway"))
        return accept(
            store,
            vault=vault,
            gateway=gateway,
            panel_country=panel_country,
            to=message.recipient,
            text=message.text,
            actor=actor,
            source=source,
            lifetime_hours=lifetime_hours,
            ring=ring,
            once=once,
            resent_from=message.id,
        )


def cancel(store: Store, message: models.Message, *, actor: str) -> bool:
    """End a waiting message; False when it is not waiting any more.

    One that the provider may have taken before ends as ``unknown``: "not sent" would be a guess.
    """
    unclear = update(_message).where(_message.c.possible_duplicate)
    unsent = update(_message)

    def group(connection: Connection) -> bool:
        for change, state in ((unclear, "unknown"), (unsent, "cancelled")):
            changed = connection.execute(
                change.where(_message.c.id == message.id, _message.c.state.in_(WAITING)).values(
                    state=state,
                    due_at=None,
                    sealed_text=None,
                    final_at=from_now(),
                    reason={"code": "event_cancelled", "values": {}},
                )
            )
            if changed.rowcount:
                note(connection, message.id, "event_cancelled", {}, actor)
                callbacks.queue(connection, message.id)
                return True
        return False

    return store.write(group)


def mark_as(store: Store, message: models.Message, state: Literal["sent", "failed"], *, actor: str) -> bool:
    """What a person found out about an unclear message; False when it is not unclear any more."""

    def group(connection: Connection) -> bool:
        code = f"event_marked_{state}"
        changed = connection.execute(
            update(_message)
            .where(_message.c.id == message.id, _message.c.state == "unknown")
            .values(state=state, final_at=from_now(), reason={"code": code, "values": {}})
        )
        if changed.rowcount:
            note(connection, message.id, code, {}, actor)
            callbacks.queue(connection, message.id)
        return bool(changed.rowcount)

    return store.write(group)
