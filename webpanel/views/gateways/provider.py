"""A provider's page: its few questions, tried and saved on the spot, or turned into the full form."""

from collections.abc import Callable
from dataclasses import replace

from flask import abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from webpanel.preset_form import PresetForm
from webpanel.presets import Preset
from webpanel.services import services
from webpanel.views.gateways import settings, trial
from webpanel.views.gateways.add import free_name
from webpanel.views.gateways.blueprint import bp
from webpanel.views.gateways.draft import Draft, Fault, wants_fragment
from webpanel.views.gateways.known import catalogue, evidence
from webpanel.views.gateways.trial import Outcome
from webpanel.wire.problem import Refused

#: The fields that this page has beside its questions.
SHOWN = ("name", "test_recipient", "test_text")

_NOTHING_TRIED = Outcome(200)
_REFUSED = Outcome(422)


@bp.get("/add/provider/<preset_id>")
def provider(preset_id: str) -> ResponseReturnValue:
    preset = _found(preset_id)
    return _page(PresetForm.shown(preset, free_name(preset.name)), None, _NOTHING_TRIED)


@bp.post("/add/provider/<preset_id>")
def provider_saved(preset_id: str) -> ResponseReturnValue:
    """A gateway as the answers make it."""
    form = _sent(preset_id)
    draft = _draft(form)
    if draft is None or not draft.judge():
        return _page(form, draft, _REFUSED)
    try:
        return settings.create(draft)
    except Refused as refused:
        draft.form.add(draft.secrets.add(refused.problems))
        return _page(form, draft, _REFUSED)


@bp.post("/add/provider/<preset_id>/all")
def provider_all(preset_id: str) -> ResponseReturnValue:
    """The full form, filled in and unsaved."""
    form = _sent(preset_id)
    draft = _draft(form)
    if draft is None:
        return _page(form, None, _REFUSED)
    flash(_("The form is filled in and not saved yet."), "info")
    return settings.page(draft)


@bp.post("/add/provider/<preset_id>/preview")
def provider_preview(preset_id: str) -> ResponseReturnValue:
    return _tried(preset_id, trial.previewed)


@bp.post("/add/provider/<preset_id>/test")
def provider_test(preset_id: str) -> ResponseReturnValue:
    return _tried(preset_id, trial.tested)


def _found(preset_id: str) -> Preset:
    return catalogue().find(preset_id) or abort(404)


def _sent(preset_id: str) -> PresetForm:
    preset = _found(preset_id)
    return PresetForm.sent(preset, request.form, services().vault, _purpose(preset))


def _purpose(preset: Preset) -> str:
    return f"preset-secrets:{current_user.fs_uniquifier}:{preset.id}"


def _draft(form: PresetForm) -> Draft | None:
    """The gateway of the answers, unsaved; None when they make none: why stands beside them then."""
    try:
        answered = form.answered(reports=bool(services().config.url))
    except Refused as refused:
        form.add(refused.problems)
        return None
    draft = Draft.proposed(answered.settings, answered.secrets)
    for name in ("test_recipient", "test_text"):
        draft.form[name].data = form.fields[name].data
    return draft


def _tried(preset_id: str, run: Callable[[Draft], Outcome]) -> ResponseReturnValue:
    form = _sent(preset_id)
    draft = _draft(form)
    outcome = run(draft) if draft else _REFUSED
    if wants_fragment():
        return render_template(
            "gateways/_trial.html", fragment=True, **_trial(form, draft, outcome)
        ), outcome.status
    return _page(form, draft, outcome)


def _page(form: PresetForm, draft: Draft | None, outcome: Outcome) -> ResponseReturnValue:
    # First: it puts each problem beside its field.
    tried = _trial(form, draft, outcome)
    page = render_template(
        "gateways/provider.html",
        preset=form.preset,
        questions=form.rows,
        form=form.fields,
        carried=form.secrets.sealed(services().vault, _purpose(form.preset)),
        evidence=evidence(form.preset),
        **tried,
    )
    return page, outcome.status


def _trial(form: PresetForm, draft: Draft | None, outcome: Outcome) -> dict:
    """What ``_tester.html`` and ``_trial.html`` are rendered from."""
    return {"trial": outcome.trial, "problems": _problems(form, draft)}


def _problems(form: PresetForm, draft: Draft | None) -> list[Fault]:
    """All that is wrong, in the order of the page; what has no field here is told without a link."""
    found = [Fault(row.id, row.question.label, said) for row in form.rows for said in row.errors]
    if draft:
        for name in SHOWN:
            form.fields[name].errors = draft.form[name].errors
        found += draft.problems()
    else:
        found += [Fault(each.id, each.label.text, said) for each in form.fields for said in each.errors]
        found += [Fault("", "", said) for said in form.fields.other_errors]
    here = {*SHOWN, *(row.id for row in form.rows)}
    return [fault if fault.id in here else replace(fault, id="") for fault in found]
