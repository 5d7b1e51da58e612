"""The messages of Meta's WhatsApp Cloud API: texts and templates.

Source: Meta's OpenAPI description and list of error codes. Where the provider has no reply of 200 with an
error inside, its trap is a reply that looks like one and carries no message.
"""

import base64
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from webpanel.demo_provider.answer import Answer, as_json
from webpanel.demo_provider.roles.role import JSON, Asked, Role

_NUMBER = re.compile(r"\+?[1-9][0-9]{6,14}")
_TRACE = "DemoProviderTrace"
_KINDS = ("text", "template")


def _error(code: int, message: str, kind: str = "OAuthException", details: str = "") -> dict[str, Any]:
    error: dict[str, Any] = {"message": message, "type": kind, "code": code}
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return {"error": error | {"fbtrace_id": _TRACE}}


def _refused(*error: Any) -> Answer:
    return as_json(_error(*error), HTTPStatus.BAD_REQUEST)


def _parameter(name: str) -> Answer:
    return _refused(100, f"(#100) The parameter {name} is required.")


def _fault(asked: Asked) -> Answer | None:
    if not asked.bearer:
        message = "Invalid OAuth access token - Cannot parse access token"
        return as_json(_error(190, message), HTTPStatus.UNAUTHORIZED)
    if asked.method != "POST":
        message = f"Unsupported {asked.method.lower()} request."
        return _refused(100, message, "GraphMethodException")
    if asked.kind != JSON or not asked.json:
        return _parameter("messaging_product")
    return _fault_of_message(asked.json)


def _fault_of_message(message: Mapping[str, Any]) -> Answer | None:
    if message.get("messaging_product") != "whatsapp":
        return _parameter("messaging_product")
    to = message.get("to")
    if not isinstance(to, str) or not to:
        return _parameter("to")
    if not _NUMBER.fullmatch(to):
        return _undeliverable(to)
    kind = message.get("type", "text")
    if kind not in _KINDS:
        return _refused(100, "(#100) Invalid parameter", "OAuthException", f"type {kind}")
    if missing := _missing_content(kind, message.get(kind)):
        return _parameter(missing)
    return None


def _missing_content(kind: str, content: Any) -> str | None:
    if not isinstance(content, dict):
        return kind
    if kind == "text":
        return None if content.get("body") else "text['body']"
    if not content.get("name"):
        return "template['name']"
    language = content.get("language")
    return None if isinstance(language, dict) and language.get("code") else "template['language']['code']"


def _undeliverable(to: str) -> Answer:
    details = f"Message failed to send because the number {to} cannot get it."
    return _refused(131026, "(#131026) Message undeliverable", "OAuthException", details)


def _accept(asked: Asked, message_id: str) -> Answer:
    to = asked.json["to"]
    return as_json(
        {
            "messaging_product": "whatsapp",
            "contacts": [{"input": to, "wa_id": to.removeprefix("+")}],
            "messages": [{"id": message_id}],
        }
    )


def _trap(asked: Asked, _message_id: str) -> Answer:
    to = asked.json["to"]
    contacts = [{"input": to, "wa_id": to.removeprefix("+")}]
    return as_json({"messaging_product": "whatsapp", "contacts": contacts, "messages": []})


ROLE = Role(
    name="WhatsApp Cloud API",
    path=re.compile(r"/v[0-9]+\.[0-9]+/[0-9]+/messages"),
    example="/v23.0/1234567890/messages",
    fault=_fault,
    identify=lambda number: "wamid." + base64.b64encode(f"demonstration {number:08}".encode()).decode(),
    accept=_accept,
    refuse=lambda asked: _undeliverable(asked.json["to"]),
    trap=_trap,
    busy=lambda wait: as_json(_error(130429, "(#130429) Rate limit hit"), HTTPStatus.TOO_MANY_REQUESTS, wait),
)
