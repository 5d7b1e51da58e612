"""A provider's later word about messages: from one request of its to the reports that it carries.

A room of its own beside ``verdict``: that one judges a reply to our request, this one reads a request
that the provider made by itself. Nothing here raises for what such a request holds.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

from webpanel.wire import expression, pairs
from webpanel.wire.body import NotJson, decode, number_text, parse_json
from webpanel.wire.expression import is_number
from webpanel.wire.gateway import Gateway
from webpanel.wire.rules import MAX_MESSAGE_ID

Meaning = Literal["delivered", "undelivered", "under way", "ignore"]

#: As an administrator writes them in the table of words.
MEANINGS: tuple[Meaning, ...] = ("delivered", "undelivered", "under way", "ignore")

#: Reports that one request may carry; WhatsApp's, which carries most, has a thousand at most.
MOST_REPORTS = 1000
#: Characters of a provider's word that are kept.
LONGEST_WORD = 100
#: Fields of a form or a query that are read.
MOST_FIELDS = 1000

_FORM = "application/x-www-form-urlencoded"
#: A rule that goes into each member of a list, and then by plain names only.
_OF_EACH = re.compile(
    r'(?P<list>.*(?:\[\]|\[\*\]))(?P<name>(?:\.(?:[A-Za-z_][A-Za-z0-9_]*|"[^"\\]+"))+)', re.DOTALL
)


@dataclass(frozen=True)
class Incoming:
    """A request as the provider made it; ``message_id`` is what stood in its address, or a blank."""

    query: str = ""
    body: bytes = b""
    content_type: str = ""
    message_id: str = ""

    @functools.cached_property
    def form(self) -> tuple[tuple[str, str], ...]:
        """Names and values of the form; none of a body that is no form."""
        return _parsed(self.body.decode("utf-8", "replace")) if self._is_form else ()

    @functools.cached_property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Those of the form, then those of the query."""
        return (*self.form, *_parsed(self.query))

    @functools.cached_property
    def value(self) -> Any:
        """The JSON value of the body, or the NotJson that says why there is none."""
        try:
            return parse_json(decode(self.body, self.content_type))
        except NotJson as error:
            return error

    @property
    def _is_form(self) -> bool:
        return self.content_type.partition(";")[0].strip().lower() == _FORM


@dataclass(frozen=True)
class Told:
    """One report: of which message (the provider's id or ours), and its word. ``meaning`` None: unknown."""

    id: str
    word: str
    meaning: Meaning | None


@dataclass(frozen=True)
class Reading:
    """What a request says. ``trouble`` is the code of why nothing, or not all, could be read."""

    told: tuple[Told, ...] = ()
    trouble: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def is_mapped(gateway: Gateway) -> bool:
    """Whether the gateway knows where a report's id and word are, so that reports may be expected."""
    return gateway.report_id_kind != "blank" and gateway.report_status_kind != "blank"


def url_for(gateway: Gateway, address: str, message_id: str) -> str:
    """What fills ``{{report_url}}`` of a message; blank without an ``address`` of its gateway's."""
    return f"{address}/{message_id}" if address and gateway.report_id_kind == "address" else address


def read(gateway: Gateway, incoming: Incoming) -> Reading:
    """The reports in ``incoming`` by the gateway's settings; each once, in their order."""
    if not is_mapped(gateway):
        return Reading(trouble="report_unmapped")
    try:
        found = _both(gateway, incoming)
    except _Unread as unread:
        return Reading(trouble=unread.code, values=unread.values)
    meanings = words(gateway.report_words)
    whole = [(_short(id_, MAX_MESSAGE_ID), _short(word, LONGEST_WORD)) for id_, word in found]
    told = tuple(
        Told(id_, word, meanings.get(word.casefold())) for id_, word in dict.fromkeys(whole) if id_ and word
    )
    if len(told) > MOST_REPORTS:
        return Reading(told[:MOST_REPORTS], "report_too_many", {"most": MOST_REPORTS})
    return Reading(told) if told else Reading(trouble="report_nothing_found")


def words(text: str) -> dict[str, Meaning]:
    """The table of a gateway: word, in small letters, -> meaning. Lines that cannot be read are left out."""
    found = pairs.readable(text, "report_words", "=")[0]
    return {pair.key.casefold(): pair.value for pair in found if pair.value in MEANINGS}  # type: ignore[misc]


class _Unread(Exception):  # noqa: N818 - what happened, not an error of the program
    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def _both(gateway: Gateway, incoming: Incoming) -> list[tuple[str, str]]:
    """Id and word of each report, blank where there is none."""
    if gateway.report_id_kind == gateway.report_status_kind == "jmespath":
        ids, told = (
            _OF_EACH.fullmatch(rule.strip()) for rule in (gateway.report_id_rule, gateway.report_status_rule)
        )
        if ids and told and ids["list"] == told["list"]:
            # Asked of each member by itself: one that lacks its id must not lend its word to the next.
            members = _searched(ids["list"], incoming.value)
            return [
                (_text(_searched(ids["name"][1:], member)), _text(_searched(told["name"][1:], member)))
                for member in (members[: MOST_REPORTS + 1] if isinstance(members, list) else [])
            ]
    return _paired(
        _ids(gateway, incoming), _found(gateway.report_status_kind, gateway.report_status_rule, incoming)
    )


def _paired(ids: list[str], told: list[str]) -> list[tuple[str, str]]:
    if len(ids) == 1:
        return [(ids[0], word) for word in told]
    if len(told) == 1:
        return [(each, told[0]) for each in ids]
    if len(ids) != len(told):
        raise _Unread("report_lists_differ", ids=len(ids), words=len(told))
    return list(zip(ids, told, strict=True))


def _ids(gateway: Gateway, incoming: Incoming) -> list[str]:
    if gateway.report_id_kind == "address":
        return [incoming.message_id] if incoming.message_id else []
    return _found(gateway.report_id_kind, gateway.report_id_rule, incoming)


def _found(kind: str, rule: str, incoming: Incoming) -> list[str]:
    """The texts to which a rule leads."""
    if kind == "jmespath":
        value = _searched(rule, incoming.value)
    else:
        value = [text for name, text in incoming.fields if name == rule.strip()]
        if not value and isinstance(incoming.value, dict):
            # The same provider may be told to send its fields as JSON.
            value = incoming.value.get(rule.strip())
    # One more than are taken, so that the others are told to be left out.
    return [_text(each) for each in (value[: MOST_REPORTS + 1] if isinstance(value, list) else [value])]


def _searched(rule: str, value: Any) -> Any:
    if isinstance(value, NotJson):
        raise _Unread(f"report_{value.code.removeprefix('reply_')}")
    try:
        return expression.search(rule, value)
    except expression.RAISED as error:
        said = (str(error).splitlines() or [""])[0][:200]
        raise _Unread("report_raised", error=said) from error


def _text(value: Any) -> str:
    """A text or a number as it was written; blank for everything else."""
    if is_number(value):
        return number_text(value)
    return value if isinstance(value, str) else ""


def _short(text: str, longest: int) -> str:
    """At most ``longest`` characters of one line; what does not print becomes U+FFFD."""
    line = " ".join(text[: 2 * longest].split())[:longest]
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)


def _parsed(text: str) -> tuple[tuple[str, str], ...]:
    """The pairs of a query or form; none of one that has more than anybody reads."""
    try:
        return tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace"))
    except ValueError:
        return ()
