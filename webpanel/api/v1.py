"""``/api/v1``: its addresses, and what every one of them has in common."""

import json
from importlib.metadata import version

from flask import Blueprint, Response, request
from sqlalchemy import select

from webpanel.api import bodies, calls, keys, messages, openapi, problems, shapes
from webpanel.api.problems import Failed
from webpanel.models import Gateway
from webpanel.services import services
from webpanel.store import StoreUnavailable, from_now
from webpanel.wire import standing

bp = keys.keyed(Blueprint("api", __name__, url_prefix="/api/v1"), keys.from_authorization)
#: The door for devices that can only GET: its key stands in the address.
get_bp = keys.keyed(Blueprint("api_get", __name__, url_prefix="/api/v1"), lambda: request.args.get("key", ""))

#: What anybody may read: it holds no secret.
public_bp = Blueprint("api_public", __name__, url_prefix="/api/v1")

_gateway = Gateway.__table__

messages.add_to(bp)
for _each in (bp, get_bp):
    _each.register_error_handler(Failed, problems.answer)
    _each.register_error_handler(StoreUnavailable, lambda _error: problems.answer(Failed("not_stored")))


@public_bp.get("/openapi.json")
def openapi_json() -> Response:
    """The OpenAPI document of all of this."""
    text = json.dumps(openapi.document(services().config.public_url, version("webpanel")))
    return Response(text, content_type="application/json")


#: How a gateway stands -> what callers are told: they need not know why.
HEALTH: dict[standing.Standing, str] = {
    "on": "ok",
    "off": "off",
    "held": "stopped",
    "stopped": "stopped",
    "failing": "paused",
    "paused": "paused",
}


@bp.get("/gateways")
def gateways() -> Response:
    """Names and health, no settings."""
    holder = keys.grant()
    keys.note_use()
    wanted = select(
        *(_gateway.c.id, _gateway.c.name, _gateway.c.enabled, _gateway.c.held_at, _gateway.c.stopped_at),
        *(_gateway.c.failing_since, _gateway.c.paused_until, from_now().label("present")),
    )
    with services().store.engine.connect() as connection:
        rows = connection.execute(wanted.order_by(_gateway.c.position, _gateway.c.id)).all()
    allowed = holder.terms.gateways
    found = [
        {
            "id": row.id,
            "name": row.name,
            "health": HEALTH[standing.of(row, row.present)],
        }
        for row in rows
        if allowed is None or row.id in allowed
    ]
    return calls.answer({"gateways": found})


@get_bp.get("/send")
def send() -> Response:
    """One message whose every part stands in the address. Off unless the application allows it."""
    if not keys.must_send().terms.door_get:
        raise Failed("door_closed")
    if request.method == "HEAD":
        raise Failed("method_not_allowed")
    return messages.submitted(bodies.query(shapes.NewMessage, but="key"), "get")
