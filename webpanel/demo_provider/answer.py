"""One answer of the demonstration provider, whichever provider it plays."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from webpanel.demo_provider.inbox import Received
from webpanel.demo_provider.request import RECIPIENT_NAMES, TEXT_NAMES


@dataclass(frozen=True)
class Answer:
    """Status, body with its type, and headers beyond those that every answer has."""

    status: int
    kind: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(value: Any, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Answer:
    body = json.dumps(value, ensure_ascii=False).encode() + b"\n"
    return Answer(status, "application/json", body, headers or {})


def as_text(text: str) -> Answer:
    return Answer(HTTPStatus.OK, "text/html; charset=utf-8", text.encode())


def mishap() -> Answer:
    """What a web server says when the program behind it fails."""
    page = b"<html><body><h1>500 Internal Server Error</h1></body></html>\n"
    return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, "text/html; charset=utf-8", page)


def later(seconds: float) -> dict[str, str]:
    """The header that asks to wait."""
    return {"Retry-After": str(max(1, round(seconds)))}


def generic(received: Received, seconds: float) -> Answer:
    """The answer of nobody in particular, on every path that is no known provider's."""
    match received.mode:
        case "refuse400":
            error = {"code": "invalid_recipient", "message": "The recipient's number is not in service."}
            return as_json({"error": error, "result": {"sent": False}}, HTTPStatus.BAD_REQUEST)
        case "error200":
            return as_json({"error": "The account has no credit left.", "result": {"sent": False}})
        case "later429":
            wait = later(seconds)
            error = f"Too many requests. Try again in {wait['Retry-After']} seconds."
            busy = {"error": error, "result": {"sent": False}}
            return as_json(busy, HTTPStatus.TOO_MANY_REQUESTS, wait)
        case "fail500":
            return mishap()
        case _ if not received.complete:
            missing, names = ("text", TEXT_NAMES) if received.recipient else ("recipient", RECIPIENT_NAMES)
            error = f"There is no {missing}: send it as one of {', '.join(sorted(names))}."
            return as_json({"error": error, "result": {"sent": False}}, HTTPStatus.BAD_REQUEST)
        case _:
            return as_json({"id": received.id, "result": {"sent": True}})
