"""A message's own page: what happened, what can be done about it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar
from zlib import crc32

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import current_user
from sqlalchemy import func, select
from werkzeug.wrappers import Response as BaseResponse

from webpanel import intake
from webpanel.forms import worded
from webpanel.models import Application, Attempt, Callback, Event, Gateway, Message, db
from webpanel.panel import country
from webpanel.services import services
from webpanel.store import StoreUnavailable
from webpanel.views.messages import callbacks, once, wording
from webpanel.views.messages.blueprint import bp
from webpanel.views.visible import visible
from webpanel.wire import standing
from webpanel.wire.problem import Refused
from webpanel.wire.report import is_mapped
from webpanel.words.callbacks import OUTCOMES as CALLBACK_OUTCOMES
from webpanel.words.callbacks import STATES as CALLBACK_STATES
from webpanel.words.events import ENCODINGS, FINAL_STATES, MEANINGS, OUTCOMES, PRIORITIES, SOURCES, STATES

T = TypeVar("T")

#: Bytes of a reply on the page; the whole of it is one link away.
SHOWN = 4_000
#: Seconds between looks at a message that moves, and at one that waits for long.
SOON, LATER = 1, 3
#: The same for one of which a delivery report may come, while that is likely and long after.
REPORT_LIKELY, REPORT_LATE = timedelta(minutes=10), timedelta(hours=72)
SELDOM = 30


@bp.get("/messages/<message_id>")
def message(message_id: str) -> Response:
    found = _message(message_id)
    gateway = db.session.get(Gateway, found.gateway_id) if found.gateway_id else None
    stands = standing.of(gateway, datetime.now(UTC)) if gateway else "on"
    tellings = callbacks.found(message_id)
    reported, every = _report(found, gateway)
    seen = f"{_version(found, stands, tellings)}-{reported}-{every}"
    if request.args.get("seen") == seen:
        # Nothing new since the page last looked: htmx leaves it alone.
        return make_response("", 204)
    partial = request.headers.get("HX-Request-Type") == "partial"
    page = render_template(
        "messages/_progress.html" if partial else "messages/message.html",
        message=found,
        gateway=gateway,
        attempted_by=_attempted_by(found),
        application=db.session.get(Application, found.application_id) if found.application_id else None,
        stands=stands,
        seen=seen,
        final=found.state in FINAL_STATES,
        asks=found.state not in FINAL_STATES or reported == "expected" or callbacks.move(tellings),
        callbacks=tellings,
        callback_states=CALLBACK_STATES,
        callback_outcomes=CALLBACK_OUTCOMES,
        report=reported,
        every=every,
        told=[attempt.reason for attempt in found.attempts],
        once=once.token(),
        states=STATES,
        meanings=MEANINGS,
        outcomes=OUTCOMES,
        priorities=PRIORITIES,
        sources=SOURCES,
        encodings=ENCODINGS,
        wording=wording,
        visible=visible,
        reply_of=_reply,
        shown=SHOWN,
    )
    response = make_response(page)
    response.vary.add("HX-Request-Type")
    return response


@bp.get("/messages/<message_id>/attempts/<int:number>/<any(request, reply):part>")
def exchange(message_id: str, number: int, part: str) -> Response:
    """What left, or what came back, whole and as text."""
    attempt = db.session.scalar(select(Attempt).filter_by(message_id=message_id, number=number))
    if attempt is None:
        abort(404)
    raw = attempt.request or b"" if part == "request" else _reply(attempt)
    return Response(visible(raw), content_type="text/plain; charset=utf-8")


@bp.post("/messages/<message_id>/resend")
def resend(message_id: str) -> BaseResponse:
    found = _message(message_id)
    word = once.word(request.form.get("once"))
    if word is None:
        flash(_("The form came in part only. Nothing was sent; press the button again."), "warning")
        return _back(message_id)
    if made := once.made(word):
        flash(_("It was sent once more already, and not again."), "info")
        return _back(made.id)
    parts = services()
    resent = _done(
        lambda: intake.resend(
            parts.store,
            found,
            vault=parts.vault,
            panel_country=country(),
            actor=current_user.username,
            source="page",
            lifetime_hours=parts.config.lifetime_hours,
            ring=parts.sender.ring,
            once=word,
        )
    )
    if resent is not None:
        flash(_("Sent once more, as this new message."), "success")
    return _back(resent or message_id)


@bp.post("/messages/<message_id>/cancel")
def cancel(message_id: str) -> BaseResponse:
    found = _message(message_id)
    if _done(lambda: intake.cancel(services().store, found, actor=current_user.username)):
        flash(_("Cancelled. Nothing more is sent."), "success")
    else:
        flash(_("It could not be cancelled: it was sent or finished meanwhile."), "warning")
    return _back(message_id)


@bp.post("/messages/<message_id>/mark")
def mark(message_id: str) -> BaseResponse:
    found = _message(message_id)
    wanted = request.form.get("as")
    if wanted not in ("sent", "failed"):
        abort(400)
    if _done(lambda: intake.mark_as(services().store, found, wanted, actor=current_user.username)):
        flash(_("Noted, with your name and the time."), "success")
    else:
        flash(_("Nothing was changed: the message is not unclear any more."), "warning")
    return _back(message_id)


def _message(message_id: str) -> Message:
    return db.get_or_404(Message, message_id)


def _attempted_by(found: Message) -> dict[int | None, str]:
    """The gateway of each attempt by name, where there was more than one; none where there was not."""
    ids = {attempt.gateway_id for attempt in found.attempts}
    if ids <= {found.gateway_id}:
        return {}
    rows = db.session.execute(select(Gateway.id, Gateway.name).where(Gateway.id.in_(ids - {None})))
    return {None: _("a deleted gateway"), **{row.id: row.name for row in rows}}


def _reply(attempt: Attempt) -> bytes:
    """Head and body as they came, with the empty line between them."""
    if attempt.reply_head is None:
        return b""
    return attempt.reply_head.rstrip(b"\r\n") + b"\r\n\r\n" + (attempt.reply_body or b"")


def _report(found: Message, gateway: Gateway | None) -> tuple[Literal["", "expected", "missing"], int]:
    """Whether a delivery report may still come, and the seconds until the page looks again."""
    if found.state not in FINAL_STATES:
        return "", SOON if found.state == "sending" or found.attempt_count == 0 else LATER
    if (
        found.state != "sent"
        or gateway is None
        or found.final_at is None
        or not is_mapped(gateway.settings())
    ):
        return "", LATER
    age = datetime.now(UTC) - found.final_at
    if age > REPORT_LATE:
        return "missing", SELDOM
    return "expected", LATER if age < REPORT_LIKELY else SELDOM


def _version(found: Message, stands: standing.Standing, tellings: Sequence[Callback]) -> str:
    """Changes whenever the page would look different."""
    last = db.session.scalar(select(func.max(Event.id)).filter_by(message_id=found.id))
    told = [(each.id, each.state, each.attempt_count) for each in tellings]
    return f"{found.state}-{found.attempt_count}-{last or 0}-{stands}-{crc32(repr(told).encode()):x}"


def _done(act: Callable[[], T]) -> T | None:
    """What ``act`` returned; None when it was refused or could not be stored, which is then said."""
    try:
        return act()
    except Refused as refused:
        for problem in refused.problems:
            flash(worded(problem, in_lines=False), "danger")
    except StoreUnavailable:
        flash(_("It could not be stored, so nothing was done. Try again."), "danger")
    return None


def _back(message_id: str) -> BaseResponse:
    return redirect(url_for("messages.message", message_id=message_id), 303)
