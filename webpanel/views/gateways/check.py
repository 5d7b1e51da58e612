"""The check before saving: what stands in the form, judged, advised on and worded for its card."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from wtforms import TextAreaField

from webpanel import gateway_secrets, replies, words
from webpanel.forms import worded
from webpanel.models import Gateway, KeptReply, db
from webpanel.secret_form import AUTH_LABELS, LONGEST
from webpanel.services import services
from webpanel.views.gateways.add import catalogue
from webpanel.views.gateways.draft import Draft
from webpanel.wire import advice, lint, mending
from webpanel.wire.advice import Known
from webpanel.wire.gateway import Gateway as Settings
from webpanel.wire.mending import Mended
from webpanel.wire.problem import Problem

#: So many of what is found are shown, and can be mended; the rest is counted.
MOST_SHOWN = 20
#: Of settings longer than so many characters, so few have a button: each mend is tried beforehand.
LONG, MOST_BUTTONS = 20_000, 3
#: Characters of a kept reply in which a success text is looked for.
LONGEST_REPLY = 65_536
#: How many of the last replies are looked at.
LAST_REPLIES = 20
_SUCCESSFUL = range(200, 300)
#: Tells that a save was tried, so that what is not there yet is an error.
TRIED = "check_all"

_NAME_MISSING = Problem("gateway_name_missing", "name")


@dataclass(frozen=True)
class Item:
    """One thing found: ``id`` and ``label`` are the field's; ``mend`` is its button's label, or blank."""

    id: str
    label: str
    said: str
    is_error: bool
    mend: str = ""
    #: Names the problem when its button is pressed.
    key: str = ""


class Check:
    """What is to be said of a draft. Looked up and judged when a page first asks for it."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    @property
    def url(self) -> str:
        return url_for(".check", gateway_id=self._gateway_id)

    @property
    def mend_url(self) -> str:
        return url_for(".mend", gateway_id=self._gateway_id)

    @property
    def _gateway_id(self) -> int | None:
        return self.draft.gateway.id if self.draft.gateway else None

    @cached_property
    def tried(self) -> bool:
        """Whether a save of this form was tried already."""
        refused = self.draft.form.problematic or self.draft.secrets.problematic
        asked = request.method == "POST" and bool(request.form.get(TRIED))
        return refused or asked or self.draft.is_proposed

    @cached_property
    def is_blank(self) -> bool:
        """Whether nothing was typed yet that could be judged."""
        return self.draft.gateway is None and not self.tried and self._settings == Settings()

    @cached_property
    def errors(self) -> tuple[Item, ...]:
        return tuple(self._item(problem, is_error=True) for problem in self._errors[:MOST_SHOWN])

    @cached_property
    def advice(self) -> tuple[Item, ...]:
        left = MOST_SHOWN - len(self.errors)
        return tuple(self._item(problem, is_error=False) for problem in self._advice[:left])

    @property
    def more(self) -> int:
        """How many are not shown."""
        return len(self._errors) + len(self._advice) - len(self.errors) - len(self.advice)

    @property
    def counted(self) -> str:
        """All of it in one short sentence."""
        errors, pieces = len(self._errors), len(self._advice)
        said = []
        if errors:
            said.append(ngettext("One thing must be mended.", "%(num)d things must be mended.", errors))
        if pieces:
            said.append(
                ngettext(
                    "One thing can be saved, and is worth a look.",
                    "%(num)d things can be saved, and are worth a look.",
                    pieces,
                )
            )
        if not said and self._is_unfinished:
            return _("Nothing wrong so far; something is still missing.")
        return " ".join(said) or _("Nothing found.")

    def mended(self, key: str) -> bool:
        """Mend the problem that ``key`` names in the draft; False when it is not there any more."""
        named = next((each for each in (*self._errors, *self._advice) if _key(each) == key), None)
        done = named and self._mended(named)
        if not done:
            return False
        for name, before in vars(self._settings).items():
            after = getattr(done.gateway, name)
            if after != before:
                self.draft.form[name].data = after
        self.draft.secrets.take(done.secrets)
        return True

    @cached_property
    def _settings(self) -> Settings:
        return self.draft.form.settings()

    @cached_property
    def _names(self) -> set[str]:
        return self.draft.secrets.names() | self.draft.secrets.blank

    @cached_property
    def _known(self) -> Known:
        return known(self._settings, self.draft.gateway)

    @cached_property
    def _linted(self) -> tuple[Problem, ...]:
        return lint.check(self._settings, self._names) or lint.unplaced(self._settings)

    @cached_property
    def _found(self) -> tuple[Problem, ...]:
        return (*self._without_wire(), *self._linted)

    @cached_property
    def _errors(self) -> tuple[Problem, ...]:
        if self.draft.gateway or self.tried:
            return self._found
        # What is not there yet is no error before somebody wants to save it.
        return tuple(problem for problem in self._found if self._is_begun(problem.field))

    @property
    def _is_unfinished(self) -> bool:
        return len(self._errors) < len(self._found)

    def _without_wire(self) -> Iterator[Problem]:
        """What a save asks for beside the request."""
        if not self._settings.name:
            yield _NAME_MISSING
        yield from self.draft.missing
        for name in self.draft.asked_again:
            yield Problem("secret_asked_again", f"secret.{name}")

    def _is_begun(self, field: str) -> bool:
        value = getattr(self._settings, field, "")
        return bool(value.strip()) if isinstance(value, str) else True

    @cached_property
    def _advice(self) -> tuple[Problem, ...]:
        return advice.advise(self._settings, self._names, self._known)

    def _mended(self, problem: Problem) -> Mended | None:
        done = mending.mend(self._settings, problem, self._names, self._known, errors=self._linted)
        if done is None or self._loses_secrets(done):
            return None
        return done

    def _loses_secrets(self, done: Mended) -> bool:
        """Whether a secret would have to be typed again, or is too long to be kept as one."""
        if any(len(value) > LONGEST for value in done.secrets.values()):
            return True
        gateway, secrets = self.draft.gateway, self.draft.secrets
        if gateway is None or gateway_secrets.origin(done.gateway.url) is None:
            return False
        again = gateway_secrets.asked_again(gateway.url, secrets.stored, done.gateway, secrets.changes())
        return not set(again) <= set(self.draft.asked_again)

    def _may_have_button(self, problem: Problem) -> bool:
        length = sum(len(each) for each in vars(self._settings).values() if isinstance(each, str))
        return length <= LONG or problem in (*self._errors, *self._advice)[:MOST_BUTTONS]

    def _item(self, problem: Problem, *, is_error: bool) -> Item:
        mended = self._mended(problem) if self._may_have_button(problem) else None
        name = problem.field.removeprefix("secret.")
        item = Item(
            id=f"secret-{name}" if name != problem.field else "",
            label=str(AUTH_LABELS.get(name, name)),
            said=words.sentence(problem.code, problem.values),
            is_error=is_error,
            mend=words.sentence(mended.how, mended.values) if mended else "",
            key=_key(problem),
        )
        if problem.field not in self.draft.form:
            return item
        field = self.draft.form[problem.field]
        said = worded(problem, in_lines=isinstance(field, TextAreaField))
        return replace(item, id=field.id, label=str(field.label.text), said=said)


