"""The OpenAPI 3.1 document, made from the shapes that check the requests and one table of addresses.

Source: https://spec.openapis.org/oas/v3.1.0. The reference page is rendered from the same table.
"""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from webpanel import words
from webpanel.api import shapes
from webpanel.api.problems import STATUSES
from webpanel.words import api as vocabulary

REF = "#/components/schemas/{model}"

#: What every address with a key may answer, whatever else.
_ALWAYS = ("bad_request", "not_utf8", "unauthorized", "forbidden", "not_found", "internal", "not_stored")
_TAKEN = ("invalid_json", "unsupported_media_type", "too_large", "invalid_request")


@dataclass(frozen=True)
class Endpoint:
    """One method of one address below ``/api/v1``; ``codes`` are those of its problem details."""

    method: str
    path: str
    name: str
    summary: str
    answer: type[BaseModel] | None
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    statuses: tuple[int, ...] = (200,)
    codes: tuple[str, ...] = _ALWAYS
    #: ``bearer`` and ``basic``, ``query`` for a key in the address, or blank for none.
    key: str = "header"


ENDPOINTS = (
    Endpoint(
        "POST",
        "/messages",
        "sendMessage",
        "Send one message. 202 once it is stored; with wait, 200 when the outcome is known or time is over.",
        shapes.AcceptedAnswer,
        body=shapes.NewMessage,
        statuses=(200, 202),
        codes=(*_ALWAYS, *_TAKEN, "idempotency_mismatch", "limit_reached"),
    ),
    Endpoint(
        "GET",
        "/messages",
        "listMessages",
        "The messages that the key may see, the newest first, in pages.",
        shapes.MessagesAnswer,
        query=shapes.MessageFilters,
        codes=(*_ALWAYS, "invalid_request"),
    ),
    Endpoint(
        "POST",
        "/messages/batch",
        "sendBatch",
        "Send up to 10,000 messages, each accepted or refused by itself; 422 when none was, 429 by a limit.",
        shapes.BatchAnswer,
        body=shapes.NewBatch,
        statuses=(202, 422),
        codes=(*_ALWAYS, *_TAKEN, "idempotency_mismatch", "limit_reached"),
    ),
    Endpoint(
        "GET",
        "/messages/{id}",
        "showMessage",
        "What became of a message.",
        shapes.MessageAnswer,
    ),
    Endpoint(
        "POST",
        "/messages/{id}/cancel",
        "cancelMessage",
        "Cancel a message that still waits.",
        shapes.MessageAnswer,
        codes=(*_ALWAYS, "not_cancellable"),
    ),
    Endpoint(
        "GET",
        "/gateways",
        "listGateways",
        "The gateways that the application may use, and whether they send.",
        shapes.GatewaysAnswer,
    ),
    Endpoint(
        "GET",
        "/send",
        "sendByAddress",
        "Send one message by an address alone, for devices that can do no more. Off unless allowed.",
        shapes.AcceptedAnswer,
        query=shapes.NewMessage,
        statuses=(200, 202),
        codes=(*_ALWAYS, "door_closed", "invalid_request", "idempotency_mismatch", "limit_reached"),
        key="query",
    ),
    Endpoint("GET", "/openapi.json", "openApi", "This document.", None, codes=("bad_request",), key=""),
)


def document(public_url: str, version: str) -> dict[str, Any]:
    """The whole document; ``public_url`` ends in ``/``."""
    used = {
        shape for each in ENDPOINTS for shape in (each.answer, each.body, each.query) if shape is not None
    }
    answers = {each.answer for each in ENDPOINTS if each.answer}
    answers |= {shapes.ProblemDetails, shapes.CallbackBody}
    wanted = [
        (shape, "serialization" if shape in answers else "validation")
        for shape in sorted({*used, *answers}, key=lambda shape: shape.__name__)
    ]
    _names, schemas = models_json_schema(wanted, ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for each in ENDPOINTS:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Custom API SMS Gateway",
            "version": version,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": f"{public_url}api/v1"}],
        "paths": paths,
        "webhooks": {"message": {"post": _callback()}},
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic", "description": "The key is the password."},
                "query": {"type": "apiKey", "in": "query", "name": "key"},
            },
        },
    }


