"""Numbers in addresses and forms: read only where every database can look for them.

A room of its own because routing, filters and forms must agree on it.
"""

import re
from typing import Any

from werkzeug.routing import IntegerConverter, Map

#: The largest id that every database takes.
LARGEST = 2**31 - 1
_DIGITS = re.compile(r"[0-9]{1,10}")


class Number(IntegerConverter):
    """``<int:...>`` in a rule: an address with a larger number is none of the panel's."""

    regex = _DIGITS.pattern

    def __init__(self, url_map: Map, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": LARGEST, **options})


def read(text: str | None) -> int | None:
    """An id as a form or a query brings it; None for anything else."""
    if not text or not _DIGITS.fullmatch(text):
        return None
    number = int(text)
    return number if number <= LARGEST else None
