"""What follows a try to tell a caller: pure functions of what came back and of the tries before."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol

from webpanel.wire.problem import Problem
from webpanel.wire.verdict import Reply

#: Seconds until the next try after the first, second, ... that failed; after the last of them none follows.
SCHEDULE = (5.0, 30.0, 300.0, 1800.0, 7200.0, 21600.0)
#: So long an application's address may fail before it is switched off.
PATIENCE = timedelta(days=3)

_SUCCESS, _REDIRECTS, _BROKEN = range(200, 300), range(300, 400), 500
_TOO_MANY = 429


class Exchange(Protocol):
    """What the transport tells of one request; ``problem`` says why there is no complete reply."""

    @property
    def point(self) -> str: ...
    @property
    def problem(self) -> Problem | None: ...
    @property
    def reply(self) -> Reply | None: ...
    @property
    def duration_ms(self) -> int: ...


@dataclass(frozen=True)
class Finding:
    """``told``, ``later`` (it may go better another time) or ``refused`` (it will not), and why."""

    outcome: Literal["told", "later", "refused"]
    reason: dict[str, Any]
    #: The server did not answer in time, or not at all.
    silent: bool = False


@dataclass(frozen=True)
class Step:
    """What becomes of the callback; ``due_in`` seconds it is tried again, None when it is over."""

    state: Literal["told", "waiting", "failed"]
    due_in: float | None = None


def assess(exchange: Exchange) -> Finding:
    """The class of an exchange. Redirects are not followed: the address is what was agreed on."""
    problem, reply = exchange.problem, exchange.reply
    if problem is not None or reply is None:
        found = problem or Problem("exchange_unexplained")
        reason = {"code": found.code, "values": dict(found.values)}
        # An address that may not be called is not called a minute later either.
        refused = exchange.point == "refused"
        return Finding("refused" if refused else "later", reason, silent=not refused)
    status = reply.status
    if status in _SUCCESS:
        return _answered("told", "callback_told", status)
    if status == _TOO_MANY or status >= _BROKEN:
        return _answered("later", "callback_later", status)
    if status in _REDIRECTS:
        return _answered("refused", "callback_moved", status)
    return _answered("refused", "callback_refused", status)


def next_step(finding: Finding, failures: int, retry_after: float | None = None) -> Step:
    """``failures``: tries that failed before this one. ``retry_after``: seconds that the reply asks for."""
    if finding.outcome == "told":
        return Step("told")
    if finding.outcome == "refused" or failures >= len(SCHEDULE):
        return Step("failed")
    delay = SCHEDULE[failures]
    return Step("waiting", max(delay, min(retry_after or 0.0, SCHEDULE[-1])))


def _answered(outcome: Literal["told", "later", "refused"], code: str, status: int) -> Finding:
    return Finding(outcome, {"code": code, "values": {"status": status}})
