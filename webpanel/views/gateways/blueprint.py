"""The blueprint of the gateways' pages, for administrators."""

from flask import Blueprint, abort

from webpanel.models import Gateway, db

bp = Blueprint("gateways", __name__, url_prefix="/gateways")


def found(gateway_id: int) -> Gateway:
    """The gateway, or the page that says there is none."""
    return db.session.get(Gateway, gateway_id) or abort(404)
