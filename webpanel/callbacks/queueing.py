"""The row that says what is to be told: written in the commit that changes the message.

A room of its own because every message passes through it: one statement, made once, which does nothing
for a message whose caller gave no address.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, and_, bindparam, case, func, insert, literal, null, or_, select

from webpanel import models
from webpanel.callbacks.asking import FINAL, KANNEL
from webpanel.prepared import Prepared
from webpanel.store import from_now

_message = models.Message.__table__
_application = models.Application.__table__
_target = models.CallbackTarget.__table__
_callback = models.Callback.__table__

_EVENT = case(KANNEL, value=_message.c.state, else_=0)
_WANTED = {
    "message_id": _message.c.id,
    "application_id": _message.c.application_id,
    "own": _target.c.message_id.is_not(None),
    "kind": func.coalesce(_target.c.kind, "json"),
    "site": func.coalesce(_target.c.site, _application.c.callback_site),
    "told_state": _message.c.state,
    # When it came to its state: a later one must not change what another try says.
    "told_at": func.coalesce(_message.c.final_at, from_now()),
    "told_reason": _message.c.reason,
    "told_duplicate": _message.c.possible_duplicate,
    "told_provider_id": _message.c.provider_message_id,
    "state": literal("waiting"),
    "due_at": from_now(),
    "reason": null(),
    "attempt_count": literal(0),
    "failure_count": literal(0),
}
_QUEUE = Prepared(
    insert(_callback).from_select(
        list(_WANTED),
        select(*_WANTED.values())
        .select_from(_message)
        .outerjoin(_target, _target.c.message_id == _message.c.id)
        .outerjoin(
            _application,
            and_(
                _application.c.id == _message.c.application_id,
                _application.c.callback_site != "",
                _application.c.callback_off_at.is_(None),
            ),
        )
        .where(
            _message.c.id == bindparam("message"),
            or_(_target.c.message_id.is_not(None), _application.c.id.is_not(None)),
            func.coalesce(_target.c.mask, FINAL).op("&")(_EVENT) != 0,
        ),
        include_defaults=False,
    )
)
#: The rows of :func:`webpanel.callbacks.target`, each stored after its message.
TARGETS = Prepared(insert(_target), _target.c.keys())


def queue(connection: Connection, message_id: str) -> None:
    """Have the caller of a message told how it stands now, if that is anything to tell.

    To be called in the group of statements that brought it there: at each final state, and for each
    delivery report that changes one.
    """
    _QUEUE.run(connection, [{"message": message_id}])


def queue_several(connection: Connection, message_ids: Iterable[str]) -> None:
    """As :func:`queue`, for each."""
    _QUEUE.run(connection, [{"message": message_id} for message_id in message_ids])
