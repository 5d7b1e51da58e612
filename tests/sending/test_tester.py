import threading

import pytest

from tests.sending.counting import Answer, CountingProvider
from tests.sending.panel import NUMBER, SendingPanel, ago, facts
from webpanel.models import Message
from webpanel.sending import tester
from webpanel.store import StoreUnavailable
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Refused

CANARY = "canary-4711-secret"


def settings(provider: CountingProvider, **changes: object) -> Gateway:
    return Gateway(
        **{
            "name": "Typed",
            "url": provider.url,
            "headers": "X-Message: {{message_id}}\nX-API-Key: {{secret.key}}",
            "body_form": "to={{recipient}}\ntext={{message}}",
            "success_kind": "jmespath",
            "success_rule": "sent",
            "timeout": 2.0,
            **changes,
        }
    )


def run(
    panel: SendingPanel,
    gateway: Gateway,
    *,
    to: str = "07911 123456",
    text: str = "Hello",
    gateway_id: int | None = None,
) -> Message:
    message_id = tester.run(
        panel.store,
        panel.transport,
        gateway,
        {"key": CANARY},
        to=to,
        text=text,
        panel_country="GB",
        actor="ada",
        gateway_id=gateway_id,
        lease=5.0,
    )
    return panel.message(message_id)


def test_a_test_is_a_message_that_was_sent_once(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway = settings(provider)
    message = run(panel, gateway)
    assert facts(
        message, "state", "test", "created_by", "source", "recipient", "text", "gateway_name", "gateway_id"
    ) == {
        "state": "sent",
        "test": True,
        "created_by": "ada",
        "source": "test",
        "recipient": NUMBER,
        "text": "Hello",
        "gateway_name": "Typed",
        "gateway_id": None,
    }
    assert message.test_settings["url"] == gateway.url
    assert CANARY not in str(message.test_settings)
    assert message.final_at is not None
    assert panel.events(message.id) == ["event_test", "event_sent"]
    (attempt,) = panel.attempts(message.id)
    assert (attempt.outcome, attempt.reply_status) == ("accepted", 200)
    assert CANARY.encode() not in attempt.request
    assert provider.bodies == [b"to=447911123456&text=Hello"]


@pytest.mark.parametrize(
    ("answer", "state", "outcome"),
    [
        (Answer(400), "failed", "rejected"),
        (Answer(body=b'{"sent": false}'), "failed", "rejected"),
        (Answer(401), "failed", "gateway_fault"),
        (Answer(429), "failed", "deferred"),
        (Answer(500), "unknown", "ambiguous"),
        (Answer(cut=True), "unknown", "ambiguous"),
    ],
)
def test_a_test_that_fails_is_final_and_touches_no_gateway(
    panel: SendingPanel, provider: CountingProvider, answer: Answer, state: str, outcome: str
) -> None:
    provider.script = answer
    gateway_id = panel.gateway(provider.url)
    for _ in range(11):
        message = run(panel, settings(provider), gateway_id=gateway_id)
    (attempt,) = panel.attempts(message.id)
    assert (message.state, attempt.outcome, message.due_at) == (state, outcome, None)
    assert message.reason == attempt.reason
    assert facts(panel.gateway_row(gateway_id), "stopped_at", "paused_until") == {
        "stopped_at": None,
        "paused_until": None,
    }
    assert panel.delivery.due() == []
    assert provider.total == 11


def test_nothing_listens(panel: SendingPanel) -> None:
    with CountingProvider() as gone:
        gateway = settings(gone)
    message = run(panel, gateway)
    assert (message.state, message.reason["code"]) == ("failed", "connect_refused")
    assert panel.attempts(message.id)[0].request is None


def test_a_test_stands_in_the_table_before_the_provider_sees_it(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    seen = []

    def look(message_id: str, _body: bytes) -> Answer:
        message = panel.message(message_id)
        seen.append((message.state, message.test, len(panel.attempts(message_id))))
        return Answer()

    provider.script = look
    run(panel, settings(provider))
    assert seen == [("sending", True, 1)]


def test_a_test_that_a_crash_interrupted_is_unclear_and_not_repeated(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    other = panel.another_process()
    arrived = threading.Event()

    def crash(message_id: str, _body: bytes) -> Answer:
        assert other.recover() == 0, "within its lease it belongs to whoever runs it"
        panel.change(Message, message_id, lease_until=ago(1))
        assert other.recover() == 1
        arrived.set()
        return Answer()

    provider.script = crash
    gateway_id = panel.gateway(provider.url)
    message = run(panel, settings(provider), gateway_id=gateway_id)
    assert arrived.is_set()
    assert facts(message, "state", "possible_duplicate") == {
        "state": "unknown",
        "possible_duplicate": False,
    }
    assert other.due() == []
    other.stop()


@pytest.mark.parametrize("to", ["", "   ", "letters", "+44 7911 123456 / +44 7911 123457"])
def test_never_to_a_number_that_is_none(panel: SendingPanel, provider: CountingProvider, to: str) -> None:
    with pytest.raises(Refused) as refused:
        run(panel, settings(provider), to=to)
    assert {problem.field for problem in refused.value.problems} == {"recipient"}
    assert (provider.total, panel.states()) == (0, [])


def test_number_and_text_are_both_said(panel: SendingPanel, provider: CountingProvider) -> None:
    with pytest.raises(Refused) as refused:
        run(panel, settings(provider), to="", text="")
    assert {problem.field for problem in refused.value.problems} == {"recipient", "text"}


def test_what_cannot_be_composed_is_neither_sent_nor_recorded(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    with pytest.raises(Refused):
        run(panel, settings(provider, headers="X-Text: {{message}}"), text="two\nlines")
    assert (provider.total, panel.states()) == (0, [])


def test_what_cannot_be_recorded_is_not_sent(panel: SendingPanel, provider: CountingProvider) -> None:
    panel.store.close()
    with pytest.raises(StoreUnavailable):
        run(panel, settings(provider))
    assert provider.total == 0


def test_a_test_of_a_gateway_that_was_deleted_meanwhile(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    message = run(panel, settings(provider), gateway_id=99)
    assert facts(message, "state", "gateway_id") == {"state": "sent", "gateway_id": None}


def test_preview_shows_what_would_leave(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway = settings(provider)
    previewed = tester.preview(gateway, {"key": CANARY}, to="07911 123456", text="Hello", panel_country="GB")
    assert previewed.shown.startswith("POST /v1/send HTTP/1.1\r\n")
    assert previewed.shown.endswith("\r\n\r\nto=447911123456&text=Hello")
    assert CANARY not in previewed.shown
    assert "X-API-Key: ••••••\r\n" in previewed.shown
    assert (provider.total, panel.states()) == (0, [])

    message = run(panel, gateway)
    sent = panel.attempts(message.id)[0].request.decode()
    assert sent.replace(message.id, tester.PREVIEW_ID) == previewed.shown


def test_preview_refuses_as_a_test_does(provider: CountingProvider) -> None:
    with pytest.raises(Refused):
        tester.preview(settings(provider), {}, to="", text="Hello", panel_country="GB")
