"""Which values of a reply are another one in each reply: ids, telephone numbers, dates.

A room of its own because the rules for JSON and those for other texts must agree on it.
"""

import re

# Eight characters without a blank, four digits among them; long enough that an error's code (131030) is
# none, and a number of a message (3232 of a small provider) is taken for what it is only by its reader.
_SHORTEST, _FEWEST_DIGITS = 8, 4
_ONE_WORD = re.compile(r"\S+")


#: What a value is called that is another one in each reply, however short it is: ``id``, ``messageId``.
_NAME = re.compile(r"(?:.*[a-z_.-])?I[Dd]s?|(?:.*[_.-])?ids?|[A-Za-z]{0,2}(?:sid|uuid|guid)|SID|UUID|GUID")


def changes(value: str, name: str = "") -> bool:
    """Whether nobody would ask for exactly this value, called ``name`` where it has one, a second time."""
    digits = sum(char.isdecimal() for char in value)
    by_shape = len(value) >= _SHORTEST and digits >= _FEWEST_DIGITS and bool(_ONE_WORD.fullmatch(value))
    return by_shape or bool(_NAME.fullmatch(name) and value.strip())
