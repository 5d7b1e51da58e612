"""Checks one message after the other, and makes the row of each that can be sent."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from webpanel import callbacks
from webpanel.application_terms import LONGEST_SENDER, PRIORITIES, Terms
from webpanel.callbacks import Tell
from webpanel.intake.asking import Caller, Place, Wanted
from webpanel.intake.ids import new_id
from webpanel.routing import Choice, Routes
from webpanel.store import now
from webpanel.vault import Vault
from webpanel.wire import destinations, text
from webpanel.wire.callback_address import Address
from webpanel.wire.compose import UNSENT, Values, arrives_anywhere, compose
from webpanel.wire.problem import Problem, Refused

#: How far ahead a message may be scheduled.
LONGEST_AHEAD = timedelta(days=366)
#: Of an urgent message for which nobody said another: a login code is of no use any later.
URGENT_LIFETIME = timedelta(minutes=10)
#: Senders of a gateway that are remembered; callers may name any.
_MOST_COMPOSED = 1000
#: A person's: whoever may sign in is held to no limit.
_NO_TERMS = Terms(per_minute=0, parts_per_day=0, parts_per_month=0, per_recipient_hour=0, most_parts=0)


@dataclass(frozen=True)
class Draft:
    """A message that was checked and can be stored: all of its ``row`` but the times.

    ``choice`` is what its first step says of the gateway. ``due`` is None for at once; ``lifetime`` counts
    from then.
    """

    place: int
    row: dict[str, Any]
    choice: dict[str, Any]
    due: datetime | None
    lifetime: timedelta
    #: Of whom to tell what becomes of it: a row without the message's times.
    target: dict[str, Any] | None = None
    #: As ``Wanted.resent_state``.
    resent_state: str | None = None


@dataclass(frozen=True)
class Waiting:
    """What of a stored message goes into a request; a blank ``sender`` stands for the gateway's own."""

    id: str
    recipient: str
    text: str
    sender: str


