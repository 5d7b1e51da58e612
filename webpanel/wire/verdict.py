"""What a provider's reply means for the message: (gateway settings, reply) -> verdict.

Sources: DESIGN sections 4 (classes, order of judgement) and 5 (rules).
"""

import functools
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from webpanel.wire import rules
from webpanel.wire.expression import as_text
from webpanel.wire.gateway import Gateway
from webpanel.wire.masking import mask
from webpanel.wire.rules import Body, Finding, Rule, check_rule

__all__ = ["Outcome", "Reply", "Verdict", "check_rule", "judge", "retry_after"]

Outcome = Literal["not_sent", "deferred", "accepted", "rejected", "gateway_fault", "ambiguous"]

#: Longest excerpt, rule or header in a verdict's values, in characters.
MAX_EXCERPT = 200
#: Longest wait that a provider can ask for, in seconds: a week is past every message's lifetime.
MAX_RETRY_AFTER = 7 * 24 * 3600

_GATEWAY_FAULTS = {
    301: "fault_moved",
    307: "fault_moved",
    308: "fault_moved",
    401: "fault_credentials",
    402: "fault_payment",
    403: "fault_credentials",
    404: "fault_address",
    405: "fault_method",
    415: "fault_format",
}
_DEFERRED = (429, 503)
# They say neither that the message was taken nor that the address is another for good.
_ELSEWHERE = (302, 303)
_REQUEST_TIMEOUT = 408
_WITH_ID = ("accepted", "rejected")
# How far into an excerpt the place that decided stands, in characters.
_LEAD = 60


@dataclass(frozen=True)
class Reply:
    """A provider's reply as read from the connection.

    ``complete``: the header block ended and the body ended by its length, its last chunk or, having
    neither, the provider's close; or that we stopped at our own limit, and ``cut`` tells that there
    was more. ``body`` is what was read, with transfer and content codings undone.
    Header names keep the provider's spelling.
    """

    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    complete: bool = True
    cut: bool = False

    def header(self, name: str) -> str:
        """The first header called ``name`` in any spelling, or a blank."""
        return next((value for key, value in self.headers if key.casefold() == name.casefold()), "")


@dataclass(frozen=True)
class Verdict:
    """A class of DESIGN section 4, and what decided: a code of ``webpanel.words`` with JSON-able values.

    ``values`` hold ``status`` and ``reason`` (the provider's words for it), ``excerpt`` (of the reply: what
    the reason's rule finds, otherwise where it decided) and, when a rule decided, ``kind`` and ``rule``.
    ``notes`` among them, where there are any, tell as code and values which other rules could not be
    applied.
    """

    outcome: Outcome
    code: str
    values: dict[str, Any] = field(default_factory=dict)
    #: The provider's own id: at most 200 characters, never blank.
    message_id: str | None = None


def judge(gateway: Gateway, reply: Reply, *, secrets: Iterable[str] = ()) -> Verdict:  # noqa: PLR0911 - DESIGN's order, a line each
    """The verdict on ``reply`` by the rules of ``gateway``; it never raises for what a reply holds.

    Rules see the reply as it came; what is quoted of it in the verdict is masked of ``secrets`` before
    it is shortened, so that no half of one stays.
    """
    case = _Case(gateway, reply, tuple(secrets))
    if not reply.complete:
        return case.decided("ambiguous", "ambiguous_incomplete")
    failure = case.applied("failure_rule", Rule(gateway.failure_kind, gateway.failure_rule))
    if failure and failure.holds:
        if gateway.failure_fault == "gateway":
            return case.decided("gateway_fault", "fault_failure_rule", failure)
        return case.decided("rejected", "rejected_failure_rule", failure)
    later = case.applied("later_rule", Rule(gateway.later_kind, gateway.later_rule))
    if later and later.holds:
        return case.decided("deferred", "deferred_later_rule", later)
    if not 200 <= reply.status <= 299:  # noqa: PLR2004 - not a 2xx
        # Such a status says "not accepted" whatever the rest of a long reply holds; a 2xx does not.
        return case.decided(*_by_status(reply))
    success = case.applied("success_rule", Rule(gateway.success_kind, gateway.success_rule))
    for finding in (failure, later, success):
        if finding and finding.holds is None:
            return case.decided("ambiguous", "ambiguous_cut", finding)
    if success is None:
        return case.decided("accepted", "accepted_status")
    if success.holds:
        return case.decided("accepted", "accepted_rule", success)
    unmet = "success_rule" if case.says_something else "reply_empty"
    return case.decided("rejected", f"rejected_{success.trouble or unmet}", success)


