"""What can be done to a gateway: save, switch, order, resume, delete. All of it through the one writer.

A room of its own beside ``intake``: that one makes messages, this one keeps what they are sent by.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, delete, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from webpanel import callbacks, gateway_secrets, models, replies
from webpanel.gateway_secrets import SecretChanges
from webpanel.replies import Keeping
from webpanel.store import Store, from_now, now
from webpanel.vault import Vault
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem, Refused

_gateway = models.Gateway.__table__
_secret = models.Secret.__table__
_message = models.Message.__table__
_event = models.Event.__table__

#: The states of messages that have not left and are nobody's at the moment.
WAITING = ("scheduled", "queued", "held")
#: For a save that keeps no reply and removes none.
NOTHING_KEPT = Keeping()


class Gone(LookupError):  # noqa: N818 - what happened, not an error of the program
    """There is no such gateway (any more)."""


class SavedMeanwhile(Exception):  # noqa: N818 - what happened, not an error of the program
    """Somebody else saved the gateway since the form was read: who, when, and which version it is now."""

    def __init__(self, by: str, at: datetime, version: int) -> None:
        super().__init__(f"saved by {by} as version {version}")
        self.by, self.at, self.version = by, at, version


def create(  # noqa: PLR0913 - what is stored, where and by whom
    store: Store,
    vault: Vault,
    settings: Gateway,
    secrets: Mapping[str, str],
    actor: str,
    *,
    keeping: Keeping = NOTHING_KEPT,
    preset_base: Mapping[str, Any] | None = None,
) -> int:
    """Store a new gateway, enabled and last in order; returns its id. Raises Refused (name taken).

    ``preset_base``: what the file of the preset that it is made from says (``difference.stated``).
    """
    encrypted = {name: vault.encrypt(value) for name, value in secrets.items()}

    def group(connection: Connection) -> int:
        at = now(connection)
        last = connection.execute(select(func.max(_gateway.c.position))).scalar()
        row = {
            **asdict(settings),
            "preset_base": None if preset_base is None else dict(preset_base),
            "position": 0 if last is None else last + 1,
            "created_at": at,
            "updated_at": at,
            "updated_by": actor,
        }
        gateway_id = _once_named(connection, insert(_gateway).values(row)).inserted_primary_key[0]
        _put_secrets(connection, gateway_id, encrypted)
        replies.keep(connection, gateway_id, keeping, actor)
        return gateway_id

    return store.write(group)


def save(  # noqa: PLR0913 - what is saved, over what, where and by whom
    store: Store,
    vault: Vault,
    gateway_id: int,
    version: int,
    *,
    settings: Gateway,
    changes: SecretChanges,
    actor: str,
    keeping: Keeping = NOTHING_KEPT,
) -> None:
    """Store ``settings`` over version ``version``; a stopped or paused gateway goes on.

    Raises Gone, SavedMeanwhile, or Refused (name taken; a secret is asked for again; too many are kept).
    """
    encrypted = {name: vault.encrypt(value) for name, value in changes.typed.items()}

    def group(connection: Connection) -> None:
        found = connection.execute(
            select(
                _gateway.c.name,
                _gateway.c.url,
                _gateway.c.version,
                _gateway.c.updated_by,
                _gateway.c.updated_at,
            ).where(_gateway.c.id == gateway_id)
        ).first()
        if found is None:
            raise Gone(gateway_id)
        stored = set(
            connection.execute(select(_secret.c.name).where(_secret.c.gateway_id == gateway_id)).scalars()
        )
        if found.version == version:
            missing = gateway_secrets.asked_again(found.url, stored, settings, changes)
            if missing:
                raise Refused(*map(gateway_secrets.secret_asked_again, missing))
        values = {
            **asdict(settings),
            "version": _gateway.c.version + 1,
            **_anew(),
            "updated_at": now(connection),
            "updated_by": actor,
        }
        # The condition decides, not what was read above: also where another process writes too.
        change = update(_gateway).where(_gateway.c.id == gateway_id, _gateway.c.version == version)
        if not _once_named(connection, change.values(values)).rowcount:
            raise SavedMeanwhile(found.updated_by, found.updated_at, found.version)
        _rename_next(connection, found.name, settings.name)
        stay = gateway_secrets.kept(found.url, stored, settings, changes)
        connection.execute(
            delete(_secret).where(_secret.c.gateway_id == gateway_id, _secret.c.name.not_in(stay))
        )
        _put_secrets(connection, gateway_id, encrypted)
        replies.keep(connection, gateway_id, keeping, actor)

    store.write(group)


def set_enabled(store: Store, gateway_id: int, enabled: bool) -> None:
    """Switch on or off. Not a new version: nobody's open form holds this. Raises Gone."""
    _change(store, gateway_id, {"enabled": enabled})


def resume(store: Store, gateway_id: int) -> None:
    """Let a stopped or paused gateway go on as it is. Raises Gone."""
    _change(store, gateway_id, _anew())


