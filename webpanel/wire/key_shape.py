"""Whether a word looks like a key by its shape alone: long, and random.

A room of its own because a guess has its own rules; :mod:`~webpanel.wire.literals` goes by names.
"""

import re
from itertools import pairwise

#: Characters of the shortest key that is told by its shape.
SHORTEST = 20
#: A random word changes between small letters, capitals and digits at least once in so many characters.
_CALM = 4
_WORD = re.compile(r"[A-Za-z0-9._~+/=-]+")
_NOT_WORD = re.compile(r"[^A-Za-z0-9]+")
#: An identifier by its form (RFC 9562), and Twilio's names of accounts and services: neither is a key.
_IDENTIFIER = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[A-Z]{2}[0-9a-f]{32}", re.ASCII
)


def is_key(word: str) -> bool:
    """Whether ``word`` is probably a key, token or password that nobody made up by hand."""
    if len(word) < SHORTEST or not _WORD.fullmatch(word) or _IDENTIFIER.fullmatch(word):
        return False
    kinds = [_kind(character) for character in _NOT_WORD.sub("", word)]
    changes = sum(one != other for one, other in pairwise(kinds))
    return "digit" in kinds and changes * _CALM >= len(word)


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    return "small" if character.islower() else "capital"
