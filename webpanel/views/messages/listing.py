"""The Messages page: newest first, by filters and by key."""

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import select

from webpanel.intake import DECISIONS
from webpanel.models import Gateway, db
from webpanel.panel import country
from webpanel.views.messages import filters
from webpanel.views.messages.blueprint import bp
from webpanel.words.events import STATES


@bp.get("/messages", strict_slashes=False)
def index() -> Response:
    asked = filters.read(request.args, country())
    before, after = request.args.get("before", ""), request.args.get("after", "")
    found = filters.Page([], newer=False, older=False)
    if not asked.wrong:
        found = filters.page(db.session, asked, before=before, after=after)
        if after and not found.newer:
            # What is newest is shown whole, and not as the short end of a walk upwards.
            found = filters.page(db.session, asked)
    partial = request.headers.get("HX-Request-Type") == "partial"
    gateways = db.session.execute(
        select(Gateway.id, Gateway.name).order_by(Gateway.position, Gateway.id)
    ).all()
    page = render_template(
        "messages/_found.html" if partial else "messages/messages.html",
        filters=asked,
        found=found,
        states=STATES,
        gateways=gateways,
        deleted=filters.DELETED,
        decidable=DECISIONS,
        together=url_for("messages.together", **_together(asked)),
    )
    response = make_response(page, 422 if asked.wrong else 200)
    response.vary.add("HX-Request-Type")
    return response


def _together(asked: filters.Filters) -> dict[str, str]:
    """What is kept of the filters where all that are listed are decided about."""
    days = {"since": asked.since and f"{asked.since}T00:00", "until": asked.until and f"{asked.until}T23:59"}
    kept = {"state": asked.state, "gateway": asked.gateway, **days}
    return {name: value for name, value in kept.items() if value}
