from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.sending import policy
from webpanel.sending.policy import FAILURES, Plan, Standing, Step, assess, next_step, trips
from webpanel.sending.transport import Exchange
from webpanel.wire.gateway import ON_AMBIGUOUS, Gateway
from webpanel.wire.problem import Problem
from webpanel.wire.verdict import Outcome, Reply, Verdict

DAY = 86_400.0
OUTCOMES: tuple[Outcome, ...] = (
    "not_sent",
    "deferred",
    "accepted",
    "rejected",
    "gateway_fault",
    "ambiguous",
)
PLAN = Plan((10.0, 30.0, 120.0, 3600.0), "resend", 60.0, 0.0, 300.0)
URGENT = policy.plan(Gateway(), urgent=True, own=None, resend_after=60.0)

outcomes = st.sampled_from(OUTCOMES)
verdicts = st.builds(Verdict, outcome=outcomes, code=st.just("code"))
reliefs = st.sampled_from(["none", "fresh", "tried"])
standings = st.builds(
    Standing,
    attempts=st.integers(1, 1000),
    seconds_left=st.floats(-DAY, 30 * DAY),
    possible_duplicate=st.booleans(),
    here_for=st.floats(0, DAY),
    relief=reliefs,
)
plans = st.builds(
    Plan,
    delays=st.lists(st.floats(0.001, DAY), min_size=1, max_size=20).map(tuple),
    on_ambiguous=st.sampled_from(ON_AMBIGUOUS),
    resend_after=st.floats(1, DAY),
    unsent_stays=st.floats(0, DAY),
    deferred_stays=st.floats(0, DAY),
)
waits = st.none() | st.floats(0, 7 * DAY)
jitters = st.floats(-1, 1)


def step(verdict: Outcome, standing: Standing, plan: Plan = PLAN, **given: float) -> Step:
    return next_step(Verdict(verdict, "code"), standing, plan, **given)


@given(verdicts, standings, plans, waits, jitters)
def test_every_step_is_whole(
    verdict: Verdict, standing: Standing, plan: Plan, retry_after: float | None, jitter: float
) -> None:
    after = next_step(verdict, standing, plan, retry_after=retry_after, jitter=jitter)
    assert (after.state == "queued") == (after.due_in is not None)
    assert after.stop == (verdict.outcome == "gateway_fault")
    assert after.pause is None or verdict.outcome == "deferred"
    if standing.possible_duplicate:
        assert after.possible_duplicate, "once it may have been sent twice, that stays said"
        assert after.state != "expired", "what may have been sent is not 'not sent'"
    if after.possible_duplicate and not standing.possible_duplicate:
        assert (verdict.outcome, after.state) == ("ambiguous", "queued")
    if after.due_in and verdict.outcome != "gateway_fault":
        assert after.due_in < standing.seconds_left, "never due past its lifetime"


@given(verdicts, standings, plans, waits)
def test_what_may_have_been_sent_stays_with_its_gateway(
    verdict: Verdict, standing: Standing, plan: Plan, retry_after: float | None
) -> None:
    after = next_step(verdict, standing, plan, retry_after=retry_after)
    if after.elsewhere:
        assert verdict.outcome in ("not_sent", "deferred", "gateway_fault")
        assert not standing.possible_duplicate
        assert not after.possible_duplicate
        assert standing.relief != "none"


@given(st.lists(outcomes, max_size=50), st.sampled_from(["resend", "hold"]))
def test_a_message_is_sent_twice_at_most_where_it_is_not_certain(chain: list[Outcome], choice: str) -> None:
    """However its attempts go: at most two of them can have reached the provider, and two are flagged."""
    reached, left, duplicate = 0, DAY, False
    for number, outcome in enumerate(chain, 1):
        after = step(outcome, Standing(number, left, duplicate), replace(PLAN, on_ambiguous=choice))
        reached += outcome in ("ambiguous", "accepted")
        duplicate = after.possible_duplicate
        assert reached <= (2 if choice == "resend" else 1)
        assert duplicate or reached < 2
        if after.due_in is None:
            break
        left -= after.due_in


