"""The settings page: one form, sent back with what is wrong beside it until it can be saved."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webpanel import gateways
from webpanel.forms import GatewayForm, worded
from webpanel.models import Gateway, db
from webpanel.services import services
from webpanel.vault import Unreadable
from webpanel.views.gateways import news, rule_said
from webpanel.views.gateways.blueprint import bp, found
from webpanel.views.gateways.check import Check
from webpanel.views.gateways.draft import Draft, actor, wants_fragment
from webpanel.views.gateways.kept import Kept
from webpanel.views.gateways.reported import Reports
from webpanel.views.messages import wording
from webpanel.views.visible import visible
from webpanel.wire import difference, lint, phone, profiles
from webpanel.wire.problem import Problem, Refused

#: The parts of the form that depend on a choice above them -> their template.
PARTS = {
    "body": "gateways/_body.html",
    "auth": "gateways/_auth.html",
    "number": "gateways/_number.html",
    "country": "gateways/_country.html",
    "delivery": "gateways/_delivery.html",
    "uncertain": "gateways/_uncertain.html",
    "reports": "gateways/_reports.html",
}

_PROFILES = {"codes": _l("Login codes"), "notices": _l("Notices"), "careful": _l("Careful: ask me")}

#: So many countries are told by name; of more, so many by their letters.
FEW = 4
#: Told before all others: most of those who share +1 and do not mean the United States mean it.
_FIRST = "CA"

#: Number and text of the test, sealed, from a page that was saved to the one that follows: for so many
#: seconds, and so many bytes of the session's cookie, of which a browser keeps 4,096.
_TRIAL = "trial"
TRIAL_SECONDS = 60
TRIAL_BYTES = 2000
#: So many secrets are told by name after a save; that word travels in the same cookie.
NAMED = 10


def page(draft: Draft, **more: Any) -> str:
    """The settings page around a draft."""
    stopped = draft.gateway.stopped_reason if draft.gateway else None
    return render_template(
        "gateways/settings.html",
        **{
            **context(draft),
            "stopped_because": visible(wording.said(stopped)),
            "about": news.about(draft),
            **more,
        },
    )


def context(draft: Draft) -> dict[str, Any]:
    """What the page and each of its parts are rendered from."""
    gateway_id = draft.gateway.id if draft.gateway else None
    return {
        "draft": draft,
        "form": draft.form,
        "country_said": meaning(draft.form),
        "problems": draft.problems(),
        "check": Check(draft),
        "kept": Kept(draft),
        "shape_url": url_for(".shape", gateway_id=gateway_id),
        "pick_url": url_for(".pick", gateway_id=gateway_id),
        "rules_said": rule_said.of_form(draft.form),
        "reports": Reports(draft),
        "beautify_url": url_for(".beautify", gateway_id=gateway_id),
        "profiles": tuple(_PROFILES.items()),
        "profile": profiles.of(draft.form.settings()),
        **json_badge(draft.form),
    }


def json_badge(form: GatewayForm) -> dict[str, Any]:
    """What the JSON editor's badge says: whether there is anything, and what is wrong with it."""
    text = form.body_json.data or ""
    problem = lint.json_problem(text) if text.strip() else None
    return {
        "json_empty": not text.strip(),
        "json_said": worded(problem, in_lines=True) if problem else "",
    }


@bp.get("/new")
def new() -> ResponseReturnValue:
    return page(Draft.shown(None))


@bp.post("/new")
def created() -> ResponseReturnValue:
    draft = Draft.sent(None)
    if not draft.judge():
        return page(draft), 422
    try:
        return create(draft)
    except Refused as refused:
        return _refused(draft, refused.problems)


def create(draft: Draft) -> ResponseReturnValue:
    """Store a sound draft as a new gateway and go to its page. Raises Refused (name taken)."""
    kept = Kept(draft)
    if kept.must_be_confirmed:
        return page(draft, kept=kept, differs=True), 409
    final = draft.final()
    gateway_id = gateways.create(
        services().store,
        services().vault,
        final.settings,
        final.changes.typed,
        actor(),
        keeping=kept.keeping(),
        preset_base=difference.stated(draft.preset.settings) if draft.preset else None,
    )
    return _saved(draft, gateway_id, final.turned)


@bp.get("/<int:gateway_id>")
def edit(gateway_id: int) -> ResponseReturnValue:
    draft = Draft.shown(found(gateway_id))
    _restore_trial(draft, gateway_id)
    return page(draft)


@bp.post("/<int:gateway_id>")
def saved(gateway_id: int) -> ResponseReturnValue:
    gateway = db.session.get(Gateway, gateway_id)
    if gateway is None:
        return _gone(gateway_id)
    draft = Draft.sent(gateway)
    if not draft.judge():
        return page(draft), 422
    kept = Kept(draft)
    # A version that is not stored any more is told of first: its rules are not those that would change.
    if draft.version == gateway.version and kept.must_be_confirmed:
        return page(draft, kept=kept, differs=True), 409
    return _save(draft, kept, gateway_id)


