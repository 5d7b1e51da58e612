import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from ulid import ULID

from tests.sending.panel import NUMBER, SendingPanel, facts, running
from webpanel import intake
from webpanel.models import Gateway, Message
from webpanel.store import StoreUnavailable
from webpanel.wire.problem import Refused

URL = "http://127.0.0.1:1/v1/send"


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[SendingPanel]:
    with running(tmp_path) as panel:
        yield panel


def resend(panel: SendingPanel, first: str, **given: str) -> str:
    return intake.resend(
        panel.store,
        panel.message(first),
        vault=panel.vault,
        panel_country="GB",
        actor="grace",
        source="page",
        lifetime_hours=24,
        ring=panel.rings.append,
        **given,
    )


def refusals(panel: SendingPanel, gateway_id: int, **given: str) -> set[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        panel.accept(gateway_id, **given)
    assert panel.states() == []
    assert panel.rings == []
    return {(problem.field, problem.code) for problem in refused.value.problems}


def test_an_accepted_message(panel: SendingPanel) -> None:
    gateway_id = panel.gateway(URL, sender="School")
    message_id = panel.accept(gateway_id, to="07911 123456", text="Grüß Gott\r\n€", lifetime_hours=2)
    message = panel.message(message_id)
    assert facts(
        message, "state", "recipient", "text", "sender", "encoding", "parts", "country", "gateway_id", "test"
    ) == {
        "state": "queued",
        "recipient": NUMBER,
        "text": "Grüß Gott\n€",
        "sender": "School",
        "encoding": "gsm7",
        "parts": 1,
        "country": "GG",  # Guernsey has 07911
        "gateway_id": gateway_id,
        "test": False,
    }
    assert facts(message, "created_by", "source", "gateway_name", "attempt_count", "final_at") == {
        "created_by": "ada",
        "source": "page",
        "gateway_name": "Generic",
        "attempt_count": 0,
        "final_at": None,
    }
    assert message.due_at == message.created_at
    assert message.expires_at - message.created_at == timedelta(hours=2)
    assert abs(ULID.from_str(message_id).datetime - message.created_at) < timedelta(seconds=2)
    assert panel.events(message_id) == ["event_accepted"]
    assert panel.rings == [gateway_id]


def test_the_gateways_country_goes_before_the_panels(panel: SendingPanel) -> None:
    gateway_id = panel.gateway(URL, default_country="DE")
    message_id = panel.accept(gateway_id, to="01512 3456789", panel_country="GB")
    assert facts(panel.message(message_id), "recipient", "country") == {
        "recipient": "+4915123456789",
        "country": "DE",
    }


def test_long_texts_keep_their_parts(panel: SendingPanel) -> None:
    message = panel.message(panel.accept(panel.gateway(URL), text="ж" * 71))
    assert facts(message, "encoding", "parts") == {"encoding": "ucs2", "parts": 2}


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"to": ""}, {"recipient"}),
        ({"to": "12"}, {"recipient"}),
        ({"to": "call me"}, {"recipient"}),
        ({"text": ""}, {"text"}),
        ({"text": "NUL \0"}, {"text"}),
        ({"text": "half a pair \ud83d"}, {"text"}),
        ({"to": "", "text": ""}, {"recipient", "text"}),
    ],
)
def test_refused(panel: SendingPanel, given: dict[str, str], fields: set[str]) -> None:
    assert {field for field, _code in refusals(panel, panel.gateway(URL), **given)} == fields


def test_what_the_gateway_cannot_send_is_refused_before_it_is_stored(panel: SendingPanel) -> None:
    gateway_id = panel.gateway(URL, headers="X-Text: {{message}}")
    assert {field for field, _code in refusals(panel, gateway_id, text="two\nlines")} == {"text"}


def test_settings_that_make_no_request_are_refused(panel: SendingPanel) -> None:
    gateway_id = panel.gateway(URL, body_form="to={{nobody}}")
    assert {field for field, _code in refusals(panel, gateway_id)} == {"gateway"}


def test_a_gateway_that_is_off_takes_nothing(panel: SendingPanel) -> None:
    assert refusals(panel, panel.gateway(URL, enabled=False)) == {("gateway", "gateway_disabled")}


def test_a_gateway_whose_secrets_cannot_be_read_takes_nothing(panel: SendingPanel) -> None:
    gateway_id = panel.gateway(URL, secrets={"key": "canary-4711"})
    with Session(panel.engine) as session:
        session.get_one(Gateway, gateway_id).secrets[0].ciphertext = b"of another key"
        session.commit()
    assert refusals(panel, gateway_id) == {("gateway", "secrets_unreadable")}


@pytest.mark.parametrize(
    ("statement", "code"),
    [("UPDATE gateway SET enabled = 0", "gateway_disabled"), ("DELETE FROM gateway", "gateway_gone")],
)
def test_a_gateway_that_goes_while_a_message_comes(panel: SendingPanel, statement: str, code: str) -> None:
    """It is read where the message is written, not only before."""
    gateway_id = panel.gateway(URL)
    busy, go = threading.Event(), threading.Event()

    def hold(connection) -> None:
        connection.exec_driver_sql(statement)
        busy.set()
        assert go.wait(10)

    holder = threading.Thread(target=panel.store.write, args=(hold,))
    holder.start()
    assert busy.wait(10)
    found = []
    accepting = threading.Thread(target=lambda: found.extend(refusals_of(panel, gateway_id)))
    accepting.start()
    while not panel.store._jobs.qsize():
        accepting.join(0.001)
    go.set()
    accepting.join(10)
    holder.join(10)
    assert found == [code]
    assert panel.states() == []


