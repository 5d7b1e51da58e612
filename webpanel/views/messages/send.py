"""The Send page: one message by hand, and how many SMS parts its text makes."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from flask_wtf import FlaskForm
from sqlalchemy import or_, select
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from webpanel import intake
from webpanel.forms import worded
from webpanel.models import Gateway, Message, db
from webpanel.panel import country
from webpanel.sending import failover
from webpanel.services import services
from webpanel.store import StoreUnavailable
from webpanel.views import choosing, numbers
from webpanel.views.messages import once
from webpanel.views.messages.blueprint import bp
from webpanel.wire import phone
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.text import Measure, clean, measure


def _gateway_id(chosen: str | int) -> int | None:
    return numbers.read(str(chosen))


class SendForm(FlaskForm):
    gateway = SelectField(_l("Gateway"), coerce=_gateway_id, validate_choice=False)
    recipient = StringField(
        _l("Number"), description=_l("With the country in front (+44 …), or as dialled in your own country.")
    )
    text = TextAreaField(_l("Text"))
    once = HiddenField()

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Put each problem's sentence beside its field, or above the form."""
        for problem in problems:
            if problem.field in self:
                field = self[problem.field]
                field.errors = [*field.errors, worded(problem, in_lines=problem.field == "text")]
            else:
                self.form_errors = [*self.form_errors, worded(problem, in_lines=False)]


@bp.get("/send")
def send() -> str:
    return _page(SendForm(formdata=None))


@bp.post("/send")
def send_message() -> Response | tuple[str, int]:
    form = SendForm()
    gateway = db.session.get(Gateway, form.gateway.data) if form.gateway.data else None
    word = once.word(form.once.data)
    if word is None:
        return _again(form, _("This form came in part only. Nothing was sent; press Send again."))
    if gateway is None:
        form.gateway.errors = [_("Choose a gateway.")]
        return _again(form)
    if stored := once.made(word):
        return _used(stored, form, gateway)
    try:
        message_id = _accept(form, gateway, word)
    except Refused as refused:
        form.refuse(refused.problems)
        return _again(form)
    except StoreUnavailable:
        return _page(form, _("The message could not be stored, so it was not sent. Try again.")), 503
    return redirect(url_for("messages.message", message_id=message_id), 303)


@bp.post("/send/parts")
def parts() -> str:
    """The count below the text, while somebody types."""
    return render_template("messages/_parts.html", measure=_measure(request.form.get("text", "")))


def _accept(form: SendForm, gateway: Gateway, word: str) -> str:
    parts = services()
    return intake.accept(
        parts.store,
        vault=parts.vault,
        gateway=gateway,
        panel_country=country(),
        to=form.recipient.data or "",
        text=form.text.data or "",
        actor=current_user.username,
        source="page",
        lifetime_hours=parts.config.lifetime_hours,
        ring=parts.sender.ring,
        once=word,
    )


def _used(stored: Message, form: SendForm, gateway: Gateway) -> Response | tuple[str, int]:
    """The page made its message before: the same again is shown, another one is asked about."""
    if _same(stored, form, gateway):
        flash(_("This message was sent already. It was not sent a second time."), "info")
        return redirect(url_for("messages.message", message_id=stored.id), 303)
    return _again(
        form, _("This page sent its message before. What stands here now was not sent; press Send again.")
    )


def _same(stored: Message, form: SendForm, gateway: Gateway) -> bool:
    try:
        recipient = phone.parse(
            form.recipient.data or "",
            region=gateway.default_country or country(),
            allow_short_codes=gateway.allow_short_codes,
            allow_alphanumeric=gateway.allow_alphanumeric,
        )
        asked = (gateway.id, recipient.value, clean(form.text.data or ""))
    except Refused:
        return False
    return asked == (stored.gateway_id, stored.recipient, stored.text)


def _measure(text: str) -> Measure:
    # Browsers send CRLF, which would count twice; stored and sent is LF.
    return measure(text.replace("\r\n", "\n"))


def _again(form: SendForm, error: str = "") -> tuple[str, int]:
    return _page(form, error), 422


def _page(form: SendForm, error: str = "") -> str:
    gateways = db.session.execute(
        select(
            *(Gateway.id, Gateway.name, Gateway.enabled, Gateway.held_at, Gateway.stopped_at),
            *(Gateway.failing_since, Gateway.paused_until),
        )
        # One that was switched off while the page stood open stays chosen: another one would be a guess.
        .where(or_(Gateway.enabled, Gateway.id == (form.gateway.data or 0)))
        .order_by(Gateway.position, Gateway.id)
    ).all()
    takers = failover.takers(db.session.connection())
    form.gateway.choices = [(row.id, choosing.label(row, takers)) for row in gateways]
    if error:
        form.form_errors = [*form.form_errors, error]
    word = once.word(form.once.data)
    if word is None or once.made(word):
        form.once.data = once.token()
    return render_template("messages/send.html", form=form, measure=_measure(form.text.data or ""))
