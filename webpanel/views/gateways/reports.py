"""Delivery reports on the settings page: a click on a value sets them up, a button makes a new address."""

from typing import Any

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webpanel import gateways, words
from webpanel.models import ReportReceived, db
from webpanel.services import services
from webpanel.views.gateways import reported
from webpanel.views.gateways.blueprint import bp, found
from webpanel.views.gateways.draft import Draft, wants_fragment
from webpanel.views.gateways.settings import context, page
from webpanel.wire import report_picking
from webpanel.wire.problem import Problem, Refused

_LONGEST_NUMBER = 12
_FILLED = ("report_id_kind", "report_id_rule", "report_status_kind", "report_status_rule", "report_words")


@bp.post("/<int:gateway_id>/report-pick")
def report_pick(gateway_id: int) -> ResponseReturnValue:
    """``report_pick``: ``REQUEST:PLACE``; ``report_meaning``: what the value there means."""
    draft = Draft.sent(found(gateway_id))
    try:
        said = _fill(draft, gateway_id)
        status = 200
    except Refused as refused:
        problem = refused.problems[0]
        said = words.sentence(problem.code, problem.values)
        status = 422
    return _answer(draft, {"reports_said": said, "reports_picked": status == 200}, status)  # noqa: PLR2004 - it is the status


@bp.post("/<int:gateway_id>/report-address")
def report_address(gateway_id: int) -> ResponseReturnValue:
    """Another address; the one before ends at once. Nothing else that stands in the form is saved."""
    draft = Draft.sent(found(gateway_id))
    gateways.renew_report_token(services().store, gateway_id)
    return _answer(
        draft, {"reports_said": _("This is the new address. The one before does not work any more.")}, 200
    )


def _fill(draft: Draft, gateway_id: int) -> str:
    """Set the form up by the value that was clicked on; returns what was done. Raises Refused."""
    key, _separator, place = request.form.get("report_pick", "").partition(":")
    row = db.session.get(ReportReceived, _number(key))
    if row is None or row.gateway_id != gateway_id:
        raise Refused(Problem("report_gone"))
    meaning = request.form.get("report_meaning", "")
    before = draft.form.settings()
    after = report_picking.picked(
        before, reported.incoming(row), reported.pieces(row), _number(place), meaning
    )
    for name in _FILLED:
        value = getattr(after, name)
        if not (name.endswith("_kind") and value == "blank"):
            draft.form[name].data = value
    if meaning == report_picking.ID:
        return _("The message id is read there now. Save the gateway to keep that.")
    return _("The status is read there now, and the word stands in the table. Save the gateway to keep that.")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else -1


def _answer(draft: Draft, said: dict[str, Any], status: int) -> ResponseReturnValue:
    """The section, or without JavaScript the page with it."""
    meaning = request.form.get("report_meaning", "")
    chosen = meaning if meaning in report_picking.PICKS else report_picking.ID
    if chosen == report_picking.ID and said.get("reports_picked"):
        # The status comes next.
        chosen = report_picking.PICKS[1]
    if wants_fragment():
        body = render_template("gateways/_reports.html", **context(draft), **said, reports_meaning=chosen)
    else:
        body = page(draft, **said, reports_meaning=chosen)
    response = make_response(body, status)
    response.vary.add("HX-Request-Type")
    return response
