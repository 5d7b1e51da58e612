from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.sending import policy
from webpanel.sending.policy import SCHEDULE, Standing, Step, assess, next_step
from webpanel.sending.transport import Exchange
from webpanel.wire.gateway import Gateway
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

outcomes = st.sampled_from(OUTCOMES)
verdicts = st.builds(Verdict, outcome=outcomes, code=st.just("code"))
standings = st.builds(
    Standing,
    attempts=st.integers(1, 1000),
    seconds_left=st.floats(-DAY, 30 * DAY),
    possible_duplicate=st.booleans(),
    test=st.booleans(),
)
choices = st.sampled_from(["resend", "hold"])
waits = st.none() | st.floats(0, 7 * DAY)


def step(verdict: Outcome, standing: Standing, **given: object) -> Step:
    return next_step(
        Verdict(verdict, "code"), standing, **{"on_ambiguous": "resend", "resend_after": 60.0, **given}
    )


@given(verdicts, standings, choices, st.floats(1, DAY), waits)
def test_every_step_is_whole(
    verdict: Verdict, standing: Standing, choice: str, resend_after: float, retry_after: float | None
) -> None:
    after = next_step(
        verdict, standing, on_ambiguous=choice, resend_after=resend_after, retry_after=retry_after
    )
    assert (after.state == "queued") == (after.due_in is not None)
    assert after.stop == (verdict.outcome == "gateway_fault" and not standing.test)
    assert after.pause is None or verdict.outcome == "deferred"
    if standing.possible_duplicate and not standing.test:
        assert after.possible_duplicate, "once it may have been sent twice, that stays said"
        assert after.state != "expired", "what may have been sent is not 'not sent'"
    if after.possible_duplicate and not standing.possible_duplicate:
        assert (verdict.outcome, after.state) == ("ambiguous", "queued")
    if after.due_in and verdict.outcome != "gateway_fault":
        assert after.due_in < standing.seconds_left, "never due past its lifetime"
    if standing.test:
        assert after.state in ("sent", "failed", "unknown")


@given(st.lists(outcomes, max_size=50), choices)
def test_a_message_is_sent_twice_at_most_where_it_is_not_certain(chain: list[Outcome], choice: str) -> None:
    """However its attempts go: at most two of them can have reached the provider, and two are flagged."""
    reached, left, duplicate = 0, DAY, False
    for number, outcome in enumerate(chain, 1):
        after = next_step(
            Verdict(outcome, "code"),
            Standing(number, left, duplicate),
            on_ambiguous=choice,
            resend_after=60.0,
        )
        reached += outcome in ("ambiguous", "accepted")
        duplicate = after.possible_duplicate
        assert reached <= (2 if choice == "resend" else 1)
        assert duplicate or reached < 2
        if after.due_in is None:
            break
        left -= after.due_in


@given(standings, st.integers(1, 1000))
def test_waiting_messages_end(standing: Standing, attempts: int) -> None:
    """Without any success the schedule comes to an end within the lifetime."""
    standing = replace(standing, test=False)
    while (after := step("not_sent", replace(standing, attempts=attempts))).due_in is not None:
        assert after.due_in >= SCHEDULE[0]
        standing = replace(standing, seconds_left=standing.seconds_left - after.due_in)
        attempts += 1
    assert after.state in ("expired", "unknown")


@pytest.mark.parametrize(
    ("attempts", "delay"), [(1, 10), (2, 30), (3, 120), (4, 600), (5, 1800), (6, 3600), (7, 3600), (90, 3600)]
)
@pytest.mark.parametrize("outcome", ["not_sent", "deferred"])
def test_schedule(outcome: Outcome, attempts: int, delay: float) -> None:
    after = step(outcome, Standing(attempts, DAY))
    assert (after.state, after.due_in, after.pause) == ("queued", delay, None)
    assert after.values == {"seconds": delay}


@pytest.mark.parametrize(
    ("attempts", "asked", "delay", "pause"),
    [
        (1, 5, 10, 5),  # never sooner than our own schedule, but the gateway as it asked
        (1, 120, 120, 120),
        (1, 86_400, 900, 900),  # 15 minutes at most
        (6, 86_400, 7200, 7200),  # or twice our own delay
        (1, 0, 10, 0),
    ],
)
def test_retry_after(attempts: int, asked: float, delay: float, pause: float) -> None:
    after = step("deferred", Standing(attempts, DAY), retry_after=asked)
    assert (after.due_in, after.pause) == (delay, pause)


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
        ("not_sent", Standing(1, 9), "resend", ("expired", None, False)),
        ("not_sent", Standing(2, 9, possible_duplicate=True), "resend", ("unknown", None, True)),
        ("accepted", Standing(2, DAY, possible_duplicate=True), "resend", ("sent", None, True)),
        ("not_sent", Standing(1, 0, test=True), "resend", ("failed", None, False)),
        ("deferred", Standing(1, 0, test=True), "resend", ("failed", None, False)),
        ("gateway_fault", Standing(1, 0, test=True), "resend", ("failed", None, False)),
        ("ambiguous", Standing(1, 0, test=True), "resend", ("unknown", None, False)),
    ],
)
def test_steps(
    outcome: Outcome, standing: Standing, choice: str, expected: tuple[str, float | None, bool]
) -> None:
    after = step(outcome, standing, on_ambiguous=choice)
    assert (after.state, after.due_in, after.possible_duplicate) == expected


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
