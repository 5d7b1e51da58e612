"""The Applications pages: which programs may send, how much, and the keys that let them in."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from sqlalchemy import func, select

from webpanel import applications, callbacks, panel, ready_calls, usage, words
from webpanel.application_forms import ApplicationForm, KeyForm
from webpanel.application_terms import Terms
from webpanel.doors import twilio_sids
from webpanel.models import Application, ApplicationKey, Gateway, db
from webpanel.services import services
from webpanel.views.visible import visible
from webpanel.wire.problem import Refused
from webpanel.words.callbacks import STATES as CALLBACK_STATES
from webpanel.words.events import STATES

bp = Blueprint("applications", __name__, url_prefix="/applications")

#: Callbacks that failed, on an application's page.
FAILURES = 10
#: How long a key still works that is let end.
ENDS_IN = timedelta(days=1)


@bp.errorhandler(applications.Gone)
def gone(_error: applications.Gone) -> ResponseReturnValue:
    """Somebody else did it between the look at it and the change."""
    flash(_("Nothing was changed: the application was deleted meanwhile, or the key revoked."), "warning")
    return redirect(url_for(".index"), 303)


@bp.get("/")
def index() -> ResponseReturnValue:
    found = db.session.scalars(select(Application).order_by(func.lower(Application.name))).all()
    now = datetime.now(UTC)
    return render_template(
        "applications/applications.html",
        applications=found,
        used={each.id: _used(each.id) for each in found},
        live={each.id: sum(key.works(now) for key in each.keys) for each in found},
        last_used=lambda each: max((key.last_used_at for key in each.keys if key.last_used_at), default=None),
        states=STATES,
    )


@bp.get("/new")
def new() -> ResponseReturnValue:
    return _form_page(ApplicationForm.showing(Terms(countries=panel.country())), None)


@bp.post("/new")
def created() -> ResponseReturnValue:
    form = ApplicationForm()
    terms = form.terms(Terms())
    try:
        application_id = applications.add(services().store, terms, current_user.username, form.unread())
    except Refused as refused:
        form.add(refused.problems)
        return _form_page(form, None), 422
    flash(_("%(name)s is added. Now make a key for it.", name=terms.name), "success")
    return redirect(url_for(".application", application_id=application_id), 303)


@bp.get("/<int:application_id>")
def application(application_id: int) -> ResponseReturnValue:
    found = _found(application_id)
    return _form_page(ApplicationForm.showing(applications.terms(found)), found)


@bp.post("/<int:application_id>")
def saved(application_id: int) -> ResponseReturnValue:
    found = _found(application_id)
    form = ApplicationForm()
    before = applications.terms(found)
    try:
        applications.change(
            services().store, application_id, form.terms(before), form.unread(), form.seen.data or ""
        )
    except Refused as refused:
        form.add(refused.problems)
        form.seen.data = applications.digest(before)
        return _form_page(form, found), 422
    flash(_("Saved. It holds from the next call on."), "success")
    return redirect(url_for(".application", application_id=application_id), 303)


@bp.post("/<int:application_id>/<any(on, off):switch>")
def switched(application_id: int, switch: str) -> ResponseReturnValue:
    name = _found(application_id).name
    applications.set_enabled(services().store, application_id, switch == "on")
    if switch == "on":
        flash(_("%(name)s may send again.", name=name), "success")
    else:
        flash(_("%(name)s is switched off; its keys are refused from now on.", name=name), "success")
    return redirect(url_for(".application", application_id=application_id), 303)


@bp.post("/<int:application_id>/callbacks/secret")
def secret_made(application_id: int) -> ResponseReturnValue:
    found = _found(application_id)
    parts = services()
    secret = callbacks.new_secret(parts.store, parts.vault, application_id) or abort(404)
    # Answered with the page itself and not with a redirect: nobody gets to see it again.
    return render_template("applications/secret.html", application=found, secret=secret)


@bp.post("/<int:application_id>/callbacks/on")
def callbacks_on(application_id: int) -> ResponseReturnValue:
    name = _found(application_id).name
    if callbacks.switch_on(services().store, application_id):
        flash(
            _("%(name)s is told again what becomes of its messages, from the next one on.", name=name),
            "success",
        )
    else:
        flash(_("Nothing was changed: its callbacks are on."), "info")
    return redirect(url_for(".application", application_id=application_id, _anchor="callbacks"), 303)


@bp.get("/<int:application_id>/delete")
def delete(application_id: int) -> ResponseReturnValue:
    return render_template("applications/delete.html", application=_found(application_id))


@bp.post("/<int:application_id>/delete")
def deleted(application_id: int) -> ResponseReturnValue:
    name = _found(application_id).name
    applications.remove(services().store, application_id)
    flash(_("%(name)s is deleted, with its keys.", name=name), "success")
    return redirect(url_for(".index"), 303)


@bp.post("/<int:application_id>/keys")
def key_added(application_id: int) -> ResponseReturnValue:
    found = _found(application_id)
    form = KeyForm()
    try:
        key = applications.add_key(services().store, application_id, form.key_terms(), current_user.username)
    except Refused as refused:
        form.add(refused.problems)
        return _form_page(ApplicationForm.showing(applications.terms(found)), found, form), 422
    # Answered with the page itself and not with a redirect: the key is kept nowhere.
    address = services().config.public_url
    return render_template(
        "applications/key.html",
        application=found,
        key=key,
        account_sid=twilio_sids.account_sid(key),
        address=address,
        only_here=not services().config.url,
        calls=[
            ("curl", "curl", ready_calls.curl(address, key)),
            ("python", "Python", ready_calls.python(address, key)),
            ("php", "PHP", ready_calls.php(address, key)),
        ],
        moodle_body=ready_calls.moodle_body(),
        moodle_success=ready_calls.MOODLE_SUCCESS,
    )


@bp.get("/<int:application_id>/keys/<int:key_id>/revoke")
def revoke(application_id: int, key_id: int) -> ResponseReturnValue:
    found = _found(application_id)
    return render_template("applications/revoke.html", application=found, key=_key(found, key_id))


@bp.post("/<int:application_id>/keys/<int:key_id>/revoke")
def revoked(application_id: int, key_id: int) -> ResponseReturnValue:
    _key(_found(application_id), key_id)
    applications.revoke(services().store, application_id, key_id)
    flash(_("The key is revoked: the next call with it is refused."), "success")
    return redirect(url_for(".application", application_id=application_id), 303)


@bp.post("/<int:application_id>/keys/<int:key_id>/end")
def ended(application_id: int, key_id: int) -> ResponseReturnValue:
    _key(_found(application_id), key_id)
    try:
        applications.expire(services().store, application_id, key_id, datetime.now(UTC) + ENDS_IN)
    except applications.Gone:
        flash(_("Nothing was changed: the key ends sooner than that, or has ended."), "warning")
        return redirect(url_for(".application", application_id=application_id), 303)
    flash(_("The key ends in 24 hours. Put a new one in its place before."), "success")
    return redirect(url_for(".application", application_id=application_id), 303)


def _form_page(form: ApplicationForm, found: Application | None, key_form: KeyForm | None = None) -> str:
    gateways = db.session.execute(
        select(Gateway.id, Gateway.name).order_by(Gateway.position, Gateway.id)
    ).all()
    allowed = (found and found.gateways) or []
    gone = set(allowed).difference(row.id for row in gateways)
    form.offer(((row.id, row.name) for row in gateways), sorted(gone))
    return render_template(
        "applications/application.html",
        form=form,
        application=found,
        no_gateway_left=bool(gone) and len(gone) == len(allowed),
        key_form=key_form or KeyForm(formdata=None),
        used=found and _used(found.id),
        now=datetime.now(UTC),
        account_sid=twilio_sids.account_sid_of,
        panel_country=panel.country(),
        failures=callbacks.failures(db.session.connection(), found.id, FAILURES) if found else [],
        states=STATES,
        callback_states=CALLBACK_STATES,
        said=lambda reason: visible(words.stored(reason)),
    )


def _used(application_id: int) -> dict[usage.Scope, int]:
    return usage.used(db.session.connection(), application_id, datetime.now(UTC), panel.time_zone())


def _found(application_id: int) -> Application:
    return db.session.get(Application, application_id) or abort(404)


def _key(found: Application, key_id: int) -> ApplicationKey:
    return next((key for key in found.keys if key.id == key_id and key.revoked_at is None), None) or abort(
        404
    )
