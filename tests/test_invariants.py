"""Each invariant finds what breaks it, and nothing in a panel that works."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from tests.calling import Caller, add_application, add_gateway
from tests.sending.counting import Answer, CountingProvider
from tests.sending.panel import SendingPanel, running
from webpanel import words
from webpanel.invariants import EXAMPLES, Breach, breaches

Execute = Callable[..., None]


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[SendingPanel]:
    """A message in each of the ways that messages end in, and one that waits."""
    replies = iter([Answer(), Answer(cut=True), Answer(400)])
    with running(tmp_path) as panel, CountingProvider(lambda *_: next(replies)) as provider:
        gateway_id = panel.gateway(provider.url, on_ambiguous="hold", in_flight=1)
        for text in ("Sent", "Unclear", "Failed"):
            panel.accept(gateway_id, text)
        panel.deliver(gateway_id)
        panel.accept(gateway_id, "Waiting")
        assert panel.states() == ["sent", "unknown", "failed", "queued"]
        yield panel


@pytest.fixture
def execute(panel: SendingPanel) -> Execute:
    """A statement that no part of the panel would make."""
    file = panel.engine.url.database
    assert file is not None

    def execute(statement: str, *given: str) -> None:
        with closing(sqlite3.connect(file)) as connection, connection:
            assert connection.execute(statement, given).rowcount != 0

    return execute


def found(panel: SendingPanel, late: float = 120.0) -> dict[str, Breach]:
    with panel.engine.connect() as connection:
        return {breach.code: breach for breach in breaches(connection, late)}


def test_nothing_is_wrong_with_a_panel_that_works(panel: SendingPanel) -> None:
    assert found(panel, late=0) == {}


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("overdue", "UPDATE message SET expires_at = 1000 WHERE state = 'queued'"),
        (
            "lease_over",
            "UPDATE message SET state = 'sending', due_at = NULL, lease_token = 'a', lease_until = 1000 "
            "WHERE state = 'queued'",
        ),
        ("final_at", "UPDATE message SET final_at = NULL WHERE state = 'sent'"),
        ("final_at", "UPDATE message SET final_at = 1000 WHERE state = 'queued'"),
        ("final_due", "UPDATE message SET due_at = 1000 WHERE state = 'failed'"),
        ("never_due", "UPDATE message SET due_at = NULL WHERE state = 'queued'"),
        ("lease", "UPDATE message SET lease_token = 'a' WHERE state = 'unknown'"),
        ("lease", "UPDATE message SET state = 'sending' WHERE state = 'queued'"),
        ("attempt_numbers", "UPDATE message SET attempt_count = 2 WHERE state = 'failed'"),
        (
            "attempt_numbers",
            "UPDATE attempt SET number = 2 WHERE outcome = 'rejected'",
        ),
        ("attempt_open", "UPDATE attempt SET finished_at = NULL WHERE outcome = 'ambiguous'"),
        (
            "after_accepted",
            "INSERT INTO attempt (message_id, number, token, started_at, finished_at, outcome, reply_cut) "
            "SELECT id, 2, 'a', 1, 2, 'rejected', 0 FROM message WHERE state = 'sent'",
        ),
        (
            "hidden_duplicate",
            "INSERT INTO attempt (message_id, number, token, started_at, finished_at, outcome, reply_cut) "
            "SELECT id, 2, 'a', 1, 2, 'ambiguous', 0 FROM message WHERE state = 'unknown'",
        ),
        ("sent_unseen", "UPDATE attempt SET outcome = 'rejected' WHERE outcome = 'accepted'"),
        ("sealed_kept", "UPDATE message SET sealed_text = x'00' WHERE state = 'sent'"),
        ("sensitive_clear", "UPDATE message SET sensitive = 1 WHERE state = 'queued'"),
    ],
)
def test_what_is_broken_is_found(panel: SendingPanel, execute: Execute, code: str, statement: str) -> None:
    execute(statement)
    # A made-up attempt is one that its message does not count.
    assert set(found(panel)) <= {f"invariant_{code}", "invariant_attempt_numbers"}
    breach = found(panel)[f"invariant_{code}"]
    assert breach.count == 1
    assert breach.examples[0] in words.sentence(
        breach.code, {"count": breach.count, "examples": ", ".join(breach.examples)}
    )


def test_two_marks_under_one_token_are_found(panel: SendingPanel, execute: Execute) -> None:
    """The database itself refuses them, as long as it is whole."""
    with pytest.raises(sqlite3.IntegrityError):
        execute("UPDATE attempt SET token = 'a'")
    execute("CREATE TABLE loose AS SELECT * FROM attempt")
    execute("DROP TABLE attempt")
    execute("ALTER TABLE loose RENAME TO attempt")
    execute("UPDATE attempt SET token = 'a'")
    assert found(panel)["invariant_token_twice"].count == 3


def test_many_are_counted_and_few_are_named(panel: SendingPanel, execute: Execute) -> None:
    gateway_id = panel.gateway("http://127.0.0.1:1/", name="Other")
    for number in range(EXAMPLES + 2):
        panel.accept(gateway_id, f"{number}")
    execute("UPDATE message SET due_at = NULL WHERE state = 'queued'")
    breach = found(panel)["invariant_never_due"]
    assert (breach.count, len(breach.examples)) == (EXAMPLES + 3, EXAMPLES)


@pytest.mark.parametrize("step", ["event_marked_sent", "event_reported_sent"])
def test_a_person_or_a_report_may_call_it_sent(panel: SendingPanel, execute: Execute, step: str) -> None:
    execute("UPDATE message SET state = 'sent' WHERE state = 'unknown'")
    assert set(found(panel)) == {"invariant_sent_unseen"}
    execute(
        "INSERT INTO event (message_id, at, code, \"values\", actor) SELECT id, 1, ?, '{}', '' FROM message",
        step,
    )
    assert found(panel) == {}


def test_an_id_that_was_given_and_is_gone_is_found(app: Flask) -> None:
    add_gateway(app)
    caller = Caller(app, add_application(app))
    given = caller.send(headers={"Idempotency-Key": "one"}).get_json()["id"]
    engine = app.extensions["webpanel"].store.engine
    with engine.connect() as connection:
        assert breaches(connection) == []
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM message")
    with engine.connect() as connection:
        assert breaches(connection) == [Breach("invariant_lost", 1, (given,))]
