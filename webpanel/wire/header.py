"""What a header may be called and may hold, and which headers are not a gateway's to set.

A room of its own because the fields for headers and for the authentication helper share these rules.
"""

import re
from collections.abc import Mapping

from webpanel.wire import escaping, template
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import Escape, Filled, about, fill, problem_at

#: RFC 9110, section 5.6.2: whatever is no tchar.
_NOT_TOKEN = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]")

#: Those that say where a request goes and how it is framed: the panel writes them itself.
_OURS = frozenset(
    (
        *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer"),
        *("upgrade", "expect", "http2-settings"),
        # What comes back must be readable to the rules.
        "accept-encoding",
    )
)
#: Those that must not occur twice in one request.
SINGLE = frozenset(("authorization", "content-type", "user-agent"))


def problem(text: str, start: int, end: int, field: str) -> Problem | None:
    """What is wrong with the header's name ``text[start:end]`` of ``field``, or None."""
    name = text[start:end]
    if found := _NOT_TOKEN.search(text, start, end):
        return problem_at(text, found.start(), "header_name", field, name=name, character=found[0])
    if is_ours(name):
        return problem_at(text, start, "header_reserved", field, name=name)
    return None


def is_ours(name: str) -> bool:
    """Whether a header cannot be set by a gateway."""
    folded = name.lower()
    return folded in _OURS or folded.startswith("proxy-")


def value(text: str, texts: Mapping[str, str], *, literal: Escape = str) -> Filled:
    """A header's value with its placeholders filled. Raises Refused for what would not arrive the same."""
    filled = fill(text, texts, escaping.header, literal=literal)
    if filled.text != filled.text.strip(" "):
        inside = template.names(text)
        at_edge = inside[0] if filled.text.startswith(" ") else inside[-1]
        # Whoever reads a header strips the blanks at its ends, so the value would not arrive.
        raise Refused(about(Problem("header_blank_edge", line=1, column=1), at_edge))
    return filled
