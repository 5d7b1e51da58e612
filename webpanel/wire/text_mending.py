"""Mends of one field's text, each for one kind of problem: ``(text, offset, problem) -> text``.

A room of its own beside ``mending``, which says whether a mend is any good; JSON has one of its own too.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from webpanel.wire.problem import Problem
from webpanel.wire.template import NAMES, PLACEHOLDER

#: From a field's text, the offset that a problem points at and the problem, to the text without it.
OfText = Callable[[str, int, Problem], str | None]
#: The code of the button's words, and what the button does.
Mender = tuple[str, OfText]

_NEXT_PAIR = re.compile(r"&(?=[A-Za-z_][\w.\[\]-]*=)")
_LINE_END = re.compile(r"\r\n|\r|\n")
#: A placeholder with too few braces behind it.
_OPEN = re.compile(r"\{\{[^\S\r\n]*(?P<name>[A-Za-z_.][\w.-]*)[^\S\r\n]*\}?(?!\})")
#: What other systems call the number and the text.
_SYNONYMS: Final = {
    **dict.fromkeys(
        ("to", "number", "phone", "phone_number", "mobile", "msisdn", "destination", "receiver"),
        "recipient",
    ),
    **dict.fromkeys(("text", "body", "sms", "content", "msg", "message_text"), "message"),
    **dict.fromkeys(("from", "originator", "source", "sender_id"), "sender"),
}


def offset(text: str, line: int, column: int) -> int:
    """Where in ``text`` a line and column stand. Raises IndexError where they do not."""
    start = 0
    for _ in range(line - 1):
        found = _LINE_END.search(text, start)
        if not found:
            raise IndexError(line)
        start = found.end()
    if start + column - 1 > len(text):
        raise IndexError(column)
    return start + column - 1


def meant(problem: Problem) -> str:
    """The name of the placeholder that a wrong one stands for; blank where nobody knows."""
    match problem.code:
        case "placeholder_misspelt":
            return problem.values["meant"]
        case "placeholder_lookalike":
            return problem.values["name"]
        case "placeholder_unknown":
            return _SYNONYMS.get(problem.values["name"].casefold().replace("-", "_"), "")
        case _:
            return ""


def _placeholder(text: str, at: int, problem: Problem) -> str | None:
    found = PLACEHOLDER.match(text, at)
    name = meant(problem)
    return text[:at] + f"{{{{{name}}}}}" + text[found.end() :] if found and name else None


def _lookalike(text: str, at: int, problem: Problem) -> str:
    return text[:at] + f"{{{{{meant(problem)}}}}}" + text[at + len(problem.values["typed"]) :]


def _closed(text: str, at: int, problem: Problem) -> str | None:  # noqa: ARG001 - as every mender
    found = _OPEN.match(text, at)
    if not found or (found["name"] not in NAMES and not found["name"].startswith("secret.")):
        return None
    return text[:at] + f"{{{{{found['name']}}}}}" + text[found.end() :]


def _put(sign: str, length: int = 1) -> OfText:
    """A mender that writes ``sign`` in place of ``length`` characters."""

    def put(text: str, at: int, problem: Problem) -> str | None:  # noqa: ARG001 - as every mender
        return text[:at] + sign + text[at + length :]

    return put


def _without_line(text: str, at: int, problem: Problem) -> str:  # noqa: ARG001 - as every mender
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    end = _LINE_END.search(text, at)
    return text[:start] + text[end.end() :] if end else text[:start].rstrip("\r\n")


def _with_equals(text: str, at: int, problem: Problem) -> str:  # noqa: ARG001 - as every mender
    end = _LINE_END.search(text, at)
    stop = end.start() if end else len(text)
    return text[:stop].rstrip() + "=" + text[stop:]


def _in_lines(text: str, at: int, problem: Problem) -> str:  # noqa: ARG001 - as every mender
    end = _LINE_END.search(text, at)
    stop = end.start() if end else len(text)
    return text[:at] + _NEXT_PAIR.sub("\n", text[at:stop]) + text[stop:]


def _cut(text: str, at: int, problem: Problem) -> str:  # noqa: ARG001 - as every mender
    return text[:at]


def _address_character(text: str, at: int, problem: Problem) -> str | None:  # noqa: ARG001 - as every mender
    """A blank as it is written in an address; what nobody sees is taken out."""
    if text[at] == " ":
        return text[:at] + "%20" + text[at + 1 :]
    unseen = text[at].isspace() or unicodedata.category(text[at]) in ("Cc", "Cf")
    return text[:at] + text[at + 1 :] if unseen else None


def _header_character(text: str, at: int, problem: Problem) -> str:  # noqa: ARG001 - as every mender
    return text[:at] + (" " if text[at] == "\t" else "") + text[at + 1 :]


def _with_scheme(text: str, at: int, problem: Problem) -> str | None:  # noqa: ARG001 - as every mender
    bare = text.strip().removeprefix("//")
    return f"https://{bare}" if re.match(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(?=[:/?]|$)", bare) else None


def _single_quotes(text: str, at: int, problem: Problem) -> str:
    named = problem.values["text"]
    return text[:at] + text[at:].replace(f'"{named}"', f"'{named}'", 1)


def _as_utf8(text: str, at: int, problem: Problem) -> str:
    return text[:at] + "utf-8" + text[at + len(problem.values["charset"]) :]


MENDERS: Final[dict[str, Mender]] = {
    "placeholder_misspelt": ("mend_placeholder", _placeholder),
    "placeholder_unknown": ("mend_placeholder", _placeholder),
    "placeholder_lookalike": ("mend_placeholder", _lookalike),
    "placeholder_open": ("mend_braces", _closed),
    "header_with_equals": ("mend_colon", _put(": ")),
    "header_reserved": ("mend_line_out", _without_line),
    "header_twice": ("mend_line_out", _without_line),
    "header_of_helper": ("mend_line_out", _without_line),
    "header_character": ("mend_character_out", _header_character),
    "parameter_with_colon": ("mend_equals", _put("=")),
    "parameter_without_separator": ("mend_equals_behind", _with_equals),
    "url_percent": ("mend_percent", _put("%25")),
    "url_plus": ("mend_plus", _put("%2B")),
    "url_fragment": ("mend_fragment", _cut),
    "url_character": ("mend_blank", _address_character),
    "url_scheme": ("mend_scheme", _with_scheme),
    "charset": ("mend_charset", _as_utf8),
    "rule_jmespath_quotes": ("mend_single_quotes", _single_quotes),
    "browser_user_agent": ("mend_line_out", _without_line),
    "pairs_joined": ("mend_in_lines", _in_lines),
    "content_type_contradicts": ("mend_line_out", _without_line),
}
