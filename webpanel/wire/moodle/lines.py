"""Headers and parameters as the plugin read them: what it left out without a word is sent, or told."""

import re
from collections.abc import Iterable

from webpanel.wire import header
from webpanel.wire.pairs import Separator
from webpanel.wire.problem import Problem

_LINE_END = re.compile(r"\r\n|\r|\n")
_OTHER: dict[Separator, Separator] = {":": "=", "=": ":"}
_SHOWN = 60


def mended(text: str, field: str, separator: Separator) -> tuple[str, list[Problem]]:
    """The lines as they were meant, and what changed; a line keeps its number.

    What is left out becomes a blank line: it may hold a credential, which no comment should keep.
    """
    lines, changes = [], []
    for number, typed in enumerate(_LINE_END.split(text), start=1):
        line, change = _line(typed.strip(), separator)
        lines.append(line)
        if change:
            changes.append(_placed(change, field, number))
    changes += (_placed(change, field, number) for change, number in _repeated(lines, separator))
    return "\n".join(lines).rstrip("\n"), sorted(changes, key=lambda change: change.line or 0)


def _placed(change: Problem, field: str, number: int) -> Problem:
    return Problem(change.code, field, number, values=change.values)


def _line(line: str, separator: Separator) -> tuple[str, Problem | None]:
    if not line or line.startswith("#"):
        return line, None
    other = _OTHER[separator]
    key, separated, value = line.partition(separator)
    change = None
    if not separated:
        key, separated, value = line.partition(other)
        code = "moodle_header_equals" if separator == ":" else "moodle_parameter_colon"
        change = Problem(code, values={"name": key.strip()[:_SHOWN]})
    if not separated or not key.strip():
        return "", Problem("moodle_line_left_out", values={"separator": separator})
    if separator == ":" and header.is_ours(key.strip()):
        return "", Problem("moodle_header_ours", values={"name": key.strip()[:_SHOWN]})
    if change:
        line = f"{key.strip()}: {value.strip()}" if separator == ":" else f"{key.strip()}={value.strip()}"
    return line, change


def _repeated(lines: list[str], separator: Separator) -> Iterable[tuple[Problem, int]]:
    """Names that stand twice: the plugin sent one of them. Of what may be said once, the last one stays."""
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        key, separated, _value = line.partition(separator)
        name = key.strip()
        if not separated or line.startswith("#"):
            continue
        folded = name.lower() if separator == ":" else name
        if folded in seen:
            once = separator == ":" and folded in header.SINGLE
            if once:
                lines[seen[folded] - 1] = ""
            code = "moodle_header_once" if once else "moodle_repeated"
            yield Problem(code, values={"name": name[:_SHOWN]}), number
        seen[folded] = number
