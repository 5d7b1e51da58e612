"""What stands in the settings page's form at one moment, saved or not."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from flask_security import current_user
from sqlalchemy import select

from webpanel import gateway_secrets
from webpanel.forms import GatewayForm
from webpanel.gateway_secrets import SecretChanges
from webpanel.models import Gateway, db
from webpanel.secret_form import MOST, SecretForm, missing_auth
from webpanel.services import services
from webpanel.views.gateways import known
from webpanel.wire import lint, literals, places
from webpanel.wire.gateway import Gateway as Settings
from webpanel.wire.problem import Problem
from webpanel.wire.template import SECRET, names

_VERSION = re.compile("[0-9]{1,9}")


@dataclass(frozen=True)
class Final:
    """A sound draft as it would be saved: the credentials that stood in it taken out."""

    settings: Settings
    changes: SecretChanges
    #: The names of the secrets that were taken out of the templates.
    turned: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """A sentence about one field; ``id`` is the field's, blank for one that is not on the page."""

    id: str
    label: str
    said: str


class Draft:
    """The form of one gateway; ``gateway`` is None for one that was never saved."""

    def __init__(self, gateway: Gateway | None, form: GatewayForm, secrets: SecretForm) -> None:
        self.gateway, self.form, self.secrets = gateway, form, secrets
        #: Whether it comes from elsewhere as a whole, so that what it lacks is told at once.
        self.is_proposed = False
        #: The provider whose file the gateway was made from, while there is that file.
        self.preset = known.catalogue().find(form.preset.data) if form.preset.data else None
        form.offer_next(_others(gateway))
        form.offer_signature(self.preset is not None and self.preset.settings.auth_kind == "mac")

    @classmethod
    def shown(cls, gateway: Gateway | None) -> "Draft":
        """As the page first shows it."""
        settings = gateway.settings() if gateway else Settings()
        return cls(gateway, GatewayForm.showing(settings), SecretForm(_stored(gateway)))

    @classmethod
    def proposed(cls, settings: Settings, secrets: Mapping[str, str], asked: Iterable[str] = ()) -> "Draft":
        """A gateway that was never saved, as a provider's file, an example or an import describes it.

        The secrets travel sealed, as those that were typed and came back; ``asked`` have no value yet.
        """
        form = SecretForm()
        form.bring(secrets, asked)
        draft = cls(None, GatewayForm.showing(settings), form)
        draft.is_proposed = True
        return draft

    @classmethod
    def sent(cls, gateway: Gateway | None) -> "Draft":
        """As the present request brings it."""
        purpose = _purpose(gateway.id if gateway else None)
        return cls(
            gateway,
            GatewayForm(),
            SecretForm.read(request.form, _stored(gateway), services().vault, purpose),
        )

    @classmethod
    def orphaned(cls, gateway_id: int) -> "Draft":
        """As the present request brings it for a gateway that is gone: one that was never saved.

        Whoever may save it typed what is carried on; what was stored went with the gateway.
        """
        secrets = SecretForm.read(request.form, (), services().vault, _purpose(gateway_id))
        draft = cls(None, GatewayForm(), secrets)
        secrets.ask_for_lost(draft.form.auth_secrets)
        return draft

    @property
    def version(self) -> int:
        """The version that a save may replace: the one the form was read from, or the one confirmed."""
        if request.method != "POST":
            return self.gateway.version if self.gateway else 0
        typed = request.form.get("overwrite") or request.form.get("version", "")
        # A form that names none replaces none.
        return int(typed) if _VERSION.fullmatch(typed) else 0

    @property
    def sealed(self) -> str:
        return self.secrets.sealed(services().vault, _purpose(self.gateway.id if self.gateway else None))

    @property
    def saved(self) -> bool:
        """Whether all of it is what is stored."""
        return (
            self.gateway is not None
            and not self.secrets.changed
            and self.form.settings() == self.gateway.settings()
        )

    @property
    def asked_again(self) -> tuple[str, ...]:
        """The stored secrets that were meant for another address than the one typed."""
        settings = self.form.settings()
        if self.gateway is None or gateway_secrets.origin(settings.url) is None:
            return ()
        return gateway_secrets.asked_again(
            self.gateway.url, self.secrets.stored, settings, self.secrets.changes()
        )

    @property
    def missing(self) -> list[Problem]:
        """The secrets that have a field on the page, are needed, and have no value."""
        settings = self.form.settings()
        # Of settings that cannot be read at all nobody knows what would be sent.
        sent = () if lint.unreadable(settings) else places.of(settings)
        used = {name for place in sent for name in names(place.text, *place.span)}
        blank = [name for name in sorted(self.secrets.blank) if SECRET + name in used]
        return [
            *missing_auth(settings.auth_kind, self.secrets.names()),
            *(Problem("secret_blank", f"{SECRET}{name}") for name in blank),
        ]

    def judge(self) -> bool:
        """Whether it is sound; what is not stands beside its field afterwards."""
        self.form.judge(self._names() | self.secrets.blank)
        again = [gateway_secrets.secret_asked_again(name) for name in self.asked_again]
        self.form.add(self.secrets.add([*self.missing, *again]))
        if not self.form.problematic and len(self._taken_out()) > MOST:
            self.form.add([Problem("secrets_too_many", "hide_literals", values={"most": MOST})])
        return not (self.form.problematic or self.secrets.problematic)

    def _taken_out(self) -> set[str]:
        """The values in the templates that become secrets."""
        settings = self.form.settings()
        return {found.value for found in literals.find(settings)} if settings.hide_literals else set()

    def _names(self) -> set[str]:
        """The secrets that templates may name: all but those that are dropped with the old address."""
        settings, changes = self.form.settings(), self.secrets.changes()
        if self.gateway is None or gateway_secrets.origin(settings.url) is None:
            return self.secrets.names()
        stay = gateway_secrets.kept(self.gateway.url, self.secrets.stored, settings, changes)
        return {*stay, *changes.typed, *self.asked_again}

    def problems(self) -> list[Fault]:
        """All that is wrong, in the order of the page."""
        faults = [Fault(field.id, field.label.text, said) for field in self.form for said in field.errors]
        rows = [*self.secrets.auth_rows(), *self.secrets.named_rows()]
        faults.extend(Fault(row.value_field, row.label, said) for row in rows for said in row.errors)
        faults.extend(Fault("new_secret_name", _("Add a secret"), said) for said in self.secrets.new_errors)
        faults.extend(Fault("", "", said) for said in self.form.other_errors)
        return faults

    def final(self) -> Final:
        """A sound draft as it is saved, and tested."""
        settings, changes = self.form.settings(), self.secrets.changes()
        settings, found = literals.extract(settings, self.secrets.names())
        return Final(settings, SecretChanges({**changes.typed, **found}, changes.removed), tuple(found))

    def usable_secrets(self, final: Final) -> dict[str, str]:
        """The values a trial may use: those typed, and the stored ones where the address is theirs."""
        known = gateway_secrets.known_secrets(services().vault, self.gateway, final.settings.url)
        usable = {name: value for name, value in known.items() if name not in final.changes.removed}
        return {**usable, **final.changes.typed}


def actor() -> str:
    return current_user.username


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page; a submit without JavaScript gets the page."""
    return request.headers.get("HX-Request-Type") == "partial"


def _others(gateway: Gateway | None) -> list[str]:
    """The names of the gateways that could take over from this one, in the administrator's order."""
    others = select(Gateway.name).order_by(Gateway.position, Gateway.id)
    if gateway is not None:
        others = others.where(Gateway.id != gateway.id)
    return list(db.session.scalars(others))


def _stored(gateway: Gateway | None) -> list[str]:
    return [secret.name for secret in gateway.secrets] if gateway else []


def _purpose(gateway_id: int | None) -> str:
    return f"gateway-secrets:{current_user.fs_uniquifier}:{'new' if gateway_id is None else gateway_id}"
