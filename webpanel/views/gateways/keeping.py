"""Keeping a test's reply with the draft, and judging what is kept by the rules as they are typed."""

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from webpanel.models import Message, db
from webpanel.views.gateways.blueprint import bp, found
from webpanel.views.gateways.card import card
from webpanel.views.gateways.draft import Draft, wants_fragment
from webpanel.views.gateways.kept import Kept
from webpanel.views.gateways.settings import page


@bp.post("/new/keep", defaults={"gateway_id": None})
@bp.post("/<int:gateway_id>/keep")
def keep(gateway_id: int | None) -> ResponseReturnValue:
    """``keep_now``: ``MESSAGE:MEANS``, to be kept at the next save; ``keep_not``: a message not to keep.

    ``keep_shown``: the test whose card stands on the page.
    """
    draft = Draft.sent(found(gateway_id) if gateway_id else None)
    kept = Kept(draft)
    done = True
    if "keep_not" in request.form:
        kept.drop(request.form["keep_not"])
    else:
        done = kept.keep(request.form.get("keep_now", ""))
    return _answer(draft, kept, 200 if done else 422)


@bp.post("/new/rejudge", defaults={"gateway_id": None})
@bp.post("/<int:gateway_id>/rejudge")
def rejudge(gateway_id: int | None) -> ResponseReturnValue:
    """What is kept, judged by the rules as they are typed."""
    draft = Draft.sent(found(gateway_id) if gateway_id else None)
    kept = Kept(draft)
    if wants_fragment():
        return _varied(render_template("gateways/_kept.html", kept=kept), 200)
    return _varied(page(draft, kept=kept), 200)


def _answer(draft: Draft, kept: Kept, status: int) -> ResponseReturnValue:
    """The list and the buttons, or without JavaScript the page with both."""
    message = db.session.get(Message, request.form.get("keep_shown", "")[:26])
    tested = card(message) if message and message.test else None
    if wants_fragment():
        return _varied(render_template("gateways/_keeping.html", kept=kept, card=tested), status)
    trial = {"card": tested, "saved": draft.saved} if tested else {}
    return _varied(page(draft, kept=kept, trial=trial), status)


def _varied(body: str, status: int) -> ResponseReturnValue:
    response = make_response(body, status)
    response.vary.add("HX-Request-Type")
    return response
