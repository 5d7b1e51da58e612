"""From a preset and the answers to its questions to a gateway's settings and secrets.

``{{ask.ID}}`` is filled once and for all, as what the author would have typed there; the other
placeholders stay for the messages to come. An answer arrives at the provider as it was typed, or is
refused: that is why none may hold braces where a template is read again.
"""

import dataclasses
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from webpanel.presets.preset import ASK, Preset, Question
from webpanel.wire import escaping, lint, phone, template
from webpanel.wire import url as urls
from webpanel.wire.compose import UNSENT, Values, compose
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import PLACEHOLDER, SECRET, Escape

#: Characters of one answer: as many as a sender may have; and longer than any token or address in use.
LONGEST_ANSWER = 200
LONGEST_SECRET = 4000

_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
#: What each setting needs an answer to be written like; no other may hold a question.
ESCAPES: Mapping[str, Escape] = {
    "url": escaping.url,
    "headers": escaping.header,
    "query": str,
    "body_form": str,
    "body_json": escaping.json_string,
    # Right in an attribute and between tags alike.
    "body_xml": escaping.xml_attribute,
    "body_raw": escaping.raw,
    "sender": str,
}
#: Where a line can be left out.
IN_LINES = ("headers", "query", "body_form", "body_json", "body_xml", "body_raw")


@dataclass(frozen=True)
class Answered:
    """An unsaved gateway: its settings, and its secrets by name."""

    settings: Gateway
    secrets: dict[str, str] = field(repr=False)


def answered(preset: Preset, answers: Mapping[str, str], name: str, *, reports: bool = False) -> Answered:
    """The gateway called ``name`` that ``preset`` makes of ``answers`` (by question id).

    ``reports``: the panel has an address at which a provider can report; without, no request brings it along.

    A question that is not in ``answers`` has its default. Raises Refused: problems of ``name`` and
    ``ask.ID``; and of a setting, should the answers together make one that cannot be used.
    """
    given, problems = _given(preset, answers)
    if not name.strip():
        problems.insert(0, Problem("gateway_name_missing", "name"))
    if problems:
        raise Refused(*problems)
    settings, secrets = filled(preset, given, reports=reports)
    if unusable := lint.check(settings, secrets) or _not_sent(preset, settings, secrets):
        raise Refused(*unusable)
    return Answered(dataclasses.replace(settings, name=name.strip(), preset=preset.id), secrets)


def _not_sent(preset: Preset, settings: Gateway, secrets: Mapping[str, str]) -> tuple[Problem, ...]:
    """What keeps these very credentials and this sender from being sent, as problems of their questions."""
    values = Values(
        recipient=phone.Number("+447911123456", "international", "GB"),
        message="Hello",
        message_id="01JDZX5Y8QK9R7M2V4T6W8A0BC",
        fresh=UNSENT,
        secrets=secrets,
    )
    try:
        compose(settings, values, user_agent="webpanel")
    except Refused as refused:
        return tuple(_asked(preset, problem) for problem in refused.problems)
    return ()


def _asked(preset: Preset, problem: Problem) -> Problem:
    """``problem`` of a placeholder's value as one of the question that fills it, if one does."""
    name = problem.values.get("placeholder", "")
    secret = name.removeprefix(SECRET) if name.startswith(SECRET) else ""
    text = preset.settings.sender if name == "sender" else preset.secret_templates.get(secret, "")
    asked = [each for each in template.names(text) if each.startswith(ASK)]
    return dataclasses.replace(problem, field=asked[0] if asked else problem.field, line=None)


def filled(
    preset: Preset, given: Mapping[str, str], *, reports: bool = False
) -> tuple[Gateway, dict[str, str]]:
    """Settings and secrets with answers that were checked, by placeholder; lines without one left out."""
    secrets = {key: _filled(text, given, str) for key, text in preset.secrets}
    settings = _settings(preset, given, secrets, reports=reports)
    return settings, {key: value for key, value in secrets.items() if value}


