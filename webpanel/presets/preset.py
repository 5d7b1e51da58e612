"""What one provider's file says, as plain values; the attributes have the names of the file's keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from webpanel.wire.gateway import Gateway, NumberFormat

QuestionKind = Literal["text", "url", "label", "choice"]
Evidence = Literal["W", "S", "D", "X", "M"]

QUESTION_KINDS: tuple[QuestionKind, ...] = ("text", "url", "label", "choice")
EVIDENCE: tuple[Evidence, ...] = ("W", "S", "D", "X", "M")
#: The prefix of the placeholders that answers fill, once, when the gateway is made.
ASK = "ask."


@dataclass(frozen=True)
class Question:
    """One thing that only the institution knows. Texts are in the file's own language.

    ``kind``: ``text`` on one line; ``url`` the provider's base address, scheme included; ``label`` letters,
    digits, ``.``, ``-`` and ``_``; ``choice`` one of ``choices``. A ``secret`` one fills secrets only.
    """

    id: str
    label: str
    help: str = ""
    #: Where in the provider's own pages the value is found.
    where: str = ""
    secret: bool = False
    kind: QuestionKind = "text"
    #: Value and what is shown for it.
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    optional: bool = False
    #: Of an optional one, questions and answers: with all of these it must be answered, else it is ignored.
    only_with: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ExampleReply:
    """What the provider answers, and what the preset's rules must make of it."""

    means: Literal["accepted", "failed"]
    title: str
    status: int = 200
    content_type: str = "application/json"
    body: str = ""
    #: The id that the rules must find; of accepted ones.
    message_id: str = ""
    #: The provider's own words that must be shown; of failed ones.
    reason: str = ""


@dataclass(frozen=True)
class Preset:
    """A provider's file. ``settings`` and ``secrets`` are templates with ``{{ask.ID}}`` in them."""

    id: str
    name: str
    checked: date
    settings: Gateway
    #: Address of the provider's own page; blank where the documentation lies in each installation.
    documentation: str = ""
    keywords: tuple[str, ...] = ()
    #: W on the wire, S specification or source, D documentation, X others' code, M remembered.
    evidence: tuple[Evidence, ...] = ()
    #: False when a rule rests on X or M alone.
    verified: bool = False
    #: Whether the provider is known to answer 2xx for what it refused.
    errors_in_2xx: bool = False
    #: The number formats that the provider takes; none named means any.
    number_formats: tuple[NumberFormat, ...] = ()
    notes: tuple[str, ...] = ()
    #: Where in the provider's own pages the gateway's address for delivery reports is pasted.
    reports_where: str = ""
    #: Host names, with all below them, that are this provider's.
    hosts: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    replies: tuple[ExampleReply, ...] = ()
    #: Whether the file is the institution's own.
    own: bool = False

    def question(self, name: str) -> Question:
        """Raises KeyError when it is not asked."""
        return {question.id: question for question in self.questions}[name]

    @property
    def secret_templates(self) -> Mapping[str, str]:
        return dict(self.secrets)
