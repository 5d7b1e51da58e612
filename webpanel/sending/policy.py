"""What to do after an attempt: pure functions of settings, verdict and the message's standing.

Source: the table in DESIGN section 4. Nothing here reads a clock or a table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from webpanel.sending.transport import Exchange
from webpanel.wire import durations
from webpanel.wire.gateway import Gateway, OnAmbiguous
from webpanel.wire.problem import Problem
from webpanel.wire.verdict import Outcome, Verdict, judge

State = Literal["queued", "sent", "failed", "unknown", "expired"]

#: Whether another gateway could take a message now: none, one that has not tried it, one that has.
Relief = Literal["none", "fresh", "tried"]

#: By how much of itself a wait is made shorter or longer, so that not all come back at once.
JITTER = 0.2

#: What a provider may ask for by ``Retry-After``, in seconds, where our own delay is shorter.
LONGEST_RETRY_AFTER = 900.0

#: Somebody stands before a closed door: seconds after which an urgent message is sent once more when it
#: is not certain, and after which it takes the next gateway when it could not be sent.
URGENT_RESEND_AFTER = 10.0
URGENT_FAILOVER_AFTER = 10.0

#: So many rejections in a row, without an accepted message between them, stop a gateway.
REJECTIONS_IN_A_ROW = 10

#: What pauses a gateway: so many failures in a row, or half of so many within so many seconds.
FAILURES_IN_A_ROW = 5
LEAST_JUDGED, JUDGED_SECONDS = 10, 60.0
FAILURES = frozenset({"not_sent", "deferred", "ambiguous"})
#: Attempts looked at for it, at most.
MOST_JUDGED = 100

#: Seconds between two messages that are let through to a gateway that is paused after failures.
TRIED_EVERY = 30.0

_TOO_MANY_REQUESTS = 429

#: The points of an exchange at which not a byte of the request had been written.
_BEFORE_THE_REQUEST = frozenset({"refused", "dns", "connect", "tls"})


@dataclass(frozen=True)
class Plan:
    """What a gateway's settings say for one kind of message; all times in seconds.

    ``delays`` before the second, third, ... attempt, then always the last. ``unsent_stays`` and
    ``deferred_stays``: for how long a message that did not reach the provider, or was put off by it,
    stays before it takes the next gateway.
    """

    delays: tuple[float, ...]
    on_ambiguous: OnAmbiguous
    resend_after: float
    unsent_stays: float
    deferred_stays: float


@dataclass(frozen=True)
class Standing:
    """What the decision needs to know of a message.

    ``attempts`` made by this gateway, the present one included; ``seconds_left`` of its lifetime;
    ``here_for``: seconds since its first attempt by this gateway. ``relief``: whether another gateway
    could take it now, and whether that one tried before.
    """

    attempts: int
    seconds_left: float
    possible_duplicate: bool = False
    here_for: float = 0.0
    relief: Relief = "none"


@dataclass(frozen=True)
class Step:
    """What becomes of a message, and of its gateway.

    ``due_in`` seconds it may be taken again, ``elsewhere`` by the next gateway; None when ``state`` is
    final. ``pause`` is for how many seconds the gateway sends nothing; ``stop`` until a person looks at it.
    """

    state: State
    event: str
    due_in: float | None = None
    possible_duplicate: bool = False
    stop: bool = False
    pause: float | None = None
    elsewhere: bool = False
    values: dict[str, Any] = field(default_factory=dict)


def plan(gateway: Gateway, *, urgent: bool, own: OnAmbiguous | None, resend_after: float) -> Plan:
    """How ``gateway`` delivers a message whose caller's own word for uncertainty is ``own``."""
    on_ambiguous = own or gateway.on_ambiguous
    if urgent:
        stays = min(URGENT_FAILOVER_AFTER, gateway.failover_after)
        delays = durations.read(gateway.urgent_retry_delays)
        return Plan(delays, on_ambiguous, min(resend_after, URGENT_RESEND_AFTER), stays, stays)
    delays = durations.read(gateway.retry_delays)
    return Plan(delays, on_ambiguous, resend_after, 0.0, gateway.failover_after)


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
    plan: Plan,
    *,
    retry_after: float | None = None,
    jitter: float = 0.0,
) -> Step:
    """The step that follows ``verdict``.

    ``retry_after`` is what the reply asked for, in seconds; ``jitter`` from -1 to 1 shifts the plan's waits.
    """
    twice = standing.possible_duplicate
    match verdict.outcome:
        case "accepted":
            return Step("sent", "event_sent", possible_duplicate=twice)
        case "rejected":
            return Step("failed", "event_failed", possible_duplicate=twice)
        case "gateway_fault":
            return _faulty_step(standing, plan)
        case "ambiguous":
            return _uncertain_step(standing, plan, jitter)
        case _:
            return _later_step(verdict, standing, plan, retry_after, jitter)


