"""Awkward texts and numbers, sent through a gateway's form without sending: what would be refused, and where.

A room of its own because what people write to each other is a list that grows.
"""

import dataclasses
import re
from collections.abc import Iterator
from itertools import islice

from webpanel.wire import phone, places
from webpanel.wire.compose import UNSENT, Values, compose
from webpanel.wire.gateway import AUTH_SECRETS, Gateway
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import PLACEHOLDER, SECRET, names, position, source

#: What people write, by the name under which it is told.
TEXTS: dict[str, str] = {
    "quotes": """He said "it's \u2018fine\u2019" `now`""",
    "backslash": "C:\\new\\table \\",
    "line_break": "First line\nsecond line",
    "emoji": "👍🏽 done 👩‍👩‍👧 é",
    "placeholder": "{{message}} {{recipient}} {{secret.auth_token}}",
    "ampersand": "salt & pepper <b>&amp;</b>",
    "plus": "1 + 1 = 2, 100 %, a=b;c#d?e/f",
    "long": ("Seventeen letters " * 100)[:1600],
}
#: In so many places it is looked for where it is refused.
MOST_PLACES = 3
_USUAL = "Hello"
_NUMBER = phone.Number("+447911123456", "international", "GB")
#: The longest number that E.164 knows: fifteen digits.
_LONGEST = phone.Number("+999123456789012")


def recipients(gateway: Gateway) -> tuple[phone.Number, ...]:
    """The kinds of recipients that the gateway takes, an example each."""
    taken = [_NUMBER, _LONGEST]
    if gateway.allow_short_codes:
        taken += [phone.Number("88222", "short"), phone.Number("0800", "short")]
    if gateway.allow_alphanumeric:
        taken.append(phone.Number("Team-7", "alphanumeric"))
    return tuple(taken)


def refused(gateway: Gateway) -> Iterator[Problem]:
    """The placeholders in whose place a message that people send would be refused.

    ``text_refused`` (values: ``example``, a key of :data:`TEXTS`) and ``number_refused`` (values:
    ``number``). Nothing of a gateway that cannot send an ordinary message to an ordinary number: that is
    an error.
    """
    if _refusal(gateway, _USUAL, _NUMBER):
        return
    every_text = "\n".join(TEXTS.values())
    if not any(_refusal(gateway, every_text, number) for number in recipients(gateway)):
        # Mostly so, and then it is known at once: a long template takes its time with each text.
        return
    for name, text in TEXTS.items():
        if _refusal(gateway, text, _NUMBER):
            told = Problem("text_refused", values={"example": name})
            yield from _placed(gateway, "message", told, text, _NUMBER)
            # What the first of them cannot hold, the others mostly cannot either.
            break
    for number in recipients(gateway):
        if _refusal(gateway, _USUAL, number):
            told = Problem("number_refused", "number_format", values={"number": number.value})
            yield from _placed(gateway, "recipient", told, _USUAL, number)
            break


def _placed(gateway: Gateway, kind: str, told: Problem, text: str, number: phone.Number) -> Iterator[Problem]:
    """``told`` at each place that refuses while the others of its kind are left out."""
    found = list(islice(_placeholders(gateway, kind), MOST_PLACES))
    if _refusal(_without(gateway, found), text, number):
        # It is refused before it comes to a place.
        yield told
        return
    for at, (place, placeholder) in enumerate(found):
        if _refusal(_without(gateway, found[:at] + found[at + 1 :]), text, number):
            line, column = position(place.text, placeholder.start())
            yield dataclasses.replace(told, field=place.field, line=line, column=column)


def _placeholders(gateway: Gateway, kind: str) -> Iterator[tuple[places.Place, re.Match[str]]]:
    for place in places.of(gateway):
        for found in PLACEHOLDER.finditer(place.text, *place.span):
            if source(found[1]) == kind:
                yield place, found


def _without(gateway: Gateway, found: list[tuple[places.Place, re.Match[str]]]) -> Gateway:
    # From the end, so that the offsets of those before stay right.
    for place, placeholder in reversed(found):
        text = getattr(gateway, place.field)
        filled = text[: placeholder.start()] + "1" + text[placeholder.end() :]
        gateway = dataclasses.replace(gateway, **{place.field: filled})
    return gateway


def _refusal(gateway: Gateway, text: str, number: phone.Number) -> bool:
    used = {name for place in places.of(gateway) for name in names(place.text, *place.span)}
    secrets = {name.removeprefix(SECRET) for name in used if name.startswith(SECRET)}
    values = Values(
        recipient=number,
        message=text,
        message_id="01JDZX5Y8QK9R7M2V4T6W8A0BC",
        fresh=UNSENT,
        sender=gateway.sender or "Sender",
        secrets=dict.fromkeys({*secrets, *AUTH_SECRETS[gateway.auth_kind]}, "x"),
    )
    try:
        compose(gateway, values, user_agent="webpanel")
    except Refused:
        return True
    return False
