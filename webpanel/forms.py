"""The gateway's form: the way from and to ``wire.gateway.Gateway``, and what is wrong beside each field.

Every rule is a function of ``wire``: here its problems are worded and put where they belong.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from typing import Any

from flask_babel import gettext as _
from wtforms import TextAreaField
from wtforms.fields.choices import SelectChoice

from webpanel import models, words
from webpanel.delivery_fields import DeliveryFields
from webpanel.gateway_fields import GatewayFields
from webpanel.report_fields import ReportFields
from webpanel.wire import lint, phone
from webpanel.wire.gateway import AUTH_SECRETS, METHODS_WITHOUT_BODY, Gateway
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.profiles import PROFILES

_COLUMNS = models.Gateway.__table__.c
RULES = ("success", "failure", "later", "message_id", "reason")
#: Those that ask for a place in the reply, not for a yes or no.
PLACES = ("message_id", "reason")
#: The two of a delivery report, and the kinds that need no rule.
REPORT_RULES = ("report_id", "report_status")
_WITHOUT_RULE = ("address",)

#: The fields folded away under "More", by the section they stand in.
FOLDED = {
    "general": (
        *("number_format", "number_suffix", "allow_short_codes", "allow_alphanumeric", "sender"),
        "destinations",
    ),
    "api": (
        *("auth_kind", "auth_name", "auth_prefix"),
        *("connect_timeout", "timeout"),
    ),
    "delivery": (
        *("pace", "in_flight", "on_ambiguous", "request_number"),
        *("retry_delays", "urgent_retry_delays", "failover_after"),
    ),
    "parameters": ("content_type", "hide_literals"),
    "response": (
        *("failure_kind", "failure_rule", "failure_fault"),
        *("later_kind", "later_rule", "message_id_kind", "message_id_rule", "reason_kind", "reason_rule"),
    ),
    "reports": (
        *("report_id_kind", "report_id_rule", "report_status_kind", "report_status_rule", "report_words"),
        *("report_sign", "report_secret", "report_header", "report_answer"),
    ),
}


class GatewayForm(GatewayFields, DeliveryFields, ReportFields):
    """The settings page's form. ``wire.lint`` judges it; see :meth:`judge`."""

    #: Problems that belong to no field on the page.
    other_errors: list[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.other_errors = []
        #: What a calling code was taken to mean, once :meth:`settings` has read it.
        self.country: phone.Country | None = None

    @classmethod
    def showing(cls, settings: Gateway, **more: Any) -> "GatewayForm":
        """An unsent form that shows ``settings``."""
        values = asdict(settings)
        for rule in RULES:
            if values[f"{rule}_kind"] == "blank":
                values[f"{rule}_kind"] = "jmespath" if rule in PLACES else "text"
        for rule in REPORT_RULES:
            if values[f"{rule}_kind"] == "blank":
                values[f"{rule}_kind"] = "jmespath"
        return cls(formdata=None, data={**values, **more})

    def settings(self) -> Gateway:
        """What stands in the form; a field that cannot be read counts as its default (and has an error)."""
        defaults = asdict(Gateway())
        values = {
            name: default if self[name].data is None else self[name].data
            for name, default in defaults.items()
        }
        for rule in RULES:
            if not values[f"{rule}_rule"].strip():
                values[f"{rule}_kind"], values[f"{rule}_rule"] = "blank", ""
        for rule in REPORT_RULES:
            if values[f"{rule}_kind"] in _WITHOUT_RULE:
                continue
            if not values[f"{rule}_rule"].strip():
                values[f"{rule}_kind"], values[f"{rule}_rule"] = "blank", ""
        if values["default_country"]:
            try:
                self.country = phone.country(values["default_country"])
            except Refused:
                pass  # lint says it
            else:
                values["default_country"] = self.country.region
        return Gateway(**values)

    def judge(self, secret_names: Collection[str]) -> bool:
        """Whether it could be saved as it stands; each problem lies beside its field afterwards."""
        readable = self.validate()
        unreadable = set(self.errors)
        settings = self.settings()
        self.add(name_and_lengths(settings))
        problems = lint.check(settings, secret_names) or lint.unplaced(settings)
        self.add(problem for problem in problems if problem.field not in unreadable)
        return readable and not self.problematic

    @property
    def problematic(self) -> bool:
        return bool(self.other_errors) or any(field.errors for field in self)

    def add(self, problems: Iterable[Problem]) -> None:
        """Put each problem's sentence beside its field."""
        for problem in problems:
            name = {"recipient": "test_recipient", "text": "test_text", "message": "test_text"}.get(
                problem.field, problem.field
            )
            field = self._fields.get(name)
            if field is None:
                self.other_errors.append(worded(problem, in_lines=False))
            else:
                field.errors = [*field.errors, worded(problem, in_lines=isinstance(field, TextAreaField))]

    def opened(self, section: str) -> bool:
        """Whether what is folded away in a section must be seen: it has an error, or is not the default."""
        born = asdict(Gateway())
        for name in FOLDED[section]:
            field = self[name]
            if field.errors or (not name.endswith("_kind") and field.data != born[name]):
                return True
        return section == "api" and self.auth_kind.data != "none"

    def offer_next(self, names: Collection[str]) -> None:
        """The gateways that may take over, by name; one that is not here is kept and told as such."""
        offered = [SelectChoice(name, name) for name in names]
        chosen = self.next_gateway.data
        if chosen and chosen not in names:
            offered.append(SelectChoice(chosen, _("%(name)s (not in this panel)", name=chosen)))
        self.next_gateway.choices = [*self.next_gateway.choices, *offered]

    def fill(self, profile: str) -> None:
        """Put the settings of a profile into their fields."""
        for name, value in PROFILES[profile].items():
            self[name].data, self[name].raw_data = value, None

    def offer_signature(self, offered: bool) -> None:
        """Whether the signature of one provider stands among the authentications; one in use always does."""
        if not offered and self.auth_kind.data != "mac":
            self.auth_kind.choices = [each for each in self.auth_kind.choices if each.value != "mac"]

    @property
    def with_body(self) -> bool:
        return self.method.data not in METHODS_WITHOUT_BODY

    @property
    def auth_secrets(self) -> tuple[str, ...]:
        return AUTH_SECRETS.get(self.auth_kind.data, ())


def name_and_lengths(settings: Gateway) -> Iterator[Problem]:
    """What the table itself asks for."""
    if not settings.name:
        yield Problem("gateway_name_missing", "name")
    for name, value in asdict(settings).items():
        longest = getattr(_COLUMNS[name].type, "length", None)
        if longest and len(value) > longest:
            yield Problem("setting_too_long", name, values={"longest": longest})


def worded(problem: Problem, *, in_lines: bool) -> str:
    """The problem's sentence with the place in front: line and column, or the column alone."""
    said = words.sentence(problem.code, problem.values)
    if problem.column is None and problem.line is None:
        return said
    if problem.column is None:
        return _("Line %(line)d: %(problem)s", line=problem.line, problem=said) if in_lines else said
    if not in_lines:
        return _("Column %(column)d: %(problem)s", column=problem.column, problem=said)
    return _(
        "Line %(line)d, column %(column)d: %(problem)s",
        line=problem.line or 1,
        column=problem.column,
        problem=said,
    )