def after_test(verdict: Verdict) -> Step:
    """A test ends at once: no retry, and its gateway is neither stopped nor paused."""
    if verdict.outcome == "accepted":
        return Step("sent", "event_sent")
    if verdict.outcome == "ambiguous":
        return Step("unknown", "event_unknown")
    return Step("failed", "event_failed")


def trips(recent: Sequence[tuple[str, float]]) -> bool:
    """Whether a gateway pauses, by its last attempts since it began anew, the newest first.

    Each as (outcome, seconds ago). Microsoft's pattern "Circuit Breaker" with a count and a share.
    """
    row = [outcome in FAILURES for outcome, _ in recent[:FAILURES_IN_A_ROW]]
    if len(row) == FAILURES_IN_A_ROW and all(row):
        return True
    lately = [outcome in FAILURES for outcome, ago in recent if ago <= JUDGED_SECONDS]
    return len(lately) >= LEAST_JUDGED and 2 * sum(lately) >= len(lately)


def timed_out(code: str) -> bool:
    """Whether the transport's ``code`` says that a time-out ended the attempt."""
    return code.startswith("timeout_") or code.endswith("_timeout")


def too_late(possible_duplicate: bool) -> tuple[State, str]:
    """State and event of a message whose time ran out while it waited.

    One that may have reached the provider before is not "too late, not sent".
    """
    return ("unknown", "event_unknown") if possible_duplicate else ("expired", "event_expired")


def _faulty_step(standing: Standing, plan: Plan) -> Step:
    if standing.relief == "none" or standing.possible_duplicate:
        duplicate = standing.possible_duplicate
        return Step("queued", "event_gateway_fault", 0.0, possible_duplicate=duplicate, stop=True)
    return _elsewhere(0.0 if standing.relief == "fresh" else plan.delays[0], stop=True)


def _uncertain_step(standing: Standing, plan: Plan, jitter: float) -> Step:
    if plan.on_ambiguous == "schedule":
        # The provider knows the request's number: sent again, it is no second message.
        delay = _delay(plan, standing, jitter)
        if delay < standing.seconds_left:
            return Step("queued", "event_send_again", delay, True, values={"seconds": round(delay)})
    once_more = plan.on_ambiguous == "resend" and not standing.possible_duplicate
    if once_more and plan.resend_after < standing.seconds_left:
        return Step("queued", "event_send_once_more", plan.resend_after, True)
    return Step("unknown", "event_unknown", possible_duplicate=standing.possible_duplicate)


def _later_step(
    verdict: Verdict, standing: Standing, plan: Plan, retry_after: float | None, jitter: float
) -> Step:
    delay = _delay(plan, standing, jitter)
    pause = None
    if verdict.outcome == "deferred":
        if retry_after is not None:
            pause = min(max(retry_after, 0.0), max(LONGEST_RETRY_AFTER, 2 * delay))
            delay = max(delay, pause)
        elif verdict.values.get("status") == _TOO_MANY_REQUESTS:
            pause = delay
    stays = plan.unsent_stays if verdict.outcome == "not_sent" else plan.deferred_stays
    if standing.relief != "none" and not standing.possible_duplicate and standing.here_for + delay >= stays:
        due_in = max(0.0, stays - standing.here_for) if standing.relief == "fresh" else delay
        if due_in < standing.seconds_left:
            return _elsewhere(due_in, pause=pause)
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


def _elsewhere(due_in: float, *, stop: bool = False, pause: float | None = None) -> Step:
    """The next gateway takes it: nothing of it can have reached the provider of this one."""
    return Step("queued", "event_failover", due_in, stop=stop, pause=pause, elsewhere=True)


def _delay(plan: Plan, standing: Standing, jitter: float) -> float:
    return plan.delays[min(standing.attempts, len(plan.delays)) - 1] * (1 + JITTER * jitter)
