"""From the text of a provider's file to a :class:`Preset`, or to all that is wrong with it, by line.

Whatever a file can get wrong is found when it is read, so that answering its questions can fail by the
answers alone.
"""

import dataclasses
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from webpanel.presets import checking
from webpanel.presets.places import Path, Places
from webpanel.presets.preset import ExampleReply, Preset, Question
from webpanel.wire import described
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import MOST_PROBLEMS

#: Characters of a file: several times the longest that ships, and what the reader of TOML does at once.
LONGEST_FILE = 16_384
MOST_QUESTIONS = 20
MOST_REPLIES = 30

_TOML_PLACE = re.compile(
    r"(?P<what>.*?) *\(at (?:line (?P<line>\d+), column \d+|end of document)\)", re.DOTALL
)


@dataclasses.dataclass(frozen=True)
class _Type:
    """Which values a key takes, and how one is written in TOML."""

    fits: Callable[[Any], bool]
    written: str


def _all_texts(values: Any) -> bool:
    return all(isinstance(value, str) for value in values)


_TEXT = _Type(lambda value: isinstance(value, str), '"…"')
_TEXTS = _Type(lambda value: isinstance(value, list) and _all_texts(value), '["…"]')
_FLAG = _Type(lambda value: isinstance(value, bool), "true / false")
_DAY = _Type(lambda value: type(value) is date, "2026-11-23")
_STATUS = _Type(lambda value: type(value) is int, "200")
_PAIRS = _Type(lambda value: isinstance(value, dict) and _all_texts(value.values()), '{ a = "…" }')
_TABLE = _Type(lambda value: isinstance(value, dict), "[…]")
_TABLES = _Type(
    lambda value: isinstance(value, list) and all(isinstance(each, dict) for each in value), "[[…]]"
)

FILE_KEYS: Mapping[str, _Type] = {
    "name": _TEXT,
    "keywords": _TEXTS,
    "documentation": _TEXT,
    "checked": _DAY,
    "evidence": _TEXTS,
    "verified": _FLAG,
    "errors_in_2xx": _FLAG,
    "number_formats": _TEXTS,
    "notes": _TEXTS,
    "reports_where": _TEXT,
    "hosts": _TEXTS,
    "questions": _TABLES,
    "settings": _TABLE,
    "secrets": _PAIRS,
    "replies": _TABLES,
}
QUESTION_KEYS: Mapping[str, _Type] = {
    "id": _TEXT,
    "label": _TEXT,
    "help": _TEXT,
    "where": _TEXT,
    "secret": _FLAG,
    "kind": _TEXT,
    "choices": _PAIRS,
    "default": _TEXT,
    "optional": _FLAG,
    "only_with": _PAIRS,
}
REPLY_KEYS: Mapping[str, _Type] = {
    "means": _TEXT,
    "title": _TEXT,
    "status": _STATUS,
    "content_type": _TEXT,
    "body": _TEXT,
    "message_id": _TEXT,
    "reason": _TEXT,
}
_NEEDED = ("name", "checked", "settings")
#: The keys that hold tables -> the keys of those, those that must be there, and how many tables are read.
_TABLE_KEYS: Mapping[str, tuple[Mapping[str, _Type], tuple[str, ...], int]] = {
    "questions": (QUESTION_KEYS, ("id", "label"), MOST_QUESTIONS),
    "replies": (REPLY_KEYS, ("means", "title"), MOST_REPLIES),
}


def read(text: str, name: str, *, own: bool = False) -> Preset:
    """The preset in ``text``, whose file is called ``name`` without its ending.

    Raises Refused with problems that tell the line of the file.
    """
    if len(text) > LONGEST_FILE:
        raise Refused(Problem("preset_too_long", values={"longest": LONGEST_FILE}))
    file = _toml(text)
    places = Places(text)
    _refuse(_shape(file, places))
    try:
        settings = described.read(file["settings"])
    except Refused as refused:
        raise Refused(*(_setting_named(problem, places) for problem in refused.problems)) from refused
    plain = {key: value for key, value in file.items() if key not in (*_TABLE_KEYS, "settings", "secrets")}
    preset = Preset(
        id=name,
        own=own,
        settings=settings,
        questions=tuple(_question(table) for table in file.get("questions", ())),
        replies=tuple(ExampleReply(**table) for table in file.get("replies", ())),
        secrets=tuple(file.get("secrets", {}).items()),
        **{key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()},
    )
    _refuse(checking.problems(preset, places))
    return preset


def _refuse(problems: Iterator[Problem]) -> None:
    if found := tuple(problems):
        raise Refused(*found[:MOST_PROBLEMS])


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.fullmatch(str(error))
        what = (place["what"] if place else str(error))[: checking.LONGEST_LINE]
        line = int(place["line"]) if place and place["line"] else text.count("\n") + 1
        raise Refused(Problem("preset_toml", line=line, values={"error": what})) from error
    except (RecursionError, ValueError) as error:
        # Brackets a thousand deep; a number of more digits than Python reads.
        raise Refused(Problem("preset_toml", values={"error": type(error).__name__})) from error


def _question(table: Mapping[str, Any]) -> Question:
    pairs = {key: tuple(table.get(key, {}).items()) for key in ("choices", "only_with")}
    return Question(**{**table, **pairs})


def _setting_named(problem: Problem, places: Places) -> Problem:
    name = str(problem.values["name"])[: checking.LONGEST_LINE]
    line = places.line(("settings", name))
    return dataclasses.replace(problem, field="settings", line=line, values={**problem.values, "name": name})


def _shape(file: Mapping[str, Any], places: Places) -> Iterator[Problem]:
    """Unknown and missing keys, and values of another type."""
    yield from _keys(file, FILE_KEYS, _NEEDED, (), places)
    for part, (keys, needed, most) in _TABLE_KEYS.items():
        tables = file.get(part, [])
        if not _TABLES.fits(tables):
            continue
        if len(tables) > most:
            yield places.problem((part, most), "preset_too_many", name=part, most=most)
        for number, table in enumerate(tables[:most]):
            yield from _keys(table, keys, needed, (part, number), places)


def _keys(
    table: Mapping[str, Any],
    keys: Mapping[str, _Type],
    needed: tuple[str, ...],
    path: Path,
    places: Places,
) -> Iterator[Problem]:
    for name, value in table.items():
        place = (*path, name)
        if name not in keys:
            shown = name[: checking.LONGEST_LINE]
            yield places.problem(place, "preset_key_unknown", name=shown, known=", ".join(keys))
        elif not keys[name].fits(value):
            yield places.problem(place, "setting_type", name=name, wanted=keys[name].written)
    for name in needed:
        if name not in table:
            yield places.problem(path, "preset_key_missing", name=name)
