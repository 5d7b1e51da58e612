"""What to do after an attempt: pure functions of settings, verdict and the message's standing.

Source: the table in DESIGN section 4. Nothing here reads a clock or a table.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from webpanel.sending.transport import Exchange
from webpanel.wire.gateway import Gateway, OnAmbiguous
from webpanel.wire.problem import Problem
from webpanel.wire.verdict import Outcome, Verdict, judge

State = Literal["queued", "sent", "failed", "unknown", "expired"]

#: Seconds until the next attempt after the first, second, ... that did not get through; then the last.
SCHEDULE = (10.0, 30.0, 120.0, 600.0, 1800.0, 3600.0)

#: What a provider may ask for by ``Retry-After``, in seconds, where our own delay is shorter.
LONGEST_RETRY_AFTER = 900.0

#: So many rejections in a row, without an accepted message between them, stop a gateway.
REJECTIONS_IN_A_ROW = 10

#: The points of an exchange at which not a byte of the request had been written.
_BEFORE_THE_REQUEST = frozenset({"refused", "dns", "connect", "tls"})


@dataclass(frozen=True)
class Standing:
    """What the decision needs to know of a message.

    ``attempts`` made, the present one included; ``seconds_left`` of its lifetime.
    """

    attempts: int
    seconds_left: float
    possible_duplicate: bool = False
    test: bool = False


@dataclass(frozen=True)
class Step:
    """What becomes of a message, and of its gateway.

    ``due_in`` seconds it may be taken again; None when ``state`` is final. ``pause`` is for how many
    seconds the gateway sends nothing; ``stop`` until a person looks at it.
    """

    state: State
    event: str
    due_in: float | None = None
    possible_duplicate: bool = False
    stop: bool = False
    pause: float | None = None
    values: dict[str, Any] = field(default_factory=dict)


def assess(gateway: Gateway, exchange: Exchange, secrets: Iterable[str] = ()) -> Verdict:
    """The class of an exchange, by the point it reached and, where a reply came, by the rules.

    What the verdict quotes of the reply is masked of ``secrets``.
    """
    if exchange.reply is not None and exchange.problem is None:
        return judge(gateway, exchange.reply, secrets=secrets)
    untouched = exchange.point in _BEFORE_THE_REQUEST or (
        exchange.point == "sending" and not exchange.written
    )
    outcome: Outcome = "not_sent" if untouched else "ambiguous"
    # The transport promises a problem wherever it has no complete reply.
    problem = exchange.problem or Problem("exchange_unexplained")
    return Verdict(outcome, problem.code, dict(problem.values))


def next_step(
    verdict: Verdict,
    standing: Standing,
    *,
    on_ambiguous: OnAmbiguous,
    resend_after: float,
    retry_after: float | None = None,
) -> Step:
    """The step that follows ``verdict``; ``retry_after`` is what the reply asked for, in seconds."""
    if standing.test:
        return _test_step(verdict)
    match verdict.outcome:
        case "accepted":
            return Step("sent", "event_sent", possible_duplicate=standing.possible_duplicate)
        case "rejected":
            return Step("failed", "event_failed", possible_duplicate=standing.possible_duplicate)
        case "gateway_fault":
            return Step(
                "queued",
                "event_gateway_fault",
                due_in=0.0,
                possible_duplicate=standing.possible_duplicate,
                stop=True,
            )
        case "ambiguous":
            return _uncertain_step(standing, on_ambiguous, resend_after)
        case _:
            return _later_step(verdict.outcome, standing, retry_after)


def timed_out(code: str) -> bool:
    """Whether the transport's ``code`` says that a time-out ended the attempt."""
    return code.startswith("timeout_") or code.endswith("_timeout")


def too_late(possible_duplicate: bool) -> tuple[State, str]:
    """State and event of a message whose time ran out while it waited.

    One that may have reached the provider before is not "too late, not sent".
    """
    return ("unknown", "event_unknown") if possible_duplicate else ("expired", "event_expired")


def _test_step(verdict: Verdict) -> Step:
    """A test ends at once: no retry, and its gateway is neither stopped nor paused."""
    if verdict.outcome == "accepted":
        return Step("sent", "event_sent")
    if verdict.outcome == "ambiguous":
        return Step("unknown", "event_unknown")
    return Step("failed", "event_failed")


def _uncertain_step(standing: Standing, on_ambiguous: OnAmbiguous, resend_after: float) -> Step:
    once_more = on_ambiguous == "resend" and not standing.possible_duplicate
    if once_more and resend_after < standing.seconds_left:
        return Step("queued", "event_send_once_more", due_in=resend_after, possible_duplicate=True)
    return Step("unknown", "event_unknown", possible_duplicate=standing.possible_duplicate)


def _later_step(outcome: Outcome, standing: Standing, retry_after: float | None) -> Step:
    delay = SCHEDULE[min(standing.attempts, len(SCHEDULE)) - 1]
    pause = None
    if outcome == "deferred" and retry_after is not None:
        pause = min(max(retry_after, 0.0), max(LONGEST_RETRY_AFTER, 2 * delay))
        delay = max(delay, pause)
    if delay >= standing.seconds_left:
        state, event = too_late(standing.possible_duplicate)
        return Step(state, event, possible_duplicate=standing.possible_duplicate, pause=pause)
    return Step(
        "queued",
        "event_retry",
        due_in=delay,
        possible_duplicate=standing.possible_duplicate,
        pause=pause,
        values={"seconds": round(delay)},
    )
