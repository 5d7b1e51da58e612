"""A gateway's rules about a reply: text contained, JMESPath that must be true, RE2 pattern that must match.

A room of its own because the form checks rules (:func:`check_rule`) and the verdict applies them.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jmespath.exceptions
import re2

from webpanel.wire import expression
from webpanel.wire.body import NotJson, decode, may_begin_json, number_text, parse_json
from webpanel.wire.expression import is_number
from webpanel.wire.gateway import RULE_KINDS, RuleKind
from webpanel.wire.problem import Problem

#: Longest rule, in characters.
MAX_RULE = 2000
#: Longest message id that is kept, in characters.
MAX_MESSAGE_ID = 200

# Bounds a pattern's program, and with it the seconds that 64 KB can take (about one).
_PATTERN_MEMORY = 1 << 20
# `!a.b` is `(!a).b`: a member of true or false, which is never there.
_LOOKS_INTO = ("subexpression", "value_projection", "filter_projection", "flatten")
# In JMESPath, double quotes name a field: the commonest slip of those who mean a text.
_QUOTED_COMPARISON = re.compile(r'[=!]=\s*"([A-Za-z_][A-Za-z0-9_]*)"(?!\s*\.)')


@dataclass(frozen=True)
class Body:
    """A reply's body as rules see it; ``cut``: it went on beyond what was read."""

    content: bytes
    content_type: str = ""
    cut: bool = False

    @functools.cached_property
    def text(self) -> str:
        return decode(self.content, self.content_type, cut=self.cut)

    @functools.cached_property
    def value(self) -> Any:
        """The JSON value, or the :class:`NotJson` that says why there is none."""
        try:
            return parse_json(self.text)
        except NotJson as error:
            return error


@dataclass(frozen=True)
class Rule:
    """A rule as an administrator states it; one without text is none."""

    kind: RuleKind
    text: str

    @property
    def is_stated(self) -> bool:
        return self.kind != "blank" and self.text != ""


@dataclass(frozen=True)
class Finding:
    """What one rule makes of a body.

    ``holds`` is None when that depends on what lay beyond the cut. ``trouble`` is the code of what kept
    the rule from being applied at all (``reply_not_json``, ``rule_raised``, ...); it then does not hold.
    """

    rule: Rule
    holds: bool | None
    trouble: str = ""
    #: The library's own words for the trouble.
    error: str = ""
    #: What a JMESPath expression gave.
    result: Any = None


def check_rule(kind: RuleKind, rule: str, field: str) -> Problem | None:  # noqa: PLR0911 - one line per fault
    """What is wrong with a rule that an administrator typed into ``field``, or None.

    ``message_id_rule`` and ``reason_rule`` want a value, not a yes or no: there a text is no rule, and
    a pattern needs a group.
    """
    wants_value = field.endswith(("message_id_rule", "reason_rule"))
    if kind not in RULE_KINDS or (wants_value and kind == "text"):
        return Problem("rule_kind", field, values={"kind": str(kind)[:20]})
    if kind == "blank":
        return None
    if not rule.strip():
        return Problem("rule_empty", field)
    if len(rule) > MAX_RULE:
        return Problem("rule_too_long", field, values={"longest": MAX_RULE})
    if kind == "jmespath":
        return _check_expression(rule, field)
    if kind == "pattern":
        try:
            pattern = _pattern(rule)
        except (re2.error, ValueError) as error:
            return Problem("rule_pattern", field, values={"error": _re2_reason(error)})
        if wants_value and not pattern.groups:
            return Problem("rule_pattern_group", field)
    return None


def apply(rule: Rule, body: Body) -> Finding:
    """Whether a stated condition holds on ``body``."""
    match rule.kind:
        case "pattern":
            return _apply_pattern(rule, body)
        case "jmespath":
            return _apply_expression(rule, body)
        case _:
            return Finding(rule, True if rule.text in body.text else _unless_cut(body))


def told(rule: Rule, body: Body) -> str | None:
    """The text or number that stands in ``body`` where ``rule`` points, trimmed, or None.

    Never the word for an absent value.
    """
    value: Any = None
    if rule.kind == "pattern" and rule.text:
        try:
            found = _pattern(rule.text).search(body.text)
        except (re2.error, ValueError):
            return None
        if found and found.re.groups and not (body.cut and found.end() == len(body.text)):
            value = found[1]
    elif rule.kind == "jmespath" and rule.text:
        value = _apply_expression(rule, body).result
    if is_number(value):
        value = number_text(value)
    return (value.strip() or None) if isinstance(value, str) else None


def where(rule: Rule, text: str) -> int:
    """Where in ``text`` a text or a pattern is found, -1 when nowhere."""
    if rule.kind == "text":
        return text.find(rule.text)
    if rule.kind == "pattern":
        found = _pattern(rule.text).search(text)
        return found.start() if found else -1
    return -1


def _is_true(result: Any) -> bool:
    """JMESPath's truth: false are false, null and what is empty; 0 is true."""
    return bool(result) if isinstance(result, bool | str | list | dict) else is_number(result)


def _unless_cut(body: Body) -> bool | None:
    return None if body.cut else False


def _apply_pattern(rule: Rule, body: Body) -> Finding:
    try:
        found = _pattern(rule.text).search(body.text)
    except (re2.error, ValueError) as error:
        return Finding(rule, False, "rule_unusable", _re2_reason(error))
    # A match that ends where we stopped may owe its end (`$`, `\b`) to our stopping.
    if found and not (body.cut and found.end() == len(body.text)):
        return Finding(rule, True)
    return Finding(rule, _unless_cut(body))


def _apply_expression(rule: Rule, body: Body) -> Finding:
    if body.cut and may_begin_json(body.text):
        return Finding(rule, None)
    if isinstance(body.value, NotJson):
        return Finding(rule, False, body.value.code)
    try:
        expression.compiled(rule.text)
    except expression.RAISED as error:
        return Finding(rule, False, "rule_unusable", _first_line(error))
    try:
        result = expression.search(rule.text, body.value)
    except expression.RAISED as error:
        return Finding(rule, False, "rule_raised", _first_line(error))
    return Finding(rule, _is_true(result), result=result)


@functools.lru_cache(maxsize=256)
def _pattern(rule: str) -> Any:
    options = re2.Options()
    options.max_mem = _PATTERN_MEMORY
    options.log_errors = False
    return re2.compile(rule, options)


def _check_expression(rule: str, field: str) -> Problem | None:
    try:
        parsed = expression.compiled(rule).parsed
        nodes = list(_nodes(parsed))
    except jmespath.exceptions.ParseError as error:
        position = min(error.lex_position, len(rule))
        line = rule.count("\n", 0, position) + 1
        column = position - rule.rfind("\n", 0, position)
        near = rule[position : position + 20].strip()
        return Problem("rule_jmespath" if near else "rule_jmespath_end", field, line, column, {"near": near})
    except expression.RAISED as error:
        return Problem("rule_jmespath_unusable", field, values={"error": _first_line(error)})
    if slip := _QUOTED_COMPARISON.search(rule):
        return Problem("rule_jmespath_quotes", field, 1, slip.start() + 1, {"text": slip[1]})
    for node in nodes:
        if node["type"] in _LOOKS_INTO and node["children"][0]["type"] == "not_expression":
            return Problem("rule_jmespath_not", field)
        if node["type"] == "function_expression" and node["value"] not in expression.Functions.FUNCTION_TABLE:
            return Problem("rule_jmespath_function", field, values={"function": node["value"]})
    return None


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _nodes(child)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _re2_reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return (reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason))[:200]
