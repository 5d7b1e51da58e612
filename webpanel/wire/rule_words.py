"""What a rule says, as a code with values, for those rules that can be said in a sentence.

A room of its own: a page shows it beside the rule, whoever wrote that. Whatever is not recognised is not
said at all, rather than nearly.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from webpanel.wire import expression
from webpanel.wire.body import NotJson, parse_json
from webpanel.wire.expression import as_text
from webpanel.wire.json_rule import path_text
from webpanel.wire.rules import Rule

#: Statements in one rule that are said, and characters of a text that is quoted.
MOST_STATEMENTS, LONGEST_QUOTED = 4, 200

_TOGETHER: dict[str, Literal["all", "any"]] = {"and_expression": "all", "or_expression": "any"}
_COMPARED = {"eq": "says_is", "ne": "says_is_not"}
#: Parts of a pattern that stand for themselves, or for what can be said.
_PART = re.compile(
    r"(?P<blank>\\s[*+])"
    r"|\\(?P<sign>[^A-Za-z0-9])"
    r"|(?P<any>\\d\+|\[\\w-\]\+|\[\^\\s:;,=\|<>\"\]\+|\[\^>\]\*)"
    r"|(?P<plain>[^\\.+*?()|\[\]{}^$])"
)
_GROUP = re.compile(r"\((?:\\d\+|\[\\w-\]\+|\[\^\\s:;,=\|<>\"\]\+|\[\^<\]\+|\.\+)\)\Z")


@dataclass(frozen=True)
class Statement:
    """One thing that a rule says; ``values`` fill the sentence of ``code``."""

    code: str
    values: dict[str, str]


@dataclass(frozen=True)
class Said:
    """What a rule says: its one statement, or ``all`` or ``any`` of several."""

    statements: tuple[Statement, ...]
    together: Literal["all", "any"] = "all"


def read(rule: Rule, *, wants_value: bool) -> Said | None:
    """What a stated rule says. ``wants_value``: it points at a text in the reply, and is no condition."""
    if not rule.is_stated:
        return None
    match rule.kind:
        case "text" if not wants_value:
            return _one("says_contains", text=rule.text[:LONGEST_QUOTED])
        case "pattern":
            return _of_pattern(rule.text, wants_value=wants_value)
        case "jmespath":
            return _of_expression(rule.text, wants_value=wants_value)
    return None


def _one(code: str, **values: str) -> Said:
    return Said((Statement(code, values),))


def _of_expression(text: str, *, wants_value: bool) -> Said | None:
    try:
        node = expression.compiled(text).parsed
        if wants_value:
            found = list(_told_by(node))
            return Said(tuple(found), "any") if found and None not in found else None
        return _condition(node)
    except expression.RAISED:
        return None


def _told_by(node: dict[str, Any]) -> Iterator[Statement | None]:
    """``a || b``: the first of them that is there."""
    if node["type"] == "or_expression":
        for child in node["children"]:
            yield from _told_by(child)
    else:
        place = _place(node)
        yield Statement("says_at", {"place": place}) if place else None


def _condition(node: dict[str, Any]) -> Said | None:
    kind = node["type"]
    if kind not in _TOGETHER:
        statement = _statement(node)
        return Said((statement,)) if statement else None
    statements = [_statement(each) for each in _flat(node, kind)]
    said = tuple(each for each in statements if each)
    if len(said) != len(statements) or len(said) > MOST_STATEMENTS:
        return None
    return Said(said, _TOGETHER[kind])


def _flat(node: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    for child in node["children"]:
        if child["type"] == kind:
            yield from _flat(child, kind)
        else:
            yield child


def _statement(node: dict[str, Any]) -> Statement | None:
    children = node.get("children", [])
    match node["type"]:
        case "comparator" if node["value"] in _COMPARED:
            return _comparison(_COMPARED[node["value"]], *children)
        case "not_expression" if place := _place(children[0]):
            return Statement("says_not_there", {"place": place})
        case "function_expression" if node["value"] == "contains":
            place, value = _place(children[0]), children[1]
            if place and value["type"] == "literal":
                return Statement("says_has", {"place": place, "value": _shown(value["value"])})
        case _ if place := _place(node):
            return Statement("says_there", {"place": place})
    return None


def _comparison(code: str, left: dict[str, Any], right: dict[str, Any]) -> Statement | None:
    if left["type"] == "literal":
        left, right = right, left
    place = _place(left)
    if not place or right["type"] != "literal":
        return None
    value = right["value"]
    if value is None:
        return Statement(f"{code}_null", {"place": place})
    if value in ("", [], {}):
        return Statement(f"{code}_empty", {"place": place})
    return Statement(code, {"place": place, "value": _shown(value)})


def _shown(value: Any) -> str:
    """A text without its quotes, unless it would read as another value then: ``"0"`` is not ``0``."""
    is_plain = isinstance(value, str) and isinstance(_json(value), NotJson | str)
    return (value if is_plain else as_text(value))[:LONGEST_QUOTED]


def _json(text: str) -> Any:
    try:
        return parse_json(text)
    except NotJson as error:
        return error


def _place(node: dict[str, Any]) -> str:
    """The path of names and indexes that a node is, as it is written; blank for any other node."""
    path: list[str | int] = []
    steps = [node]
    while steps:
        step = steps.pop(0)
        match step["type"]:
            case "field" | "index":
                path.append(step["value"])
            case "subexpression" | "index_expression":
                steps[:0] = step["children"]
            case "current" | "identity":
                pass
            case _:
                return ""
    return path_text(tuple(path))


def _of_pattern(text: str, *, wants_value: bool) -> Said | None:
    begins = text.startswith("^")
    rest = text.removeprefix("^").removeprefix(r"\s*") if begins else text.removeprefix(r"\b")
    if wants_value:
        group = _GROUP.search(rest)
        if not group:
            return None
        rest = rest[: group.start()]
    elif rest.endswith(r"\b"):
        rest = rest[:-2]
    quoted = _quoted(rest)
    if quoted is None or len(quoted) > LONGEST_QUOTED:
        return None
    if wants_value:
        return _one("says_behind", text=quoted) if quoted else _one("says_first")
    if not quoted:
        return None
    return _one("says_begins" if begins else "says_contains", text=quoted)


def _quoted(pattern: str) -> str | None:
    """The text that a pattern asks for, ``…`` for what may be anything; None when it asks otherwise."""
    quoted, at = "", 0
    while at < len(pattern):
        part = _PART.match(pattern, at)
        if not part:
            return None
        at = part.end()
        if part["blank"]:
            quoted += " " if part["blank"].endswith("+") or quoted.endswith((":", ";", ",")) else ""
        else:
            quoted += "…" if part["any"] else part["sign"] or part["plain"]
    return quoted.strip()
