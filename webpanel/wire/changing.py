"""Which values of a reply are another one in each reply: ids, telephone numbers, dates.

A room of its own because the rules for JSON and those for other texts must agree on it.
"""

import re

# Eight characters without a blank, four digits among them; long enough that an error's code (131030) is
# none, and a number of a message (3232 of a small provider) is taken for what it is only by its reader.
_SHORTEST, _FEWEST_DIGITS = 8, 4
_ONE_WORD = re.compile(r"\S+")


def changes(value: str) -> bool:
    """Whether nobody would ask for exactly this value a second time."""
    digits = sum(char.isdecimal() for char in value)
    return len(value) >= _SHORTEST and digits >= _FEWEST_DIGITS and bool(_ONE_WORD.fullmatch(value))