@given(standings, st.sampled_from(["not_sent", "deferred", "ambiguous"]), plans)
def test_waiting_messages_end(standing: Standing, outcome: Outcome, plan: Plan) -> None:
    """Without any success, and with nobody to take over, the waits come to an end within the lifetime."""
    standing = replace(
        standing, relief="none", seconds_left=min(standing.seconds_left, 100 * plan.delays[-1])
    )
    for _ in range(1000):
        after = step(outcome, standing, plan)
        if after.due_in is None:
            break
        standing = replace(
            standing,
            attempts=standing.attempts + 1,
            seconds_left=standing.seconds_left - after.due_in,
            possible_duplicate=after.possible_duplicate,
        )
    assert after.state in ("expired", "unknown")


@pytest.mark.parametrize(
    ("attempts", "delay"), [(1, 10), (2, 30), (3, 120), (4, 3600), (5, 3600), (90, 3600)]
)
@pytest.mark.parametrize("outcome", ["not_sent", "deferred"])
@pytest.mark.parametrize(("jitter", "factor"), [(0, 1), (-1, 0.8), (1, 1.2)])
def test_schedule(outcome: Outcome, attempts: int, delay: float, jitter: float, factor: float) -> None:
    after = step(outcome, Standing(attempts, DAY), jitter=jitter)
    assert (after.state, after.pause) == ("queued", None)
    assert after.due_in == pytest.approx(delay * factor)
    assert after.values == {"seconds": round(delay * factor)}


@pytest.mark.parametrize(
    ("attempts", "asked", "delay", "pause"),
    [
        (1, 5, 10, 5),  # never sooner than our own schedule, but the gateway as it asked
        (1, 120, 120, 120),
        (1, 86_400, 900, 900),  # 15 minutes at most
        (4, 86_400, 7200, 7200),  # or twice our own delay
        (1, 0, 10, 0),
    ],
)
def test_retry_after(attempts: int, asked: float, delay: float, pause: float) -> None:
    after = step("deferred", Standing(attempts, DAY), retry_after=asked)
    assert (after.due_in, after.pause) == (delay, pause)


@pytest.mark.parametrize(("status", "pause"), [(429, 10), (503, None)])
def test_too_many_requests_pause_the_gateway_too(status: int, pause: float | None) -> None:
    verdict = Verdict("deferred", "deferred_status", {"status": status})
    after = next_step(verdict, Standing(1, DAY), PLAN)
    assert (after.due_in, after.pause) == (10, pause)


@pytest.mark.parametrize(
    ("outcome", "standing", "choice", "expected"),
    [
        ("accepted", Standing(1, DAY), "resend", ("sent", None, False)),
        ("rejected", Standing(1, DAY), "resend", ("failed", None, False)),
        ("gateway_fault", Standing(1, DAY), "resend", ("queued", 0, False)),
        ("ambiguous", Standing(1, DAY), "resend", ("queued", 60, True)),
        ("ambiguous", Standing(1, DAY), "hold", ("unknown", None, False)),
        ("ambiguous", Standing(2, DAY, possible_duplicate=True), "resend", ("unknown", None, True)),
        ("ambiguous", Standing(1, 59), "resend", ("unknown", None, False)),
        ("ambiguous", Standing(1, DAY), "schedule", ("queued", 10, True)),
        ("ambiguous", Standing(3, DAY, possible_duplicate=True), "schedule", ("queued", 120, True)),
        ("ambiguous", Standing(3, 119, possible_duplicate=True), "schedule", ("unknown", None, True)),
        ("not_sent", Standing(1, 9), "resend", ("expired", None, False)),
        ("not_sent", Standing(2, 9, possible_duplicate=True), "resend", ("unknown", None, True)),
        ("accepted", Standing(2, DAY, possible_duplicate=True), "resend", ("sent", None, True)),
    ],
)
def test_steps(
    outcome: Outcome, standing: Standing, choice: str, expected: tuple[str, float | None, bool]
) -> None:
    after = step(outcome, standing, replace(PLAN, on_ambiguous=choice))
    assert (after.state, after.due_in, after.possible_duplicate) == expected


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("accepted", "sent"),
        ("ambiguous", "unknown"),
        *((outcome, "failed") for outcome in ("not_sent", "deferred", "gateway_fault", "rejected")),
    ],
)
def test_a_test_ends_at_once(outcome: Outcome, state: str) -> None:
    after = policy.after_test(Verdict(outcome, "code"))
    assert (after.state, after.due_in, after.stop, after.pause) == (state, None, False, None)


