"""JSON templates: reading, filling and indenting them without losing how they were typed.

A room of its own because the standard parser knows no placeholders and forgets what a template must
keep: positions, repeated keys, numbers of any length, which strings are keys. A placeholder inside a
string is part of it; one outside stands for a whole number, and stands alone.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from webpanel.wire import escaping
from webpanel.wire.body import MAX_DEPTH
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import PLACEHOLDER, Filled, fill, join, position, problem_at

FIELD = "body_json"
#: The placeholders that may stand without quotes: what they write is always digits, unless a
#: gateway's number format says otherwise.
NUMBERS = ("recipient", "recipient_digits")

_TOKEN = re.compile(
    r"[ \t\r\n]+"
    r'|(?P<string>"(?:[^"\\\x00-\x1f]|\\[^\r\n])*+")'
    rf'|(?P<word>(?:{PLACEHOLDER.pattern}|[^ \t\r\n{{}}\[\]:,"])+)'
    r"|(?P<mark>[{}\[\]:,])"
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
#: Those of other languages and of word processors.
_WRONG_QUOTES = ("'", "\u2018", "\u2019", "\u201a", "\u201c", "\u201d", "\u201e", "\uff02")
_CONSTANTS = ("true", "false", "null")
_ESCAPE = re.compile(r"\\(?:[\"\\/bfnrt]|u[0-9A-Fa-f]{4})|(?P<bad>\\)")
_CLOSING = {"{": "}", "[": "]"}
_INDENT = "  "


@dataclass(frozen=True)
class Token:
    """``text[start:end]``: a ``string``, a ``word`` (number, constant, placeholder), or the mark itself."""

    kind: str
    start: int
    end: int
    is_key: bool = False


def parse(text: str, numbers: Collection[str] | None = NUMBERS) -> tuple[Token, ...]:
    """The tokens of a JSON template. ``numbers``: the placeholders that may go without quotes, None for all.

    Raises Refused with the first fault: where it is, and what was meant to stand there.
    """
    return _Parser(text, numbers).tokens()


class _Parser:
    """Reads JSON's grammar (RFC 8259), one token at a time, without recursion."""

    def __init__(self, text: str, numbers: Collection[str] | None) -> None:
        self.text = text
        self.numbers = numbers
        self.opened: list[Token] = []
        self.expected = "value"

    def tokens(self) -> tuple[Token, ...]:
        tokens = []
        for token in _scan(self.text):
            tokens.append(replace(token, is_key=token.kind == "string" and self.expected.startswith("key")))
            self.take(token)
        if self.opened:
            opened = self.opened[-1]
            line, column = position(self.text, opened.start)
            self.refuse(
                len(self.text), "json_not_closed", mark=opened.kind, from_line=line, from_column=column
            )
        if self.expected != "end":
            self.refuse(len(self.text), "json_empty")
        return tuple(tokens)

    def take(self, token: Token) -> None:
        match self.expected:
            case "end":
                self.refuse(token.start, "json_after_end")
            case "colon":
                if token.kind != ":":
                    self.refuse(token.start, "json_colon_expected")
                self.expected = "value"
            case "comma":
                self.comma(token)
            case "key" | "key or close":
                self.key(token)
            case _:
                self.value(token)

    def comma(self, token: Token) -> None:
        opened = self.opened[-1].kind
        if token.kind == ",":
            self.expected = "key" if opened == "{" else "value"
        elif token.kind == _CLOSING[opened]:
            self.close()
        else:
            self.refuse(token.start, "json_comma_expected", mark=_CLOSING[opened])

    def key(self, token: Token) -> None:
        if token.kind == "string":
            self.expected = "colon"
        elif token.kind == "}":
            if self.expected == "key":
                self.refuse(token.start, "json_comma_too_many", mark="}")
            self.close()
        else:
            self.refuse(token.start, "json_key_expected")

    def value(self, token: Token) -> None:
        if token.kind in _CLOSING:
            if len(self.opened) == MAX_DEPTH:
                self.refuse(token.start, "json_too_deep", deepest=MAX_DEPTH)
            self.opened.append(token)
            self.expected = "key or close" if token.kind == "{" else "value or close"
        elif token.kind in ("string", "word"):
            if token.kind == "word":
                self.word(token)
            self.expected = "comma" if self.opened else "end"
        elif token.kind == "]" and self.opened and self.opened[-1].kind == "[":
            if self.expected == "value":
                self.refuse(token.start, "json_comma_too_many", mark="]")
            self.close()
        else:
            self.refuse(token.start, "json_value_expected")

    def close(self) -> None:
        self.opened.pop()
        self.expected = "comma" if self.opened else "end"

    def word(self, token: Token) -> None:
        word = self.text[token.start : token.end]
        if placeholder := PLACEHOLDER.fullmatch(word):
            if self.numbers is not None and placeholder[1] not in self.numbers:
                self.refuse(token.start, "json_quotes_missing", name=placeholder[1])
        elif word.startswith(_WRONG_QUOTES):
            self.refuse(token.start, "json_wrong_quotes", mark=word[0])
        elif PLACEHOLDER.search(word):
            self.refuse(token.start, "json_placeholder_not_alone")
        elif word[0] in "+-.0123456789" and not _NUMBER.fullmatch(word):
            self.refuse(token.start, "json_number")
        elif word not in _CONSTANTS and not _NUMBER.fullmatch(word):
            self.refuse(token.start, "json_word", word=word[:40])

    def refuse(self, offset: int, code: str, **values: object) -> None:
        raise Refused(problem_at(self.text, offset, code, FIELD, **values))


