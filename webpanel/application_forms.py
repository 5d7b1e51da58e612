"""The forms of the Applications pages; what they check are functions of ``applications``."""

from collections.abc import Iterable
from dataclasses import replace

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from webpanel.account_forms import AccountForm
from webpanel.application_terms import TEST_STATES, Terms
from webpanel.applications import KeyTerms, digest
from webpanel.wire import callback_address
from webpanel.wire.problem import Problem
from webpanel.words.events import STATES

MINUTE = 60
PRIORITY_NAMES = (_l("Urgent: login codes"), _l("Normal"), _l("Bulk: when nothing else waits"))
_NUMBER = {"inputmode": "numeric", "class": "short"}


def _limit(label: str, help_: str = "") -> IntegerField:
    return IntegerField(label, description=help_, render_kw=_NUMBER)


def _whole(value: str) -> int:
    return int(value) if value else 0


def _limit_of(field: IntegerField) -> int:
    """What was typed; a limit that the request leaves out is low, and not gone."""
    return getattr(Terms(), field.name) if field.data is None else field.data


class ApplicationForm(AccountForm):
    """All that an application may do; a limit of 0 is none."""

    #: What the form was filled from: see ``applications.digest``.
    seen = HiddenField()
    name = StringField(
        _l("Name"),
        description=_l("It stands beside the messages that it sends."),
        render_kw={"autocomplete": "off", "maxlength": 64},
    )
    countries = StringField(
        _l("Countries"),
        description=_l(
            "Where it may send to: countries (GB) and beginnings of numbers (+4915), with blanks between "
            "them. Left blank, anywhere."
        ),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    which_gateways = RadioField(
        _l("Gateways that it may use"),
        choices=[
            SelectChoice("all", _l("All, also those that are added later")),
            SelectChoice("only", _l("Only these")),
        ],
        validate_choice=False,
    )
    gateways = SelectMultipleField(
        _l("Gateways"),
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    per_minute = _limit(_l("Messages a minute"), _l("0 means no limit, here and below."))
    per_recipient_hour = _limit(_l("Messages an hour to one number"))
    parts_per_day = _limit(
        _l("SMS parts a day"), _l("A long text makes several parts, and each costs money.")
    )
    parts_per_month = _limit(_l("SMS parts a month"))
    most_parts = _limit(_l("SMS parts in one message"))
    test_state = SelectField(
        _l("Test mode"),
        description=_l(
            "In test mode nothing leaves the panel: a message is checked, counted, and ends as chosen here."
        ),
        validate_choice=False,
    )
    gateway_id = SelectField(
        _l("Gateway"),
        description=_l("Where its messages go when a call names no gateway."),
        coerce=_whole,
        validate_choice=False,
    )
    priority = SelectField(
        _l("Priority"),
        choices=[SelectChoice(number, name) for number, name in enumerate(PRIORITY_NAMES)],
        coerce=int,
        validate_choice=False,
    )
    minutes = _limit(
        _l("Give up after (minutes)"), _l("When a message is too late to be sent. 0: as the panel's others.")
    )
    sensitive = BooleanField(
        _l("Its texts are sensitive"),
        description=_l("Kept encrypted while they wait, shown nowhere, and removed when they are final."),
    )
    sender = StringField(_l("Sender"), description=_l("Fills {{sender}} in place of the gateway's own."))
    country = StringField(
        _l("Country of its numbers"),
        description=_l("As two letters (GB), for numbers written without one. Blank: as the gateway has it."),
        render_kw={"maxlength": 2, "class": "short"},
    )
    door_get = BooleanField(
        _l("Allow sending by GET"),
        description=_l("For devices that can only open an address: /api/v1/send?key=…&to=…&message=…"),
    )
    door_kannel = BooleanField(
        _l("Allow Kannel's requests"),
        description=_l(
            "For programs that speak to Kannel: its address /cgi-bin/sendsms, with the key as password."
        ),
    )
    door_twilio = BooleanField(
        _l("Allow Twilio's requests"),
        description=_l(
            "For programs that speak to Twilio: its address for messages, with the key as auth token."
        ),
    )
    callback_url = StringField(
        _l("Address for callbacks"),
        description=_l(
            "Where a signed POST tells what became of a message, when the call names no address of its own. "
            "Left blank, nowhere."
        ),
        render_kw={"type": "url", "autocomplete": "off", "spellcheck": "false", "maxlength": 2000},
    )

    @classmethod
    def showing(cls, terms: Terms) -> "ApplicationForm":
        """An unsent form that shows ``terms``."""
        return cls(
            formdata=None,
            data={
                **{name: getattr(terms, name) for name in Terms.__dataclass_fields__},
                "which_gateways": "all" if terms.gateways is None else "only",
                "gateways": list(terms.gateways or ()),
                "gateway_id": terms.gateway_id or 0,
                "minutes": terms.valid_for // MINUTE,
                "seen": digest(terms),
            },
        )

    def add(self, problems: Iterable[Problem]) -> None:
        """The give-up time is typed in minutes, and known in seconds."""
        found = list(problems)
        if any(each.code == "callback_url_credentials" for each in found):
            # What is shown again is what may be shown.
            self.callback_url.data = callback_address.read(self.callback_url.data or "").shown
        super().add(replace(each, field="minutes") if each.field == "valid_for" else each for each in found)

    def offer(self, gateways: Iterable[tuple[int, str]], gone: Iterable[int]) -> None:
        """The choices that depend on what there is; ``gone``: gateways that were chosen and then deleted."""
        found = [SelectChoice(gateway_id, name) for gateway_id, name in gateways]
        self.gateways.choices = [
            *found,
            *(SelectChoice(each, _l("A deleted gateway (number %(id)s)", id=each)) for each in gone),
        ]
        self.gateway_id.choices = [SelectChoice(0, _l("The first one that fits")), *found]
        self.test_state.choices = [
            ("", _l("Off: messages are sent")),
            *((each, STATES[each]) for each in TEST_STATES),
        ]

    def unread(self) -> list[Problem]:
        """A fault for each field that holds nothing of its kind."""
        return [
            Problem("whole_number" if isinstance(field, IntegerField) else "choice_not_offered", field.name)
            for field in self
            if field.process_errors
        ]

    def terms(self, before: Terms) -> Terms:
        """What stands in the form; an :meth:`unread` field counts as left out.

        ``before``: what the form does not show.
        """
        return Terms(
            name=(self.name.data or "").strip(),
            enabled=before.enabled,
            gateways=self._gateways(before),
            countries=" ".join((self.countries.data or "").replace(",", " ").split()),
            per_minute=_limit_of(self.per_minute),
            parts_per_day=_limit_of(self.parts_per_day),
            parts_per_month=_limit_of(self.parts_per_month),
            per_recipient_hour=_limit_of(self.per_recipient_hour),
            most_parts=_limit_of(self.most_parts),
            test_state=self.test_state.data or "",
            priority=before.priority if self.priority.data is None else self.priority.data,
            valid_for=(self.minutes.data or 0) * MINUTE,
            sensitive=bool(self.sensitive.data),
            sender=(self.sender.data or "").strip(),
            country=(self.country.data or "").strip().upper(),
            gateway_id=self.gateway_id.data or None,
            door_get=bool(self.door_get.data),
            door_kannel=bool(self.door_kannel.data),
            door_twilio=bool(self.door_twilio.data),
            callback_url=(self.callback_url.data or "").strip(),
        )

    def _gateways(self, before: Terms) -> tuple[int, ...] | None:
        """Those that it may use, None for all: only when the request says so, or it was so before."""
        ticked = tuple(self.gateways.data or ())
        if self.which_gateways.data == "all":
            return None
        return ticked if ticked or self.which_gateways.data == "only" else before.gateways


class KeyForm(AccountForm):
    """What a new key may do, and for how long."""

    may_send = BooleanField(_l("Send messages"), default=True)
    may_read = BooleanField(_l("Read what became of its own messages"), default=True)
    may_read_all = BooleanField(_l("Read everybody's messages"))
    days = SelectField(
        _l("Ends"),
        choices=[
            SelectChoice(0, _l("Never, until it is revoked")),
            SelectChoice(30, _l("After 30 days")),
            SelectChoice(90, _l("After 90 days")),
            SelectChoice(365, _l("After a year")),
        ],
        coerce=_whole,
        validate_choice=False,
    )

    def key_terms(self) -> KeyTerms:
        # What was not offered is the shortest, and never one without an end.
        days = {0: None, 90: 90, 365: 365}.get(self.days.data, 30)
        return KeyTerms(
            bool(self.may_send.data), bool(self.may_read.data), bool(self.may_read_all.data), days
        )
