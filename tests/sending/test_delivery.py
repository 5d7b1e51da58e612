from datetime import UTC, datetime

import pytest
import responses

from tests.sending.counting import Answer, CountingProvider
from tests.sending.panel import SendingPanel, ago, facts
from webpanel import gateways
from webpanel.models import Gateway, Message

REFUSED = Answer(400, b'{"error": "no such number"}')
LATER = Answer(429, headers=(("Retry-After", "120"),))
CANARY = "canary-4711-secret"


def make_due(panel: SendingPanel, message_id: str) -> None:
    panel.change(Message, message_id, due_at=ago(1))


def test_a_message_becomes_sent(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = panel.gateway(
        provider.url,
        message_id_kind="jmespath",
        message_id_rule="id",
        headers="X-Message: {{message_id}}\nX-API-Key: {{secret.key}}",
        secrets={"key": CANARY},
    )
    provider.script = Answer(body=b'{"sent": true, "id": 1234567890123456789, "echo": "canary-4711-secret"}')
    message_id = panel.accept(gateway_id, text="Grüße & <b>")

    assert panel.deliver(gateway_id) is None

    message = panel.message(message_id)
    assert facts(message, "state", "attempt_count", "possible_duplicate", "due_at", "lease_token") == {
        "state": "sent",
        "attempt_count": 1,
        "possible_duplicate": False,
        "due_at": None,
        "lease_token": None,
    }
    assert message.provider_message_id == "1234567890123456789"
    assert message.final_at is not None
    assert message.reason is not None
    assert message.reason["code"] == "accepted_rule"
    assert panel.events(message_id) == ["event_accepted", "event_sent"]
    assert provider.seen == {message_id: 1}
    assert provider.bodies == [b"to=447911123456&text=Gr%C3%BC%C3%9Fe+%26+%3Cb%3E"]

    (attempt,) = panel.attempts(message_id)
    assert facts(attempt, "number", "outcome", "reply_status", "reply_cut") == {
        "number": 1,
        "outcome": "accepted",
        "reply_status": 200,
        "reply_cut": False,
    }
    assert attempt.started_at <= attempt.finished_at
    assert attempt.request.startswith(b"POST /v1/send HTTP/1.1\r\n")
    assert attempt.reply_head.startswith(b"HTTP/1.1 200 OK\r\n")
    for kept in (attempt.request, attempt.reply_head, attempt.reply_body, str(message.reason).encode()):
        assert CANARY.encode() not in kept
    assert b"X-API-Key: \xe2\x80\xa2" in attempt.request


@responses.activate
def test_the_request_that_the_library_is_given(panel: SendingPanel) -> None:
    responses.post(
        "https://api.someprovider.com/v1/send",
        body='{"sent": true}',
        match=[
            responses.matchers.header_matcher({"X-API-Key": "xyz123"}),
            responses.matchers.urlencoded_params_matcher({"destination": "447911123456", "text": "Hi"}),
        ],
    )
    gateway_id = panel.gateway(
        "https://api.someprovider.com/v1/send",
        headers="X-API-Key: xyz123",
        body_form="destination={{recipient}}\ntext={{message}}",
    )
    message_id = panel.accept(gateway_id, text="Hi")
    panel.deliver(gateway_id)
    assert panel.message(message_id).state == "sent"
    assert len(responses.calls) == 1


@pytest.mark.parametrize(
    ("answer", "state", "due_in", "event", "outcome"),
    [
        (REFUSED, "failed", None, "event_failed", "rejected"),
        (Answer(body=b'{"sent": false}'), "failed", None, "event_failed", "rejected"),
        (Answer(429), "queued", 10, "event_retry", "deferred"),
        (Answer(503), "queued", 10, "event_retry", "deferred"),
        (Answer(500), "queued", 60, "event_send_once_more", "ambiguous"),
        (Answer(302, headers=(("Location", "/"),)), "queued", 60, "event_send_once_more", "ambiguous"),
        (Answer(cut=True), "queued", 60, "event_send_once_more", "ambiguous"),
        (Answer(401), "queued", 0, "event_gateway_fault", "gateway_fault"),
    ],
)
def test_what_follows_an_answer(  # noqa: PLR0913, PLR0917 - the table's columns
    panel: SendingPanel,
    provider: CountingProvider,
    answer: Answer,
    state: str,
    due_in: float | None,
    event: str,
    outcome: str,
) -> None:
    provider.script = answer
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    panel.deliver(gateway_id)

    message = panel.message(message_id)
    (attempt,) = panel.attempts(message_id)
    assert (message.state, attempt.outcome, panel.events(message_id)[-1]) == (state, outcome, event)
    assert message.possible_duplicate == (outcome == "ambiguous")
    if due_in is None:
        assert (message.due_at, message.final_at is not None) == (None, True)
    else:
        assert abs((message.due_at - datetime.now(UTC)).total_seconds() - due_in) < 2
        assert message.final_at is None
    # Nothing is sent again before it is due.
    panel.deliver(gateway_id)
    assert provider.total == 1


def test_nothing_listens(panel: SendingPanel) -> None:
    with CountingProvider() as gone:
        url = gone.url
    gateway_id = panel.gateway(url)
    message_id = panel.accept(gateway_id)
    again = panel.deliver(gateway_id)

    message = panel.message(message_id)
    (attempt,) = panel.attempts(message_id)
    assert (message.state, attempt.outcome, attempt.request) == ("queued", "not_sent", None)
    assert message.reason["code"] == "connect_refused"
    assert not message.possible_duplicate
    assert again is None or again >= message.due_at


def test_retries_follow_the_schedule_until_the_provider_answers(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    provider.script = Answer(503)
    gateway_id = panel.gateway(provider.url, retry_delays="10 s, 1 min, 1 h")
    message_id = panel.accept(gateway_id)
    for delay in (10, 60, 3600):
        panel.deliver(gateway_id)
        waits = (panel.message(message_id).due_at - datetime.now(UTC)).total_seconds()
        assert 0.8 * delay - 2 < waits <= 1.2 * delay
        make_due(panel, message_id)
    provider.script = Answer()
    panel.deliver(gateway_id)
    assert panel.message(message_id).state == "sent"
    assert [attempt.outcome for attempt in panel.attempts(message_id)] == [*["deferred"] * 3, "accepted"]


def test_uncertain_twice_waits_for_a_person(panel: SendingPanel, provider: CountingProvider) -> None:
    provider.script = Answer(cut=True)
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    panel.deliver(gateway_id)
    make_due(panel, message_id)
    panel.deliver(gateway_id)
    message = panel.message(message_id)
    assert facts(message, "state", "possible_duplicate", "due_at") == {
        "state": "unknown",
        "possible_duplicate": True,
        "due_at": None,
    }
    assert provider.seen[message_id] == 2


def test_uncertain_where_the_administrator_wants_to_be_asked(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    provider.script = Answer(500)
    gateway_id = panel.gateway(provider.url, on_ambiguous="hold")
    message_id = panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert facts(panel.message(message_id), "state", "possible_duplicate") == {
        "state": "unknown",
        "possible_duplicate": False,
    }


def test_the_gateways_fault_stops_it_and_loses_nothing(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    provider.script = Answer(401)
    gateway_id = panel.gateway(provider.url, in_flight=1)
    waiting = [panel.accept(gateway_id) for _ in range(5)]
    assert panel.deliver(gateway_id) is None

    gateway = panel.gateway_row(gateway_id)
    assert gateway.stopped_at is not None
    assert gateway.stopped_reason["code"] == "fault_credentials"
    assert provider.total == 1
    assert panel.states() == ["queued"] * 5
    assert panel.delivery.due() == []
    assert panel.deliver(gateway_id) is None
    assert provider.total == 1

    provider.script = Answer()
    gateways.resume(panel.store, gateway_id)
    assert panel.delivery.due() == [gateway_id]
    panel.deliver(gateway_id)
    assert panel.states() == ["sent"] * 5
    assert provider.seen == {message_id: 2 if message_id == waiting[0] else 1 for message_id in waiting}
    assert not panel.message(waiting[0]).possible_duplicate


def test_ten_rejections_in_a_row_stop_the_gateway(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = panel.gateway(provider.url, in_flight=1)
    provider.script = REFUSED
    for _ in range(9):
        panel.accept(gateway_id)
    panel.deliver(gateway_id)
    assert panel.gateway_row(gateway_id).stopped_at is None

    # Counted from rows, by whichever process; an accepted one between them begins anew.
    provider.script = Answer()
    panel.accept(gateway_id)
    panel.deliver(gateway_id)
    provider.script = REFUSED
    for _ in range(15):
        panel.accept(gateway_id)
    panel.deliver(gateway_id)
    gateway = panel.gateway_row(gateway_id)
    assert gateway.stopped_reason == {"code": "rejections_in_a_row", "values": {"count": 10}}
    assert panel.states() == [*["failed"] * 9, "sent", *["failed"] * 10, *["queued"] * 5]

    # What was refused before a person let it go on does not stop it again.
    gateways.resume(panel.store, gateway_id)
    panel.deliver(gateway_id)
    assert panel.gateway_row(gateway_id).stopped_at is None
    assert panel.states().count("failed") == 24


def test_retry_after_pauses_the_gateway(panel: SendingPanel, provider: CountingProvider) -> None:
    provider.script = LATER
    gateway_id = panel.gateway(provider.url, in_flight=1)
    for _ in range(3):
        panel.accept(gateway_id)
    again = panel.deliver(gateway_id)
    assert provider.total == 1
    paused_until = panel.gateway_row(gateway_id).paused_until
    assert 110 < (paused_until - datetime.now(UTC)).total_seconds() < 130
    assert again == paused_until
    assert panel.delivery.due() == []

    provider.script = Answer()
    panel.change(Gateway, gateway_id, paused_until=ago(1))
    panel.deliver(gateway_id)
    assert sorted(panel.states()) == ["queued", "sent", "sent"]
