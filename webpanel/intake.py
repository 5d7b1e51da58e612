"""The only way a message comes into being, and what people may do to one afterwards.

Numbers, texts and composing are checked before anything is stored, so that what is accepted can be
sent by its gateway as it stands. ``vault`` opens the gateway's secrets, ``lifetime_hours`` is how long
a message may be tried, ``ring`` is told a gateway's id once its message is committed.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import Session
from ulid import ULID

from webpanel import models
from webpanel.store import Store, from_now, insert_once, now
from webpanel.vault import Unreadable, Vault
from webpanel.wire import content
from webpanel.wire.compose import UNSENT, Values, compose
from webpanel.wire.content import Content
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem, Refused

Ring = Callable[[int], None]

#: What nobody has in hand: a person may still cancel it.
WAITING = ("scheduled", "queued", "held")
FINAL = ("sent", "delivered", "undelivered", "failed", "unknown", "expired", "cancelled")

_gateway = models.Gateway.__table__
_message = models.Message.__table__
_event = models.Event.__table__


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
    """Store one message for ``gateway``; returns its id once it is on disk.

    ``once``: the caller's own word for this sending, at most 64 characters; used twice, it makes one
    message, whose id is returned again. ``source``: the door (``page``, ``terminal``). Raises Refused
    with every problem found (fields ``recipient``, ``text``, ``gateway``) and StoreUnavailable.
    """
    settings, secrets = _opened(store, vault, gateway.id)
    wanted = content.read(settings, to, text, panel_country)
    message_id = str(ULID())
    _composed(settings, secrets, wanted, message_id)

    def group(connection: Connection) -> str:
        # Read where it is written: since the check above, it may have been switched off.
        enabled = connection.execute(select(_gateway.c.enabled).where(_gateway.c.id == gateway.id)).scalar()
        if not enabled:
            raise _gateway_problem(enabled)
        present = now(connection)
        made = insert_once(
            connection,
            _message,
            id=message_id,
            created_at=present,
            gateway_id=gateway.id,
            gateway_name=settings.name,
            created_by=actor,
            source=source,
            resent_from=resent_from,
            once=once,
            recipient=wanted.recipient.value,
            text=wanted.text,
            sender=settings.sender,
            encoding=wanted.measure.encoding,
            parts=wanted.measure.parts,
            country=wanted.recipient.region,
            state="queued",
            due_at=present,
            expires_at=present + timedelta(hours=lifetime_hours),
        )
        if not made:
            return connection.execute(select(_message.c.id).where(_message.c.once == once)).scalar_one()
        values: dict[str, Any] = {"gateway": settings.name}
        if resent_from is None:
            _note(connection, message_id, "event_accepted", values, actor)
        else:
            _note(
                connection, message_id, "event_accepted_resend", {**values, "message_id": resent_from}, actor
            )
            _note(connection, resent_from, "event_resent", {"message_id": message_id}, actor)
        return message_id

    stored = store.write(group)
    if stored == message_id:
        ring(gateway.id)
    return stored


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
    if message.recipient is None or message.text is None:
        raise Refused(Problem("message_removed", "message"))
    with Session(store.engine) as session:
        gateway = message.gateway_id and session.get(models.Gateway, message.gateway_id)
        if not gateway:
            raise _gateway_problem(None)
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
                    final_at=from_now(),
                    reason={"code": "event_cancelled", "values": {}},
                )
            )
            if changed.rowcount:
                _note(connection, message.id, "event_cancelled", {}, actor)
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
            _note(connection, message.id, code, {}, actor)
        return bool(changed.rowcount)

    return store.write(group)


def _opened(store: Store, vault: Vault, gateway_id: int) -> tuple[Gateway, dict[str, str]]:
    """Settings and secrets of a gateway that messages may be accepted for."""
    with Session(store.engine) as session:
        found = session.get(models.Gateway, gateway_id)
        if found is None or not found.enabled:
            raise _gateway_problem(found and found.enabled)
        try:
            secrets = {secret.name: vault.decrypt(secret.ciphertext) for secret in found.secrets}
        except Unreadable as error:
            raise Refused(Problem("secrets_unreadable", "gateway")) from error
        return found.settings(), secrets


def _composed(settings: Gateway, secrets: dict[str, str], wanted: Content, message_id: str) -> None:
    """Refuse now what the gateway could not put into its request later."""
    values = Values(
        recipient=wanted.recipient,
        message=wanted.text,
        message_id=message_id,
        fresh=UNSENT,
        sender=settings.sender,
        secrets=secrets,
    )
    try:
        compose(settings, values, user_agent="webpanel")
    except Refused as refused:
        raise Refused(
            *(replace(problem, field=_field(problem.field)) for problem in refused.problems)
        ) from None


def _field(composed: str) -> str:
    """Where a person can do something about what compose names."""
    return {"message": "text", "recipient": "recipient"}.get(composed, "gateway")


def _gateway_problem(enabled: bool | None) -> Refused:
    return Refused(Problem("gateway_gone" if enabled is None else "gateway_disabled", "gateway"))


def _note(connection: Connection, message_id: str, code: str, values: dict[str, Any], actor: str) -> None:
    connection.execute(
        insert(_event).values(message_id=message_id, at=from_now(), code=code, values=values, actor=actor)
    )
