"""What follows a try: the table of the issue, as values."""

from dataclasses import dataclass

import pytest

from webpanel.callbacks.policy import SCHEDULE, Finding, assess, next_step
from webpanel.wire.problem import Problem
from webpanel.wire.verdict import Reply


@dataclass(frozen=True)
class Exchange:
    point: str
    problem: Problem | None = None
    reply: Reply | None = None
    duration_ms: int = 1


def answered(status: int) -> Exchange:
    return Exchange("reply", None, Reply(status, "", (), b"", complete=True, cut=False))


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ((200, 201, 202, 204, 299), "told"),
        ((429, 500, 502, 503, 504, 599), "later"),
        ((400, 401, 403, 404, 408, 410, 418, 422, 451), "refused"),
        ((301, 302, 303, 307, 308), "refused"),
    ],
)
def test_statuses(statuses: tuple[int, ...], outcome: str) -> None:
    assert {assess(answered(status)).outcome for status in statuses} == {outcome}


@pytest.mark.parametrize("point", ["dns", "connect", "tls", "sending", "waiting", "reply"])
def test_without_a_complete_reply_it_is_tried_again(point: str) -> None:
    finding = assess(Exchange(point, Problem("timeout_nothing", values={"host": "x"})))
    assert (finding.outcome, finding.silent) == ("later", True)
    assert finding.reason == {"code": "timeout_nothing", "values": {"host": "x"}}


def test_an_address_that_may_not_be_called_is_not_called_later() -> None:
    assert assess(Exchange("refused", Problem("network_private"))).outcome == "refused"


def test_the_schedule() -> None:
    later = Finding("later", {})
    delays = [next_step(later, failures).due_in for failures in range(len(SCHEDULE))]
    assert delays == [5, 30, 300, 1800, 7200, 21600]
    last = next_step(later, len(SCHEDULE))
    assert (last.state, last.due_in) == ("failed", None)
    assert next_step(Finding("refused", {}), 0).state == "failed"
    assert next_step(Finding("told", {}), 3).state == "told"


@pytest.mark.parametrize(("asked", "waits"), [(None, 5), (0, 5), (90, 90), (10**9, 21600)])
def test_what_the_program_asks_for(asked: int | None, waits: float) -> None:
    assert next_step(Finding("later", {}), 0, asked).due_in == waits
