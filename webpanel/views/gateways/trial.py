"""Preview and test of what stands in a form. Nothing of it is saved but the record of the test.

Two pages have such a form: the settings, and a provider's questions.
"""

from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webpanel import report_door
from webpanel.models import Message, db
from webpanel.panel import country
from webpanel.sending import tester
from webpanel.services import services
from webpanel.views.gateways.blueprint import bp, found
from webpanel.views.gateways.card import card
from webpanel.views.gateways.draft import Draft, actor, wants_fragment
from webpanel.views.gateways.kept import Kept
from webpanel.views.gateways.settings import page
from webpanel.views.visible import visible
from webpanel.wire import curl
from webpanel.wire.problem import Refused

#: What the button sends that asks for the curl command as it is, secrets and all.
WITH_SECRETS = "with-secrets"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What came of a trial: the answer's status, and what ``_trial.html`` shows.

    With 422 nothing was sent, and what is wrong stands beside the draft's fields.
    """

    status: int
    trial: dict[str, Any] = field(default_factory=dict)


@bp.post("/new/preview", defaults={"gateway_id": None})
@bp.post("/<int:gateway_id>/preview")
def preview(gateway_id: int | None) -> ResponseReturnValue:
    """The request as it would leave, its secrets masked."""
    draft = Draft.sent(found(gateway_id) if gateway_id else None)
    return _answer(draft, previewed(draft))


@bp.post("/new/test", defaults={"gateway_id": None})
@bp.post("/<int:gateway_id>/test")
def test(gateway_id: int | None) -> ResponseReturnValue:
    """Send one message by what stands in the form; answers when it is over."""
    draft = Draft.sent(found(gateway_id) if gateway_id else None)
    return _answer(draft, tested(draft))


def previewed(draft: Draft) -> Outcome:
    """The draft's request, composed and not sent; as a curl command too, in which secrets are masked.

    Unmasked only for whoever presses the button that asks for that, which is logged: who, not what.
    """
    if not draft.judge():
        return Outcome(422)
    try:
        final = draft.final()
        secrets = draft.usable_secrets(final)
        composed = tester.preview(
            final.settings,
            secrets,
            panel_country=country(),
            to=draft.form.test_recipient.data or "",
            text=draft.form.test_text.data or "",
            report_address=_report_address(draft),
        )
    except Refused as refused:
        draft.form.add(draft.secrets.add(refused.problems))
        return Outcome(422)
    revealed = request.form.get("curl") == WITH_SECRETS
    if revealed:
        log.info("secrets_shown", gateway=final.settings.name, to=actor())
    shown = {
        "previewed": visible(composed.shown),
        "curl": curl.written(composed.request, hidden=None if revealed else secrets.values()),
        "revealed": revealed,
        "holds_secrets": bool(composed.request.secret_spans),
        "saved": draft.saved,
    }
    return Outcome(200, shown)


def tested(draft: Draft) -> Outcome:
    """One real message by what stands in the draft."""
    if not draft.judge():
        return Outcome(422)
    final, saved = draft.final(), draft.saved
    gateway_id = draft.gateway.id if draft.gateway else None
    default_country, who, address = country(), actor(), _report_address(draft)
    try:
        secrets = draft.usable_secrets(final)
        # A provider may take its time: no transaction stays open meanwhile.
        db.session.close()
        message_id = tester.run(
            services().store,
            services().transport,
            final.settings,
            secrets,
            panel_country=default_country,
            to=draft.form.test_recipient.data or "",
            text=draft.form.test_text.data or "",
            actor=who,
            gateway_id=gateway_id,
            lease=services().config.lease_seconds,
            report_address=address,
        )
    except Refused as refused:
        draft.form.add(draft.secrets.add(refused.problems))
        return Outcome(422)
    return Outcome(200, {"card": card(db.session.get_one(Message, message_id)), "saved": saved})


def _report_address(draft: Draft) -> str:
    """Where the provider reports; blank for a panel that it cannot reach, and before the first save."""
    token = draft.gateway.report_token if draft.gateway else None
    return report_door.address(services().config.url, token)


def _answer(draft: Draft, outcome: Outcome) -> ResponseReturnValue:
    """The trial's part of the page, or without JavaScript the page with it."""
    if wants_fragment():
        body = render_template(
            "gateways/_trial.html",
            problems=draft.problems(),
            trial=outcome.trial,
            pick_url=url_for(".pick", **(request.view_args or {})),
            kept=Kept(draft),
            fragment=True,
        )
    else:
        body = page(draft, trial=outcome.trial, asked_to_send=True)
    response = make_response(body, outcome.status)
    response.vary.add("HX-Request-Type")
    return response
