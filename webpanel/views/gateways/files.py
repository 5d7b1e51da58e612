"""Gateways as files: one taken away, and those of a file looked at before any of them is kept."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from sqlalchemy import select

from webpanel import gateway_file, gateway_secrets, importing, words
from webpanel.forms import GatewayForm
from webpanel.importing import Import, Incoming, Plan
from webpanel.models import Gateway, db
from webpanel.secret_form import AUTH_LABELS, CARRIED_SECONDS, SecretForm
from webpanel.services import services
from webpanel.vault import Unreadable
from webpanel.views.gateways import differences, settings
from webpanel.views.gateways.add import free_name
from webpanel.views.gateways.blueprint import bp, found
from webpanel.views.gateways.draft import Draft
from webpanel.views.visible import visible
from webpanel.wire import described, difference
from webpanel.wire.problem import Problem, Refused

#: The field for a pasted text. A name with "secret" in it is repeated by no other page.
TEXT = "secret_text"
#: What no system takes in a file's name.
_NOT_IN_FILES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
#: Characters of an address, and changes of one gateway, that the page tells.
_SHOWN, _MOST_TOLD = 300, 60


@dataclass(frozen=True)
class Told:
    """One sentence about what a file says; ``label`` is the field's, with its line."""

    label: str
    said: str


@dataclass(frozen=True)
class Offer:
    """One gateway of a file as the page shows it, before anything is kept."""

    incoming: Incoming
    #: All of it, for the next page to open; unreadable on the way.
    sealed: str
    address: str
    told: tuple[Told, ...]
    existing: Gateway | None
    differences: tuple[differences.Difference, ...]
    #: The names of secrets: that came along, that stay, and that must be typed.
    brought: tuple[str, ...]
    kept: tuple[str, ...]
    asked: tuple[str, ...]

    @property
    def name(self) -> str:
        return visible(self.incoming.settings.name)


@bp.get("/<int:gateway_id>/export")
def export(gateway_id: int) -> ResponseReturnValue:
    """The saved gateway as a file; no secret's value is in it."""
    gateway = found(gateway_id)
    text = gateway_file.export(services().vault, gateway)
    name = _NOT_IN_FILES.sub("_", gateway.name).strip(" .") or "gateway"
    response = send_file(
        io.BytesIO(text.encode()),
        mimetype="application/toml",
        as_attachment=True,
        download_name=f"{name}.toml",
        max_age=0,
    )
    response.cache_control.no_store = True
    return response


@bp.get("/import")
def import_page() -> ResponseReturnValue:
    return _page()


@bp.post("/import")
def import_read() -> ResponseReturnValue:
    """What the file or the pasted text holds; nothing is kept."""
    upload = request.files.get("file")
    data = upload.read(importing.LONGEST + 1) if upload and upload.filename else b""
    if not data:
        data = request.form.get(TEXT, "").encode("utf-8", "replace")
    try:
        read = importing.read(data)
    except Refused as refused:
        # What was pasted is not shown again: credentials may stand in it.
        return _page(problems=_worded(refused.problems)), 422
    return _page(read=read)


@bp.post("/import/open")
def import_open() -> ResponseReturnValue:
    """The settings page, filled in and unsaved: of a new gateway, or of the one that it would replace."""
    incoming = _unsealed(request.form.get("sealed", ""))
    if incoming is None:
        return _page(problems=[Told("", _("The page stood open too long. Choose the file once more."))]), 422
    gateway_id = request.form.get("replace", type=int)
    # Where somebody deleted it meanwhile, it is a new one.
    gateway = db.session.get(Gateway, gateway_id) if gateway_id else None
    if gateway is None:
        name = free_name(incoming.settings.name or _("Imported gateway"))
        incoming = incoming.called(name)
    plan = importing.plan(incoming, gateway)
    return settings.page(
        _draft(plan),
        imported=True,
        imported_told=_worded(incoming.changes),
        imported_asked=[(f"secret-{name}", str(AUTH_LABELS.get(name, name))) for name in plan.missing],
    )


def _draft(plan: Plan) -> Draft:
    form = SecretForm(plan.stored)
    form.bring(plan.changes.typed, plan.missing)
    form.removed = frozenset(plan.changes.removed)
    form.add(gateway_secrets.secret_asked_again(name) for name in plan.missing if name in plan.stored)
    return Draft(plan.existing, GatewayForm.showing(plan.incoming.settings), form)


def _page(**more: Any) -> str:
    read: Import | None = more.pop("read", None)
    offers = _offers(read) if read else []
    return render_template(
        "gateways/import.html",
        kind=read.kind if read else "",
        offers=offers,
        skipped=_worded(read.skipped) if read else [],
        longest=importing.LONGEST // 1024,
        field=TEXT,
        **more,
    )


def _offers(read: Import) -> list[Offer]:
    names = [incoming.settings.name for incoming in read.gateways]
    same_named = db.session.scalars(select(Gateway).where(Gateway.name.in_(names)))
    known = {gateway.name: gateway for gateway in same_named}
    return [_offer(incoming, known.get(incoming.settings.name)) for incoming in read.gateways]


def _offer(incoming: Incoming, existing: Gateway | None) -> Offer:
    plan = importing.plan(incoming, existing)
    changes = difference.between(existing.settings(), incoming.settings) if existing else ()
    return Offer(
        incoming=incoming,
        sealed=_sealed(incoming),
        address=visible(f"{incoming.settings.method} {incoming.settings.url}")[:_SHOWN],
        told=tuple(_worded(incoming.changes[:_MOST_TOLD])),
        existing=existing,
        differences=tuple(differences.worded(changes)),
        brought=tuple(sorted(incoming.secrets)),
        kept=tuple(sorted(plan.kept)),
        asked=plan.missing,
    )


def _worded(problems: Sequence[Problem]) -> list[Told]:
    form = GatewayForm(formdata=None)
    return [_told(form, problem) for problem in problems]


def _told(form: GatewayForm, problem: Problem) -> Told:
    label = differences.field_label(form, problem.field) if problem.field in form else ""
    if problem.line and label:
        label = _("%(field)s, line %(line)d", field=label, line=problem.line)
    elif problem.line:
        label = _("Line %(line)d", line=problem.line)
    return Told(label, visible(words.sentence(problem.code, problem.values)))


def _sealed(incoming: Incoming) -> str:
    carried = {
        "settings": difference.stated(incoming.settings),
        "secrets": incoming.secrets,
        "asked": incoming.asked,
        "changes": [vars(change) for change in incoming.changes],
    }
    return services().vault.seal(carried, _purpose())


def _unsealed(token: str) -> Incoming | None:
    try:
        carried = services().vault.unseal(token, _purpose(), CARRIED_SECONDS)
    except Unreadable:
        return None
    return Incoming(
        described.read(carried["settings"]),
        carried["secrets"],
        tuple(carried["asked"]),
        tuple(Problem(**change) for change in carried["changes"]),
    )


def _purpose() -> str:
    return f"import:{current_user.fs_uniquifier}"
