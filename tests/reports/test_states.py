"""What reports make of a message's state, in any order and between all steps of its delivery."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reports.panel import FIELDS, ReportingPanel
from tests.sending.panel import SendingPanel, running
from webpanel.sending import arrival, ledger, reports
from webpanel.sending.attempt import Report
from webpanel.sending.policy import Step
from webpanel.sending.reports import Received
from webpanel.wire.report import MEANINGS, Told
from webpanel.wire.verdict import Verdict
from webpanel.words.events import STATES

COLUMNS = {
    "method": "POST",
    "message_id": "",
    "query": b"",
    "content_type": "",
    "body": b"",
    "cut": False,
    "trouble": None,
}
#: State -> what each meaning makes of it; what is not named changes nothing.
CHANGES = {
    "scheduled": {"delivered": "delivered", "undelivered": "undelivered", "under way": "sent"},
    "queued": {"delivered": "delivered", "undelivered": "undelivered", "under way": "sent"},
    "held": {"delivered": "delivered", "undelivered": "undelivered", "under way": "sent"},
    "sent": {"delivered": "delivered", "undelivered": "undelivered"},
    "unknown": {"delivered": "delivered", "undelivered": "undelivered", "under way": "sent"},
    "undelivered": {"delivered": "delivered"},
    "failed": {"delivered": "delivered"},
    "expired": {"delivered": "delivered"},
    "cancelled": {"delivered": "delivered"},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("meaning", [*MEANINGS, "something else"])
def test_each_state_and_meaning(state: str, meaning: str) -> None:
    assert arrival.after(state, 1, meaning) == CHANGES.get(state, {}).get(meaning)
    assert arrival.after(state, 0, meaning) is None


@given(st.sampled_from(sorted(STATES)), st.lists(st.sampled_from(MEANINGS), max_size=8))
def test_delivered_never_goes_back_and_the_best_word_wins(state: str, meanings: list[str]) -> None:
    """However they are ordered and repeated."""
    ends = set()
    for order in itertools.islice(itertools.permutations(meanings + meanings[:1]), 50):
        now, seen = state, []
        for meaning in order:
            now = arrival.after(now, 1, meaning) or now
            seen.append(now)
        after = seen[seen.index("delivered") :] if "delivered" in seen else []
        assert set(after) <= {"delivered"}
        if state in ("sent", "unknown", "queued"):
            ends.add(now)
    if ends:
        best = next((each for each in ("delivered", "undelivered") if each in meanings), None)
        wanted = best or ("sent" if "under way" in meanings else state)
        assert ends == {wanted}


@pytest.fixture(scope="module")
def sending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SendingPanel]:
    with running(tmp_path_factory.mktemp("sending")) as panel:
        yield panel


class Life:
    """One message's way, a step at a time, as drains and sweeps take them."""

    def __init__(self, panel: SendingPanel, gateway_id: int, provider_id: str | None) -> None:
        self.panel, self.gateway_id, self.provider_id = panel, gateway_id, provider_id
        self.message_id = panel.accept(gateway_id)
        self.claim: Any = None

    def claimed(self) -> None:
        write = self.panel.store.write
        (self.claim,) = write(lambda connection: ledger.claim(connection, self.gateway_id, 1, 60.0))

    def marked(self) -> None:
        version = self.panel.gateway_row(self.gateway_id).version
        assert self.panel.store.write(
            lambda connection: ledger.mark(connection, self.claim, self.gateway_id, version, 60.0)
        )

    def finished(self, step: Step | None = None) -> None:
        ended = step or Step("sent", "event_sent")
        outcome = "accepted" if ended.state == "sent" else "ambiguous"
        columns = {"outcome": outcome, "reason": {"code": "accepted_status", "values": {}}}
        report = Report(Verdict(outcome, "accepted_status"), columns, self.provider_id)
        self.panel.store.write(lambda connection: ledger.finish(connection, self.claim, report, ended))

    def reported(self, named: str, meaning: str) -> None:
        told = (Told(named, meaning, meaning),)  # type: ignore[arg-type]
        received = Received(self.gateway_id, COLUMNS, told)
        self.panel.store.write_together(reports.take, received)

    @property
    def state(self) -> str:
        return self.panel.message(self.message_id).state


