"""Mends of a JSON body as documentation, chats and word processors spoil it.

A room of its own because JSON is where most people slip, and each slip is mended in its own way.
"""

import re
from typing import Final

from webpanel.wire import json_text
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import PLACEHOLDER
from webpanel.wire.text_mending import Mender, offset

#: Quotes that word processors write, and the plain one.
_CURLY_DOUBLE = "\u201c\u201d\u201e\u201f\u2033\uff02"
_CURLY_SINGLE = "\u2018\u2019\u201a\u201b\u2032\uff07"
_CLOSING = {
    **dict.fromkeys(_CURLY_DOUBLE, _CURLY_DOUBLE + '"'),
    **dict.fromkeys(_CURLY_SINGLE + "'", _CURLY_SINGLE + "'"),
}
#: What a word is made of outside of strings: as ``json_text`` reads it.
_WORD = re.compile(rf'(?:{PLACEHOLDER.pattern}|[^ \t\r\n{{}}\[\]:,"])+')
#: One that nothing closes goes to the end of its line, so that each sign is looked at once.
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\[^\r\n])*+"?')
#: A text of several words without its quotes, up to what can follow it.
_PHRASE = re.compile(rf'(?:{PLACEHOLDER.pattern}|[^\r\n{{}}\[\],"])+')
#: A text whose line breaks were typed: up to a quote that something can follow.
_BROKEN_STRING = re.compile(r'"(?P<inside>[^"\\]*(?:\\.[^"\\]*)*)"(?=\s*[,:}\]])', re.DOTALL)
_PYTHON = {"True": "true", "False": "false", "None": "null", "TRUE": "true", "FALSE": "false", "NULL": "null"}
#: Blanks that are none to JSON: of fixed width, of full width, and the unseen.
_BLANKS = "\u00a0\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff"
_ODD_BLANKS = re.compile(f"[{_BLANKS}]+")
_FULL_WIDTH = str.maketrans({"，": ",", "：": ":", "｛": "{", "｝": "}", "［": "[", "］": "]"})  # noqa: RUF001 - these are looked for
#: How many of the same slip are mended by one click.
_MOST = 200


def quoted(text: str, at: int, problem: Problem) -> str | None:  # noqa: ARG001 - as every mender
    """The word that stands there, in double quotation marks."""
    found = _WORD.match(text, at)
    return f'{text[:at]}"{found[0]}"{text[found.end() :]}' if found else None


def _straight(text: str, at: int, problem: Problem) -> str | None:  # noqa: ARG001 - as every mender
    """The strings that begin with another quote than JSON's, from ``at`` on, in JSON's own."""
    whole = text.translate(dict.fromkeys(map(ord, _CURLY_DOUBLE), '"'))
    if whole != text and _parses(whole):
        return whole
    for _ in range(_MOST):
        straight = _one_straight(text, at)
        if straight is None:
            break
        text = straight
        following = _first_problem(text)
        if following is None or not _is_quote(text, following[1]):
            break
        at = following[1]
    return text


def _is_quote(text: str, at: int) -> bool:
    return at < len(text) and text[at] in _CLOSING


def _one_straight(text: str, at: int) -> str | None:
    if not _is_quote(text, at):
        return None
    closing = re.compile(rf"[{re.escape(_CLOSING[text[at]])}](?=\s*(?:[,:}}\]]|$))").search(text, at + 1)
    if not closing or "\n" in text[at : closing.start()]:
        return None
    inside = text[at + 1 : closing.start()].replace("\\'", "'").replace('"', '\\"')
    return f'{text[:at]}"{inside}"{text[closing.end() :]}'


def _key(text: str, at: int, problem: Problem) -> str | None:
    """A name in quotes; what follows a comma too many is not one."""
    if _is_quote(text, at):
        return _straight(text, at, problem)
    if (blank := _ODD_BLANKS.match(text, at)) or text[at : at + 1] in "，：｛｝［］":  # noqa: RUF001 - these are looked for
        return _plain_signs(text, blank.start() if blank else at, problem)
    return quoted(text, at, problem)


