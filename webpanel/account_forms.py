"""The forms of the accounts' pages; what they check are functions of ``accounts``.

A room of its own beside ``forms``, which is the gateway's.
"""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from webpanel import words
from webpanel.accounts import ADMINISTRATOR, SENDER, SHORTEST_PASSWORD
from webpanel.wire.problem import Problem

ROLE_NAMES = {
    ADMINISTRATOR: _l("Administrator"),
    SENDER: _l("Sender"),
}
ROLE_MEANINGS = {
    ADMINISTRATOR: _l("Everything: gateways, users, settings, and sending"),
    SENDER: _l("Sends messages and sees everybody's; no gateways, no users"),
}

_LONG_ENOUGH = _l(
    "At least %(shortest)s characters. A few words that belong together only for you are good.",
    shortest=SHORTEST_PASSWORD,
)


class AccountForm(FlaskForm):
    """A form whose faults are the problems of ``accounts``, each beside the field of its name."""

    def add(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            sentence = words.sentence(problem.code, problem.values)
            if problem.field in self._fields:
                field = self._fields[problem.field]
                field.errors = [*field.errors, sentence]
            else:
                self.form_errors.append(sentence)


def _new_password(label: str) -> PasswordField:
    return PasswordField(label, description=_LONG_ENOUGH, render_kw={"autocomplete": "new-password"})


class LoginForm(AccountForm):
    username = StringField(
        _l("Name"), render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
    )
    password = PasswordField(_l("Password"), render_kw={"autocomplete": "current-password"})


class PasswordForm(AccountForm):
    """Change of one's own password."""

    present = PasswordField(_l("Present password"), render_kw={"autocomplete": "current-password"})
    password = _new_password(_l("New password"))
    repeated = PasswordField(_l("New password, once more"), render_kw={"autocomplete": "new-password"})

    def same(self) -> bool:
        return _same(self)


class LinkForm(AccountForm):
    """A one-time link's: the first administrator also chooses a name."""

    name = StringField(
        _l("Your name"),
        description=_l("You sign in with it. It stands beside what you do, for other users to see."),
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = _new_password(_l("Password"))
    repeated = PasswordField(_l("Password, once more"), render_kw={"autocomplete": "new-password"})

    def same(self) -> bool:
        return _same(self)


class UserForm(AccountForm):
    name = StringField(
        _l("Name"),
        description=_l("They sign in with it. It stands beside what they do."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    role = SelectField(
        _l("Role"),
        choices=[
            SelectChoice(role, _l("%(role)s: %(meaning)s", role=name, meaning=ROLE_MEANINGS[role]))
            for role, name in ROLE_NAMES.items()
        ],
        default=SENDER,
        validate_choice=False,
    )


class CountryForm(AccountForm):
    default_country = StringField(
        _l("Country"),
        description=_l(
            "Its name or its calling code: Germany, DE, 49 and +49 all mean the same. Numbers written "
            "without a country code are read as numbers of this country; a gateway may have another one."
        ),
        render_kw={"list": "countries", "autocomplete": "off", "spellcheck": "false"},
    )


class TimeZoneForm(AccountForm):
    time_zone = StringField(
        _l("Time zone"),
        description=_l("Such as Europe/Berlin: where days and months begin for the limits of applications."),
        render_kw={"list": "time_zones", "autocomplete": "off", "spellcheck": "false"},
    )


def _same(form: PasswordForm | LinkForm) -> bool:
    if form.password.data == form.repeated.data:
        return True
    form.add([Problem("password_not_repeated", "repeated")])
    return False
