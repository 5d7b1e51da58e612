"""An example from a provider's documentation: pasted, looked at, and turned into the unsaved form.

The text holds credentials: between the steps it travels sealed, and nothing of it is stored or logged.
"""

from dataclasses import dataclass, replace

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user

from webpanel import gateway_secrets
from webpanel.forms import GatewayForm, worded
from webpanel.secret_form import AUTH_LABELS, CARRIED_SECONDS
from webpanel.sending import attempt
from webpanel.services import services
from webpanel.vault import Unreadable
from webpanel.views.gateways import settings
from webpanel.views.gateways.add import free_name
from webpanel.views.gateways.blueprint import bp
from webpanel.views.gateways.draft import Draft, wants_fragment
from webpanel.views.gateways.known import catalogue
from webpanel.views.visible import visible
from webpanel.wire import curl
from webpanel.wire.curl import Candidate, Example
from webpanel.wire.example import LONGEST
from webpanel.wire.gateway import BODY_FIELDS, METHODS_WITHOUT_BODY, Gateway
from webpanel.wire.glimpse import may_hold_credential
from webpanel.wire.problem import Refused

#: The fields of the two steps. A name with "secret" in it is repeated by no other page.
TEXT, CARRIED = "secret_example", "carried_secret_example"
#: Characters shown of one part of the request, and of one value.
SHOWN, VALUE_SHOWN = 4000, 60

#: Where a value stands -> in words.
PLACES = {
    "url": _l("in the address"),
    "query": _l("in the query"),
    "headers": _l("in the headers"),
    "body_form": _l("in the body"),
    "body_json": _l("in the body"),
    "body_xml": _l("in the body"),
    "body_raw": _l("in the body"),
}


@dataclass(frozen=True)
class Choice:
    """One value that may be the number or the text, as it is offered."""

    id: str
    said: str


@bp.get("/add/paste")
def paste() -> ResponseReturnValue:
    return _asking()


@bp.post("/add/paste")
def pasted() -> ResponseReturnValue:
    """What was understood of the example, to be confirmed; and once it is, the settings page."""
    try:
        text = _text()
    except Unreadable:
        return _asking(_("The example was pasted too long ago to go on with. Paste it again.")), 422
    try:
        example = curl.read(text, user_agent=attempt.USER_AGENT)
    except Refused as refused:
        return _refused(text, refused), 422
    if CARRIED not in request.form:
        return _understood(text, example)
    try:
        draft = _draft(example)
    except KeyError:
        return _understood(text, example), 422
    flash(_filled_in(example), "info")
    return settings.page(draft)


def _text() -> str:
    """What was pasted, now or a step ago. Raises Unreadable."""
    if CARRIED not in request.form:
        return request.form.get(TEXT, "")
    return services().vault.unseal(request.form[CARRIED], _purpose(), CARRIED_SECONDS)["text"]


def _purpose() -> str:
    return f"example:{current_user.fs_uniquifier}"


def _draft(example: Example) -> Draft:
    """The unsaved gateway. Raises KeyError for a choice that was not offered."""
    chosen = curl.placed(example, request.form.get("recipient"), request.form.get("message"))
    return Draft.proposed(replace(chosen, name=free_name(_host(chosen))), example.secrets, example.asked)


def _filled_in(example: Example) -> str:
    if example.asked:
        missing = ", ".join(_called(name) for name in example.asked)
        return _(
            "The form is filled in and not saved yet. Type what the example does not tell (%(names)s), run a "
            "test at the end of the page, and click in its reply on what means “accepted”.",
            names=missing,
        )
    return _(
        "The form is filled in and not saved yet. Run a test at the end of the page, and click in its reply "
        "on what means “accepted”."
    )


def _host(asked: Gateway) -> str:
    origin = gateway_secrets.origin(asked.url)
    return origin[1] if origin else ""


def _asking(problem: str = "", text: str = "") -> str:
    return render_template("gateways/paste.html", problem=problem, text=text, field=TEXT)


def _refused(text: str, refused: Refused) -> str:
    """Why nothing could be made of ``text``, which is shown again unless credentials may stand in it.

    With htmx it stays in the browser's own field.
    """
    said = [worded(each, in_lines=True) for each in refused.problems]
    if wants_fragment():
        text = ""
    elif len(text) > LONGEST or may_hold_credential(text):
        said.append(_("What was pasted is not shown again: a key or password may stand in it."))
        text = ""
    return _asking(" ".join(said), text)


def _understood(text: str, example: Example) -> str:
    asked = example.settings
    return render_template(
        "gateways/understood.html",
        carried_field=CARRIED,
        carried=services().vault.seal({"text": text}, _purpose()),
        summary=_summary(asked),
        known=catalogue().for_gateway(asked),
        choices=[Choice(each.id, _said(each)) for each in example.candidates],
        proposed={each.proposed: each.id for each in reversed(example.candidates) if each.proposed},
        left_out=[visible(worded(each, in_lines=True)) for each in example.left_out],
        found=[_called(name) for name in example.secrets],
        missing=[_called(name) for name in example.asked],
    )


def _called(name: str) -> str:
    return str(AUTH_LABELS.get(name, name))


def _said(each: Candidate) -> str:
    value = visible(each.value)
    return _(
        "%(path)s: %(value)s (%(place)s)",
        path=visible(each.path),
        value=value if len(value) <= VALUE_SHOWN else value[:VALUE_SHOWN] + "…",
        place=PLACES[each.field],
    )


def _summary(asked: Gateway) -> list[tuple[str, str]]:
    """Label and text of each part of the request that the example has."""
    form = GatewayForm.showing(asked)
    names = ["method", "url", "headers", "query"]
    if asked.auth_kind != "none":
        names.append("auth_kind")
    if asked.method not in METHODS_WITHOUT_BODY:
        names += ["body_format", BODY_FIELDS[asked.body_format]]
    parts = ((form[name], getattr(asked, name)) for name in names)
    return [(field.label.text, _worded(field, value)) for field, value in parts if value]


def _worded(field: object, value: str) -> str:
    labels = {choice.value: str(choice.label) for choice in getattr(field, "choices", None) or ()}
    return visible(labels.get(value) or value)[:SHOWN]
