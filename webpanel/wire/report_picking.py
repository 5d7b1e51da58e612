"""From a value of a delivery report that was clicked on, and what it means, to the settings that say so."""

import dataclasses

from webpanel.wire import json_rule, pairs
from webpanel.wire.clickable import Clickable
from webpanel.wire.expression import as_text
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.report import LONGEST_WORD, MEANINGS, Incoming

#: That the value is the message's id; else it is the status, with one of the meanings.
ID = "id"
PICKS = (ID, *MEANINGS)


def picked(
    gateway: Gateway, incoming: Incoming, reply: Clickable | None, number: int, meaning: str
) -> Gateway:
    """``gateway`` as the value at place ``number`` sets it up: of the JSON in ``reply``, or of the fields.

    Raises Refused: there is no such place, or the value can be neither id nor word.
    """
    if meaning not in PICKS:
        raise Refused(Problem("pick_place"))
    kind, rule, value = _of_json(reply, number) if reply else _of_fields(incoming, number)
    if meaning == ID:
        return dataclasses.replace(gateway, report_id_kind=kind, report_id_rule=rule)  # type: ignore[arg-type]
    return dataclasses.replace(
        gateway,
        report_status_kind=kind,  # type: ignore[arg-type]
        report_status_rule=rule,
        report_words=with_word(gateway.report_words, value, meaning),
    )


def with_word(text: str, word: str, meaning: str) -> str:
    """The table with that word's line; the one that it had gives way, all others stay as typed."""
    shown = " ".join(word.split())[:LONGEST_WORD]
    if not shown or "=" in shown or shown.startswith("#"):
        return text
    for pair in pairs.readable(text, "report_words", "=")[0]:
        if pair.key.casefold() == shown.casefold():
            end = pair.value_start + len(pair.value)
            return text[: pair.value_start] + meaning + text[end:]
    before = text.rstrip("\n")
    return f"{before}\n{shown} = {meaning}" if before else f"{shown} = {meaning}"


def _of_json(reply: Clickable, number: int) -> tuple[str, str, str]:
    if not 0 <= number < len(reply.places):
        raise Refused(Problem("pick_place"))
    place = reply.places[number]
    if not place.path or json_rule.value_at(place) is None:
        raise Refused(Problem("pick_no_value"))
    value = place.value if isinstance(place.value, str) else as_text(place.value)
    return "jmespath", json_rule.path_text(place.path, of_each=True), value


def _of_fields(incoming: Incoming, number: int) -> tuple[str, str, str]:
    if not 0 <= number < len(incoming.fields):
        raise Refused(Problem("pick_place"))
    name, value = incoming.fields[number]
    if not name.strip() or not value.strip():
        raise Refused(Problem("pick_no_value"))
    return "field", name.strip(), value