@pytest.mark.parametrize(
    ("outcome", "plan", "standing", "due_in"),
    [
        # Not sent: the next gateway at once. Put off: once it would be too long.
        ("not_sent", PLAN, Standing(1, DAY, relief="fresh"), 0),
        ("deferred", PLAN, Standing(1, DAY, relief="fresh"), None),
        ("deferred", PLAN, Standing(3, DAY, here_for=170, relief="fresh"), None),
        ("deferred", PLAN, Standing(3, DAY, here_for=190, relief="fresh"), 110),
        ("deferred", PLAN, Standing(4, DAY, here_for=500, relief="fresh"), 0),
        ("gateway_fault", PLAN, Standing(1, DAY, relief="fresh"), 0),
        # One that tried it before is no haste: each in turn, by the schedule.
        ("not_sent", PLAN, Standing(2, DAY, relief="tried"), 30),
        ("gateway_fault", PLAN, Standing(2, DAY, relief="tried"), 10),
        # Urgent: ten seconds after it began, in either case.
        ("not_sent", URGENT, Standing(1, DAY, relief="fresh"), None),
        ("not_sent", URGENT, Standing(2, DAY, here_for=3, relief="fresh"), 7),
        ("deferred", URGENT, Standing(2, DAY, here_for=3, relief="fresh"), 7),
        ("not_sent", URGENT, Standing(1, DAY, here_for=10.5, relief="fresh"), 0),
        # Nobody takes over.
        ("not_sent", PLAN, Standing(1, DAY), None),
        ("accepted", PLAN, Standing(1, DAY, relief="fresh"), None),
        ("rejected", PLAN, Standing(1, DAY, relief="fresh"), None),
        ("ambiguous", PLAN, Standing(1, DAY, relief="fresh"), None),
        ("not_sent", PLAN, Standing(2, DAY, possible_duplicate=True, relief="fresh"), None),
        ("gateway_fault", PLAN, Standing(2, DAY, possible_duplicate=True, relief="fresh"), None),
    ],
)
def test_when_the_next_gateway_takes_over(
    outcome: Outcome, plan: Plan, standing: Standing, due_in: float | None
) -> None:
    after = step(outcome, standing, plan)
    assert after.elsewhere == (due_in is not None)
    if after.elsewhere:
        assert (after.state, after.due_in, after.event) == ("queued", due_in, "event_failover")


def test_an_urgent_message_is_tried_twice_or_elsewhere_within_half_a_minute() -> None:
    assert URGENT.delays[:2] == (3, 10)
    assert (URGENT.resend_after, URGENT.unsent_stays, URGENT.deferred_stays) == (10, 10, 10)
    assert step("ambiguous", Standing(1, 600), URGENT).due_in == 10


def test_the_caller_s_word_goes_before_the_gateway_s() -> None:
    gateway = Gateway(on_ambiguous="schedule")
    assert policy.plan(gateway, urgent=False, own="hold", resend_after=60).on_ambiguous == "hold"
    assert policy.plan(gateway, urgent=False, own=None, resend_after=60).on_ambiguous == "schedule"


def recent(*marks: str, every: float = 1.0) -> list[tuple[str, float]]:
    """Attempts by a letter each, the newest first: ``f`` failed, ``a`` was accepted."""
    names = {"f": "not_sent", "d": "deferred", "u": "ambiguous", "a": "accepted", "r": "rejected"}
    return [(names[mark], every * place) for place, mark in enumerate("".join(marks))]