NAMES = itertools.count()
ORDERS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(MEANINGS[:3])), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=ORDERS, sweeps=st.sets(st.integers(0, 3)), own=st.booleans())
def test_reports_between_all_steps_of_an_attempt(
    sending: SendingPanel, words: list[tuple[int, str]], sweeps: set[int], own: bool
) -> None:
    """Each report comes twice, after the step of its number; sweeps run where they run."""
    gateway_id = sending.gateway("https://sms.town.example", name=str(next(NAMES)), **FIELDS)
    life = Life(sending, gateway_id, "p-1")
    named = life.message_id if own else "p-1"
    steps: list[Callable[[], None]] = [life.claimed, life.marked, life.finished, lambda: None]
    was_delivered = False
    for number, step in enumerate(steps):
        step()
        for _, meaning in [each for each in words if each[0] == number] * 2:
            life.reported(named, meaning)
        if number in sweeps:
            sending.delivery.settle_reports()
        assert not was_delivered or life.state == "delivered"
        was_delivered = life.state == "delivered"
    sending.delivery.settle_reports(everything=True)
    meanings = {meaning for _, meaning in words}
    wanted = next((each for each in ("delivered", "undelivered") if each in meanings), "sent")
    assert life.state == wanted
    sending.delivery.settle_reports(everything=True)
    codes = sending.events(life.message_id)
    # Every attempt was finished by its own reply, whatever was reported meanwhile.
    assert codes.count("event_sent") == 1
    assert "event_reply_too_late" not in codes
    assert len([code for code in codes if code.startswith("event_reported")]) == len(
        {code for code in codes if code.startswith("event_reported")}
    )
    assert sending.attempts(life.message_id)[0].outcome == "accepted"


@pytest.mark.parametrize(
    ("meaning", "state"), [("delivered", "delivered"), ("undelivered", "undelivered"), ("under way", "sent")]
)
@pytest.mark.parametrize("early", [True, False])
def test_a_report_prevents_a_second_sending(
    sending: SendingPanel, meaning: str, state: str, early: bool
) -> None:
    gateway_id = sending.gateway("https://sms.town.example", name=f"{meaning} {early}", **FIELDS)
    life = Life(sending, gateway_id, None)
    life.claimed()
    life.marked()
    if early:
        life.reported(life.message_id, meaning)
    life.finished(Step("queued", "event_send_once_more", due_in=0.0, possible_duplicate=True))
    if not early:
        life.reported(life.message_id, meaning)
    sending.delivery.settle_reports()
    row = sending.message(life.message_id)
    assert row.state == state
    assert row.due_at is None
    assert row.possible_duplicate
    assert not sending.store.write(lambda connection: ledger.claim(connection, gateway_id, 1, 60.0))


def test_a_report_that_overtakes_our_own_commit_is_applied(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway()
    assert panel.report(gateway_id, id="p-early", status="delivered").status_code == 200
    assert panel.report(gateway_id, id="p-early", status="delivered").status_code == 200
    assert panel.waiting() == ["p-early"]
    assert panel.settle() == 0
    message_id = panel.message(gateway_id, provider_message_id="p-early")
    assert panel.settle() == 1
    assert panel.state(message_id) == "delivered"
    assert panel.waiting() == []
    assert panel.events(message_id) == ["event_reported_delivered"]


def test_a_report_waits_for_a_day(panel: ReportingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway_id = panel.gateway()
    panel.report(gateway_id, id="p-never", status="delivered")
    panel.settle()
    assert panel.waiting() == ["p-never"]
    monkeypatch.setattr(reports, "WAITS", -1)
    panel.settle()
    assert panel.waiting() == []


def test_the_same_provider_id_at_another_gateway_is_another_message(panel: ReportingPanel) -> None:
    gateway_id, other = panel.gateway(), panel.gateway()
    message_id = panel.message(other, provider_message_id="p-1")
    panel.report(gateway_id, id="p-1", status="delivered")
    panel.report(gateway_id, id=message_id, status="delivered")
    assert panel.settle() == 0
    assert panel.state(message_id) == "sent"
    assert panel.received(gateway_id)[-1].told[0][3] == "foreign"


def test_an_earlier_gateway_may_report_of_a_message_that_moved_on(panel: ReportingPanel) -> None:
    gateway_id, next_one = panel.gateway(), panel.gateway()
    message_id = panel.message(gateway_id, "queued", provider_message_id=None)
    panel.parts.store.write(
        lambda connection: connection.exec_driver_sql(
            f"UPDATE message SET gateway_id = {next_one} WHERE id = '{message_id}'"  # noqa: S608 - our own
        )
    )
    panel.report(gateway_id, id=message_id, status="delivered")
    assert panel.state(message_id) == "delivered"


def test_what_was_never_sent_was_not_delivered_either(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway()
    message_id = panel.message(gateway_id, "queued", attempt_count=0, provider_message_id=None)
    panel.report(gateway_id, id=message_id, status="delivered")
    panel.settle()
    assert panel.state(message_id) == "queued"
    assert panel.waiting() == []


def test_a_sensitive_text_goes_when_a_report_ends_its_message(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway()
    message_id = panel.message(gateway_id, "queued", sealed_text=b"x", text=None, sensitive=True)
    panel.report(gateway_id, id=f"p-{message_id}", status="sent")
    row = panel.row(message_id)
    assert (row.state, row.sealed_text) == ("sent", None)
    assert row.final_at is not None
