"""Putting the placeholders where an example has its number and its text.

A room of its own beside the proposals: what was proposed is one thing, what was chosen another.
"""

import dataclasses
import re
from collections.abc import Iterable

from webpanel.wire import example_body, leaves
from webpanel.wire.compose import FORM_TYPE
from webpanel.wire.escaping import form
from webpanel.wire.example import Example
from webpanel.wire.gateway import Gateway, NumberFormat
from webpanel.wire.leaves import ESCAPES, Leaf
from webpanel.wire.problem import Refused
from webpanel.wire.proposals import SEVERAL, candidate_id, is_open, looks_like_number, without_index
from webpanel.wire.template import PLACEHOLDER

_NUMBER_INSIDE = re.compile(r"(?:\(\+?(?=\d{1,5}\))|\+?\(?)\d[\d\s().-]{5,18}\d")
_ADDRESS_SUFFIX = re.compile(r"@[a-z]+(?:\.[a-z]+)+\Z")
_SCHEME = re.compile(r"[a-z]{2,10}:", re.IGNORECASE)


def placed(example: Example, recipient: str | None, message: str | None) -> Gateway:
    """The settings with the placeholders in the chosen candidates' places (their ids, None for none).

    The number format is how the example writes the number; what stands around it stays. Raises KeyError
    for an id that is none of the example's.
    """
    by_id = {candidate_id(leaf): leaf for leaf in leaves.read(example.settings)}
    changes: dict[str, object] = {}
    pieces: list[tuple[Leaf, str]] = []
    if recipient:
        leaf = by_id[recipient]
        text, number = _number(leaf)
        changes.update(number)
        pieces.append((leaf, text))
        pieces += [(each, "") for each in _others(leaf, by_id.values()) if candidate_id(each) != message]
    if message and message != recipient:
        leaf = by_id[message]
        pieces.append((leaf, '"{{message}}"' if leaf.is_bare else "{{message}}"))
    texts: dict[str, str] = {}
    for leaf, text in sorted(pieces, key=lambda piece: piece[0].start, reverse=True):
        whole = texts.get(leaf.field, getattr(example.settings, leaf.field))
        start, end = (leaf.start, leaf.end) if text else _with_separator(whole, leaf)
        texts[leaf.field] = whole[:start] + text + whole[end:]
    return _as_form(dataclasses.replace(example.settings, **texts, **changes))


def _others(recipient: Leaf, everything: Iterable[Leaf]) -> list[Leaf]:
    """The example's further recipients, which would get every message: each stands alone behind the first."""
    return [
        leaf
        for leaf in everything
        if leaf.field == recipient.field
        and leaf.start > recipient.start
        and _is_beside(leaf, recipient)
        and (looks_like_number(leaf.value) or is_open(leaf.value))
    ]


def _is_beside(leaf: Leaf, recipient: Leaf) -> bool:
    """Whether one is a member of the same array, or a parameter of the same name."""
    if leaf.field == "body_json":
        return leaf.path.endswith("]") and leaf.path.rpartition("[")[0] == recipient.path.rpartition("[")[0]
    return leaf.field in ("query", "body_form") and without_index(leaf.path) == without_index(recipient.path)


def _with_separator(text: str, leaf: Leaf) -> tuple[int, int]:
    """The span of a value together with what parts it from the one before."""
    if leaf.field != "body_json":
        return text.rindex("\n", 0, leaf.start), leaf.end
    return text.rindex(",", 0, leaf.start), leaf.end + (0 if leaf.is_bare else 1)


def _number(leaf: Leaf) -> tuple[str, dict[str, object]]:
    """What stands in the number's place, and how numbers are to be written."""
    if leaf.is_bare:
        return "{{recipient}}", {"number_format": "integer"}
    value = leaf.value.strip()
    address = _ADDRESS_SUFFIX.search(value)
    if address and "+" not in value and not _SCHEME.match(value):
        return "{{recipient}}", {"number_format": "suffix", "number_suffix": address[0]}
    before = _SCHEME.match(value)
    start, number, after = before.end() if before else 0, value[before.end() :] if before else value, ""
    if not SEVERAL.fullmatch(number) and not is_open(number) and (found := _NUMBER_INSIDE.search(number)):
        start, number, after = start + found.start(), found[0], number[found.end() :]
        if number.startswith("00"):
            start, number = start + 2, number[2:]
    escape = ESCAPES[leaf.kind]
    return f"{escape(value[:start])}{{{{recipient}}}}{escape(after)}", {"number_format": _format(number)}


def _format(number: str) -> NumberFormat:
    if "+" in number:
        return "e164"
    number = number.lstrip()
    return "national" if re.match(r"\(?0[1-9]", number) else "digits"


def _as_form(gateway: Gateway) -> Gateway:
    """A form's body that no lines could hold before the placeholders stood in it."""
    if gateway.body_format != "raw" or gateway.content_type.strip() != FORM_TYPE:
        return gateway
    if not PLACEHOLDER.search(gateway.body_raw):
        return gateway
    named = []
    for piece in gateway.body_raw.split("&"):
        key, _, value = piece.partition("=")
        keeps = bool(PLACEHOLDER.search(value))
        named.append((example_body.kindly(key), value if keeps else example_body.kindly(value)))
        try:
            same = keeps or f"{form(named[-1][0])}={form(named[-1][1])}" == piece
        except Refused:
            same = False
        if not same:
            return gateway
    lines = example_body.lines_of(named)
    if lines is None:
        return gateway
    return dataclasses.replace(gateway, body_format="form", body_form=lines, body_raw="", content_type="")
