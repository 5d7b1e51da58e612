"""The form that says which messages are decided about together, and how."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import DateTimeLocalInput

from webpanel.intake import DECISIONS, Chosen
from webpanel.views import numbers
from webpanel.views.messages.filters import DELETED
from webpanel.words.events import STATES


class MomentField(StringField):
    """A day and a time without a zone, as typed; :attr:`moment` is None for none."""

    widget = DateTimeLocalInput()

    moment: datetime | None = None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - as WTForms calls it
        self.moment = None
        if not (self.data or "").strip():
            return
        try:
            self.moment = datetime.fromisoformat(self.data.strip())
            # Leaves room for any time zone, and for a minute more.
            sound = self.moment.tzinfo is None and 1970 < self.moment.year < 9999  # noqa: PLR2004 - as it says
        except ValueError:
            sound = False
        if not sound:
            self.moment = None
            raise ValidationError(_("Write the day and the time as 2026-01-31T14:30."))


class TogetherForm(FlaskForm):
    state = SelectField(
        _l("Messages"), id="which", choices=[SelectChoice(state, STATES[state]) for state in DECISIONS]
    )
    gateway = SelectField(_l("Gateway"), validate_choice=False)
    since = MomentField(_l("From"))
    until = MomentField(_l("Until"))
    decision = SelectField(
        _l("What to do"),
        choices=[
            SelectChoice("", _l("Choose one")),
            SelectChoice("resend", _l("Send each once more, as a new message")),
            SelectChoice("sent", _l("Mark each as sent")),
            SelectChoice("failed", _l("Mark each as failed")),
        ],
    )

    @classmethod
    def asking(
        cls, given: Mapping[str, str], gateways: Sequence[tuple[int, str]], zone: str
    ) -> "TogetherForm":
        """What a query string asks for; ``gateways`` with their ids, ``zone`` in which times are meant."""
        form = cls(formdata=MultiDict(given) if given else None, meta={"csrf": False})
        form.gateway.choices = [
            SelectChoice("", _("Any")),
            *(SelectChoice(str(gateway_id), name) for gateway_id, name in gateways),
            SelectChoice(DELETED, _("Deleted or never saved")),
        ]
        form.since.description = _(
            "When they became unclear or failed. Times are those of the panel's time zone, %(zone)s.",
            zone=zone,
        )
        return form

    @property
    def asked(self) -> dict[str, str]:
        """As it stands, to be asked again."""
        return {field.name: field.data or "" for field in self}

    def validate_gateway(self, field: SelectField) -> None:
        if field.data and field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_("There is no such gateway; choose another one."))

    def validate_since(self, field: MomentField) -> None:
        if self.state.data == "failed" and field.moment is None:
            raise ValidationError(_("Say from when on; not every message that ever failed is meant."))

    def validate_until(self, field: MomentField) -> None:
        if field.moment and self.since.moment and field.moment < self.since.moment:
            raise ValidationError(_("It ends before it begins."))

    def validate_decision(self, field: SelectField) -> None:
        if not field.data:
            raise ValidationError(_("Say what to do with them."))
        if field.data not in DECISIONS.get(self.state.data, ()):
            raise ValidationError(
                _("Only unclear messages can be marked; those that failed can be sent once more.")
            )

    def chosen(self, zone: ZoneInfo) -> Chosen:
        """The messages that a sound form asks for; those of the last minute are among them."""
        until = self.until.moment and self.until.moment + timedelta(minutes=1)
        gateway_id = 0 if self.gateway.data == DELETED else numbers.read(self.gateway.data)
        return Chosen(
            self.state.data,
            gateway_id,
            self.since.moment and self.since.moment.replace(tzinfo=zone).astimezone(UTC),
            # An hour that the clock shows twice is meant whole.
            until and until.replace(tzinfo=zone, fold=1).astimezone(UTC),
        )
