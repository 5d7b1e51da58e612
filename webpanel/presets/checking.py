"""What is wrong with a provider's file that is well written: what it says cannot be used.

A room of its own beside ``reading`` because that one knows keys and types, and this one what they mean.
"""

import dataclasses
import itertools
import re
from collections.abc import Iterator, Mapping

from webpanel.presets import filling
from webpanel.presets.places import Path, Places
from webpanel.presets.preset import ASK, EVIDENCE, QUESTION_KINDS, Preset, Question
from webpanel.wire import escaping, lint, template
from webpanel.wire.gateway import AUTH_SECRETS, NUMBER_FORMATS
from webpanel.wire.pairs import Separator, readable
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import SECRET_NAME
from webpanel.wire.verdict import Reply, judge

MOST_CHOICES = 30
#: Characters of a provider's name, which becomes the gateway's.
LONGEST_NAME = 80
#: Characters of what is shown on one line.
LONGEST_LINE = 200
#: Characters of a note or an explanation.
LONGEST_TEXT = 600

_QUESTION_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_LINK = re.compile(r"https?://[^\s\"'<>\\]{1,500}")
#: What is read as settings but is not the file's to say.
_NOT_SETTINGS = ("name", "preset")
_SEPARATORS: Mapping[str, Separator] = {"headers": ":", "query": "=", "body_form": "="}


def problems(preset: Preset, places: Places) -> Iterator[Problem]:
    """All that is wrong; what settings and rules do is tried only when the parts are sound."""
    found = [
        problem
        for part in (_head, _shown, _questions, _secrets, _replies, _asked)
        for problem in part(preset, places)
    ]
    yield from found
    if not found:
        yield from _tried(preset, places)
        yield from _judged(preset, places)


def _head(preset: Preset, places: Places) -> Iterator[Problem]:
    if not 0 < len(preset.name.strip()) <= LONGEST_NAME:
        yield places.problem(("name",), "preset_value", name="name")
    if preset.documentation and not _LINK.fullmatch(preset.documentation):
        yield places.problem(("documentation",), "preset_link")
    for key, values, allowed in (
        ("evidence", preset.evidence, EVIDENCE),
        ("number_formats", preset.number_formats, NUMBER_FORMATS),
    ):
        if not set(values) <= set(allowed):
            yield places.problem((key,), "preset_choice", name=key, known=", ".join(allowed))
    if any(not _HOST.fullmatch(host) for host in preset.hosts):
        yield places.problem(("hosts",), "preset_hosts")
    if preset.number_formats and preset.settings.number_format not in preset.number_formats:
        known = ", ".join(preset.number_formats)
        yield places.problem(
            ("settings", "number_format"), "preset_choice", name="number_format", known=known
        )
    for name in _NOT_SETTINGS:
        if getattr(preset.settings, name):
            yield places.problem(("settings", name), "preset_not_set", name=name)


def _shown(preset: Preset, places: Places) -> Iterator[Problem]:
    """Texts for a page that are too long for one, or hold what cannot be seen."""
    texts: list[tuple[Path, str]] = [(("name",), preset.name)]
    texts += [(("keywords",), word) for word in preset.keywords]
    texts += [(("notes",), note) for note in preset.notes]
    texts += [(("reports_where",), preset.reports_where)]
    for number, each in enumerate(preset.questions):
        path = ("questions", number)
        texts += [((*path, key), getattr(each, key)) for key in ("label", "help", "where", "default")]
        texts += [((*path, "choices"), text) for pair in each.choices for text in pair]
    texts += [(("replies", number, "title"), each.title) for number, each in enumerate(preset.replies)]
    for path, text in texts:
        if len(text) > LONGEST_TEXT or escaping.CONTROL.search(text):
            yield places.problem(path, "preset_text", name=str(path[-1]), longest=LONGEST_TEXT)


def _questions(preset: Preset, places: Places) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, question in enumerate(preset.questions):
        path = ("questions", number)
        if not _QUESTION_ID.fullmatch(question.id) or question.id in seen:
            yield places.problem((*path, "id"), "preset_question_id", name=question.id[:LONGEST_LINE])
        seen.add(question.id)
        yield from _kind(preset, question, path, places)
        if question.only_with and not (question.optional and set(question.only_with) <= _choosable(preset)):
            yield places.problem((*path, "only_with"), "preset_only_with")
        if question.secret and (question.default or question.kind != "text"):
            yield places.problem(path, "preset_secret_question")


def _kind(preset: Preset, question: Question, path: Path, places: Places) -> Iterator[Problem]:
    if question.kind not in QUESTION_KINDS:
        known = ", ".join(QUESTION_KINDS)
        yield places.problem((*path, "kind"), "preset_choice", name="kind", known=known)
    elif (question.kind == "choice") != bool(question.choices):
        yield places.problem(path, "preset_choices")
    elif len(question.choices) > MOST_CHOICES:
        yield places.problem((*path, "choices"), "preset_too_many", name="choices", most=MOST_CHOICES)
    elif question.default and (problem := _unusable_default(preset, question)):
        yield dataclasses.replace(problem, line=places.line((*path, "default")))


def _choosable(preset: Preset) -> set[tuple[str, str]]:
    """Each question that offers a choice, with each of its values."""
    return {(each.id, value) for each in preset.questions for value, _ in each.choices}


