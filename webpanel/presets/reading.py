"""From the text of a provider's file to a :class:`Preset`, or to all that is wrong with it, by line.

Whatever a file can get wrong is found here, when it is read: answering its questions can then fail by
the answers alone.
"""

import dataclasses
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from webpanel.presets import filling
from webpanel.presets.places import Places
from webpanel.presets.preset import ASK, EVIDENCE, QUESTION_KINDS, ExampleReply, Preset, Question
from webpanel.wire import described, lint, template
from webpanel.wire.gateway import AUTH_SECRETS, NUMBER_FORMATS
from webpanel.wire.pairs import Separator, readable
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import SECRET_NAME

#: Characters of a file: several times the longest that ships.
LONGEST_FILE = 32_768
MOST_QUESTIONS = 20
MOST_REPLIES = 30
#: Characters of what is shown on one line.
LONGEST_LINE = 200

_QUESTION_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_LINK = re.compile(r"https?://[^\s\"'<>\\]{1,500}")
_TOML_PLACE = re.compile(
    r"(?P<what>.*?) *\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)"
)

#: Key -> (type, how such a value is written), of each table of the file.
_TEXT = (str, '"…"')
_TEXTS = (list, '["…"]')
_FLAG = (bool, "true / false")
_TABLE = (dict, "[…]")
_TABLES = (list, "[[…]]")
FILE_KEYS: Mapping[str, tuple[type, str]] = {
    "name": _TEXT,
    "keywords": _TEXTS,
    "documentation": _TEXT,
    "checked": (date, "2026-11-23"),
    "evidence": _TEXTS,
    "verified": _FLAG,
    "errors_in_2xx": _FLAG,
    "number_formats": _TEXTS,
    "notes": _TEXTS,
    "hosts": _TEXTS,
    "questions": _TABLES,
    "settings": _TABLE,
    "secrets": _TABLE,
    "replies": _TABLES,
}
QUESTION_KEYS: Mapping[str, tuple[type, str]] = {
    "id": _TEXT,
    "label": _TEXT,
    "help": _TEXT,
    "where": _TEXT,
    "secret": _FLAG,
    "kind": _TEXT,
    "choices": (dict, '{ a = "A" }'),
    "default": _TEXT,
    "optional": _FLAG,
}
REPLY_KEYS: Mapping[str, tuple[type, str]] = {
    "means": _TEXT,
    "title": _TEXT,
    "status": (int, "200"),
    "content_type": _TEXT,
    "body": _TEXT,
    "message_id": _TEXT,
    "reason": _TEXT,
}
_NEEDED = {"file": ("name", "documentation", "checked", "settings"), "questions": ("id", "label")}
_NEEDED["replies"] = ("means", "title")
#: What is read as settings but is not the file's to say.
_NOT_SETTINGS = ("name", "preset")


def read(text: str, name: str, *, own: bool = False) -> Preset:
    """The preset in ``text``, whose file is called ``name`` without its ending.

    Raises Refused with problems that tell the line of the file.
    """
    if len(text) > LONGEST_FILE:
        raise Refused(Problem("preset_too_long", values={"longest": LONGEST_FILE}))
    file = _toml(text)
    places = Places(text)
    if problems := tuple(_shape(file, places)):
        raise Refused(*problems[: template.MOST_PROBLEMS])
    try:
        settings = described.read(file["settings"])
    except Refused as refused:
        raise Refused(*(_setting_named(problem, places) for problem in refused.problems)) from refused
    preset = Preset(
        id=name,
        own=own,
        settings=settings,
        questions=tuple(_question(table) for table in file.get("questions", ())),
        replies=tuple(ExampleReply(**table) for table in file.get("replies", ())),
        secrets=tuple(file.get("secrets", {}).items()),
        **{key: _frozen(value) for key, value in file.items() if key not in _TABLE_KEYS},
    )
    if problems := tuple(_meaning(preset, places)):
        raise Refused(*problems[: template.MOST_PROBLEMS])
    return preset


_TABLE_KEYS = ("questions", "settings", "secrets", "replies")


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.match(str(error))
        what = (place["what"] if place else str(error))[:LONGEST_LINE]
        line = int(place["line"]) if place and place["line"] else text.count("\n") + 1
        raise Refused(Problem("preset_toml", line=line, values={"error": what})) from error
    except (RecursionError, ValueError) as error:
        # Brackets a thousand deep; a number of more digits than Python reads.
        raise Refused(Problem("preset_toml", values={"error": type(error).__name__})) from error