class Clerk:
    """Checks the messages of one request, one by one, against what stands now."""

    def __init__(self, connection: Connection, vault: Vault, caller: Caller, place: Place) -> None:
        self._connection, self._vault, self._caller, self._place = connection, vault, caller, place
        self._terms = _NO_TERMS if caller.grant is None else caller.grant.terms
        self._countries = destinations.read(self._terms.countries)
        self._routes = Routes(
            connection,
            vault,
            allowed=self._terms.gateways,
            region=self._terms.country,
            panel_region=place.country,
        )
        self._texts: dict[str, tuple[str, text.Measure]] = {}
        self._composed: set[tuple[Any, ...]] = set()
        self._choices: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._addresses: dict[Tell, Address] = {}

    def draft(self, number: int, wanted: Wanted) -> Draft:
        """Raises Refused with every problem that can be told at once."""
        problems: list[Problem] = []
        choice = measured = address = None
        try:
            choice = self._routes.choose(wanted.to, wanted.gateway, self._terms.gateway_id)
        except Refused as refused:
            problems.extend(refused.problems)
        try:
            measured = self._text(wanted.text)
        except Refused as refused:
            problems.extend(refused.problems)
        try:
            address = self._address(wanted.tell)
        except Refused as refused:
            problems.extend(refused.problems)
        if wanted.sender and (len(wanted.sender) > LONGEST_SENDER or not wanted.sender.isprintable()):
            problems.append(Problem("sender_unusable", "sender", values={"longest": LONGEST_SENDER}))
        due = wanted.send_at if wanted.send_at is not None and wanted.send_at > self._present else None
        if due is not None and due - self._present > LONGEST_AHEAD:
            problems.append(Problem("send_at_too_far", "send_at", values={"days": LONGEST_AHEAD.days}))
        if choice is not None and self._countries.match(choice.number) is None:
            problems.append(Problem("country_not_allowed", "recipient"))
        if problems or choice is None or measured is None:
            raise Refused(*problems)
        message_id = new_id()
        sender = wanted.sender or self._terms.sender or choice.route.settings.sender
        self._compose(choice, measured[0], sender, message_id)
        row = self._row(wanted, choice, measured, message_id, sender)
        target = wanted.tell and address and callbacks.target(self._vault, wanted.tell, address, row)
        lifetime = self._lifetime(wanted, row["priority"])
        return Draft(number, row, self._choice(choice), due, lifetime, target or None, wanted.resent_state)

    def fit(self, message: Waiting, gateway_id: int) -> str:
        """The sender with which another gateway can send a message that was accepted before.

        Raises Refused (fields ``gateway``, ``recipient``, ``text``, ``sender``) where it cannot.
        """
        choice = self._routes.choose(message.recipient, gateway_id, None)
        sender = message.sender or choice.route.settings.sender
        self._compose(choice, message.text, sender, message.id)
        return sender

    def _lifetime(self, wanted: Wanted, priority: int) -> timedelta:
        if valid_for := wanted.valid_for or self._terms.valid_for:
            return timedelta(seconds=valid_for)
        return URGENT_LIFETIME if PRIORITIES[priority] == "urgent" else self._place.lifetime

    def _address(self, tell: Tell | None) -> Address | None:
        if tell is None:
            return None
        if tell not in self._addresses:
            self._addresses[tell] = tell.address()
        return self._addresses[tell]

    @cached_property
    def _present(self) -> datetime:
        return now(self._connection)

    def _text(self, typed: str) -> tuple[str, text.Measure]:
        if typed not in self._texts:
            cleaned = text.clean(typed)
            measure = text.measure(cleaned)
            most = self._terms.most_parts
            if most and measure.parts > most:
                values = {"parts": measure.parts, "most": most}
                raise Refused(Problem("text_too_many_parts", "text", values=values))
            self._texts[typed] = cleaned, measure
        return self._texts[typed]

    def _choice(self, choice: Choice) -> dict[str, Any]:
        """One object for all messages of which it says the same, so that it is written out once."""
        why = choice.why
        key = (choice.route.gateway_id, why.code, *why.values.values())
        if key not in self._choices:
            said: dict[str, Any] = {"gateway": choice.route.settings.name}
            if self._caller.grant is not None:
                said["reason"] = {"code": why.code, "values": why.values}
            self._choices[key] = said
        return self._choices[key]

    def _compose(self, choice: Choice, cleaned: str, sender: str, message_id: str) -> None:
        """Refuse now what the gateway could not put into its request later.

        Numbers of one kind are composed alike, so once is enough for a text and its many recipients, and
        for all texts that arrive anywhere.
        """
        if arrives_anywhere(cleaned):
            known, key = choice.route.composed, (choice.number.kind, sender)
        else:
            known, key = self._composed, (choice.route.gateway_id, choice.number.kind, sender, cleaned)
        if key not in known:
            _composed(choice, cleaned, sender, message_id)
            if len(known) >= _MOST_COMPOSED:
                known.clear()
            known.add(key)

    def _row(
        self, wanted: Wanted, choice: Choice, measured: tuple[str, text.Measure], message_id: str, sender: str
    ) -> dict[str, Any]:
        cleaned, measure = measured
        terms, grant = self._terms, self._caller.grant
        sensitive = terms.sensitive if wanted.sensitive is None else wanted.sensitive
        return {
            "id": message_id,
            "gateway_id": choice.route.gateway_id,
            "gateway_name": choice.route.settings.name,
            "created_by": self._caller.actor,
            "source": self._caller.source,
            "application_id": None if grant is None else grant.application_id,
            "reference": wanted.reference,
            "resent_from": wanted.resent_from,
            "once": wanted.once,
            "recipient": choice.number.value,
            "text": None if sensitive else cleaned,
            "sensitive": sensitive,
            "sealed_text": self._vault.encrypt(cleaned) if sensitive and not terms.test_state else None,
            "sender": sender,
            "encoding": measure.encoding,
            "parts": measure.parts,
            "country": choice.number.region,
            "priority": terms.priority if wanted.priority is None else wanted.priority,
            "on_ambiguous": wanted.on_ambiguous,
            "test": bool(terms.test_state),
            "test_settings": None,
            "lease_token": None,
            "lease_until": None,
            "attempt_count": 0,
            "possible_duplicate": False,
            "provider_message_id": None,
        }


def _composed(choice: Choice, cleaned: str, sender: str, message_id: str) -> None:
    values = Values(
        recipient=choice.number,
        message=cleaned,
        message_id=message_id,
        fresh=UNSENT,
        sender=sender,
        secrets=choice.route.secrets,
    )
    try:
        compose(choice.route.settings, values, user_agent="webpanel")
    except Refused as refused:
        raise Refused(
            *(replace(problem, field=_field(problem.field)) for problem in refused.problems)
        ) from None


def _field(composed: str) -> str:
    """Where a person can do something about what compose names."""
    return {"message": "text", "recipient": "recipient", "sender": "sender"}.get(composed, "gateway")
