import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event as events
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.sending.counting import Answer, CountingProvider
from tests.sending.panel import SendingPanel, ago, facts
from webpanel.models import Gateway, Message
from webpanel.sending import ledger

CANARY = "canary-4711-secret"


def test_an_attempt_stands_in_the_table_before_the_provider_sees_it(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    found = []

    def look(message_id: str, _body: bytes) -> Answer:
        (attempt,) = panel.attempts(message_id)
        message = panel.message(message_id)
        found.append((message.state, attempt.outcome, attempt.token == message.lease_token))
        # No transaction is open meanwhile: anybody may write.
        panel.store.write(lambda connection: connection.execute(text("UPDATE panel SET id = id")))
        return Answer()

    provider.script = look
    gateway_id = panel.gateway(provider.url)
    panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert found == [("sending", None, True)]


def test_lease_of_a_marked_message_outlasts_its_attempt(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    leases = []

    def look(message_id: str, _body: bytes) -> Answer:
        leases.append(panel.message(message_id).lease_until)
        return Answer()

    provider.script = look
    gateway_id = panel.gateway(provider.url, timeout=20.0)
    panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert leases[0] > datetime.now(UTC) + timedelta(seconds=20)


@pytest.mark.parametrize("change", [{"enabled": False}, {"stopped_at": ago(1)}, {"version": 2}])
def test_a_change_between_claim_and_mark_sends_nothing(
    panel: SendingPanel, provider: CountingProvider, change: dict[str, object]
) -> None:
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    hands = panel.delivery._claims
    loaded = hands.load(gateway_id)
    (claim,) = hands.take(hands.load(gateway_id), 1)
    panel.change(Gateway, gateway_id, **change)
    assert hands.send(loaded, claim) is None
    assert provider.total == 0
    assert facts(panel.message(message_id), "state", "due_at", "lease_token", "attempt_count") == {
        "state": "queued",
        "due_at": claim.due_at,
        "lease_token": None,
        "attempt_count": 0,
    }


def test_settings_that_make_no_request_stop_the_gateway(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    panel.change(Gateway, gateway_id, headers="X-Key: {{secret.gone}}", version=2)
    panel.deliver(gateway_id)
    gateway = panel.gateway_row(gateway_id)
    assert gateway.stopped_at is not None
    assert gateway.stopped_reason["code"]
    assert (provider.total, panel.states()) == (0, ["queued"])
    assert panel.attempts(message_id) == []
    assert panel.events(message_id)[-1] == "event_gateway_fault"


def test_a_message_that_fits_into_no_request_fails_and_holds_up_no_other(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    """Its gateway was changed since, or it came from another one that could put it into a request."""
    gateway_id = panel.gateway(provider.url)
    odd, other = panel.accept(gateway_id, text="two\nlines"), panel.accept(gateway_id)
    panel.change(Gateway, gateway_id, headers="X-Message: {{message_id}}\nX-Text: {{message}}", version=2)
    panel.deliver(gateway_id)
    panel.deliver(gateway_id)
    assert panel.gateway_row(gateway_id).stopped_at is None
    message = panel.message(odd)
    assert (message.state, message.due_at, panel.attempts(odd)) == ("failed", None, [])
    assert message.reason["code"] == "header_character"
    assert (panel.message(other).state, provider.seen) == ("sent", {other: 1})


def test_secrets_that_cannot_be_read_stop_the_gateway(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    gateway_id = panel.gateway(provider.url, secrets={"key": CANARY})
    panel.accept(gateway_id)
    with Session(panel.engine) as session:
        session.get_one(Gateway, gateway_id).secrets[0].ciphertext = b"of another key"
        session.commit()
    assert panel.deliver(gateway_id) is None
    assert panel.gateway_row(gateway_id).stopped_reason["code"] == "secrets_unreadable"
    assert (provider.total, panel.states()) == (0, ["queued"])


def test_a_mark_under_a_lost_lease_sends_nothing(panel: SendingPanel, provider: CountingProvider) -> None:
    """A process stood still for longer than its lease: another one has the message by now."""
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    hands = panel.delivery._claims
    loaded = hands.load(gateway_id)
    (claim,) = hands.take(hands.load(gateway_id), 1)
    panel.change(Message, message_id, lease_until=ago(1))
    other = panel.another_process()
    assert other.recover() == 1
    (stolen,) = other._claims.take(other._claims.load(gateway_id), 1)
    assert hands.send(loaded, claim) is None
    assert provider.total == 0
    assert panel.message(message_id).lease_token == stolen.token
    assert other._claims.send(loaded, stolen).verdict.outcome == "accepted"
    assert provider.seen == {message_id: 1}
    other.stop()


def test_an_expired_lease_alone_sends_nothing(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    hands = panel.delivery._claims
    (claim,) = hands.take(hands.load(gateway_id), 1)
    panel.change(Message, message_id, lease_until=ago(1))
    assert hands.send(hands.load(gateway_id), claim) is None
    assert provider.total == 0
    assert panel.message(message_id).state == "queued"


def test_a_reply_that_comes_after_the_message_was_taken_is_noted(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    other = panel.another_process()

    def steal(_message_id: str, _body: bytes) -> Answer:
        panel.change(Message, message_id, lease_until=ago(1))
        assert other.recover() == 1
        return Answer()

    provider.script = steal
    panel.deliver(gateway_id)
    message = panel.message(message_id)
    assert facts(message, "state", "possible_duplicate") == {"state": "queued", "possible_duplicate": True}
    assert panel.events(message_id)[-3:] == [
        "event_lease_lost",
        "event_send_once_more",
        "event_reply_too_late",
    ]
    (attempt,) = panel.attempts(message_id)
    assert (attempt.outcome, attempt.reason["code"]) == ("ambiguous", "interrupted")
    other.stop()


def test_what_cannot_be_finished_is_tried_until_it_is(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    """The database is locked when the reply comes: what the provider said is kept, nothing is sent twice."""
    locked, released = threading.Event(), threading.Event()

    def lock() -> None:
        panel.store.write(lambda _connection: None)  # the writer has its connection by now
        with panel.engine.connect().execution_options(webpanel_writes=True) as other, other.begin():
            locked.set()
            released.wait(10)

    holder = threading.Thread(target=lock)

    def answer(_message_id: str, _body: bytes) -> Answer:
        holder.start()
        assert locked.wait(10)
        return Answer()

    failed = []

    def unlock(_context: object) -> None:
        failed.append(1)
        released.set()

    events.listen(panel.engine, "handle_error", unlock)
    provider.script = answer
    panel.store.write(lambda connection: connection.execute(text("PRAGMA busy_timeout = 100")).close())
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    panel.deliver(gateway_id)
    holder.join()
    assert failed
    assert panel.message(message_id).state == "sent"
    assert provider.seen == {message_id: 1}


def test_no_two_marks_under_one_token(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = panel.gateway(provider.url)
    panel.accept(gateway_id)
    (claim,) = panel.delivery._claims.take(panel.delivery._claims.load(gateway_id), 1)
    assert panel.store.write(lambda c: ledger.mark(c, claim, gateway_id, 1, 10.0))
    with pytest.raises(Exception, match="UNIQUE"):
        panel.store.write(lambda c: ledger.mark(c, claim, gateway_id, 1, 10.0))
