"""The Messages page: newest first, by filters and by key."""

from flask import Response, make_response, render_template, request
from sqlalchemy import select

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
    )
    response = make_response(page, 422 if asked.wrong else 200)
    response.vary.add("HX-Request-Type")
    return response
