"""Pauses after failures: no attempt is spent while one lasts, then one message at a time is let through."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from tests.sending.counting import Answer, CountingProvider
from tests.sending.panel import SendingPanel, ago
from webpanel import gateways
from webpanel.models import Gateway, Message
from webpanel.sending import policy


def end_of_pause(panel: SendingPanel, gateway_id: int) -> None:
    panel.change(Gateway, gateway_id, paused_until=ago(0.001))


def all_due(panel: SendingPanel) -> None:
    due = update(Message).where(Message.state == "queued").values(due_at=ago(1))
    panel.store.write(lambda connection: connection.execute(due))


def failing(panel: SendingPanel, provider: CountingProvider, **columns: object) -> int:
    """A gateway that was paused because its provider failed five times in a row; five messages wait."""
    provider.script = Answer(503)
    gateway_id = panel.gateway(provider.url, in_flight=1, **columns)
    for _ in range(policy.FAILURES_IN_A_ROW):
        panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert provider.total == policy.FAILURES_IN_A_ROW
    all_due(panel)
    return gateway_id


@pytest.mark.parametrize(
    ("answer", "reason"), [(Answer(503), "deferred_status"), (Answer(cut=True), "closed_nothing")]
)
def test_five_failures_in_a_row_pause_the_gateway(
    panel: SendingPanel, provider: CountingProvider, answer: Answer, reason: str
) -> None:
    provider.script = answer
    gateway_id = panel.gateway(provider.url, in_flight=1)
    for _ in range(20):
        panel.accept(gateway_id)
    again = panel.deliver(gateway_id)
    assert provider.total == policy.FAILURES_IN_A_ROW, "no attempt is spent on a gateway that fails"
    row = panel.gateway_row(gateway_id)
    assert row.failing_since is not None
    assert row.paused_reason["code"] == reason
    assert again == row.paused_until
    assert panel.delivery.due() == []


def test_one_message_is_let_through_at_a_time_until_one_gets_through(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    gateway_id = failing(panel, provider)
    for tried in (1, 2):
        end_of_pause(panel, gateway_id)
        before = datetime.now(UTC)
        panel.deliver(gateway_id)
        assert provider.total == policy.FAILURES_IN_A_ROW + tried
        pause = (panel.gateway_row(gateway_id).paused_until - before).total_seconds()
        assert policy.TRIED_EVERY - 1 <= pause <= policy.TRIED_EVERY + 5
        all_due(panel)
    provider.script = Answer()
    end_of_pause(panel, gateway_id)
    panel.deliver(gateway_id)
    panel.deliver(gateway_id)
    row = panel.gateway_row(gateway_id)
    assert (row.failing_since, row.paused_until, row.paused_reason) == (None, None, None)
    assert set(panel.states()) == {"sent"}


def test_a_failure_after_it_got_through_does_not_pause_it_again(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    """What failed before the pause counts no more, although it was within the same minute."""
    gateway_id = failing(panel, provider)
    provider.script = Answer()
    end_of_pause(panel, gateway_id)
    panel.deliver(gateway_id)
    provider.script = Answer(503)
    panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert panel.gateway_row(gateway_id).failing_since is None


def test_a_person_ends_the_pause(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = failing(panel, provider)
    provider.script = Answer()
    gateways.resume(panel.store, gateway_id)
    panel.deliver(gateway_id)
    assert set(panel.states()) == {"sent"}
    assert panel.gateway_row(gateway_id).failing_since is None


def test_two_processes_let_one_message_through(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = failing(panel, provider)
    end_of_pause(panel, gateway_id)
    other = panel.another_process()
    claims = [each._claims for each in (panel.delivery, other)]
    loaded = [each.load(gateway_id) for each in claims]
    taken = [each.take(as_found, 5) for each, as_found in zip(claims, loaded, strict=True)]
    assert [len(each) for each in taken] == [1, 1]
    sent = [
        each.send(as_found, claim) for each, as_found, (claim,) in zip(claims, loaded, taken, strict=True)
    ]
    assert [report is None for report in sent] == [False, True]
    assert provider.total == policy.FAILURES_IN_A_ROW + 1
    other.stop()


def test_what_the_provider_refuses_is_no_failure_of_the_gateway(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    provider.script = Answer(400)
    gateway_id = panel.gateway(provider.url, in_flight=1)
    for _ in range(policy.FAILURES_IN_A_ROW + 1):
        panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert panel.gateway_row(gateway_id).failing_since is None
    assert set(panel.states()) == {"failed"}


def test_a_gateway_that_is_asked_to_slow_down_pauses(panel: SendingPanel, provider: CountingProvider) -> None:
    provider.script = Answer(429)
    gateway_id = panel.gateway(provider.url, in_flight=1)
    first, second = panel.accept(gateway_id), panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert provider.seen == {first: 1}
    assert panel.message(second).state == "queued"
    assert panel.gateway_row(gateway_id).paused_reason["code"] == "paused_asked"


def test_a_held_gateway_sends_nothing_until_it_is_released(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    gateway_id = panel.gateway(provider.url)
    panel.accept(gateway_id)
    gateways.hold(panel.store, gateway_id, "ada")
    assert panel.deliver(gateway_id) is None
    assert (provider.total, panel.delivery.due()) == (0, [])
    assert panel.gateway_row(gateway_id).held_by == "ada"
    gateways.release(panel.store, gateway_id)
    panel.deliver(gateway_id)
    assert panel.states() == ["sent"]
