"""What differs between two gateways, worded as the settings page words it.

Beside the pages because an import and whatever else compares settings show it alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from wtforms import SelectField

from webpanel.forms import GatewayForm
from webpanel.views.visible import visible
from webpanel.wire.difference import Change

#: Characters of a value that are shown.
SHOWN = 4000


@dataclass(frozen=True)
class Difference:
    """One setting as it stands and as it would stand; both are safe to look at."""

    label: str
    before: str
    after: str
    #: Choices and ticks are words of the panel; everything else is what somebody typed.
    typed: bool


def worded(changes: Iterable[Change]) -> list[Difference]:
    form = GatewayForm(formdata=None)
    return [_difference(form, change) for change in changes if not _follows(change)]


def _follows(change: Change) -> bool:
    """A rule that comes or goes says so itself; how it is read is no second change."""
    return change.field.endswith("_kind") and "blank" in (change.before, change.after)


def _difference(form: GatewayForm, change: Change) -> Difference:
    field = form[change.field]
    typed = not (isinstance(field, SelectField) or isinstance(change.after, bool))
    before, after = _shown(field, change.before), _shown(field, change.after)
    return Difference(field_label(form, change.field), before, after, typed)


def field_label(form: GatewayForm, name: str) -> str:
    """What the page calls a setting."""
    return _("Provider's file") if name == "preset" else form[name].label.text


def _shown(field, value: str | float | bool) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, SelectField):
        choices = {choice.value: str(choice.label) for choice in field.choices}
        return choices.get(value, _("blank") if value in ("", "blank") else visible(str(value)))
    text = f"{value:g}" if isinstance(value, float) else str(value)
    shown = visible(text)
    return (shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…") or _("blank")