def _save(draft: Draft, kept: Kept, gateway_id: int) -> ResponseReturnValue:
    """Store a sound draft over its gateway."""
    final = draft.final()
    try:
        gateways.save(
            services().store,
            services().vault,
            gateway_id,
            draft.version,
            settings=final.settings,
            changes=final.changes,
            actor=actor(),
            keeping=kept.keeping(),
        )
    except gateways.Gone:
        return _gone(gateway_id)
    except gateways.SavedMeanwhile as meanwhile:
        return page(draft, kept=kept, meanwhile=meanwhile), 409
    except Refused as refused:
        return _refused(draft, refused.problems)
    services().sender.ring(gateway_id)
    return _saved(draft, gateway_id, final.turned)


@bp.post("/new/shape", defaults={"gateway_id": None})
@bp.post("/<int:gateway_id>/shape")
def shape(gateway_id: int | None) -> ResponseReturnValue:
    """The form with the fields that go with its choices; nothing is saved or judged."""
    draft = Draft.sent(found(gateway_id) if gateway_id else None)
    if (profile := request.form.get("profile")) in profiles.PROFILES:
        draft.form.fill(profile)
    part = PARTS.get(request.args.get("part", ""))
    if part and wants_fragment():
        # What was typed stays in the browser's own fields.
        draft.secrets.forget_typed()
        return render_template(part, **context(draft))
    return page(draft)


@bp.post("/new/beautify", defaults={"gateway_id": None})
@bp.post("/<int:gateway_id>/beautify")
def beautify(gateway_id: int | None) -> ResponseReturnValue:
    """The JSON body indented afresh; one that is not JSON stays as it is, and the badge says why."""
    draft = Draft.sent(found(gateway_id) if gateway_id else None)
    field = draft.form.body_json
    try:
        field.data = lint.beautify(field.data or "")
    except Refused as refused:
        # The badge knows whether it is JSON, but not how long it would become.
        draft.form.add(problem for problem in refused.problems if problem.code == "setting_too_long")
    if wants_fragment():
        return render_template("gateways/_json_editor.html", **context(draft))
    return page(draft)


@bp.post("/json")
def json_checked() -> ResponseReturnValue:
    """The badge above the JSON editor, for what stands in it now."""
    return render_template("gateways/_json_badge.html", **json_badge(GatewayForm()))


def meaning(form: GatewayForm) -> str:
    """What the default country code is taken to mean; blank when there is none, or none that is one."""
    try:
        country = form.country or phone.country(form.default_country.data or "")
    except Refused:
        return ""
    names = get_locale().territories
    said = {"country": f"{names.get(country.region, country.region)} ({country.region})"}
    if not country.shared_with:
        return _("%(country)s, +%(code)s.", code=country.calling_code, **said)
    if len(country.shared_with) > FEW:
        told = sorted(country.shared_with, key=lambda region: (region != _FIRST, region))[:FEW]
        others = _(
            "%(some)s and %(count)s others", some=", ".join(told), count=len(country.shared_with) - FEW
        )
    else:
        others = ", ".join(f"{names.get(region, region)} ({region})" for region in country.shared_with)
    return _(
        "+%(code)s is shared; %(country)s is meant. For another one, write its letters: %(others)s.",
        code=country.calling_code,
        others=others,
        **said,
    )


def _gone(gateway_id: int) -> ResponseReturnValue:
    """Somebody deleted it meanwhile: what was typed, to be saved as a new one when that is meant."""
    return page(Draft.orphaned(gateway_id), gone=True), 409


def _refused(draft: Draft, problems: Sequence[Problem]) -> ResponseReturnValue:
    draft.form.add(draft.secrets.add(problems))
    return page(draft), 422


def _saved(draft: Draft, gateway_id: int, turned: Sequence[str]) -> ResponseReturnValue:
    flash(_("The gateway “%(name)s” was saved.", name=draft.form.name.data), "success")
    if turned:
        flash(
            ngettext(
                "One credential was taken out of the text and kept as a secret: %(names)s.",
                "%(num)d credentials were taken out of the text and kept as secrets: %(names)s.",
                len(turned),
                names=", ".join(f"{{{{secret.{name}}}}}" for name in turned[:NAMED])
                + (" …" if len(turned) > NAMED else ""),
            ),
            "info",
        )
    _keep_trial(draft, gateway_id)
    return redirect(url_for(".edit", gateway_id=gateway_id))


def _keep_trial(draft: Draft, gateway_id: int) -> None:
    """Number and text of the test are no settings and not stored, but the next page still shows them."""
    typed = {name: draft.form[name].data or "" for name in ("test_recipient", "test_text")}
    sealed = services().vault.seal(typed, f"trial {gateway_id}")
    # Rather none of it than a part that looks like all.
    if any(typed.values()) and len(sealed) <= TRIAL_BYTES:
        session[_TRIAL] = sealed


def _restore_trial(draft: Draft, gateway_id: int) -> None:
    with suppress(Unreadable):
        typed = services().vault.unseal(session.pop(_TRIAL, ""), f"trial {gateway_id}", TRIAL_SECONDS)
        for name, text in typed.items():
            draft.form[name].data = text