def _unusable_default(preset: Preset, question: Question) -> Problem | None:
    try:
        filling.checked(question, question.default, filling.templates_of(preset, question))
    except Refused as refused:
        return refused.problems[0]
    return None


def _secrets(preset: Preset, places: Places) -> Iterator[Problem]:
    optional = {ASK + question.id for question in preset.questions if question.optional}
    needed = AUTH_SECRETS.get(preset.settings.auth_kind, ())
    for name, text in preset.secrets:
        if not SECRET_NAME.fullmatch(name):
            yield places.problem(("secrets", name), "preset_secret_name", name=name[:LONGEST_LINE])
        if name in needed and optional.intersection(template.names(text)):
            yield places.problem(("secrets", name), "preset_optional", name=name)
    for name in needed:
        if name not in preset.secret_templates:
            yield places.problem(("secrets",), "preset_key_missing", name=name)


def _replies(preset: Preset, places: Places) -> Iterator[Problem]:
    for number, reply in enumerate(preset.replies):
        path = ("replies", number)
        if reply.means not in ("accepted", "failed"):
            yield places.problem((*path, "means"), "preset_choice", name="means", known="accepted, failed")
        if not 100 <= reply.status <= 599:  # noqa: PLR2004 - what HTTP counts as statuses
            yield places.problem((*path, "status"), "preset_value", name="status")


def _judged(preset: Preset, places: Places) -> Iterator[Problem]:
    """The example replies of which the file's own rules make something else than it says."""
    for number, reply in enumerate(preset.replies):
        path = ("replies", number)
        headers = (("Content-Type", reply.content_type),)
        verdict = judge(preset.settings, Reply(reply.status, headers=headers, body=reply.body.encode()))
        if (verdict.outcome == "accepted") != (reply.means == "accepted"):
            code = "preset_reply_failed" if reply.means == "accepted" else "preset_reply_accepted"
            yield places.problem((*path, "means"), code)
        elif reply.means == "accepted" and (verdict.message_id or "") != reply.message_id:
            yield places.problem((*path, "message_id"), "preset_reply_id")


def _asked(preset: Preset, places: Places) -> Iterator[Problem]:
    """Placeholders of questions that are not asked, or stand where none can be filled in."""
    known = {ASK + question.id: question for question in preset.questions}
    secret = {name for name, question in known.items() if question.secret}
    optional = {name for name, question in known.items() if question.optional}
    used = {name for text in _texts(preset) for name in template.names(text)}
    used |= {ASK + other for question in preset.questions for other, _ in question.only_with}
    for number, question in enumerate(preset.questions):
        if ASK + question.id not in used:
            yield places.problem(("questions", number, "id"), "preset_question_unused", name=question.id)
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
            yield places.problem(path, "preset_ask_place", name=name)
        if asked & secret:
            yield places.problem(path, "preset_ask_secret", name=name)
        if name == "url" and asked & optional:
            yield places.problem(path, "preset_optional", name=name)
        if name in _SEPARATORS and not _in_values(text, name):
            yield places.problem(path, "preset_ask_value", name=name)


def _texts(preset: Preset) -> Iterator[str]:
    """Everything in which a question may be asked for, rightly or not."""
    yield from (text for _, text in preset.secrets)
    yield from (value for value in dataclasses.asdict(preset.settings).values() if isinstance(value, str))


def _unknown(text: str, known: set[str], path: Path, places: Places) -> Iterator[Problem]:
    for placeholder in template.placeholders(text):
        if placeholder.name.startswith(ASK) and placeholder.name not in known:
            yield places.problem(path, "preset_ask_unknown", name=placeholder.name)


def _in_values(text: str, name: str) -> bool:
    """Whether questions stand in values only: a name could be torn in two by its answer."""
    pairs, _ = readable(text, name, _SEPARATORS[name])
    return not any(each.startswith(ASK) for pair in pairs for each in template.names(pair.key))


def _tried(preset: Preset, places: Places) -> Iterator[Problem]:
    """What the settings themselves get wrong, whatever is chosen and however little is answered."""
    told: set[tuple[str, str]] = set()
    decisive = {pair for each in preset.questions for pair in each.only_with}
    choices = ({}, *({question: value} for question, value in sorted(decisive)), None)
    for chosen, reports in itertools.product(choices, (True, False)):
        settings, secrets = filling.filled(preset, _sample(preset, chosen), reports=reports)
        for problem in (*lint.check(settings, secrets), *lint.unplaced(settings)):
            if (problem.field, problem.code) not in told:
                told.add((problem.field, problem.code))
                inside = problem.line if "\n" in getattr(settings, problem.field, "") else None
                line = places.line(("settings", problem.field), inside)
                yield dataclasses.replace(problem, line=line, column=None)


def _sample(preset: Preset, chosen: Mapping[str, str] | None) -> dict[str, str]:
    """An ordinary answer to each question, ``chosen`` to those in it; None: to what must be answered."""
    by_id = {}
    for question in preset.questions:
        by_kind = {"url": "https://provider.example", "choice": next(iter(dict(question.choices)), "")}
        by_id[question.id] = question.default or by_kind.get(question.kind, "x1")
    by_id |= chosen or {}
    asked = {each.id: filling.applying(each, by_id) for each in preset.questions}
    return {
        ASK + name: by_id[name] if each and not (chosen is None and each.optional) else ""
        for name, each in asked.items()
    }
