"""From a value that was clicked on, and what it means, to a rule that says so.

What changes from message to message (ids, numbers, times) is never asked for by its value: of it a rule
asks that something stands there.
"""

from typing import Literal

from webpanel.wire import json_rule, rules, text_rule
from webpanel.wire.clickable import Clickable
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.rules import Rule

Meaning = Literal["accepted", "failed", "message_id", "reason"]

#: What a value can mean -> the rule that says so, as the settings' names begin.
RULES: dict[Meaning, str] = {
    "accepted": "success",
    "failed": "failure",
    "message_id": "message_id",
    "reason": "reason",
}
#: Those that ask for the value itself.
PLACES: tuple[Meaning, ...] = ("message_id", "reason")


def rule(reply: Clickable, number: int, meaning: Meaning) -> Rule:
    """The rule by which the value at place ``number`` means that.

    It holds on this reply, or finds this value in it. Raises Refused: there is no such place, the value
    cannot mean that, or no rule tells it from its surroundings; ``field`` is the rule's.
    """
    field = f"{RULES[meaning]}_rule"
    if not 0 <= number < len(reply.places):
        raise Refused(Problem("pick_place", field))
    place = reply.places[number]
    if reply.is_json:
        made = json_rule.value_at(place) if meaning in PLACES else json_rule.condition(place)
    else:
        made = _of_text(reply.text, place.start, place.end, meaning)
    if made is None:
        raise Refused(Problem("pick_no_value" if reply.is_json else "pick_not_alone", field))
    if rules.check_rule(made.kind, made.text, field):
        raise Refused(Problem("pick_too_long", field, values={"longest": rules.MAX_RULE}))
    return made


def _of_text(text: str, start: int, end: int, meaning: Meaning) -> Rule | None:
    match meaning:
        case "message_id":
            return text_rule.message_id(text, start, end)
        case "reason":
            return text_rule.reason(text, start, end)
        case _:
            return text_rule.condition(text, start, end)
