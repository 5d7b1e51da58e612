"""What a message's page says of telling its caller, and the button that tells it once more."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from webpanel import callbacks
from webpanel.models import Callback, db
from webpanel.services import services
from webpanel.store import StoreUnavailable
from webpanel.views.messages.blueprint import bp

#: A page asks again for a callback that is due as soon as this.
_SOON = timedelta(minutes=1)


def found(message_id: str) -> Sequence[Callback]:
    """What there is, or was, to tell of a message, with the tries."""
    wanted = select(Callback).where(Callback.message_id == message_id).order_by(Callback.id)
    return db.session.scalars(wanted.options(selectinload(Callback.attempts))).all()


def move(several: Sequence[Callback]) -> bool:
    """Whether one of them is about to change, so that a page should look again."""
    soon = datetime.now(UTC) + _SOON
    return any(
        each.state == "sending" or (each.due_at is not None and each.due_at < soon) for each in several
    )


@bp.post("/messages/<message_id>/callbacks/<int:callback_id>/again")
def tell_again(message_id: str, callback_id: int) -> Response:
    parts = services()
    try:
        again = callbacks.send_again(parts.store, message_id, callback_id)
    except StoreUnavailable:
        flash(_("It could not be stored, so nothing was done. Try again."), "danger")
    else:
        if again:
            parts.callbacks.ring()
            flash(_("The program is told once more, now."), "success")
        else:
            flash(_("Nothing was changed: the program is being told already."), "warning")
    return redirect(url_for("messages.message", message_id=message_id, _anchor="callbacks"), 303)