def hold(store: Store, gateway_id: int, actor: str) -> None:
    """Let a gateway send nothing until somebody releases it. Raises Gone."""
    _change(store, gateway_id, {"held_at": from_now(), "held_by": actor})


def release(store: Store, gateway_id: int) -> None:
    """End a hold. Raises Gone."""
    _change(store, gateway_id, {"held_at": None, "held_by": ""})


def keep_own(store: Store, gateway_id: int, base: Mapping[str, Any]) -> None:
    """Take ``base`` for what the provider's file last said. Not a new version, as above. Raises Gone."""
    _change(store, gateway_id, {"preset_base": dict(base)})


def renew_report_token(store: Store, gateway_id: int) -> None:
    """Give it another address for delivery reports; the one before ends at once. Raises Gone."""
    _change(store, gateway_id, {"report_token": models.new_report_token()})


def move(store: Store, gateway_id: int, steps: int) -> None:
    """Move by ``steps`` in the order: -1 is one up. At either end nothing happens. Raises Gone."""

    def group(connection: Connection) -> None:
        rows = connection.execute(
            select(_gateway.c.id, _gateway.c.position).order_by(_gateway.c.position, _gateway.c.id)
        ).all()
        order = [row.id for row in rows]
        if gateway_id not in order:
            raise Gone(gateway_id)
        place = order.index(gateway_id)
        order.insert(max(0, min(len(order) - 1, place + steps)), order.pop(place))
        before = {row.id: row.position for row in rows}
        for position, each in enumerate(order):
            if before[each] != position:
                connection.execute(update(_gateway).where(_gateway.c.id == each).values(position=position))

    store.write(group)


def remove(store: Store, gateway_id: int, actor: str) -> int:
    """Delete it with its secrets; its messages stay, with its name. Returns how many still waited.

    Those are cancelled, so that nothing waits for a gateway that is gone; unclear is what it may have sent.
    Raises Gone, and Refused while one of its messages is on its way.
    """

    def group(connection: Connection) -> int:
        of_it = _message.c.gateway_id == gateway_id
        if connection.execute(select(_message.c.id).where(of_it, _message.c.state == "sending")).first():
            raise Refused(Problem("gateway_is_sending"))
        at = now(connection)
        waiting = (of_it, _message.c.state.in_(WAITING))
        ids = connection.execute(select(_message.c.id).where(*waiting)).scalars().all()
        reason = {"code": "event_gateway_deleted", "values": {}}
        ended = {"due_at": None, "sealed_text": None, "final_at": at, "reason": reason}
        steps = select(
            _message.c.id,
            literal(at, models.Instant()),
            literal("event_gateway_deleted"),
            literal({}, JSON()),
            literal(actor),
        ).where(*waiting)
        connection.execute(insert(_event).from_select(["message_id", "at", "code", "values", "actor"], steps))
        # What may have reached the provider before was not simply cancelled.
        unclear = update(_message).where(*waiting, _message.c.possible_duplicate)
        connection.execute(unclear.values(state="unknown", **ended))
        connection.execute(update(_message).where(*waiting).values(state="cancelled", **ended))
        callbacks.queue_several(connection, ids)
        name = connection.execute(select(_gateway.c.name).where(_gateway.c.id == gateway_id)).scalar()
        if not connection.execute(delete(_gateway).where(_gateway.c.id == gateway_id)).rowcount:
            raise Gone(gateway_id)
        _rename_next(connection, name, "")
        return len(ids)

    return store.write(group)


def _anew() -> dict[str, Any]:
    """The columns of a gateway that begins anew: what went wrong before counts no more."""
    return {
        "stopped_at": None,
        "stopped_reason": None,
        "paused_until": None,
        "paused_reason": None,
        "failing_since": None,
        "resumed_at": from_now(),
    }


def _rename_next(connection: Connection, before: str, after: str) -> None:
    """Those that name a gateway as the one that takes over go on naming it."""
    if before != after:
        named = update(_gateway).where(_gateway.c.next_gateway == before)
        connection.execute(named.values(next_gateway=after))


def _change(store: Store, gateway_id: int, values: dict[str, Any]) -> None:
    def group(connection: Connection) -> None:
        if not connection.execute(
            update(_gateway).where(_gateway.c.id == gateway_id).values(values)
        ).rowcount:
            raise Gone(gateway_id)

    store.write(group)


def _once_named(connection: Connection, statement: Any) -> Any:
    """Execute what writes a gateway's row; its name is the only thing that must be unique."""
    try:
        return connection.execute(statement)
    except IntegrityError as error:
        raise Refused(Problem("gateway_name_taken", "name")) from error


def _put_secrets(connection: Connection, gateway_id: int, encrypted: Mapping[str, bytes]) -> None:
    rows = [{"gateway_id": gateway_id, "name": name, "ciphertext": c} for name, c in encrypted.items()]
    if rows:
        connection.execute(insert(_secret), rows)
