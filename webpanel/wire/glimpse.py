"""What was not understood, shown so that somebody finds it again, without what may be a credential.

A room of its own because nobody knows what such text is: it is judged by its looks alone.
"""

import re

from webpanel.wire.key_shape import is_key
from webpanel.wire.masking import MASK

#: Characters of a glimpse, and of the text that is looked at for one.
LONGEST, LOOKED_AT = 60, 2000

_MASK = MASK.decode()
#: What stands behind a telling name or option, and a password in an address.
_TOLD = re.compile(
    r"(?P<before>[\w-]{0,40}(?:authorization|auth|key|token|secret|passw|passwd|pwd|signature)[\w-]{0,40}[\"']?"
    r"\s{0,3}(?:[:=]\s{0,3}|\s)[\"']?(?:(?:basic|bearer|app|token|key)\s+)?"
    r"|(?:(?<=\s)|\A)-(?:u|b|-user|-cookie)[\s=]{0,3}[\"']?"
    r"|://)(?P<value>[^\s\"'&,;|/]+)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z0-9._~+/=-]+")


def glimpse(text: str) -> str:
    """The beginning of ``text`` on one line, at most :data:`LONGEST` characters and an ellipsis."""
    line = " ".join(text[:LOOKED_AT].split())
    line = _WORD.sub(lambda word: _MASK if is_key(word[0]) else word[0], _TOLD.sub(_hidden, line))
    return line if len(line) <= LONGEST else line[:LONGEST] + "…"


def may_hold_credential(text: str) -> bool:
    """Whether anything in ``text`` looks like a credential, or stands where one would."""
    told = any(_hidden(found) != found[0] for found in _TOLD.finditer(text))
    return told or any(is_key(word[0]) for word in _WORD.finditer(text))


def _hidden(found: re.Match[str]) -> str:
    if found["before"] == "://" and "@" not in found["value"]:
        return found[0]
    host = found["value"].rpartition("@")[2] if found["before"] == "://" else ""
    return f"{found['before']}{_MASK}{'@' + host if host else ''}"
