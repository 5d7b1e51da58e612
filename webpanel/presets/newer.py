"""What a provider's newer file would change in a gateway that was made from an older one.

Nothing is changed here, and no answer was kept: what was answered is read back out of the gateway, each
setting for itself, so that it is written as that setting needs it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webpanel.presets.preset import ASK, Preset
from webpanel.wire import described, difference
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Refused

Value = str | float | bool

#: What a file says of itself, and not of the provider.
_ITS_OWN = frozenset({"name", "preset"})
#: A placeholder that is a question's; its group is the name.
_QUESTION = re.compile(rf"\{{\{{\s*({re.escape(ASK)}[A-Za-z0-9_-]+)\s*\}}\}}")


@dataclass(frozen=True)
class News:
    """One setting that the file says otherwise than before; ``before`` and ``after`` are its templates.

    ``here`` stands in the gateway. ``put`` is what would stand there; None where the gateway was changed
    so that only a person can say.
    """

    field: str
    before: Value
    after: Value
    here: Value
    put: Value | None


def news(base: Mapping[str, Any], preset: Preset, gateway: Gateway) -> tuple[News, ...]:
    """In what ``preset`` says otherwise than ``base`` (``difference.stated`` of its settings back then).

    Without what the gateway has already; empty for a base that this version cannot read.
    """
    try:
        old = described.read(base)
    except Refused:
        return ()
    changes = (each for each in difference.between(old, preset.settings) if each.field not in _ITS_OWN)
    found = (_news(change, getattr(gateway, change.field)) for change in changes)
    return tuple(each for each in found if each)


def _news(change: difference.Change, here: Value) -> News | None:
    if isinstance(change.after, str) and answers(change.after, str(here)) is not None:
        return None
    put: Value | None = change.after
    if isinstance(change.after, str):
        put = _filled(change.after, answers(str(change.before), str(here)) or {})
    return None if put == here else News(change.field, change.before, change.after, here, put)


def answers(template: str, text: str) -> dict[str, str] | None:
    """What filled each question of ``template`` in ``text``; None when it is not made from it. Linear."""
    parts = _QUESTION.split(template)
    literals, names = parts[::2], parts[1::2]
    if not text.startswith(literals[0]):
        return None
    found: dict[str, str] = {}
    place = len(literals[0])
    for number, (name, literal) in enumerate(zip(names, literals[1:], strict=True), start=1):
        end = len(text) - len(literal) if number == len(names) else text.find(literal, place)
        if end < place:
            return None
        if found.setdefault(name, text[place:end]) != text[place:end]:
            return None
        place = end + len(literal)
    return found if _filled(template, found) == text else None


def _filled(template: str, found: Mapping[str, str]) -> str | None:
    asked = set(_QUESTION.findall(template))
    if not asked <= found.keys():
        return None
    return _QUESTION.sub(lambda match: found[match[1]], template)