def refusals_of(panel: SendingPanel, gateway_id: int) -> list[str]:
    try:
        panel.accept(gateway_id)
    except Refused as refused:
        return [problem.code for problem in refused.problems]
    return []


def test_a_stopped_gateway_takes_messages_that_wait(panel: SendingPanel) -> None:
    gateway_id = panel.gateway(URL)
    panel.change(
        Gateway,
        gateway_id,
        stopped_at=datetime.now(UTC),
        stopped_reason={"code": "fault_credentials", "values": {}},
    )
    panel.accept(gateway_id)
    assert panel.states() == ["queued"]
    assert panel.rings == []


def test_no_id_without_storage(panel: SendingPanel) -> None:
    gateway_id = panel.gateway(URL)
    panel.store.close()
    with pytest.raises(StoreUnavailable):
        panel.accept(gateway_id)
    assert panel.rings == []


def test_a_word_used_twice_makes_one_message(panel: SendingPanel) -> None:
    gateway_id = panel.gateway(URL)
    first = panel.accept(gateway_id, once="page:1:word")
    assert panel.accept(gateway_id, once="page:1:word", text="other") == first
    assert (panel.states(), panel.message(first).text) == (["queued"], "Hello")
    assert panel.events(first) == ["event_accepted"]
    assert panel.rings == [gateway_id]


@pytest.mark.parametrize("state", ["sent", "failed", "unknown", "expired", "cancelled"])
def test_resend_makes_a_new_message(panel: SendingPanel, state: str) -> None:
    gateway_id = panel.gateway(URL)
    first = panel.accept(gateway_id, text="Once")
    panel.change(Message, first, state=state, due_at=None)
    second = resend(panel, first, once="page:1:again")
    assert facts(panel.message(second), "state", "recipient", "text", "resent_from", "created_by") == {
        "state": "queued",
        "recipient": NUMBER,
        "text": "Once",
        "resent_from": first,
        "created_by": "grace",
    }
    assert panel.message(first).state == state
    assert panel.events(first) == ["event_accepted", "event_resent"]
    assert panel.events(second) == ["event_accepted_resend"]
    assert panel.rings == [gateway_id, gateway_id]
    assert resend(panel, first, once="page:1:again") == second
    assert panel.events(first).count("event_resent") == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "message_not_final"),
        ({"state": "sending"}, "message_not_final"),
        ({"state": "sent", "recipient": None}, "message_removed"),
        ({"state": "sent", "text": None}, "message_removed"),
        ({"state": "sent", "gateway_id": None}, "gateway_gone"),
    ],
)
def test_resend_refused(panel: SendingPanel, change: dict[str, object], code: str) -> None:
    first = panel.accept(panel.gateway(URL))
    if change:
        panel.change(Message, first, **change)
    with pytest.raises(Refused) as refused:
        resend(panel, first)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert len(panel.states()) == 1


@pytest.mark.parametrize("state", ["queued", "held", "scheduled"])
def test_cancel(panel: SendingPanel, state: str) -> None:
    message_id = panel.accept(panel.gateway(URL))
    panel.change(Message, message_id, state=state)
    assert intake.cancel(panel.store, panel.message(message_id), actor="grace") is True
    message = panel.message(message_id)
    assert (message.state, message.due_at, message.final_at is not None) == ("cancelled", None, True)
    assert panel.events(message_id) == ["event_accepted", "event_cancelled"]
    assert panel.delivery.due() == []
    assert intake.cancel(panel.store, message, actor="grace") is False


def test_cancelling_what_may_have_been_taken_leaves_it_unclear(panel: SendingPanel) -> None:
    message_id = panel.accept(panel.gateway(URL))
    panel.change(Message, message_id, possible_duplicate=True, attempt_count=1)
    assert intake.cancel(panel.store, panel.message(message_id), actor="grace") is True
    assert panel.message(message_id).state == "unknown"


@pytest.mark.parametrize("state", ["sending", "sent", "failed", "unknown", "expired"])
def test_only_what_waits_can_be_cancelled(panel: SendingPanel, state: str) -> None:
    message_id = panel.accept(panel.gateway(URL))
    panel.change(Message, message_id, state=state)
    assert intake.cancel(panel.store, panel.message(message_id), actor="grace") is False
    assert panel.message(message_id).state == state


@pytest.mark.parametrize("wanted", ["sent", "failed"])
def test_mark_as(panel: SendingPanel, wanted: str) -> None:
    message_id = panel.accept(panel.gateway(URL))
    assert intake.mark_as(panel.store, panel.message(message_id), wanted, actor="grace") is False
    panel.change(Message, message_id, state="unknown")
    assert intake.mark_as(panel.store, panel.message(message_id), wanted, actor="grace") is True
    assert panel.message(message_id).state == wanted
    assert panel.events(message_id) == ["event_accepted", f"event_marked_{wanted}"]
    assert intake.mark_as(panel.store, panel.message(message_id), "sent", actor="grace") is False
