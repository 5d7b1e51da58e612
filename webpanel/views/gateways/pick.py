"""A click on a value of a test's reply: the rule that says so stands in the form, unsaved, and judges it."""

from dataclasses import dataclass
from typing import Any

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webpanel import words
from webpanel.forms import RULES
from webpanel.models import Attempt, Message, db
from webpanel.views.gateways import rule_said
from webpanel.views.gateways.blueprint import bp, found
from webpanel.views.gateways.card import card, stored_reply
from webpanel.views.gateways.draft import Draft, wants_fragment
from webpanel.views.gateways.settings import context, page
from webpanel.views.visible import visible
from webpanel.wire import clickable, picking, rules, verdict
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.rules import Body, Rule

_LONGEST_NUMBER = 4


@dataclass(frozen=True)
class Picked:
    """What a click did to the form: which rule it filled, and what stood there before."""

    #: As the form's fields begin: ``success``, ``message_id``, ...
    name: str
    said: Markup
    rule: str
    before: str = ""
    #: The other condition said the same; it is empty now.
    emptied: str = ""
    #: What the rule finds in this reply, where it is a place.
    told: str = ""


@bp.post("/new/pick", defaults={"gateway_id": None})
@bp.post("/<int:gateway_id>/pick")
def pick(gateway_id: int | None) -> ResponseReturnValue:
    """``pick``: the number of the place; ``pick_test``: whose reply; ``pick_meaning``: what it means."""
    draft = Draft.sent(found(gateway_id) if gateway_id else None)
    message = _tested(request.form.get("pick_test", ""))
    if message is None:
        return _answer(draft, {"lost": True}, 404)
    attempt = message.attempts[-1]
    meaning = request.form.get("pick_meaning", "")
    trial: dict[str, Any] = {"meaning": meaning if meaning in picking.RULES else ""}
    try:
        trial["picked"] = _fill(draft, attempt, meaning, request.form.get("pick", ""))
        status = 200
    except Refused as refused:
        problem = refused.problems[0]
        trial["unpicked"] = words.sentence(problem.code, problem.values)
        status = 422
    trial["card"] = card(message, by=verdict.judge(draft.form.settings(), stored_reply(attempt)))
    return _answer(draft, trial, status)


def _tested(message_id: str) -> Message | None:
    """The test of that number, if its reply can still be read."""
    message = db.session.get(Message, message_id)
    is_there = message and message.test and message.attempts and message.attempts[-1].reply_status
    return message if is_there else None


def _fill(draft: Draft, attempt: Attempt, meaning: str, number: str) -> Picked:
    """Put the rule into the form. Raises Refused."""
    if meaning not in picking.RULES:
        raise Refused(Problem("pick_place"))
    reply = stored_reply(attempt)
    body = Body(reply.body, reply.header("Content-Type"), reply.cut)
    place = int(number) if number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER else -1
    made = picking.rule(clickable.read(body) or clickable.Clickable("", False), place, meaning)
    name = picking.RULES[meaning]
    before = _stated(draft, name)
    _put(draft, name, made)
    return Picked(
        name=name,
        said=rule_said.said(name, made),
        rule=visible(made.text),
        before=visible(before.text) if before.is_stated and before != made else "",
        emptied=_empty_the_other(draft, name, made),
        told=visible(rules.told(made, body) or "") if meaning in picking.PLACES else "",
    )


def _empty_the_other(draft: Draft, name: str, made: Rule) -> str:
    """A reply cannot say by the same words that a message was accepted and that it failed."""
    other = {"success": "failure", "failure": "success"}.get(name, "")
    if not other or _stated(draft, other) != made:
        return ""
    _put(draft, other, Rule(made.kind, ""))
    return other


def _stated(draft: Draft, name: str) -> Rule:
    settings = draft.form.settings()
    return Rule(getattr(settings, f"{name}_kind"), getattr(settings, f"{name}_rule"))


def _put(draft: Draft, name: str, rule: Rule) -> None:
    draft.form[f"{name}_kind"].data, draft.form[f"{name}_rule"].data = rule.kind, rule.text


def _answer(draft: Draft, trial: dict[str, Any], status: int) -> ResponseReturnValue:
    """The rules and the card, or without JavaScript the page with both."""
    if wants_fragment():
        body = render_template("gateways/_picked.html", **context(draft), trial=trial, fragment=True)
    else:
        body = page(draft, trial=trial)
    response = make_response(body, status)
    if "picked" in trial:
        # The rules are another part of the form than the one that was asked for.
        response.headers["HX-Trigger"] = '{"recheck": {"target": "#check"}}'
    response.vary.add("HX-Request-Type")
    return response


@bp.post("/rule-words/<name>")
def rule_words(name: str) -> ResponseReturnValue:
    """The sentence above one rule, for what stands in it now."""
    draft = Draft.sent(None)
    known = name if name in RULES else "success"
    return render_template("gateways/_rule_said.html", name=known, said=rule_said.of_form(draft.form)[known])
