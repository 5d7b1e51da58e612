"""Where the gateways stand in a text.

Moodle writes them in several wrappings: rows of ``sms_gateways`` with the
configuration as a JSON string in them, an export of the table by phpMyAdmin and its like around those
rows, or the configuration alone. What one configuration means is ``translation``'s to say.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from webpanel.wire.lint import LONGEST_TEMPLATE
from webpanel.wire.moodle.translation import Imported, translated
from webpanel.wire.problem import Problem, Refused

#: Gateways of one file.
MOST = 100
#: How deep an export wraps its rows: phpMyAdmin's list of tables needs three.
_DEEPEST = 6
_PLUGIN = "customapi"
_SHOWN = 80


@dataclass(frozen=True)
class Configuration:
    """What was found: the plugin's gateways, and what is none of them or cannot be read."""

    gateways: tuple[Imported, ...]
    skipped: tuple[Problem, ...]


@dataclass(frozen=True)
class _Row:
    name: str
    kind: str
    enabled: bool
    config: Any


def read(text: str) -> Configuration:
    """The gateways of a JSON text. Raises Refused (field blank) when none of the plugin's is in it."""
    gateways: list[Imported] = []
    skipped: list[Problem] = []
    for row in _rows(_parsed(text), 0):
        if len(gateways) + len(skipped) == MOST:
            skipped.append(Problem("moodle_too_many", values={"most": MOST}))
            break
        found = _gateway(row)
        if isinstance(found, Problem):
            skipped.append(found)
        else:
            gateways.append(found)
    if not gateways:
        raise Refused(*(skipped or (Problem("moodle_nothing"),)))
    return Configuration(tuple(gateways), tuple(skipped))


def _gateway(row: _Row) -> Imported | Problem:
    named = {"name": row.name[:_SHOWN]}
    if row.kind and _PLUGIN not in row.kind.lower():
        return Problem("moodle_other_gateway", values={**named, "kind": row.kind[:_SHOWN]})
    config = _unwrapped(row.config)
    if not isinstance(config, Mapping):
        return Problem("moodle_config_broken", values=named)
    try:
        if any(_length(value) > LONGEST_TEMPLATE for value in config.values()):
            return Problem("moodle_config_long", values={**named, "longest": LONGEST_TEMPLATE})
        return translated(config, row.name, enabled=row.enabled)
    except RecursionError:
        return Problem("moodle_config_broken", values=named)


def _length(value: Any) -> int:
    return len(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text.removeprefix("\N{BYTE ORDER MARK}"))
    except json.JSONDecodeError as error:
        raise Refused(Problem("moodle_json", line=error.lineno, column=error.colno)) from None
    except (ValueError, RecursionError):
        # A number of too many digits; brackets without an end.
        raise Refused(Problem("moodle_nothing")) from None


def _unwrapped(value: Any) -> Any:
    """A column's JSON string as what it stands for; None when it is none."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _rows(value: Any, depth: int) -> Iterator[_Row]:
    if isinstance(value, str) and depth == 0:
        # The column's own text, copied with its quotes.
        value = _unwrapped(value)
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        if "api_url" in value:
            yield _Row(_text(value.get("name")), "", enabled=True, config=value)
            return
        if "config" in value:
            kind = value.get("gateway") or value.get("classname")
            yield _Row(_text(value.get("name")), _text(kind), _on(value.get("enabled", 1)), value["config"])
            return
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for each in inside:
        if isinstance(each, Mapping | list):
            yield from _rows(each, depth + 1)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _on(value: Any) -> bool:
    """A column of 0 and 1, which some exports write as a string."""
    return str(value).strip().lower() not in ("0", "false", "")
