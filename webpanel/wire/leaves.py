"""Every value that stands in a gateway's templates, with its place and how a person would call it.

A room of its own because credentials, numbers and texts are looked for at the same places. What cannot be
read yet (JSON with a fault) has no places.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus

from webpanel.wire import escaping, json_text, pairs
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Refused
from webpanel.wire.template import NAMES, PLACEHOLDER, SECRET

#: Of the path to a value in JSON, the last steps and so many characters of each: every value has its own.
_NEAREST, _LONGEST_NAME = 12, 80
_PARAMETER = re.compile(r"[?&](?P<name>[^=&#?\s]*)=(?P<value>[^&#\s]*)")
_SEGMENT = re.compile(r"(?<=/)[^/?#\s]+")
_FIELD = re.compile(r"(?:(?<=[&\s])|\A)(?P<name>[^=&\s]++)=(?P<value>[^&\r\n]*)")
_ELEMENT = re.compile(
    r"<(?P<name>[A-Za-z_][\w.:-]*+)[^<>]*+>(?:<!\[CDATA\[(?P<cdata>[^<>\[\]]*)\]\]>|(?P<text>[^<>]+))</"
)
_TAG = re.compile(r"<[A-Za-z_][^<>]*>")
_ATTRIBUTE = re.compile(
    r"(?<=\s)(?P<name>[A-Za-z_][\w.:-]*)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')"
)


@dataclass(frozen=True)
class Leaf:
    """``value`` is what ``text[start:end]`` of the setting ``field`` means.

    ``names`` are those of the place, the nearest last (``("messages", "to")``). ``bare``: a JSON value
    without quotes. ``kind`` says how its place is escaped: one of the keys of :data:`ESCAPES`.
    """

    field: str
    start: int
    end: int
    path: str
    names: tuple[str, ...]
    value: str = field(repr=False)
    kind: str = "plain"

    @property
    def name(self) -> str:
        return self.names[-1] if self.names else ""

    @property
    def is_bare(self) -> bool:
        return self.kind == "json word"


#: How a text is written at a place, so that it means the same there.
ESCAPES = {
    "plain": escaping.raw,
    "url": escaping.url,
    "form": escaping.form,
    "json": escaping.json_string,
    "json word": escaping.raw,
    "xml": escaping.xml_text,
    "attribute": escaping.xml_attribute,
}


def read(gateway: Gateway) -> Iterator[Leaf]:
    """The leaves of everything that is sent of ``gateway``, headers apart; what is filled already is none."""
    found = [*_in_url(gateway.url), *_in_pairs(gateway.query, "query")]
    match gateway.body_format:
        case "form" | "multipart":
            found += _in_pairs(gateway.body_form, "body_form")
        case "json":
            found += _in_json(gateway.body_json)
        case "xml":
            found += _in_xml(gateway.body_xml)
        case _:
            found += _in_raw(gateway.body_raw)
    return (leaf for leaf in found if not _is_filled(leaf.value))


def _is_filled(value: str) -> bool:
    """Whether a placeholder of ours stands there; documentation writes ``{{phone}}`` for anything."""
    return any(name in NAMES or name.startswith(SECRET) for name in PLACEHOLDER.findall(value))


def in_headers(gateway: Gateway) -> Iterator[Leaf]:
    """The values of the headers."""
    return (
        Leaf(
            "headers", pair.value_start, pair.value_start + len(pair.value), pair.key, (pair.key,), pair.value
        )
        for pair in pairs.readable(gateway.headers, "headers", ":")[0]
        if not _is_filled(pair.value)
    )


def words_of(name: str) -> tuple[str, ...]:
    """``sms[0][to]`` is ``sms`` and ``to``: the names in brackets, numbers and empty ones left out."""
    found = re.split(r"[\[\].]+", name)
    return tuple(word for word in found if word and not word.isdigit()) or (name,)


def _in_url(url: str) -> Iterator[Leaf]:
    before = ""
    for number, segment in enumerate(_SEGMENT.finditer(url.partition("?")[0])):
        if number:  # The first is the host.
            yield Leaf("url", *segment.span(), "/" + segment[0], (before,), unquote(segment[0]), "url")
        before = segment[0]
    for found in _PARAMETER.finditer(url):
        name, value = unquote_plus(found["name"]), found["value"]
        meant = unquote(value) if value.startswith("+") else unquote_plus(value)
        yield Leaf("url", *found.span("value"), name, words_of(name), meant, "url")


def _in_pairs(text: str, where: str) -> Iterator[Leaf]:
    for pair in pairs.readable(text, where, "=")[0]:
        end = pair.value_start + len(pair.value)
        yield Leaf(where, pair.value_start, end, pair.key, words_of(pair.key), pair.value)


@dataclass
class _Open:
    """An object or array that is being read; ``at`` is the member that comes next."""

    is_array: bool
    at: str | int


def _in_json(text: str) -> Iterator[Leaf]:
    try:
        tokens = json_text.parse(text, numbers=None)
    except Refused:
        return
    opened: list[_Open] = []
    for token in tokens:
        if token.kind in ("{", "["):
            opened.append(_Open(token.kind == "[", 0 if token.kind == "[" else ""))
        elif token.kind in ("}", "]"):
            opened.pop()
        elif token.kind == ",":
            if opened[-1].is_array:
                opened[-1].at = int(opened[-1].at) + 1
        elif token.is_key:
            opened[-1].at = json.loads(text[token.start : token.end])[:_LONGEST_NAME]
        elif token.kind != ":":
            yield _json_leaf(text, token, opened)


def _json_leaf(text: str, token: json_text.Token, opened: list[_Open]) -> Leaf:
    nearest = opened[-_NEAREST:]
    path = "".join(f"[{each.at}]" if each.is_array else f".{each.at}" for each in nearest).removeprefix(".")
    names = tuple(str(each.at) for each in nearest if not each.is_array)
    typed = text[token.start : token.end]
    if token.kind == "string":
        return Leaf("body_json", token.start + 1, token.end - 1, path, names, json.loads(typed), "json")
    return Leaf("body_json", token.start, token.end, path, names, typed, "json word")


def _in_xml(text: str) -> Iterator[Leaf]:
    for found in _ELEMENT.finditer(text):
        kind, group = ("plain", "cdata") if found["cdata"] is not None else ("xml", "text")
        value = found[group] if group == "cdata" else html.unescape(found[group])
        if value.strip():
            yield Leaf("body_xml", *found.span(group), found["name"], (found["name"],), value, kind)
    for tag in _TAG.finditer(text):
        for found in _ATTRIBUTE.finditer(text, *tag.span()):
            group = "double" if found["double"] is not None else "single"
            name = found["name"]
            yield Leaf(
                "body_xml", *found.span(group), name, (name,), html.unescape(found[group]), "attribute"
            )


def _in_raw(text: str) -> Iterator[Leaf]:
    fields = list(_FIELD.finditer(text))
    if not fields and text.strip():
        start = text.index(text.strip())
        yield Leaf("body_raw", start, start + len(text.strip()), "body", ("body",), text.strip())
    for found in fields:
        name = unquote_plus(found["name"])
        yield Leaf(
            "body_raw", *found.span("value"), name, words_of(name), unquote_plus(found["value"]), "form"
        )
