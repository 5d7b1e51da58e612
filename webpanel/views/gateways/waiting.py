"""Moves what waits at a gateway to another one: to which, how many, are you sure, and what became of it."""

from typing import Any

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from webpanel import intake
from webpanel.intake import Move, Progress, Queue
from webpanel.models import Gateway, db
from webpanel.sending import failover
from webpanel.views import choosing, numbers, runs
from webpanel.views.gateways.blueprint import bp, found
from webpanel.views.gateways.draft import wants_fragment
from webpanel.views.visible import visible

_KIND = "move"


class TargetForm(FlaskForm):
    target = SelectField(_l("To the gateway"), validate_choice=False)

    @classmethod
    def asking(cls, source: Gateway) -> "TargetForm":
        """What the query string asks for."""
        form = cls(formdata=request.args, meta={"csrf": False})
        form.target.choices = [SelectChoice("", _("Choose one")), *_others(source)]
        return form

    def validate_target(self, field: SelectField) -> None:
        if not field.data or field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_("Choose another gateway, one that is on."))

    @property
    def target_id(self) -> int:
        return numbers.read(self.target.data) or 0


@bp.get("/<int:gateway_id>/waiting")
def waiting(gateway_id: int) -> ResponseReturnValue:
    source = found(gateway_id)
    form = TargetForm.asking(source)
    queue = intake.waiting(db.session.connection(), gateway_id)
    if "target" not in request.args:
        return _page(source, form, queue)
    if not form.validate():
        return _page(source, form, queue), 422
    return _page(source, form, queue, Move(gateway_id, form.target_id, queue.newest))


@bp.post("/<int:gateway_id>/waiting")
def move_waiting(gateway_id: int) -> ResponseReturnValue:
    """A step of what was confirmed."""
    source = found(gateway_id)
    opened = runs.opened(f"{_KIND}.{gateway_id}", request.form.get("run"))
    form = TargetForm.asking(source)
    if opened is None:
        error = _("The form came in part only. Nothing was done; count once more.")
        return _page(source, form, intake.waiting(db.session.connection(), gateway_id), error=error), 422
    run, progress = opened
    asked = Move(gateway_id, run["target"], run["newest"])
    if not progress.after:
        now = intake.waiting(db.session.connection(), gateway_id, asked.newest)
        if now.total > run["total"]:
            error = _("Nothing was done: more of them wait than were counted. Look at them once more.")
            form.target.data = str(asked.target)
            return _page(source, form, now, asked, error), 409
    name = source.name
    # Nothing is read while the work is done, which takes its own connections.
    db.session.rollback()
    return _told(name, run, asked, intake.move(runs.hand(), asked, progress))


def _told(name: str, run: dict[str, Any], asked: Move, progress: Progress) -> ResponseReturnValue:
    """How far it is, or what became of it."""
    address = url_for(".move_waiting", gateway_id=asked.source)
    page = render_template(
        "_run.html" if wants_fragment() else "gateways/waiting_run.html",
        heading=_("Moving what waits at “%(name)s”", name=name),
        done=ngettext(
            "%(num)s message now waits for “%(target)s”.",
            "%(num)s messages now wait for “%(target)s”.",
            progress.done,
            target=run["name"],
        ),
        run=runs.Shown.of(f"{_KIND}.{asked.source}", run, progress, address),
        links=[
            (url_for("messages.index", gateway=asked.target), _("Show the messages")),
            (url_for(".index"), _("To the gateways")),
        ],
        visible=visible,
    )
    response = make_response(page, 503 if progress.halted and not wants_fragment() else 200)
    response.vary.add("HX-Request-Type")
    return response


def _page(source: Gateway, form: TargetForm, queue: Queue, asked: Move | None = None, error: str = "") -> str:
    confirm = ask = ""
    tried = Progress()
    if asked is not None and queue.total:
        # What only another try could tell is tried now, and once more when it is done.
        tried = intake.tried(runs.hand(), asked)
        target = db.session.get_one(Gateway, asked.target).name
        run = {"target": asked.target, "newest": asked.newest, "total": queue.total, "name": target}
        confirm = runs.sealed(f"{_KIND}.{asked.source}", run, Progress())
        able = queue.total - tried.seen + tried.done
        ask = able and ngettext("Move %(num)s message", "Move %(num)s messages", able)
    return render_template(
        "gateways/waiting.html",
        gateway=source,
        form=form,
        queue=queue,
        counted=asked is not None,
        tried=tried,
        left=runs.reasons(tried.left),
        confirm=confirm if ask else "",
        ask=ask,
        error=error,
        visible=visible,
    )


def _others(source: Gateway) -> list[SelectChoice]:
    rows = db.session.scalars(
        select(Gateway).where(Gateway.enabled, Gateway.id != source.id).order_by(Gateway.position, Gateway.id)
    )
    takers = failover.takers(db.session.connection())
    return [SelectChoice(str(gateway.id), choosing.label(gateway, takers)) for gateway in rows]