def known(settings: Settings, gateway: Gateway | None) -> Known:
    """What the panel knows of the provider that is asked: from its file, and from what it answered."""
    preset = catalogue().for_gateway(settings)
    # By its id: a trial closes the session in which the gateway was read.
    kept = (
        db.session.scalars(select(KeptReply).where(KeptReply.gateway_id == gateway.id)).all()
        if gateway
        else []
    )
    examples = preset.replies if preset else ()
    return Known(
        provider=preset.name if preset else "",
        errors_in_2xx=bool(preset and preset.errors_in_2xx),
        number_formats=preset.number_formats if preset else (),
        failed=(
            *(_text(each.body) for each in kept if each.means == "failed"),
            *(each.body for each in examples if each.means == "failed" and each.status in _SUCCESSFUL),
        ),
        replies=(
            *(_text(each.body) for each in kept if each.means != "failed"),
            *_last_replies(settings, gateway),
        ),
        has_address=bool(services().config.url),
    )


def _last_replies(settings: Settings, gateway: Gateway | None) -> Iterator[str]:
    """What the provider answered last, where that tells anything."""
    if gateway and advice.is_short(settings):
        for _message_id, reply in replies.last_real(db.session, gateway.id, LAST_REPLIES):
            yield _text(reply.body)


def _text(body: bytes) -> str:
    return body[:LONGEST_REPLY].decode("utf-8", "replace")


def _key(problem: Problem) -> str:
    """Names a problem among those of one form."""
    return f"{problem.code} {problem.field} {problem.line or 0} {problem.column or 0}"