@pytest.mark.parametrize(
    ("marks", "every", "opens"),
    [
        ("", 1, False),
        ("ffff", 1, False),
        ("fduff", 1, True),
        ("fffff", 3600, True),  # five in a row, however slowly
        ("ffffa", 1, False),
        ("fffrf", 1, False),  # a refusal is an answer
        ("fafafafafa", 1, True),  # half of ten
        ("fafafafaa", 1, False),  # of nine
        ("fafafaafaa", 1, False),  # less than half
        ("fafafafafa", 10, False),  # not within a minute
        ("aaaaa" + "fffff", 1, True),
    ],
)
def test_what_pauses_a_gateway(marks: str, every: float, opens: bool) -> None:
    assert trips(recent(marks, every=every)) is opens


@given(st.lists(st.tuples(st.sampled_from(sorted(FAILURES)), st.floats(0, DAY)), min_size=5))
def test_nothing_but_failures_always_pauses(found: list[tuple[str, float]]) -> None:
    assert trips(found)


WRITTEN = b"POST / HTTP/1.1\r\n"
DONE = Reply(200, "OK")
GONE = Problem("closed_nothing", values={"host": "h"})


@pytest.mark.parametrize(
    ("exchange", "outcome"),
    [
        (Exchange("refused", Problem("network_private"), b"", None, 0), "not_sent"),
        (Exchange("dns", Problem("dns_unknown"), b"", None, 0), "not_sent"),
        (Exchange("connect", Problem("connect_refused"), b"", None, 0), "not_sent"),
        (Exchange("tls", Problem("tls_expired"), b"", None, 0), "not_sent"),
        (Exchange("sending", Problem("send_broken"), b"", None, 0), "not_sent"),
        (Exchange("sending", Problem("send_broken"), WRITTEN, None, 0), "ambiguous"),
        (Exchange("sending", Problem("send_timeout"), WRITTEN, None, 0), "ambiguous"),
        (Exchange("waiting", GONE, WRITTEN, None, 0), "ambiguous"),
        (Exchange("waiting", Problem("timeout_nothing"), WRITTEN, None, 0), "ambiguous"),
        # A reply that looks like a success, and is not whole.
        (
            Exchange("reply", Problem("closed_body"), WRITTEN, replace(DONE, complete=False), 0),
            "ambiguous",
        ),
        (Exchange("reply", Problem("timeout_body"), WRITTEN, DONE, 0), "ambiguous"),
        (Exchange("reply", None, WRITTEN, replace(DONE, complete=False), 0), "ambiguous"),
        (Exchange("reply", None, WRITTEN, DONE, 0), "accepted"),
        (Exchange("reply", None, WRITTEN, Reply(500), 0), "ambiguous"),
        (Exchange("reply", None, WRITTEN, Reply(429), 0), "deferred"),
        (Exchange("reply", None, WRITTEN, Reply(401), 0), "gateway_fault"),
        (Exchange("reply", None, WRITTEN, Reply(400), 0), "rejected"),
    ],
)
def test_assess_by_the_point_reached(exchange: Exchange, outcome: Outcome) -> None:
    assert assess(Gateway(), exchange).outcome == outcome


def test_assess_keeps_the_transports_reason() -> None:
    verdict = assess(Gateway(), Exchange("waiting", GONE, WRITTEN, None, 0))
    assert (verdict.code, verdict.values) == ("closed_nothing", {"host": "h"})


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("connect_timeout", True),
        ("dns_timeout", True),
        ("tls_timeout", True),
        ("send_timeout", True),
        ("timeout_nothing", True),
        ("timeout_body", True),
        ("connect_refused", False),
        ("accepted_status", False),
    ],
)
def test_timed_out(code: str, expected: bool) -> None:
    assert policy.timed_out(code) is expected
