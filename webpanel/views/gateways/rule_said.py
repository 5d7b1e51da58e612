"""Rules in words, with the places and values that they name set apart."""

from flask_babel import gettext as _
from markupsafe import Markup, escape

from webpanel.forms import PLACES, RULES, GatewayForm
from webpanel.views.visible import visible
from webpanel.wire import rule_words
from webpanel.wire.json_rule import WHOLE
from webpanel.wire.rule_words import Statement
from webpanel.wire.rules import Rule
from webpanel.words import SENTENCES


def of_form(form: GatewayForm) -> dict[str, Markup]:
    """What each rule of the form says, blank for one that is not stated or cannot be said."""
    settings = form.settings()
    return {
        name: said(name, Rule(getattr(settings, f"{name}_kind"), getattr(settings, f"{name}_rule")))
        for name in RULES
    }


def said(name: str, rule: Rule) -> Markup:
    """What the rule called ``name`` (``success``, ``message_id``, ...) says; blank when it cannot be said."""
    found = rule_words.read(rule, wants_value=name in PLACES)
    if not found:
        return Markup()
    between = _(", and ") if found.together == "all" else _(", or ")
    said = (_sentence(each) for each in found.statements)
    return Markup(escape(between)).join(said)  # noqa: S704 - it is escaped right there


def _sentence(statement: Statement) -> Markup:
    values = {name: _set_apart(name, value) for name, value in statement.values.items()}
    return escape(str(SENTENCES[statement.code])) % values


def _set_apart(name: str, value: str) -> Markup:
    if name == "text":
        return Markup("<bdi>%s</bdi>") % visible(value)
    if name == "place" and value == WHOLE:
        return escape(_("the whole reply"))
    return Markup("<code>%s</code>") % visible(value)