def _callback() -> dict[str, Any]:
    """What the panel asks of an application's own address."""
    schema = {"$ref": REF.format(model=shapes.CallbackBody.__name__)}
    parameters = [
        _parameter(name, "header", {"type": "string"}, description, required=True)
        for name, description in _CALLBACK_HEADERS.items()
    ]
    return {
        "operationId": "messageCallback",
        "summary": "Tells what became of a message: at each final state, and for each delivery report.",
        "parameters": parameters,
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "2XX": {"description": "It is told."},
            "429": {"description": "It is told again later, as with any 5xx and without an answer."},
            "4XX": {"description": "It is not told again."},
        },
    }


_CALLBACK_HEADERS = {
    "webhook-id": "Names what is told; a try that comes again has the same one.",
    "webhook-timestamp": "When it was sent, in seconds since 1970.",
    "webhook-signature": "v1, and the signature in base64; several with blanks between them.",
}


def _operation(each: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": each.name,
        "summary": each.summary,
        "parameters": _parameters(each),
        "responses": _responses(each),
        "security": {"header": [{"bearer": []}, {"basic": []}], "query": [{"query": []}], "": []}[each.key],
    }
    if each.body is not None:
        schema = {"$ref": REF.format(model=each.body.__name__)}
        content = {"application/json": {"schema": schema}}
        if each.body is shapes.NewMessage:
            content["application/x-www-form-urlencoded"] = {"schema": schema}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _parameters(each: Endpoint) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if "{id}" in each.path:
        found.append(_parameter("id", "path", {"type": "string"}, "A message's id."))
    if each.body is not None:
        key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
        found.append(
            _parameter("Idempotency-Key", "header", key, "Your own name for this request, kept for 7 days.")
        )
    if each.body is shapes.NewMessage:
        found.append(_parameter("Prefer", "header", {"type": "string"}, "wait=N, in seconds, as the field."))
    if each.query is not None:
        schema = each.query.model_json_schema(ref_template=REF)
        for name, field in schema["properties"].items():
            one = next((kind for kind in field.get("anyOf", ()) if kind.get("type") != "null"), field)
            plain = {k: v for k, v in one.items() if k not in ("description", "default", "title")}
            required = name in schema.get("required", ())
            found.append(_parameter(name, "query", plain, field["description"], required=required))
    return found


def _parameter(
    name: str, where: str, schema: dict[str, Any], description: str, *, required: bool = False
) -> dict[str, Any]:
    return {
        "name": name,
        "in": where,
        "required": required or where == "path",
        "schema": schema,
        "description": description,
    }


def _responses(each: Endpoint) -> dict[str, Any]:
    codes: dict[int, list[str]] = {}
    for code in each.codes:
        codes.setdefault(STATUSES[code], []).append(code)
    found: dict[str, Any] = {}
    for status, several in sorted(codes.items()):
        said = " ".join(f"{code}: {words.sentence(code)}" for code in several)
        problem = {"schema": {"$ref": REF.format(model="ProblemDetails")}}
        found[str(status)] = {"description": said, "content": {"application/problem+json": problem}}
        if status == STATUSES["limit_reached"]:
            found[str(status)]["headers"] = {
                name: {"schema": {"type": "integer"}, "description": description}
                for name, description in _LIMIT_HEADERS.items()
            }
    for status in each.statuses:
        schema = {"$ref": REF.format(model=each.answer.__name__)} if each.answer else {"type": "object"}
        entry = found.setdefault(str(status), {"description": each.summary, "content": {}})
        entry["content"]["application/json"] = {"schema": schema}
    return found


_LIMIT_HEADERS = {
    "Retry-After": "Seconds until the limit ends.",
    "RateLimit-Limit": "How much the limit allows.",
    "RateLimit-Remaining": "How much of it is left.",
    "RateLimit-Reset": "Seconds until it begins anew.",
}


def field_codes() -> dict[str, str]:
    """Every code that a field's error may have, with its sentence's pattern."""
    intake = (
        "number_",
        "text_",
        "sender_unusable",
        "gateway_",
        "no_gateway",
        "country_not",
        "send_at",
        "limit_",
        *("callback_url_", "url_scheme", "url_host", "url_port", "url_character", "url_percent"),
        *("url_fragment", "path_dots"),
    )
    names = [code for code in words.SENTENCES if code.startswith(intake)]
    unrelated = (
        "callback_url_credentials",
        "gateway_name",
        "gateway_is_sending",
        "number_suffix",
        "number_not_integer",
        "limit_range",
    )
    chosen = [code for code in names if not code.startswith(unrelated)]
    return {
        code: re.sub(r"%\((\w+)\)s", "…", str(words.SENTENCES[code]))
        for code in (*vocabulary.FIELDS, *sorted(chosen))
    }