def _question(table: Mapping[str, Any]) -> Question:
    return Question(**{**table, "choices": tuple(table.get("choices", {}).items())})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _shape(file: Mapping[str, Any], places: Places) -> Iterator[Problem]:
    """Unknown and missing keys, and values of another type."""
    yield from _keys(file, FILE_KEYS, "file", (), places)
    for part, keys, most in (
        ("questions", QUESTION_KEYS, MOST_QUESTIONS),
        ("replies", REPLY_KEYS, MOST_REPLIES),
    ):
        tables = file.get(part, [])
        if not isinstance(tables, list) or any(not isinstance(table, dict) for table in tables):
            yield _at(places, (part,), "setting_type", name=part, wanted=f"[[{part}]]")
            continue
        if len(tables) > most:
            yield _at(places, (part, most), "preset_too_many", name=part, most=most)
        for number, table in enumerate(tables[:most]):
            yield from _keys(table, keys, part, (part, number), places)
    for part in ("secrets",):
        for name, value in file.get(part, {}).items() if isinstance(file.get(part, {}), dict) else ():
            if not isinstance(value, str):
                yield _at(places, (part, name), "setting_type", name=name, wanted=_TEXT[1])


def _keys(
    table: Mapping[str, Any],
    keys: Mapping[str, tuple[type, str]],
    part: str,
    path: tuple[str | int, ...],
    places: Places,
) -> Iterator[Problem]:
    for name, value in table.items():
        if name not in keys:
            known = ", ".join(keys)
            yield _at(places, (*path, name), "preset_key_unknown", name=name[:LONGEST_LINE], known=known)
        elif not _fits(value, *keys[name]):
            yield _at(places, (*path, name), "setting_type", name=name, wanted=keys[name][1])
    for name in _NEEDED[part]:
        if name not in table:
            yield _at(places, path, "preset_key_missing", name=name)


def _fits(value: Any, kind: type, wanted: str) -> bool:
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    if kind is date:
        return type(value) is date
    if kind is dict and wanted != _TABLE[1]:
        return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    if wanted == _TEXTS[1]:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, kind)


def _setting_named(problem: Problem, places: Places) -> Problem:
    line = places.line(("settings", str(problem.values["name"])))
    return dataclasses.replace(problem, field="settings", line=line)


def _meaning(preset: Preset, places: Places) -> Iterator[Problem]:
    """What is wrong with a file that is well written."""
    yield from _head(preset, places)
    yield from _questions(preset, places)
    yield from _secrets(preset, places)
    yield from _replies(preset, places)
    found = tuple(_asked(preset, places))
    yield from found
    if not found:
        yield from _tried(preset, places)


def _head(preset: Preset, places: Places) -> Iterator[Problem]:
    if not 0 < len(preset.name.strip()) <= LONGEST_LINE:
        yield _at(places, ("name",), "preset_value", name="name")
    if not _LINK.fullmatch(preset.documentation):
        yield _at(places, ("documentation",), "preset_link")
    for key, values, allowed in (
        ("evidence", preset.evidence, EVIDENCE),
        ("number_formats", preset.number_formats, NUMBER_FORMATS),
    ):
        if not set(values) <= set(allowed):
            yield _at(places, (key,), "preset_choice", name=key, known=", ".join(allowed))
    if any(not _HOST.fullmatch(host) for host in preset.hosts):
        yield _at(places, ("hosts",), "preset_hosts")
    if preset.number_formats and preset.settings.number_format not in preset.number_formats:
        known = ", ".join(preset.number_formats)
        yield _at(places, ("settings", "number_format"), "preset_choice", name="number_format", known=known)
    for name in _NOT_SETTINGS:
        if getattr(preset.settings, name):
            yield _at(places, ("settings", name), "preset_not_set", name=name)


def _questions(preset: Preset, places: Places) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, question in enumerate(preset.questions):
        path = ("questions", number)
        if not _QUESTION_ID.fullmatch(question.id) or question.id in seen:
            yield _at(places, (*path, "id"), "preset_question_id", name=question.id[:LONGEST_LINE])
        seen.add(question.id)
        if question.kind not in QUESTION_KINDS:
            known = ", ".join(QUESTION_KINDS)
            yield _at(places, (*path, "kind"), "preset_choice", name="kind", known=known)
        elif (question.kind == "choice") != bool(question.choices):
            yield _at(places, path, "preset_choices")
        elif question.default and (problem := _unusable_default(question)):
            yield dataclasses.replace(problem, line=places.line((*path, "default")))
        if question.secret and (question.default or question.kind != "text"):
            yield _at(places, path, "preset_secret_question")


