"""A reply in pieces, of which those that a rule can be made from have a place.

A room of its own because a page shows the pieces, and ``picking`` makes a rule of the one clicked on:
both must count them alike.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from webpanel.wire import json_text
from webpanel.wire.body import NotJson, may_begin_json, parse_json
from webpanel.wire.masking import MASK
from webpanel.wire.problem import Refused
from webpanel.wire.rules import Body

#: Characters of a reply that are shown in pieces, and places among them.
MOST_SHOWN, MOST_PLACES = 20_000, 500
#: Characters of a JSON value and of a text's word that can be clicked on.
LONGEST_VALUE, LONGEST_WORD = 500, 100
#: Names and indexes that lead to a value.
DEEPEST = 30

_MASK = MASK.decode()
_INDENT = "  "
_CLOSING = {"{": "}", "[": "]"}
_PUNCTUATION = r"""\s:;,=|<>"'()\[\]{}!?."""
# A full stop inside a word belongs to it, one behind it to the sentence; a tag is no word.
_WORD = re.compile(rf'<[^<>]*>|(?P<word>[^{_PUNCTUATION}](?:[^\s:;,=|<>"]*[^{_PUNCTUATION}])?)')

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Place:
    """A JSON value (``path`` leads to it), or ``text[start:end]``, a word of another text."""

    start: int
    end: int
    path: Path = ()
    value: Any = None


@dataclass(frozen=True)
class Piece:
    """A part of what is shown; ``number`` is its place's, None where nothing can be clicked on.

    ``names``: it is the name of the value at that place.
    """

    text: str
    number: int | None = None
    names: int | None = None


@dataclass(frozen=True)
class Clickable:
    """``pieces`` in a row are the reply as it is shown: JSON indented, other texts as they came.

    ``shortened``: there is more of it than the pieces show, or than has places.
    """

    text: str
    is_json: bool
    places: tuple[Place, ...] = ()
    pieces: tuple[Piece, ...] = field(default=(), repr=False)
    shortened: bool = False


def read(body: Body) -> Clickable | None:
    """The pieces of a reply, None where no rule can be made from any: it is empty, too deep, or cut JSON."""
    if isinstance(body.value, NotJson):
        if body.value.code != "reply_not_json" or (body.cut and may_begin_json(body.text)):
            return None
        found = _words(body.text, cut=body.cut)
    else:
        try:
            found = _Values(body.text, body.value).read()
        except Refused:
            return None
    return found if found.places else None


class _Values:
    """Goes through the tokens of a JSON text, indents them, and knows the path to each."""

    def __init__(self, text: str, value: Any) -> None:
        self.text, self.value = text, value
        self.places: list[Place] = []
        self.pieces: list[Piece] = []
        self.length = 0
        self.path: list[str | int] = []
        self.opened: list[int] = []
        self.left_out = False
        #: Which piece is the name that was shown last.
        self.name = 0

    def read(self) -> Clickable:
        before, opened = "", 0
        tokens = json_text.parse(self.text, numbers=None)
        for token in tokens:
            written = self.text[token.start : token.end]
            closes = token.kind in _CLOSING.values()
            if closes:
                opened = self.opened.pop()
                self.path.pop()
            if (before in _CLOSING or before == "," or closes) and not (closes and before in _CLOSING):
                self._show("\n" + _INDENT * len(self.opened))
            if closes and before in _CLOSING:
                self._empty(opened, token)
            else:
                self._take(token, written)
            if self.length > MOST_SHOWN:
                self.left_out |= token is not tokens[-1]
                break
            before = token.kind
        return Clickable(self.text, True, tuple(self.places), tuple(self.pieces), self.left_out)

    def _take(self, token: json_text.Token, written: str) -> None:
        if token.kind == ",":
            if isinstance(self.path[-1], int):
                self.path[-1] += 1
            self._show(written)
        elif token.is_key:
            self.path[-1] = parse_json(written)
            self.name = len(self.pieces)
            self._show(written)
        elif token.kind in _CLOSING:
            self.opened.append(token.start)
            self.path.append(0 if token.kind == "[" else "")
            self._show(written)
        elif token.kind in ("string", "word"):
            self._show(written, self._place(token, written))
        else:
            self._show(": " if token.kind == ":" else written)

    def _empty(self, start: int, token: json_text.Token) -> None:
        """An empty list or object is a value as well; its opening mark was shown already."""
        opening = self.pieces.pop()
        written = opening.text + token.kind
        self.length -= len(opening.text)
        self._show(written, self._place(json_text.Token("empty", start, token.end), written))

    def _place(self, token: json_text.Token, written: str) -> int | None:
        if len(self.places) == MOST_PLACES:
            self.left_out = True
            return None
        path = tuple(self.path)
        if len(written) > LONGEST_VALUE or len(path) > DEEPEST or _MASK in written or _MASK in str(path):
            return None
        value = parse_json(written)
        # Of a name that stands there twice the last one counts: an earlier one has no place of its own.
        if (isinstance(value, float) and not math.isfinite(value)) or not _leads_to(self.value, path, value):
            return None
        number = len(self.places)
        self.places.append(Place(token.start, token.end, path, value))
        if path and isinstance(path[-1], str):
            self.pieces[self.name] = replace(self.pieces[self.name], names=number)
        return number

    def _show(self, text: str, number: int | None = None) -> None:
        self.pieces.append(Piece(text, number))
        self.length += len(text)


def _leads_to(tree: Any, path: Path, value: Any) -> bool:
    try:
        for step in path:
            tree = tree[step]
    except (LookupError, TypeError):
        return False
    return type(tree) is type(value) and tree == value


def _words(text: str, *, cut: bool) -> Clickable:
    shown = text[:MOST_SHOWN]
    places: list[Place] = []
    pieces: list[Piece] = []
    done = 0
    left_out = len(text) > len(shown)
    for found in _each_word(shown):
        # What ends where the reading ended may have gone on.
        if found.end() == len(shown) and (cut or left_out):
            break
        if len(places) == MOST_PLACES:
            left_out = True
            break
        word = found["word"]
        if len(word) > LONGEST_WORD or _MASK in word or not word.isprintable() or "\ufffd" in word:
            continue
        pieces += [Piece(shown[done : found.start()]), Piece(word, len(places))]
        places.append(Place(*found.span()))
        done = found.end()
    pieces.append(Piece(shown[done:]))
    return Clickable(text, False, tuple(places), tuple(each for each in pieces if each.text), left_out)


def _each_word(text: str) -> Iterator[re.Match[str]]:
    return (found for found in _WORD.finditer(text) if found["word"])


def words(text: str, end: int) -> list[tuple[int, int]]:
    """Start and end of each word that stands in ``text`` before ``end``, those without a place as well."""
    return [found.span() for found in _WORD.finditer(text, 0, end) if found["word"]]
