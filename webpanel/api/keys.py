"""Who calls: the key of a request, what it may do, and the line that the log gets of it."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from flask import Blueprint, Response, g, request

from webpanel import applications
from webpanel.api.problems import Failed
from webpanel.applications import Grant
from webpanel.services import services

#: Bytes of a request, and of one with a batch of messages.
LARGEST_REQUEST, LARGEST_BATCH = 1_000_000, 8_000_000

_REQUEST_ID = re.compile(r"[\w.:+/=-]{1,128}", re.ASCII)

log = structlog.get_logger(__name__)


def keyed(bp: Blueprint, presented: Callable[[], str]) -> Blueprint:
    """Let nobody into ``bp`` without a good key, which ``presented`` takes from the request."""

    @bp.before_request
    def _enter() -> None:
        g.began = time.monotonic()
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        request.max_content_length = request.max_form_memory_size = LARGEST_REQUEST
        key = presented()
        found = applications.recognise(services().store, key)
        if found is None:
            log.warning("key_refused", request=g.request_id, caller=request.remote_addr, path=request.path)
            raise Failed("unauthorized")
        g.grant = found

    @bp.after_request
    def _leave(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        grant: Grant | None = g.get("grant")
        log.info(
            "request",
            request=g.request_id,
            method=request.method,
            path=request.path,
            status=response.status_code,
            application=grant.terms.name if grant else "",
            ms=round((time.monotonic() - g.began) * 1000),
            **({"refused": g.refused} if "refused" in g else {}),
        )
        return response

    return bp


def grant() -> Grant:
    """Of whoever makes the present request."""
    return g.grant


def must_send() -> Grant:
    if not grant().may_send:
        raise Failed("forbidden")
    return grant()


def must_read() -> Grant:
    if not (grant().may_read or grant().may_read_all):
        raise Failed("forbidden")
    note_use()
    return grant()


def note_use() -> None:
    """For requests that store nothing else."""
    applications.note_use(services().store, grant())


def from_authorization() -> str:
    """The key as a Bearer token or as the password of Basic authentication; blank for none."""
    given = request.authorization
    if given is None:
        return ""
    if given.type == "bearer":
        return given.token or ""
    return (given.password or "") if given.type == "basic" else ""
