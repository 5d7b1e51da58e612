"""The plugin's body as ours: raw texts that were really JSON, XML or a form are escaped as such."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from webpanel.wire import json_text, xml_text
from webpanel.wire.gateway import METHODS_WITHOUT_BODY, Gateway
from webpanel.wire.moodle import lines
from webpanel.wire.pairs import readable
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import sample

#: How a configuration names the formats; the first release knew forms only.
_FORMS = ("", "0", "form", "formdata", "form-data", "form_data", "urlencoded", "params", "parameters")
_JSON = ("1", "json", "application/json")
_RAW = ("2", "raw", "text", "raw-text", "raw_text", "rawtext", "text/plain")
#: ``to={{recipient}}&text={{message}}``, and nothing else.
_FORM_TEXT = re.compile(r"[\w.\[\]%-]+=[^\s&=]*(?:&[\w.\[\]%-]+=[^\s&=]*)*")
# A form's plus is a blank, but before a number it was meant as one.
_BLANK = re.compile(r"\+(?!\{\{)")
_SHOWN = 60


@dataclass(frozen=True)
class Typed:
    """The body's fields as they stand in the configuration; ``kind`` says which of them is meant."""

    kind: str
    form: str
    json: str
    raw: str


def translated(settings: Gateway, typed: Typed) -> tuple[Gateway, list[Problem]]:
    """``settings`` with the body, and what changed. A body that is not sent is kept all the same."""
    changes: list[Problem] = []
    form, told = lines.mended(typed.form, "body_form", "=")
    settings = replace(settings, body_form=form, body_json=typed.json)
    kind = _kind(typed, changes)
    if kind == "raw":
        # In the plugin's own page one editor holds JSON and raw text.
        raw = typed.raw or typed.json
        settings = replace(settings, body_json="" if not typed.raw else typed.json)
        settings = _raw(settings, raw, changes)
    elif kind == "json":
        settings = replace(_json(settings, changes), body_format="json", body_raw=typed.raw)
    else:
        settings = replace(settings, body_format="form", body_raw=typed.raw)
        changes += told
    if settings.method in METHODS_WITHOUT_BODY:
        filled = any(text.strip() for text in (typed.form, typed.json, typed.raw))
        unsent = [Problem("moodle_body_unsent", "method", values={"method": settings.method})]
        return settings, unsent if filled else []
    return settings, changes


def _kind(typed: Typed, changes: list[Problem]) -> str:
    said = typed.kind.strip().lower()
    if not said and not typed.form.strip() and (typed.json or typed.raw).strip():
        return "json" if typed.json.strip() else "raw"
    if said in _JSON:
        return "json"
    if said in _RAW:
        return "raw"
    if said not in _FORMS:
        told = {"typed": typed.kind.strip()[:_SHOWN]}
        changes.append(Problem("moodle_body_kind", "body_format", values=told))
    return "form"


def _json(settings: Gateway, changes: list[Problem]) -> Gateway:
    text = settings.body_json
    if _is_json(text):
        return settings
    plain = html.unescape(text)
    if plain != text and _is_json(plain):
        changes.append(Problem("moodle_entities", "body_json"))
        return replace(settings, body_json=plain)
    if text.strip():
        changes.append(Problem("moodle_json_broken", "body_json"))
    return settings


def _is_json(text: str) -> bool:
    try:
        json_text.parse(text)
    except Refused:
        return False
    return True


def _raw(settings: Gateway, text: str, changes: list[Problem]) -> Gateway:
    """Raw text went out unescaped and without a type: a quotation mark in a message broke it."""
    stated = next(_content_types(settings), "")
    if _says(stated, "json") and _is_json(text):
        found = replace(settings, body_format="json", body_json=text)
        changes.append(Problem("moodle_raw_json", "body_json"))
    elif _says(stated, "xml") and text.lstrip().startswith("<") and not any(xml_text.problems(text)):
        found = replace(settings, body_format="xml", body_xml=text)
        changes.append(Problem("moodle_raw_xml", "body_xml"))
    elif _says(stated, "urlencoded") and (form := _form_lines(text.strip())):
        found = replace(settings, body_format="form", body_form=form)
        changes.append(Problem("moodle_raw_form", "body_form"))
    else:
        found = replace(settings, body_format="raw", body_raw=text)
        changes.append(Problem("moodle_raw_typed" if stated else "moodle_raw", "body_raw"))
    return found


def _says(stated: str, kind: str) -> bool:
    """Whether a Content-Type, where the author wrote one, names a kind."""
    return not stated or kind in stated


def _content_types(settings: Gateway) -> Iterator[str]:
    for pair in readable(settings.headers, "headers", ":")[0]:
        if pair.key.lower() == "content-type":
            yield pair.value.lower()


def _form_lines(text: str) -> str:
    """The form that a raw text spells, a pair a line; blank when it is none."""
    if not _FORM_TEXT.fullmatch(sample(text)):
        return ""
    pairs = [unquote(_BLANK.sub(" ", pair)) for pair in text.split("&")]
    return "" if any(re.search(r"[\r\n]", pair) for pair in pairs) else "\n".join(pairs)
