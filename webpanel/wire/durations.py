"""Lists of durations as people write them: ``10 s, 30 s, 2 min, 1 h``."""

import re
from functools import lru_cache

from webpanel.wire.problem import Problem, Refused

#: Delays in one list, and seconds of the longest: a day.
MOST, LONGEST = 20, 86_400.0

_UNITS = {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}
_ONE = re.compile(r"(?P<number>[0-9]{1,6}(?:\.[0-9]{1,3})?)\s*(?P<unit>[a-z]*)\.?", re.IGNORECASE | re.ASCII)
_BETWEEN = re.compile(r"[\s,;]*")


@lru_cache(256)
def read(text: str, field: str = "") -> tuple[float, ...]:
    """The durations in seconds; a number without a unit is seconds, what divides them is free.

    Raises Refused, at the first column that is none, for an empty list, one of more than :data:`MOST`,
    and a duration of nothing or of more than :data:`LONGEST`.
    """
    found: list[float] = []
    at = _BETWEEN.match(text).end()
    while at < len(text):
        one = _ONE.match(text, at)
        unit = _UNITS.get(one["unit"].lower()) if one else None
        if one is None or unit is None:
            raise Refused(Problem("duration_unreadable", field, column=at + 1))
        seconds = float(one["number"]) * unit
        if not 0 < seconds <= LONGEST:
            raise Refused(Problem("duration_range", field, column=at + 1))
        found.append(seconds)
        at = _BETWEEN.match(text, one.end()).end()
    if not 0 < len(found) <= MOST:
        raise Refused(Problem("durations_count", field, values={"most": MOST}))
    return tuple(found)
