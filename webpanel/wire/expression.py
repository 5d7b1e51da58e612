"""JMESPath on a reply, with a bound on the time and the memory that an expression may take.

A room of its own because the library has no bound: an expression of forty characters can double a
list again and again, and one that joins can make gigabytes of a reply of 64 KB.
"""

import functools
import json
import re
from collections.abc import Iterable
from typing import Any

import jmespath
import jmespath.exceptions
import jmespath.functions
import jmespath.visitor

from webpanel.wire.body import number_text, parse_json

#: What jmespath's functions and operators raise on values that they do not expect, and what stops it here.
RAISED = (ValueError, TypeError, AttributeError, ArithmeticError, LookupError, RuntimeError)

#: Nodes that are visited for one reply: about two seconds.
MOST_STEPS = 500_000
#: Characters and members of any value on the way, what it shares with others counted each time: many
#: times those of the largest reply that is read.
HEAVIEST = 500_000
#: Lists and objects inside each other: the deepest reply, and what an expression may put around it.
DEEPEST = 300

_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


class TooMuch(RuntimeError):  # noqa: N818 - what happened, in the words that the verdict quotes
    """An expression makes more of a reply than anybody could mean."""

    def __init__(self) -> None:
        super().__init__("the expression makes too much of this reply")


class Functions(jmespath.functions.Functions):
    """JMESPath's functions, where Python's numbers are not JSON's, and where one call could be too much."""

    @jmespath.functions.signature({"types": []})
    def _func_to_number(self, value: Any) -> Any:
        if isinstance(value, str):
            return parse_json(value) if _JSON_NUMBER.fullmatch(value) else None
        return value if is_number(value) else None

    @jmespath.functions.signature({"types": []})
    def _func_to_string(self, value: Any) -> str:
        return value if isinstance(value, str) else as_text(value)

    @jmespath.functions.signature({"types": ["string"]}, {"types": ["array-string"]})
    def _func_join(self, separator: str, texts: list[str]) -> str:
        if len(separator) * len(texts) > HEAVIEST:
            raise TooMuch
        return separator.join(texts)


class _Bounded(jmespath.visitor.TreeInterpreter):
    """Visits the nodes of one expression for one reply. Raises :class:`TooMuch`."""

    def __init__(self) -> None:
        super().__init__(jmespath.Options(custom_functions=Functions()))
        self._steps = 0
        # By identity; the values stay alive with it, so that no identity is used again.
        self._known: dict[int, tuple[Any, int, int]] = {}

    def visit(self, node: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise TooMuch
        value = super().visit(node, *args, **kwargs)
        weight, depth = self._measured(value)
        if weight > HEAVIEST or depth > DEEPEST:
            raise TooMuch
        return value

    def _measured(self, value: Any) -> tuple[int, int]:
        """Weight and depth; of a value that was seen before, without looking into it again."""
        if isinstance(value, str):
            return len(value), 0
        if not isinstance(value, list | dict):
            return 1, 0
        if known := self._known.get(id(value)):
            return known[1], known[2]
        inner: Iterable[Any] = value
        weight = len(value)
        if isinstance(value, dict):
            inner = value.values()
            weight += sum(map(len, value))
        depth = 0
        for each in inner:
            heavy, deep = self._measured(each)
            weight += heavy
            depth = max(depth, deep)
        self._known[id(value)] = (value, weight, depth + 1)
        return weight, depth + 1


@functools.lru_cache(maxsize=256)
def compiled(text: str) -> jmespath.parser.ParsedResult:
    """The expression. Raises jmespath's ParseError, or one of :data:`RAISED`."""
    return jmespath.compile(text)


def search(text: str, value: Any) -> Any:
    """What the expression gives for a JSON value. Raises one of :data:`RAISED`."""
    return _Bounded().visit(compiled(text).parsed, value)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_text(value: Any) -> str:
    """A JSON value as text, numbers as they were written."""
    if is_number(value):
        return number_text(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
