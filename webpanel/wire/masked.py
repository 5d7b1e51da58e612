"""Whether a rule says of a masked reply what it would say of the reply as it came.

A room of its own because only replies that were stored are masked: verdicts are given on what came. A
"yes" is certain; where it would take more than a look to be certain, it is a "no".
"""

from collections.abc import Iterator
from typing import Any

from webpanel.wire import expression, rules
from webpanel.wire.body import NotJson, may_begin_json
from webpanel.wire.masking import MASK
from webpanel.wire.rules import Body, Rule

_MASK = MASK.decode()
#: What these give does not depend on what stands in a text, only on whether there is one.
_BLIND_FUNCTIONS = frozenset({"keys", "not_null", "to_array", "type"})


class _Looked(Exception):  # noqa: N818 - what happened: an expression looked into what is hidden
    """What the expression gives depends on the text behind a mask."""


class _Hidden(str):
    """A text with a mask in it: it is there and not empty, and more is not known of it."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        if isinstance(other, str) and len(other):
            raise _Looked
        return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def _looked(self, _other: Any) -> bool:
        raise _Looked

    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _looked


# jmespath asks a value's class for its name to tell texts from other things.
_Hidden.__name__ = "str"


def is_certain(rule: Rule, body: Body) -> bool:
    """Whether a stated ``rule`` finds on ``body``, which was masked, what it would find without masks."""
    if MASK not in body.content:
        return True
    # Bytes of another charset, in which the mask cannot be read either.
    if _MASK not in body.text:
        return False
    match rule.kind:
        case "text":
            return rule.text in body.text and _MASK[0] not in rule.text
        case "jmespath":
            return _is_certain_expression(rule, body)
        case _:
            return False


def _is_certain_expression(rule: Rule, body: Body) -> bool:
    if body.cut and may_begin_json(body.text):
        # It is not applied at all.
        return True
    if isinstance(body.value, NotJson):
        return False
    try:
        if not _functions(expression.compiled(rule.text).parsed) <= _BLIND_FUNCTIONS:
            return False
        expression.search(rule.text, _hiding(body.value))
    except _Looked:
        return False
    except expression.RAISED:
        # The same expression raises, or does not, on the reply as it came: nobody knows.
        return False
    return rules.apply(rule, body).trouble == ""


def _functions(node: dict[str, Any]) -> set[str]:
    """The names of the functions that an expression calls."""
    called = {node["value"]} if node["type"] == "function_expression" else set()
    return called.union(*map(_functions, _children(node)))


def _children(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (child for child in node.get("children", ()) if isinstance(child, dict))


def _hiding(value: Any) -> Any:
    """``value`` with each masked text hidden. Raises :class:`_Looked` for a masked name of a member."""
    if isinstance(value, str):
        return _Hidden(value) if _MASK in value else value
    if isinstance(value, list):
        return [_hiding(each) for each in value]
    if isinstance(value, dict):
        if any(_MASK in name for name in value):
            raise _Looked
        return {name: _hiding(each) for name, each in value.items()}
    return value