def _word(text: str, at: int, problem: Problem) -> str | None:
    found = _WORD.match(text, at)
    if not found:
        return None
    if found[0] in _PYTHON:
        return text[:at] + _PYTHON[found[0]] + text[found.end() :]
    plain = _plain_signs(text, at, problem)
    if plain != text:
        return plain
    phrase = _PHRASE.match(text, at)
    words = phrase[0].rstrip() if phrase else found[0]
    return f'{text[:at]}"{words}"{text[at + len(words) :]}'


def _plain_signs(text: str, at: int, problem: Problem) -> str:  # noqa: ARG001 - as every mender
    """Blanks and brackets outside of strings as JSON writes them."""
    pieces, done = [], 0
    for string in _STRING.finditer(text):
        pieces += [_plain(text[done : string.start()]), string[0]]
        done = string.end()
    return "".join([*pieces, _plain(text[done:])])


def _plain(text: str) -> str:
    return _ODD_BLANKS.sub(" ", text).translate(_FULL_WIDTH)


def _without_comma(text: str, at: int, problem: Problem) -> str | None:  # noqa: ARG001 - as every mender
    comma = text.rfind(",", 0, at)
    return text[:comma] + text[comma + 1 :] if comma >= 0 and not text[comma + 1 : at].strip() else None


def _comma(text: str, at: int, problem: Problem) -> str | None:
    """The comma that a line's end lacks; inside a line what is missing is anybody's guess."""
    if text[at : at + 1] and (_ODD_BLANKS.match(text, at) or text[at] in "，：｛｝［］"):  # noqa: RUF001 - looked for
        return _plain_signs(text, at, problem)
    before = text[:at].rstrip(" \t\r\n")
    return f"{before},{text[len(before) :]}" if "\n" in text[len(before) : at] else None


def _escape(text: str, at: int, problem: Problem) -> str:  # noqa: ARG001 - as every mender
    return f"{text[:at]}\\{text[at:]}"


def _control_character(text: str, at: int, problem: Problem) -> str:  # noqa: ARG001 - as every mender
    return text[:at] + ("\\t" if text[at] == "\t" else "") + text[at + 1 :]


def _line_breaks(text: str, at: int, problem: Problem) -> str | None:  # noqa: ARG001 - as every mender
    found = _BROKEN_STRING.match(text, at)
    if not found:
        return None
    inside = found["inside"].replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return f'{text[:at]}"{inside}"{text[found.end() :]}'


def _close(text: str, at: int, problem: Problem) -> str | None:  # noqa: ARG001 - as every mender
    """Every bracket that is still open closed at the end."""
    for _ in range(_MOST):
        if problem.code != "json_not_closed":
            return text
        text = text.rstrip() + {"{": "}", "[": "]"}[problem.values["mark"]]
        following = _first_problem(text)
        if following is None:
            return text
        problem = following[0]
    return None


def _first_problem(text: str) -> tuple[Problem, int] | None:
    """What is first wrong with ``text``, and its offset; every placeholder may go without quotes."""
    try:
        json_text.parse(text, None)
    except Refused as refused:
        problem = refused.problems[0]
        return problem, offset(text, problem.line or 1, problem.column or 1)
    return None


def _parses(text: str) -> bool:
    return _first_problem(text) is None


MENDERS: Final[dict[str, Mender]] = {
    "json_quotes_missing": ("mend_quotes", quoted),
    "json_placeholder_not_alone": ("mend_quotes", quoted),
    "json_number": ("mend_quotes", quoted),
    "json_word": ("mend_json_word", _word),
    "json_wrong_quotes": ("mend_straight_quotes", _straight),
    "json_key_expected": ("mend_json_word", _key),
    "json_value_expected": ("mend_plain_signs", _plain_signs),
    "json_colon_expected": ("mend_plain_signs", _plain_signs),
    "json_comma_too_many": ("mend_comma_out", _without_comma),
    "json_comma_expected": ("mend_comma", _comma),
    "json_escape": ("mend_backslash", _escape),
    "json_control_character": ("mend_control_character", _control_character),
    "json_string_not_closed": ("mend_line_breaks", _line_breaks),
    "json_not_closed": ("mend_close", _close),
}
