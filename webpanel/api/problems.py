"""Errors as RFC 9457 problem details: one vocabulary of codes for every answer of the API."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask import Response, g

from webpanel import words
from webpanel.services import services
from webpanel.wire.problem import Problem

#: Code -> HTTP status. ``webpanel.words.api.PROBLEMS`` has the sentences.
STATUSES: dict[str, int] = {
    "bad_request": 400,
    "not_utf8": 400,
    "invalid_json": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "door_closed": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_cancellable": 409,
    "too_large": 413,
    "unsupported_media_type": 415,
    "invalid_request": 422,
    "idempotency_mismatch": 422,
    "limit_reached": 429,
    "internal": 500,
    "not_stored": 503,
}

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
#: How intake's fields are called in the API.
_FIELDS = {"recipient": "to", "text": "message", "repeat": "Idempotency-Key"}


class Failed(Exception):  # noqa: N818 - the request failed; what is raised is its answer
    """The answer to a request that failed: a code of :data:`STATUSES`, and what is wrong with fields."""

    def __init__(
        self, code: str, problems: Iterable[Problem] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.code, self.problems = code, tuple(problems)
        self.headers = dict(headers or {})


def named(found: Iterable[Problem]) -> list[Problem]:
    """What intake refused, with the API's names of its fields."""
    return [replace(problem, field=_FIELDS.get(problem.field, problem.field)) for problem in found]


def refused(problems: Iterable[Problem]) -> Failed:
    """What intake refused, as the answer to a request for one message."""
    problems = named(problems)
    first = problems[0]
    if first.code == "idempotency_mismatch":
        return Failed(first.code)
    if first.code == "application_gone":
        return Failed("unauthorized")
    if is_limit(first):
        return Failed("limit_reached", problems, limit_headers(first))
    return Failed("invalid_request", problems)


def is_limit(problem: Problem) -> bool:
    return problem.code in ("limit_minute", "limit_recipient", "limit_day", "limit_month")


def limit_headers(problem: Problem) -> dict[str, str]:
    """The usual headers of a limit that is reached; times are in seconds from now."""
    seconds = str(problem.values["seconds"])
    return {
        "Retry-After": seconds,
        "RateLimit-Limit": str(problem.values["limit"]),
        "RateLimit-Remaining": str(problem.values["remaining"]),
        "RateLimit-Reset": seconds,
    }


def answer(failed: Failed) -> Response:
    """The problem details of a failed request."""
    status = STATUSES[failed.code]
    # For the line that the log gets: codes only, what was sent is nobody's business there.
    g.refused = " ".join(dict.fromkeys((failed.code, *(problem.code for problem in failed.problems))))
    response = Response(
        compact(details(failed.code, failed.problems)), status, content_type="application/problem+json"
    )
    response.headers.extend(failed.headers)
    if status == 401:  # noqa: PLR2004 - HTTP's
        response.headers["WWW-Authenticate"] = 'Bearer realm="webpanel"'
    return response


def details(code: str, problems: Iterable[Problem] = ()) -> dict[str, Any]:
    """The members of RFC 9457 with ours: ``code``, and ``errors`` where fields are to blame."""
    found: dict[str, Any] = {
        "type": f"{services().config.public_url}api/reference#error-{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": STATUSES[code],
        "code": code,
        "detail": words.sentence(code),
    }
    if errors := [field_error(problem) for problem in problems]:
        found["errors"] = errors
    return found


def field_error(problem: Problem) -> dict[str, Any]:
    return {
        "field": problem.field,
        "code": problem.code,
        "detail": words.sentence(problem.code, problem.values),
        **({"values": problem.values} if problem.values else {}),
    }


def of_status(status: int, headers: Mapping[str, str]) -> Response:
    """The answer in place of the error page of ``status``, for what went wrong before a view ran."""
    return answer(with_status(status, headers))


def with_status(status: int, headers: Mapping[str, str]) -> Failed:
    """The failure that is answered with ``status``."""
    codes = {number: code for code, number in reversed(STATUSES.items())}
    usual = "internal" if status >= 500 else "bad_request"  # noqa: PLR2004 - HTTP's
    return Failed(codes.get(status, usual), headers=headers)


def compact(value: Any) -> str:
    """JSON without blanks, as it is promised."""
    return _COMPACT.encode(value) + "\n"


def is_ours(path: str) -> bool:
    return path.startswith("/api/v1/")
