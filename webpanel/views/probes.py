"""For programs that watch the panel: whether it lives, whether it works, and its figures.

They need no login. The first two say nothing that is anybody's business; the third asks for a token, or
for being called on the machine itself.
"""

import hmac
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, json, request
from sqlalchemy.exc import SQLAlchemyError

from webpanel import heartbeat, metrics
from webpanel.figures import queue
from webpanel.front import DIRECT, PROBES
from webpanel.services import services

bp = Blueprint("probes", __name__)


def is_ours(path: str) -> bool:
    return path in PROBES


def of_status(status: int, headers: Mapping[str, str]) -> Response:
    """What is answered where pages would show an error page."""
    response = _answer({"status": "not here" if status == 404 else "failed"}, status)  # noqa: PLR2004 - HTTP's
    response.headers.update(headers)
    return response


@bp.get("/healthz")
def healthz() -> Response:
    """The process answers. Asks nothing else: what a restart does not mend must not cause one."""
    return _answer({"status": "ok"}, 200)


@bp.get("/readyz")
def readyz() -> Response:
    """Whether messages are accepted and sent; ``failing`` names what is not: database, sender, queue."""
    parts = services()
    failing = []
    if not heartbeat.alive(parts.config.instance):
        failing.append("sender")
    try:
        with parts.store.engine.connect() as connection:
            if queue.left(connection):
                failing.append("queue")
    except SQLAlchemyError:
        failing.append("database")
    if failing:
        return _answer({"status": "failing", "failing": failing}, 503)
    return _answer({"status": "ok"}, 200)


@bp.get("/metrics")
def figures() -> Response:
    if not _may_see_figures():
        abort(404)
    parts = services()
    text, content_type = metrics.exposed(
        parts.store.engine, parts.config.instance, parts.attempts, request.headers.get("Accept", "")
    )
    return Response(text, content_type=content_type)


def _may_see_figures() -> bool:
    token = services().config.metrics_token
    if not token:
        return bool(request.environ.get(DIRECT))
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _answer(said: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(said) + "\n", status, content_type="application/json")
