"""Deciding about many messages at once: which, how many, are you sure, and what became of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from webpanel import intake
from webpanel.intake import Chosen, Count, Left, Progress
from webpanel.models import Gateway, db
from webpanel.panel import time_zone
from webpanel.views import runs
from webpanel.views.messages import wording
from webpanel.views.messages.blueprint import bp
from webpanel.views.messages.filters import DELETED
from webpanel.views.messages.together_form import TogetherForm
from webpanel.views.visible import visible
from webpanel.wire.problem import Problem

_KIND = "together"


@bp.get("/messages/together")
def together() -> ResponseReturnValue:
    form = _form(request.args)
    if "decision" not in request.args:
        return _page(form)
    if not form.validate():
        return _page(form), 422
    counted = intake.count(db.session.connection(), form.chosen(ZoneInfo(time_zone())), form.decision.data)
    return _page(form, counted)


@bp.post("/messages/together")
def decide() -> ResponseReturnValue:
    """A step of what was confirmed."""
    found = runs.opened(_KIND, request.form.get("run"))
    if found is None:
        return _page(
            _form({}), error=_("The form came in part only. Nothing was done; count once more.")
        ), 422
    run, progress = found
    chosen, decision = _chosen(run), run["decision"]
    if not progress.after:
        again = intake.count(db.session.connection(), chosen, decision)
        if again.total > run["total"]:
            error = _("Nothing was done: there are more of them than were counted. Look at them once more.")
            return _page(_form(run["asked"]), again, error), 409
    # Nothing is read while the work is done, which takes its own connections.
    db.session.rollback()
    progress = intake.decide(runs.hand(), chosen, decision, progress)
    return _told(run, progress)


def _told(run: dict[str, Any], progress: Progress) -> ResponseReturnValue:
    """How far it is, or what became of it."""
    partial = request.headers.get("HX-Request-Type") == "partial"
    page = render_template(
        "_run.html" if partial else "messages/together_run.html",
        heading=_heading(run["decision"]),
        done=_done(run["decision"], progress.done),
        run=runs.Shown.of(_KIND, run, progress, url_for("messages.decide")),
        links=_links(run),
        visible=visible,
    )
    response = make_response(page, 503 if progress.halted and not partial else 200)
    response.vary.add("HX-Request-Type")
    return response


def _page(form: TogetherForm, counted: Count | None = None, error: str = "") -> str:
    confirm = ask = ""
    left: list[runs.Reason] = []
    if counted is not None:
        left = runs.reasons({code: Left(Problem(code), n, "") for code, n in counted.left.items()})
        if counted.able:
            confirm = runs.sealed(_KIND, _run(form, counted), Progress())
            ask = _ask(form.decision.data, counted.able)
    return render_template(
        "messages/together.html",
        form=form,
        counted=counted,
        said=counted and _counted(counted),
        error=error,
        left=left,
        confirm=confirm,
        ask=ask,
        wording=wording,
        visible=visible,
    )


def _form(asked: Mapping[str, str]) -> TogetherForm:
    gateways = db.session.execute(
        select(Gateway.id, Gateway.name).order_by(Gateway.position, Gateway.id)
    ).all()
    return TogetherForm.asking(asked, [(row.id, row.name) for row in gateways], time_zone())


def _run(form: TogetherForm, counted: Count) -> dict[str, Any]:
    chosen = counted.chosen
    return {
        "asked": form.asked,
        "decision": form.decision.data,
        "total": counted.total,
        "of": [chosen.state, chosen.gateway_id],
        "times": [_milliseconds(each) for each in (chosen.since, chosen.until, chosen.counted_at)],
    }


def _chosen(run: dict[str, Any]) -> Chosen:
    return Chosen(*run["of"], *(_moment(each) for each in run["times"]))


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


def _links(run: dict[str, Any]) -> list[tuple[str, str]]:
    """Where what was done can be looked at."""
    state, gateway_id = run["of"]
    gateway = DELETED if gateway_id == 0 else gateway_id
    left = _("Show those that are still unclear") if state == "unknown" else _("Show those that failed")
    return [
        (url_for("messages.index", gateway=gateway), _("Show the messages")),
        (url_for("messages.index", state=state, gateway=gateway), left),
    ]


def _heading(decision: str) -> str:
    return {
        "resend": _("Sending once more"),
        "sent": _("Marking as sent"),
        "failed": _("Marking as failed"),
    }[decision]


def _counted(counted: Count) -> str:
    number = counted.total
    if counted.chosen.state == "unknown":
        return ngettext("%(num)s message is unclear.", "%(num)s messages are unclear.", number)
    return ngettext("%(num)s message failed.", "%(num)s messages failed.", number)


def _ask(decision: str, number: int) -> str:
    match decision:
        case "resend":
            return ngettext("Send %(num)s message once more", "Send %(num)s messages once more", number)
        case "sent":
            return ngettext("Mark %(num)s message as sent", "Mark %(num)s messages as sent", number)
        case _:
            return ngettext("Mark %(num)s message as failed", "Mark %(num)s messages as failed", number)


def _done(decision: str, number: int) -> str:
    match decision:
        case "resend":
            return ngettext(
                "%(num)s message is sent once more, as a new one.",
                "%(num)s messages are sent once more, as new ones.",
                number,
            )
        case "sent":
            return ngettext(
                "%(num)s message is marked as sent, with your name.",
                "%(num)s messages are marked as sent, with your name.",
                number,
            )
        case _:
            return ngettext(
                "%(num)s message is marked as failed, with your name.",
                "%(num)s messages are marked as failed, with your name.",
                number,
            )
