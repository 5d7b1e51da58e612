"""JMESPath for one value of a JSON reply. A room of its own: it knows that language's spelling, no more."""

import json
import re
from typing import Any

from webpanel.wire.body import WrittenNumber
from webpanel.wire.changing import changes
from webpanel.wire.clickable import Path, Place
from webpanel.wire.expression import is_number
from webpanel.wire.rules import Rule

_PLAIN_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")
#: The value that the whole reply is.
WHOLE = "@"


def condition(place: Place) -> Rule:
    """That the value is what it is; of one that changes with each message, that it is there."""
    where = path_text(place.path)
    names = [step for step in place.path if isinstance(step, str)]
    is_told = isinstance(place.value, str) or is_number(place.value)
    if is_told and changes(str(place.value), names[-1] if names else ""):
        return Rule("jmespath", where)
    return Rule("jmespath", f"{where} == {literal(place.value)}")


def value_at(place: Place) -> Rule | None:
    """Where the value stands; None for one that is neither a text nor a number."""
    is_told = is_number(place.value) or (isinstance(place.value, str) and place.value.strip())
    return Rule("jmespath", path_text(place.path)) if is_told else None


def path_text(path: Path, *, of_each: bool = False) -> str:
    """``messages[0]."message-id"``; of no step at all, ``@``.

    ``of_each``: the same place in every member of each list on the way, ``messages[]."message-id"``.
    """
    written = ""
    for step in path:
        if isinstance(step, int):
            written += "[]" if of_each else f"[{step}]"
        else:
            name = step if _PLAIN_NAME.fullmatch(step) else _quoted(step)
            written += f".{name}" if written else name
    return written or WHOLE


def literal(value: Any) -> str:
    """A raw string where it can be read as it stands, otherwise JSON between backticks."""
    if isinstance(value, str):
        if value.isprintable() and not set(value) & set("\\'\""):
            return f"'{value}'"
        return "`" + _quoted(value).replace("`", "\\u0060") + "`"
    if isinstance(value, WrittenNumber):
        return f"`{value.written}`"
    return f"`{json.dumps(value)}`"


def _quoted(text: str) -> str:
    """A JSON string that fits into one line: what does not print is spelled out."""
    return json.dumps(text, ensure_ascii=not text.isprintable())
