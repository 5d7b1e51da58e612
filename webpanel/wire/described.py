"""A gateway's settings as a file states them: a table of names and values, read with care.

A room of its own because presets and exported gateways are written alike, by hand too.
"""

import dataclasses
import difflib
from collections.abc import Mapping
from typing import Any

from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem, Refused

#: What no setting comes near; a whole number may be longer than can be calculated with, or written.
_LARGEST = 1_000_000_000
_BORN = dataclasses.asdict(Gateway())


def read(table: Mapping[str, Any]) -> Gateway:
    """The gateway that ``table`` (setting -> value) describes; what it does not state is the default.

    Raises Refused for each name that is no setting, and each value of another type than the setting's.
    Whether the settings make sense is ``lint``'s to say.
    """
    problems = [problem for name, value in table.items() if (problem := _problem(name, value))]
    if problems:
        raise Refused(*problems)
    return Gateway(**{name: _typed(name, value) for name, value in table.items()})


def _problem(name: str, value: Any) -> Problem | None:
    if name not in _BORN:
        close = difflib.get_close_matches(name, _BORN, n=1, cutoff=0.7)
        if close:
            return Problem("setting_misspelt", values={"name": name, "meant": close[0]})
        return Problem("setting_unknown", values={"name": name})
    born = _BORN[name]
    if isinstance(born, bool) or isinstance(value, bool):
        fits = isinstance(born, bool) and isinstance(value, bool)
    elif isinstance(born, float):
        fits = isinstance(value, int | float) and abs(value) <= _LARGEST
    else:
        fits = isinstance(value, type(born)) and not (isinstance(value, int) and abs(value) > _LARGEST)
    if fits:
        return None
    wanted = {bool: "true / false", float: "1.5", int: "4", str: '"…"'}[type(born)]
    return Problem("setting_type", name, values={"name": name, "wanted": wanted})


def _typed(name: str, value: Any) -> Any:
    if isinstance(value, str):
        # As a form's text area sends it: a file written elsewhere means the same body.
        return value.replace("\r\n", "\n").replace("\r", "\n")
    return float(value) if isinstance(_BORN[name], float) else value