def _unusable_default(question: Question) -> Problem | None:
    try:
        filling.checked(question, question.default)
    except Refused as refused:
        return refused.problems[0]
    return None


def _secrets(preset: Preset, places: Places) -> Iterator[Problem]:
    optional = {ASK + question.id for question in preset.questions if question.optional}
    needed = AUTH_SECRETS.get(preset.settings.auth_kind, ())
    for name, text in preset.secrets:
        if not SECRET_NAME.fullmatch(name):
            yield _at(places, ("secrets", name), "preset_secret_name", name=name[:LONGEST_LINE])
        if name in needed and optional.intersection(template.names(text)):
            yield _at(places, ("secrets", name), "preset_optional", name=name)
    for name in needed:
        if name not in preset.secret_templates:
            yield _at(places, ("secrets",), "preset_key_missing", name=name)


def _replies(preset: Preset, places: Places) -> Iterator[Problem]:
    for number, reply in enumerate(preset.replies):
        path = ("replies", number)
        if reply.means not in ("accepted", "failed"):
            yield _at(places, (*path, "means"), "preset_choice", name="means", known="accepted, failed")
        if not 100 <= reply.status <= 599:  # noqa: PLR2004 - what HTTP counts as statuses
            yield _at(places, (*path, "status"), "preset_value", name="status")


def _asked(preset: Preset, places: Places) -> Iterator[Problem]:
    """Placeholders of questions that are not asked, or stand where none can be filled in."""
    known = {ASK + question.id: question for question in preset.questions}
    secret = {name for name, question in known.items() if question.secret}
    optional = {name for name, question in known.items() if question.optional}
    for name, text in preset.secrets:
        yield from _unknown(text, {*known}, ("secrets", name), places)
    for name, text in dataclasses.asdict(preset.settings).items():
        if not isinstance(text, str):
            continue
        path = ("settings", name)
        asked = {each for each in template.names(text) if each.startswith(ASK)}
        if not asked:
            continue
        yield from _unknown(text, {*known}, path, places)
        if name not in filling.ESCAPES:
            yield _at(places, path, "preset_ask_place", name=name)
        if asked & secret:
            yield _at(places, path, "preset_ask_secret", name=name)
        if name == "url" and asked & optional:
            yield _at(places, path, "preset_optional", name=name)
        if name in _SEPARATORS and not _in_values(text, name):
            yield _at(places, path, "preset_ask_value", name=name)


_SEPARATORS: Mapping[str, Separator] = {"headers": ":", "query": "=", "body_form": "="}


def _unknown(text: str, known: set[str], path: tuple[str | int, ...], places: Places) -> Iterator[Problem]:
    for placeholder in template.placeholders(text):
        if placeholder.name.startswith(ASK) and placeholder.name not in known:
            yield _at(places, path, "preset_ask_unknown", name=placeholder.name)


def _in_values(text: str, name: str) -> bool:
    """Whether questions stand in values only: a name could be torn in two by its answer."""
    pairs, _ = readable(text, name, _SEPARATORS[name])
    return not any(each.startswith(ASK) for pair in pairs for each in template.names(pair.key))


def _tried(preset: Preset, places: Places) -> Iterator[Problem]:
    """What the settings themselves get wrong, with every question answered and with the least answered."""
    told: set[tuple[str, str]] = set()
    for everything in (True, False):
        settings, secrets = filling.filled(preset, _sample(preset, everything=everything))
        for problem in (*lint.check(settings, secrets), *lint.unplaced(settings)):
            if (problem.field, problem.code) not in told:
                told.add((problem.field, problem.code))
                inside = problem.line if "\n" in getattr(settings, problem.field, "") else None
                line = places.line(("settings", problem.field), inside)
                yield dataclasses.replace(problem, line=line, column=None)


def _sample(preset: Preset, *, everything: bool) -> dict[str, str]:
    """An ordinary answer to each question."""
    answers = {}
    for question in preset.questions:
        by_kind = {"url": "https://provider.example", "choice": next(iter(dict(question.choices)), "")}
        usual = question.default or by_kind.get(question.kind, "x1")
        answers[ASK + question.id] = usual if everything or not question.optional else ""
    return answers


def _at(places: Places, path: tuple[str | int, ...], code: str, **values: object) -> Problem:
    return Problem(code, ".".join(map(str, path)), line=places.line(path), values=values)
