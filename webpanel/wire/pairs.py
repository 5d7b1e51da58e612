"""Fields with one pair a line: headers (``Name: value``) and parameters (``name=value``).

A room of its own because composing, checking and finding literals read the same lines. Lines end with
LF, CR or CRLF and are trimmed; blank ones and those that begin with ``#`` are skipped. The first
separator counts, so that a value may hold more of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import problem_at

Separator = Literal[":", "="]

_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True)
class Pair:
    """``key`` and ``value`` as typed, trimmed, and the offsets in the field at which they begin."""

    key: str
    key_start: int
    value: str
    value_start: int


def read(text: str, field: str, separator: Separator) -> tuple[Pair, ...]:
    """The pairs of a field. Raises Refused with a problem for each line that is none."""
    pairs, problems = readable(text, field, separator)
    if problems:
        raise Refused(*problems)
    return pairs


def readable(text: str, field: str, separator: Separator) -> tuple[tuple[Pair, ...], tuple[Problem, ...]]:
    """The pairs of the lines that can be read, and the problems of the others."""
    lines = [_pair(text, field, separator, start, line) for start, line in _lines(text)]
    return (
        tuple(line for line in lines if isinstance(line, Pair)),
        tuple(line for line in lines if isinstance(line, Problem)),
    )


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Offset and text of each line that counts, trimmed."""
    for found in _LINE.finditer(text):
        line = found[0].strip()
        if line and not line.startswith("#"):
            yield found.start() + found[0].index(line), line


def _pair(text: str, field: str, separator: Separator, start: int, line: str) -> Pair | Problem:
    at = line.find(separator)
    if at < 0:
        return _no_separator(text, field, separator, start, line)
    key, value = line[:at].rstrip(), line[at + 1 :].lstrip()
    if not key:
        code = "header_without_name" if separator == ":" else "parameter_without_name"
        return problem_at(text, start, code, field)
    return Pair(key, start, value, start + len(line) - len(value))


def _no_separator(text: str, field: str, separator: Separator, start: int, line: str) -> Problem:
    """A line of the other kind is named as such, at the sign that stands for the right one."""
    other = "=" if separator == ":" else ":"
    at = line.find(other)
    if at < 0:
        code = "header_without_separator" if separator == ":" else "parameter_without_separator"
        return problem_at(text, start, code, field)
    code = "header_with_equals" if separator == ":" else "parameter_with_colon"
    return problem_at(text, start + at, code, field, name=line[:at].rstrip())
