"""The body of a request as one of the shapes, and what is wrong with one that is not."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import request
from pydantic import BaseModel, ValidationError

from webpanel.api.problems import Failed
from webpanel.intake import Repeat
from webpanel.wire.problem import Problem

Shape = TypeVar("Shape", bound=BaseModel)

#: Characters of an Idempotency-Key.
LONGEST_KEY = 255

#: Kinds of pydantic's errors -> our codes; the beginning of the kind decides where it is not here.
_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "literal_error": "unknown_choice",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "too_short": "too_short",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
}


def read(shape: type[Shape]) -> Shape:
    """The request's body, JSON or a form. Raises Failed."""
    kind = request.mimetype
    if kind == "application/json" or kind.endswith("+json"):
        return _checked(shape, request.get_data(cache=False), strict=True)
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        if kind == "application/x-www-form-urlencoded":
            _must_be_utf8(request.get_data())
        if request.files:
            raise Failed("unsupported_media_type")
        fields = request.form.to_dict(flat=False)
        if len(fields) == 1 and next(iter(fields)).lstrip().startswith("{"):
            # JSON that was sent without saying so, as curl does.
            raise Failed("unsupported_media_type")
        return _form(shape, fields)
    raise Failed("unsupported_media_type")


def query(shape: type[Shape], but: str = "") -> Shape:
    """What stands in the request's address, without the field ``but``. Raises Failed."""
    _must_be_utf8(request.query_string)
    fields = request.args.to_dict(flat=False)
    fields.pop(but, None)
    return _form(shape, fields)


def _must_be_utf8(encoded: bytes) -> None:
    try:
        unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        raise Failed("not_utf8") from None


def _form(shape: type[Shape], fields: Mapping[str, list[str]]) -> Shape:
    """Fields of a form or a query, in which every value is a text; blank ones count as left out."""
    repeated = [name for name, values in fields.items() if len(values) > 1]
    if repeated:
        raise Failed("invalid_request", [Problem("repeated_field", name[:100]) for name in repeated])
    needed = {name for name, field in shape.model_fields.items() if field.is_required()}
    given = {name: values[0] for name, values in fields.items() if values[0] or name in needed}
    return _checked(shape, given, strict=False)


def repeat(shape: BaseModel, kind: str) -> Repeat | None:
    """The request's Idempotency-Key with what it asks for; waiting for the outcome is no part of that."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        values = {"allowed": f"should have 1 to {LONGEST_KEY} visible ASCII characters"}
        raise Failed("invalid_request", [Problem("out_of_range", "Idempotency-Key", values=values)])
    asked = shape.model_dump(mode="json", exclude={"wait"}, exclude_none=True)
    text = f"{kind}\n{json.dumps(asked, sort_keys=True, ensure_ascii=True)}"
    return Repeat(key, hashlib.sha256(text.encode()).digest())


def _checked(shape: type[Shape], body: bytes | dict[str, str], *, strict: bool) -> Shape:
    try:
        if isinstance(body, bytes):
            return shape.model_validate_json(body, strict=strict)
        return shape.model_validate(body, strict=strict)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        if found[0]["type"] == "json_invalid":
            raise Failed("invalid_json") from None
        raise Failed("invalid_request", _problems(found)) from None


def _allowed(said: str) -> str:
    """What a value should be, of pydantic's sentence about it."""
    return re.sub(r"^(?:Input|String|List|Value) | after validation.*$", "", said)


def _problems(found: list[Any]) -> list[Problem]:
    """One problem a field: of the kinds that a union would take, the first."""
    problems: dict[str, Problem] = {}
    for each in found:
        place = [part for part in each["loc"] if not (isinstance(part, str) and "[" in part)]
        if place and place[0] == "gateway":
            place = place[:1]
        field = ".".join(map(str, place))[:100]
        code = _CODES.get(each["type"], "wrong_type")
        values = {} if code in ("missing", "unknown_field") else {"allowed": _allowed(each["msg"])}
        problems.setdefault(field, Problem(code, field, values=values))
    return list(problems.values())
