"""The blueprint of the gateways' pages, for administrators."""

from flask import Blueprint, abort

from webpanel.models import Gateway, db

bp = Blueprint("gateways", __name__, url_prefix="/gateways")


#: The largest id that every database takes.
_LARGEST_ID = 2**31 - 1


def found(gateway_id: int) -> Gateway:
    """The gateway, or the page that says there is none."""
    gateway = db.session.get(Gateway, gateway_id) if gateway_id <= _LARGEST_ID else None
    return gateway or abort(404)
