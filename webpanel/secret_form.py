"""The part of the gateway's form that never shows what it holds: its secrets.

A room of its own beside ``forms``: these fields are as many as the gateway has secrets, they are
written and never read back, and what was typed travels encrypted when the form comes back.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webpanel import words
from webpanel.gateway_secrets import SecretChanges
from webpanel.vault import Unreadable, Vault
from webpanel.wire.gateway import AUTH_SECRETS
from webpanel.wire.problem import Problem
from webpanel.wire.template import SECRET_NAME

#: Seconds for which typed secrets are carried on: as long as a page is likely to stay open.
CARRIED_SECONDS = 12 * 3600

#: Characters of a secret (a private key is shorter), and secrets of one gateway: each is looked for in
#: every reply.
LONGEST, MOST = 8192, 50

#: The authentication helper's secrets -> the label of their field.
AUTH_LABELS = {
    "auth_username": _l("User name"),
    "auth_password": _l("Password"),
    "auth_token": _l("Token"),
    "auth_key": _l("Key"),
    "auth_secret": _l("Secret"),
}

_VALUE, _REMOVE = "secret-", "remove-"


@dataclass(frozen=True)
class Row:
    """One secret as the page shows it."""

    name: str
    label: str
    #: A value is stored.
    stored: bool
    #: A value was typed and came back unsaved.
    carried: bool
    removed: bool
    errors: tuple[str, ...]

    @property
    def value_field(self) -> str:
        return _VALUE + self.name

    @property
    def remove_field(self) -> str:
        return _REMOVE + self.name


class SecretForm:
    """What a form does to a gateway's secrets. ``stored``: the names that have a value already."""

    def __init__(self, stored: Collection[str] = ()) -> None:
        self.stored = frozenset(stored)
        self.typed: dict[str, str] = {}
        self._carried: dict[str, str] = {}
        #: The names that have a field on the page and no value, stored or typed.
        self.blank: frozenset[str] = frozenset()
        self.removed: frozenset[str] = frozenset()
        self.new_name = ""
        self.errors: dict[str, list[str]] = {}
        self.new_errors: list[str] = []

    @classmethod
    def read(
        cls, form: Mapping[str, str], stored: Collection[str], vault: Vault, purpose: str
    ) -> "SecretForm":
        """Read a sent form. ``purpose`` binds what is carried on to one user and one gateway.

        A blank field keeps what is there: the value carried on from before, or the stored one.
        """
        self = cls(stored)
        try:
            self.typed = vault.unseal(form["carried_secrets"], purpose, CARRIED_SECONDS)
        except (KeyError, Unreadable):
            self.typed = {}
        self._carried = dict(self.typed)
        for key, value in form.items():
            if key.startswith(_VALUE) and value and SECRET_NAME.fullmatch(key.removeprefix(_VALUE)):
                self.typed[key.removeprefix(_VALUE)] = value
        self.removed = frozenset(
            key.removeprefix(_REMOVE) for key in form if key.startswith(_REMOVE) and form[key]
        )
        for name in self.removed:
            self.typed.pop(name, None)
        shown = set(islice((key.removeprefix(_VALUE) for key in form if key.startswith(_VALUE)), MOST))
        self.blank = frozenset(name for name in shown - self.removed if SECRET_NAME.fullmatch(name))
        self.blank -= {*self.stored, *self.typed, *AUTH_LABELS}
        self._read_new(form.get("new_secret_name", "").strip(), form.get("new_secret_value", ""))
        self._bound()
        return self

    def _bound(self) -> None:
        """Drop what is more than a gateway needs, and say so."""
        long = [name for name, value in self.typed.items() if len(value) > LONGEST]
        for name in long:
            del self.typed[name]
            said = _("%(name)s is too long: at most %(most)s characters are kept.", name=name, most=LONGEST)
            self.new_errors.append(said)
        if len(self.typed.keys() | self.stored) > MOST:
            self.new_errors.append(words.sentence("secrets_too_many", {"most": MOST}))
            self.typed = dict(islice(self.typed.items(), MOST))

    def _read_new(self, name: str, value: str) -> None:
        self.new_name = name
        if not name and not value:
            return
        if not SECRET_NAME.fullmatch(name):
            self.new_errors.append(
                _("Name the secret with letters, digits, hyphens and underscores, such as api_key.")
            )
        elif name in AUTH_LABELS:
            self.new_errors.append(_("This name belongs to the authentication fields; choose another one."))
        elif not value:
            self.new_errors.append(_("Type the secret's value as well."))
        else:
            self.typed[name] = value
            self.removed -= {name}
            self.new_name = ""

    def ask_for_lost(self, auth_names: Collection[str]) -> None:
        """Say beside each field that has no value, of ``auth_names`` as well, that its secret is gone."""
        for name in sorted({*self.blank, *auth_names} - set(self.typed)):
            said = _("It was deleted with the gateway. Type it again if it is still needed.")
            self.errors.setdefault(name, []).append(said)

    def bring(self, values: Mapping[str, str], asked: Iterable[str] = ()) -> None:
        """Count ``values`` as typed, and show a field for each of ``asked``; not more than a gateway has."""
        self.typed.update(values)
        self.blank = frozenset(islice(asked, MOST)) - {*self.stored, *AUTH_LABELS}
        self._bound()

    def take(self, values: Mapping[str, str]) -> None:
        """Count ``values`` as typed."""
        self.typed.update(values)
        self.removed -= set(values)

    def changes(self) -> SecretChanges:
        return SecretChanges(dict(self.typed), self.removed)

    def names(self) -> set[str]:
        """What ``{{secret.NAME}}`` may name once this is saved."""
        return (self.stored - self.removed) | set(self.typed)

    def forget_typed(self) -> None:
        """Count only what was carried on: the fields that hold the rest stay in the browser."""
        self.typed = {name: value for name, value in self._carried.items() if name not in self.removed}

    @property
    def changed(self) -> bool:
        return bool(self.typed or self.removed & self.stored)

    @property
    def problematic(self) -> bool:
        return bool(self.errors or self.new_errors)

    @property
    def auth_errors(self) -> bool:
        return bool(self.errors.keys() & AUTH_LABELS.keys())

    def add(self, problems: Iterable[Problem]) -> list[Problem]:
        """Put the problems of secrets (field ``secret.NAME``) beside them; returns the others."""
        others = []
        for problem in problems:
            name = problem.field.removeprefix("secret.")
            if name == problem.field or name not in self._shown():
                others.append(problem)
            else:
                self.errors.setdefault(name, []).append(words.sentence(problem.code, problem.values))
        return others

    def sealed(self, vault: Vault, purpose: str) -> str:
        """What was typed, encrypted for a hidden field; blank when nothing was."""
        return vault.seal(self.typed, purpose) if self.typed else ""

    def auth_rows(self) -> list[Row]:
        """The authentication helper's secrets, all of them: which are visible is the template's choice."""
        return [self._row(name, str(label)) for name, label in AUTH_LABELS.items()]

    def named_rows(self) -> list[Row]:
        return [self._row(name, name) for name in sorted(self._named())]

    def _named(self) -> set[str]:
        return {*self.stored, *self.typed, *self.blank} - set(AUTH_LABELS)

    def _shown(self) -> set[str]:
        return {*self.stored, *self.typed, *self.blank, *AUTH_LABELS}

    def _row(self, name: str, label: str) -> Row:
        return Row(
            name=name,
            label=label,
            stored=name in self.stored,
            carried=name in self.typed,
            removed=name in self.removed,
            errors=tuple(self.errors.get(name, ())),
        )


def missing_auth(kind: str, names: Collection[str]) -> list[Problem]:
    """The authentication helper's secrets that have no value."""
    asked = AUTH_SECRETS.get(kind, ())
    return [Problem("secret_missing", f"secret.{name}") for name in asked if name not in names]
