"""The API's reference, rendered from what the OpenAPI document is made from, and the pages of the doors."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from webpanel import ready_calls, words
from webpanel.api import calls, openapi, problems
from webpanel.doors import twilio_messages
from webpanel.services import services
from webpanel.words.callbacks import ESCAPES
from webpanel.words.events import MEANINGS, STATES

bp = Blueprint("reference", __name__, url_prefix="/api")

#: What an example says: a call that can be run as it stands once KEY holds a key.
_MESSAGE = {"to": ready_calls.TO, "message": ready_calls.TEXT}
_BODIES = {
    "sendMessage": {**_MESSAGE, "reference": "lesson-7", "wait": 5},
    "sendBatch": {"to": [ready_calls.TO, ready_calls.ALSO_TO], "message": ready_calls.TEXT},
}
_QUERIES = {"listMessages": "?outcome=failed&limit=10"}


@dataclass(frozen=True)
class Field:
    name: str
    kind: str
    required: bool
    description: str


@bp.get("/reference")
def index() -> ResponseReturnValue:
    address = f"{services().config.public_url}api/v1"
    return render_template(
        "reference/reference.html",
        address=address,
        endpoints=openapi.ENDPOINTS,
        fields={each.name: _fields(each.body or each.query) for each in openapi.ENDPOINTS},
        answers={each.name: _fields(each.answer) for each in openapi.ENDPOINTS},
        examples={each.name: _example(each, address) for each in openapi.ENDPOINTS},
        states=[(state, calls.outcome(state), MEANINGS[state]) for state in STATES],
        codes=[(code, status, words.sentence(code)) for code, status in problems.STATUSES.items()],
        field_codes=openapi.field_codes(),
    )


@bp.get("/kannel")
def kannel() -> ResponseReturnValue:
    """What the door for programs that speak to Kannel takes, and answers."""
    return render_template(
        "reference/kannel.html", address=services().config.public_url, escapes=ESCAPES.items()
    )


@bp.get("/twilio")
def twilio() -> ResponseReturnValue:
    """What the door for programs that speak to Twilio takes, and answers."""
    return render_template(
        "reference/twilio.html",
        address=services().config.public_url,
        statuses=[(state, twilio_messages.STATUSES[state], MEANINGS[state]) for state in STATES],
    )


def _fields(shape: type[BaseModel] | None) -> list[Field]:
    if shape is None:
        return []
    schema = shape.model_json_schema()
    required = schema.get("required", ())
    return [
        Field(name, _kind(each), name in required, each["description"])
        for name, each in schema["properties"].items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    """The types that a value may have, as JSON calls them."""
    kinds = [
        " | ".join(map(json.dumps, each["enum"])) if "enum" in each else each.get("type", "object")
        for each in schema.get("anyOf", [schema])
        if each.get("type") != "null"
    ]
    return " | ".join(kinds)


def _example(each: openapi.Endpoint, address: str) -> str:
    """A line for a shell, with the key in the variable KEY and a message's id in ID."""
    url = address + each.path.replace("{id}", "$ID") + _QUERIES.get(each.name, "")
    if each.key == "":
        return f'curl -sS "{url}"'
    if each.key == "query":
        query = f"to={quote(ready_calls.TO)}&message={quote(ready_calls.TEXT)}"
        return f'curl -sS "{url}?key=$KEY&{query}"'
    words_ = f'curl -sS -H "Authorization: Bearer $KEY" "{url}"'
    if each.name in _BODIES:
        return f"{words_} -H 'Content-Type: application/json' -d '{json.dumps(_BODIES[each.name])}'"
    return f"{words_} -X POST" if each.method == "POST" else words_
