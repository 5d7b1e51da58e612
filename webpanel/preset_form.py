"""The few things that a provider's file asks for, as a form: the answers, and what is wrong beside each.

A room of its own beside ``forms``: these fields are what a data file says, secret ones among them, and
they become a gateway only when they are answered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webpanel import presets
from webpanel.forms import GatewayForm, worded
from webpanel.presets import Answered, Preset, Question
from webpanel.secret_form import SecretForm
from webpanel.vault import Vault
from webpanel.wire.problem import Problem

_ANSWER, _SECRET, _ASK = "answer-", "secret-", "ask."

#: Characters of an answer that is read; each asks for less, and says so.
LONGEST = 8192


@dataclass(frozen=True)
class Row:
    """One question as the page shows it; ``value`` is blank for a secret."""

    question: Question
    value: str
    #: A secret that was typed and came back unsaved.
    carried: bool
    errors: tuple[str, ...]

    @property
    def id(self) -> str:
        return (_SECRET if self.question.secret else _ANSWER) + self.question.id


class PresetForm:
    """A provider's page's form. ``fields`` holds the gateway's name and the two of a trial."""

    def __init__(
        self, preset: Preset, fields: GatewayForm, answers: Mapping[str, str], secrets: SecretForm
    ) -> None:
        self.preset, self.fields, self.secrets = preset, fields, secrets
        self._answers = dict(answers)
        self._errors: dict[str, list[str]] = {}

    @classmethod
    def shown(cls, preset: Preset, name: str) -> "PresetForm":
        """As the page first shows it, the gateway called ``name``."""
        answers = {each.id: each.default for each in preset.questions if not each.secret}
        return cls(preset, GatewayForm(formdata=None, data={"name": name}), answers, SecretForm())

    @classmethod
    def sent(cls, preset: Preset, form: Mapping[str, str], vault: Vault, purpose: str) -> "PresetForm":
        """As the present request brings it. ``purpose`` binds the secrets carried on to one person's page."""
        answers = {
            each.id: form.get(_ANSWER + each.id, "").strip()[:LONGEST]
            for each in preset.questions
            if not each.secret
        }
        return cls(preset, GatewayForm(), answers, SecretForm.read(form, (), vault, purpose))

    def answered(self, *, reports: bool) -> Answered:
        """The gateway that the answers make, as :func:`webpanel.presets.answered` with ``reports`` does.

        Raises Refused (``ask.ID``, ``name``).
        """
        asked = {each.id for each in self.preset.questions if each.secret}
        secrets = {name: value for name, value in self.secrets.typed.items() if name in asked}
        return presets.answered(
            self.preset, {**self._answers, **secrets}, self.fields.name.data or "", reports=reports
        )

    def add(self, problems: Iterable[Problem]) -> None:
        """Put each problem's sentence beside its question, or its field."""
        known = {each.id for each in self.preset.questions}
        others = []
        for problem in problems:
            asked = problem.field.removeprefix(_ASK)
            if problem.field.startswith(_ASK) and asked in known:
                self._errors.setdefault(asked, []).append(worded(problem, in_lines=False))
            else:
                others.append(problem)
        self.fields.add(others)

    @property
    def rows(self) -> list[Row]:
        return [
            Row(
                each,
                self._answers.get(each.id, ""),
                each.secret and each.id in self.secrets.typed,
                tuple(self._errors.get(each.id, ())),
            )
            for each in self.preset.questions
        ]
