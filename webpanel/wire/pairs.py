"""Fields with one pair a line: headers (``Name: value``) and parameters (``name=value``).

A room of its own because composing, checking and finding literals read the same lines. Lines end with
LF, CR or CRLF and are trimmed; blank ones and those that begin with ``#`` are skipped. The first
separator counts, so that a value may hold more of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from webpanel.wire.problem import Problem, Refused

Separator = Literal[":", "="]

#: One match a line, of which there is one more than line ends.
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True)
class Pair:
    """``key`` and ``value`` as typed, trimmed, and the offsets in the field at which they begin."""

    key: str
    key_start: int
    value: str
    value_start: int


# Kept, because each message is composed of the same ones.
@lru_cache(256)
def read(text: str, field: str, separator: Separator) -> tuple[Pair, ...]:
    """The pairs of a field. Raises Refused with a problem for each line that is none."""
    pairs, problems = readable(text, field, separator)
    if problems:
        raise Refused(*problems)
    return pairs


def readable(text: str, field: str, separator: Separator) -> tuple[tuple[Pair, ...], tuple[Problem, ...]]:
    """The pairs of the lines that can be read, and the problems of the others."""
    lines = [_pair(line, field, separator) for line in _lines(text)]
    return (
        tuple(line for line in lines if isinstance(line, Pair)),
        tuple(line for line in lines if isinstance(line, Problem)),
    )


@dataclass(frozen=True)
class _Line:
    """A trimmed line: its ``number`` from 1, and where its first character stands in it and in the field."""

    text: str
    number: int
    column: int
    start: int


def _lines(text: str) -> Iterator[_Line]:
    """The lines that count."""
    for number, found in enumerate(_LINE.finditer(text), start=1):
        line = found[1].strip()
        if line and not line.startswith("#"):
            indent = found[1].index(line)
            yield _Line(line, number, indent + 1, found.start() + indent)


def _pair(line: _Line, field: str, separator: Separator) -> Pair | Problem:
    before, separated, after = line.text.partition(separator)
    if not separated:
        return _no_separator(line, field, separator)
    key, value = before.rstrip(), after.lstrip()
    if not key:
        code = "header_without_name" if separator == ":" else "parameter_without_name"
        return Problem(code, field, line.number, line.column)
    return Pair(key, line.start, value, line.start + len(line.text) - len(value))


def _no_separator(line: _Line, field: str, separator: Separator) -> Problem:
    """A line of the other kind is named as such, at the sign that stands for the right one."""
    at = line.text.find("=" if separator == ":" else ":")
    if at < 0:
        code = "header_without_separator" if separator == ":" else "parameter_without_separator"
        return Problem(code, field, line.number, line.column)
    code = "header_with_equals" if separator == ":" else "parameter_with_colon"
    return Problem(code, field, line.number, line.column + at, {"name": line.text[:at].rstrip()})
