r"""Patterns for one word of a reply that is no JSON.

A word is told from others by what stands in front of it: the beginning of the reply (``^OK\b``), a label
(``\bSMSGlobalMsgID:\s*(\d+)``), a tag (``<code>\s*0\b``). As few words in front are taken as tell it apart.
"""

import re
from collections.abc import Callable, Iterator

from webpanel.wire import rules
from webpanel.wire.changing import changes
from webpanel.wire.clickable import words
from webpanel.wire.masking import MASK
from webpanel.wire.rules import Body, Rule

#: Words in front of the one that is meant, at most; so many from the reply's beginning are its beginning.
MOST_IN_FRONT, FIRST_WORDS = 8, 3
#: Tags in front of it, at most.
MOST_TAGS = 4
#: Characters between two words; behind more of them nothing is a label.
LONGEST_BETWEEN = 60
#: What stands for a word of any spelling.
ANY_WORD = r'[^\s:;,=|<>"]+'

_MASK = MASK.decode()
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
_BLANK = re.compile(r"\s+")
_TAG = re.compile("<[^<>]*>")
# What the word in front calls it: `<Id>77231`, `ID: 04b4`.
_LAST_WORD = re.compile(r"([A-Za-z_]+)\W*\Z")
_NAME_WITHIN = 60
#: Another word in the place of the one that is meant.
_OTHER = "\N{SNOWMAN}"

_Generalised = Callable[[str], bool]


def condition(text: str, start: int, end: int) -> Rule | None:
    """That the word stands where it stands; of one that changes, that one like it does."""
    word = text[start:end]
    name = _LAST_WORD.search(text[max(0, start - _NAME_WITHIN) : start])
    asked = _like(word) if changes(word, name[1] if name else "") else _escaped(word) + _boundary(word[-1])
    body, without = Body(text.encode()), Body((text[:start] + _OTHER + text[end:]).encode())
    loose = None
    for front in _fronts(text, start, changes, from_beginning=True):
        made = Rule("pattern", front + asked)
        if rules.apply(made, body).holds:
            if not rules.apply(made, without).holds:
                return made
            loose = loose or made
    # The same words stand there more than once: each of them may decide.
    return loose


def message_id(text: str, start: int, end: int) -> Rule | None:
    """The word in that place, whatever it is there; None when nothing tells it from another one."""
    word = text[start:end]
    return _value(text, start, f"({_like(word)})", changes, lambda told: told == word)


def reason(text: str, start: int, end: int) -> Rule | None:
    """From the word to the end of its line, or to the next tag; codes in front of it may be others."""
    word, between_tags = text[start:end], "<" in text
    rest = "([^<]+)" if between_tags else "(.+)"
    return _value(text, start, rest, _has_digit, lambda told: told.startswith(word))


def _value(
    text: str, start: int, group: str, generalised: _Generalised, is_right: Callable[[str], bool]
) -> Rule | None:
    body = Body(text.encode())
    for front in _fronts(text, start, generalised, from_beginning=False):
        made = Rule("pattern", front + group)
        if is_right(rules.told(made, body) or ""):
            return made
    return None


def _fronts(text: str, start: int, generalised: _Generalised, *, from_beginning: bool) -> Iterator[str]:
    """Patterns for what stands in front of ``start``, each of more words than the one before."""
    before = words(text, start)
    tags = _TAG.findall(text[before[-1][1] if before else 0 : start])
    for count in range(1, min(len(tags), MOST_TAGS) + 1):
        yield "".join(map(_tag, tags[-count:])) + r"\s*"
    line = text.rfind("\n", 0, start) + 1
    few = len(before) <= FIRST_WORDS and not text[:line].strip() and "<" not in text[:start]
    if not before or (from_beginning and few and not any(generalised(text[a:b]) for a, b in before)):
        yield from _whole_front(text, before, start, generalised)
    front = ""
    for count, (first, last) in enumerate(reversed(before[-MOST_IN_FRONT:]), 1):
        following = before[-count + 1][0] if count > 1 else start
        between = text[last:following]
        if len(between) > LONGEST_BETWEEN or _MASK in between:
            return
        word = text[first:last]
        front = _front_word(word, generalised) + _between(between) + front
        if generalised(word) and count < len(before):
            # Anything could stand there: alone it tells nothing apart.
            continue
        yield (_boundary(word[0]) if not generalised(word) else "") + front
    if len(before) <= MOST_IN_FRONT:
        yield from _whole_front(text, before, start, generalised)


def _whole_front(
    text: str, before: list[tuple[int, int]], start: int, generalised: _Generalised
) -> Iterator[str]:
    """All that stands in front, from the reply's first character on."""
    front, done = "^", 0
    for first, last in (*before, (start, start)):
        between = text[done:first]
        if len(between) > LONGEST_BETWEEN or _MASK in between:
            return
        if between:
            front += _between(between)
        front += _front_word(text[first:last], generalised) if first < last else ""
        done = last
    yield front


def _front_word(word: str, generalised: _Generalised) -> str:
    if _MASK in word or not word.isprintable() or "\ufffd" in word:
        return ANY_WORD
    return _like(word) if generalised(word) else _escaped(word)


def _like(word: str) -> str:
    """Words of the same kind."""
    if re.fullmatch("[0-9]+", word):
        return r"\d+"
    return r"[\w-]+" if re.fullmatch(r"[\w-]+", word, re.ASCII) else ANY_WORD


def _between(text: str) -> str:
    """What stands between two words; blanks may be more or fewer where a sign parts the words as well."""
    if not text.strip():
        return r"\s+" if text else ""
    signs = [_escaped(part) for part in _BLANK.split(text)]
    joined = r"\s*".join(signs)
    return joined if joined.endswith(r"\s*") else joined + r"\s*"


def _tag(tag: str) -> str:
    """A tag as it stands, its attributes whatever they are."""
    name = re.match(r"<[/?!]?[\w:.-]*", tag)
    known = name[0] if name else "<"
    return _escaped(known) + ("" if known + ">" == tag else "[^>]*") + ">"


def _boundary(char: str) -> str:
    return r"\b" if re.match(r"\w", char, re.ASCII) else ""


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _has_digit(word: str) -> bool:
    return any(char.isdecimal() for char in word)