def _given(preset: Preset, answers: Mapping[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """The answers that can be used, by placeholder, and the problems of the others."""
    given, problems = {}, []
    typed = {each.id: answers.get(each.id, each.default).strip() for each in preset.questions}
    for question in preset.questions:
        asked = applying(question, typed)
        answer = typed[question.id] if asked else ""
        try:
            given[ASK + question.id] = checked(asked or question, answer, templates_of(preset, question))
        except Refused as refused:
            problems += [dataclasses.replace(each, field=ASK + question.id) for each in refused.problems]
    return given, problems


def applying(question: Question, answers: Mapping[str, str]) -> Question | None:
    """The question as the other ``answers`` (by id) make it; None when they leave it unasked."""
    if not question.only_with:
        return question
    met = all(answers.get(other) == value for other, value in question.only_with)
    return dataclasses.replace(question, optional=False) if met else None


def templates_of(preset: Preset, question: Question) -> frozenset[str]:
    """The settings that are read again when a message is sent, and that hold the question's answer."""
    return frozenset(
        name
        for name in ESCAPES
        if name != "sender" and ASK + question.id in template.names(getattr(preset.settings, name))
    )


def checked(question: Question, answer: str, templates: Collection[str]) -> str:
    """``answer`` as it is to be used in these templates. Raises Refused; its problem names no field."""
    if not answer:
        if question.optional:
            return ""
        raise Refused(Problem("answer_missing"))
    longest = LONGEST_SECRET if question.secret or question.kind == "url" else LONGEST_ANSWER
    if len(answer) > longest:
        raise Refused(Problem("setting_too_long", values={"longest": longest}))
    _one_line(answer)
    if templates and ("{" in answer or "}" in answer):
        raise Refused(Problem("answer_braces"))
    usable = _KINDS[question.kind](question, answer)
    if "url" in templates and usable in (".", ".."):
        # As a part of a path they would mean another address.
        raise Refused(Problem("answer_dots"))
    return usable


def _one_line(answer: str) -> None:
    try:
        escaping.header(answer)
    except Refused as refused:
        character = refused.problems[0].values["character"]
        raise Refused(Problem("answer_character", values={"character": character})) from refused


def _text(_question: Question, answer: str) -> str:
    return answer


def _url(_question: Question, answer: str) -> str:
    """A base address: behind it the preset's own path is written."""
    try:
        read = urls.read(answer)
    except Refused as refused:
        raise Refused(Problem("answer_url")) from refused
    if read.query or "?" in answer:
        raise Refused(Problem("answer_url_query"))
    return answer.rstrip("/")


def _label(_question: Question, answer: str) -> str:
    if not _LABEL.fullmatch(answer) or ".." in answer:
        raise Refused(Problem("answer_label"))
    return answer


def _choice(question: Question, answer: str) -> str:
    if answer not in dict(question.choices):
        raise Refused(Problem("answer_choice"))
    return answer


_KINDS: Mapping[str, Callable[[Question, str], str]] = {
    "text": _text,
    "url": _url,
    "label": _label,
    "choice": _choice,
}


def _settings(
    preset: Preset, given: Mapping[str, str], secrets: Mapping[str, str], *, reports: bool
) -> Gateway:
    sender = _filled(preset.settings.sender, given, str)
    absent = {name for name, answer in given.items() if not answer}
    absent |= {SECRET + name for name, value in secrets.items() if not value}
    absent |= set() if sender else {"sender"}
    absent |= set() if reports else {"report_url"}
    bases = {ASK + question.id for question in preset.questions if question.kind == "url"}
    texts: dict[str, Any] = {"sender": sender}
    if preset.settings.report_secret and not secrets.get(preset.settings.report_secret):
        # Without the secret no signature could be right: then it is the address alone that is secret.
        texts |= {"report_sign": "none", "report_secret": ""}
    for name, escape in ESCAPES.items():
        if name != "sender":
            text = getattr(preset.settings, name)
            text = _without(text, absent) if name in IN_LINES else text
            texts[name] = _filled(text, given, escape, as_typed=bases if name == "url" else ())
    return dataclasses.replace(preset.settings, **texts)


def _without(text: str, absent: Collection[str]) -> str:
    """``text`` without the lines that ask for something that is not there."""
    lines = text.split("\n")
    return "\n".join(line for line in lines if absent.isdisjoint(template.names(line)))


def _filled(text: str, given: Mapping[str, str], escape: Escape, as_typed: Collection[str] = ()) -> str:
    """``text`` with its questions answered; every other placeholder stays as it is."""

    def answer(found: re.Match[str]) -> str:
        if found[1] not in given:
            return found[0]
        value = given[found[1]]
        return value if found[1] in as_typed else escape(value)

    return PLACEHOLDER.sub(answer, text)