def retry_after(reply: Reply, now: datetime) -> int | None:
    """Seconds that the provider asks to wait (``Retry-After``: seconds or a date), None when it does not.

    Never negative, never more than :data:`MAX_RETRY_AFTER`. ``now`` is aware.
    """
    asked = reply.header("Retry-After").strip()
    if re.fullmatch(r"[0-9]{1,18}", asked):
        return min(int(asked), MAX_RETRY_AFTER)
    try:
        date = parsedate_to_datetime(asked[:100])
    except (ValueError, TypeError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    try:
        seconds = math.ceil((date - now).total_seconds())
    except OverflowError:
        return None
    return max(0, min(seconds, MAX_RETRY_AFTER))


def _by_status(reply: Reply) -> tuple[Outcome, str]:
    """The class of a status that is no 2xx; what stands in no list may have been accepted."""
    status = reply.status
    if status in _DEFERRED:
        return "deferred", "deferred_status"
    if status in _GATEWAY_FAULTS:
        return "gateway_fault", _GATEWAY_FAULTS[status]
    if 400 <= status <= 499 and status != _REQUEST_TIMEOUT:  # noqa: PLR2004 - a 4xx
        return "rejected", "rejected_status"
    if status in _ELSEWHERE and reply.header("Location").strip():
        return "ambiguous", "ambiguous_moved"
    return "ambiguous", "ambiguous_status"


class _Case:
    """One reply before one gateway's rules, and what it leaves in the verdict."""

    def __init__(self, gateway: Gateway, reply: Reply, secrets: tuple[str, ...]) -> None:
        self._gateway = gateway
        self._reply = reply
        self._secrets = secrets
        self._body = Body(reply.body, reply.header("Content-Type"), reply.cut)
        self._findings: dict[str, Finding] = {}

    @property
    def says_something(self) -> bool:
        """Whether anything stands in the reply's body but blanks."""
        return bool(self._body.text.strip())

    @functools.cached_property
    def _shown(self) -> Body:
        """The body without secrets. What is quoted is taken from here: a rule could take one apart."""
        text = self._masked(self._body.text)
        return self._body if text == self._body.text else Body(text.encode(), cut=self._reply.cut)

    def _found_in_shown(self, finding: Finding) -> Finding:
        return finding if self._shown is self._body else rules.apply(finding.rule, self._shown)

    def applied(self, name: str, rule: Rule) -> Finding | None:
        """What ``rule`` finds, None when it is not stated."""
        if not rule.is_stated:
            return None
        self._findings[name] = rules.apply(rule, self._body)
        return self._findings[name]

    def decided(self, outcome: Outcome, code: str, finding: Finding | None = None) -> Verdict:
        values: dict[str, Any] = {
            "status": self._reply.status,
            "reason": self._short(self._reply.reason),
            "excerpt": (outcome != "accepted" and self._provider_reason()) or self._excerpt(finding),
        }
        if code in ("fault_moved", "ambiguous_moved"):
            values["location"] = self._short(self._reply.header("Location"))
        if finding:
            values |= self._of(finding)
        notes = [
            {"code": f"note_{other.trouble}", "values": {"field": name, **self._of(other)}}
            for name, other in self._findings.items()
            if other.trouble and other is not finding
        ]
        if notes:
            values["notes"] = notes
        return Verdict(outcome, code, values, self._message_id() if outcome in _WITH_ID else None)

    def _of(self, finding: Finding) -> dict[str, str]:
        of_rule = {"kind": finding.rule.kind, "rule": self._short(finding.rule.text)}
        error = finding.error and self._found_in_shown(finding).error
        return of_rule | ({"error": self._short(error)} if error else {})

    def _message_id(self) -> str | None:
        found = rules.told(Rule(self._gateway.message_id_kind, self._gateway.message_id_rule), self._shown)
        return (self._short(found, rules.MAX_MESSAGE_ID) or None) if found else None

    def _provider_reason(self) -> str:
        """Why the provider refused, in its own words; blank where the gateway's rule finds none."""
        found = rules.told(Rule(self._gateway.reason_kind, self._gateway.reason_rule), self._shown)
        return self._short(found) if found else ""

    def _excerpt(self, finding: Finding | None) -> str:
        result = self._found_in_shown(finding).result if finding and finding.holds else None
        if not isinstance(result, bool | None):
            return self._short(as_text(result))
        text = self._shown.text
        found = rules.where(finding.rule, text) if finding and finding.holds else -1
        start = max(0, found - _LEAD)
        return ("…" if start else "") + _one_line(text[start:])

    def _short(self, text: str, longest: int = MAX_EXCERPT) -> str:
        return _one_line(self._masked(text), longest)

    def _masked(self, text: str) -> str:
        # A lone surrogate, which JSON can spell, fits into no column and on no page.
        return mask(text.encode("utf-8", "replace"), secrets=self._secrets).decode("utf-8", "replace")


def _one_line(text: str, longest: int = MAX_EXCERPT) -> str:
    """At most ``longest`` characters on one line; what does not print becomes U+FFFD."""
    line = " ".join(text[: 2 * longest].split())[:longest]
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)
