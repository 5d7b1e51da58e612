"""The check as somebody types, and the buttons that mend. Nothing is saved, and nothing sent."""

from flask import flash, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webpanel.secret_form import MOST
from webpanel.views.gateways.blueprint import bp, found
from webpanel.views.gateways.check import Check
from webpanel.views.gateways.draft import Draft, wants_fragment
from webpanel.views.gateways.settings import page
from webpanel.wire.template import SECRET_NAME

#: Names a secret that was typed, in place of its value.
TYPED = "typed_secret"


@bp.post("/new/check", defaults={"gateway_id": None})
@bp.post("/<int:gateway_id>/check")
def check(gateway_id: int | None) -> ResponseReturnValue:
    """What is to be said of the form as it stands: the card's part, or without JavaScript the page."""
    draft = Draft.sent(found(gateway_id) if gateway_id else None)
    if wants_fragment():
        typed = [name for name in request.form.getlist(TYPED)[:MOST] if SECRET_NAME.fullmatch(name)]
        # Only that there is a value counts here; the values themselves stay in the browser.
        draft.secrets.take(dict.fromkeys(typed, "x"))
        body = render_template("gateways/_check_found.html", check=Check(draft))
    else:
        body = page(draft)
    response = make_response(body)
    response.vary.add("HX-Request-Type")
    return response


@bp.post("/new/mend", defaults={"gateway_id": None})
@bp.post("/<int:gateway_id>/mend")
def mend(gateway_id: int | None) -> ResponseReturnValue:
    """The form with one of what the check found mended."""
    draft = Draft.sent(found(gateway_id) if gateway_id else None)
    if not Check(draft).mended(request.form.get("mend", "")):
        flash(_("Nothing was changed: what was to be mended is not there any more."), "info")
    return page(draft)