def _scan(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise Refused(_string_problem(text, at))
        if found["string"]:
            _check_escapes(text, found)
            yield Token("string", at, found.end())
        elif found["word"]:
            yield Token("word", at, found.end())
        elif found["mark"]:
            yield Token(found["mark"], at, found.end())
        at = found.end()


def _check_escapes(text: str, string: re.Match[str]) -> None:
    for escape in _ESCAPE.finditer(text, string.start(), string.end()):
        if escape["bad"]:
            raise Refused(problem_at(text, escape.start(), "json_escape", FIELD))


def _string_problem(text: str, start: int) -> Problem:
    """Why no string ends that begins at ``start``."""
    found = re.compile(r'[^"\\\x00-\x1f]*(?:\\[^\r\n][^"\\\x00-\x1f]*)*').match(text, start + 1)
    stop = found.end() if found else start
    if stop < len(text) and text[stop] not in "\\\r\n":
        character = escaping.codepoint(text[stop])
        return problem_at(text, stop, "json_control_character", FIELD, character=character)
    return problem_at(text, start, "json_string_not_closed", FIELD)


def filled(
    text: str,
    values: Mapping[str, str],
    *,
    numbers: Collection[str] = NUMBERS,
    integers: Collection[str] = (),
) -> Filled:
    """The template filled; ``integers`` name the placeholders that lose the quotes standing around them.

    Those that share their quotes with other text, and keys, stay strings. Raises Refused for a template
    that is not JSON, and for a value that is no number where one must stand.
    """
    pieces, done = [], 0
    for token in parse(text, numbers):
        pieces.append(Filled(text[done : token.start]))
        pieces.append(_fill_token(text, token, values, integers))
        done = token.end
    pieces.append(Filled(text[done:]))
    return join(pieces)


def _fill_token(text: str, token: Token, values: Mapping[str, str], integers: Collection[str]) -> Filled:
    typed = text[token.start : token.end]
    if token.kind == "word":
        return fill(typed, values, escaping.json_number)
    if token.kind != "string":
        return Filled(typed)
    alone = PLACEHOLDER.fullmatch(typed, 1, len(typed) - 1)
    if alone and alone[1] in integers and not token.is_key:
        return fill(alone[0], values, escaping.json_number)
    return fill(typed, values, escaping.json_string)


def string_members(text: str) -> Iterator[tuple[str, Token, str]]:
    """Each member of an object whose value is a string: its key, the value's token, the value."""
    tokens = parse(text, numbers=None)
    for key, colon, value in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if key.is_key and colon.kind == ":" and value.kind == "string":
            yield json.loads(text[key.start : key.end]), value, json.loads(text[value.start : value.end])


def indented(text: str, longest: int) -> str:
    """The template with each member on a line of its own; only white space changes.

    Ends soon after ``longest`` characters: white space makes much of a short text. Raises Refused for
    what is not JSON.
    """
    written, length, depth, before = [], 0, 0, ""
    for token in parse(text, numbers=None):
        closes = token.kind in _CLOSING.values()
        depth -= closes
        is_empty = closes and before in _CLOSING
        if (before in _CLOSING or before == "," or closes) and not is_empty:
            written.append("\n" + _INDENT * depth)
            length += len(written[-1])
        written.append(": " if token.kind == ":" else text[token.start : token.end])
        length += len(written[-1])
        if length > longest:
            break
        depth += token.kind in _CLOSING
        before = token.kind
    return "".join(written)
