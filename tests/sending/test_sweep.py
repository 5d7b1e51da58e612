from datetime import UTC, datetime

import pytest
from sqlalchemy import event as events
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from tests.sending.counting import CountingProvider
from tests.sending.panel import SendingPanel, ago, facts
from webpanel.models import Gateway, Message
from webpanel.prepared import Prepared
from webpanel.sending import gateway_state, ledger, questions


def test_the_sweeps_and_the_drains_questions_are_answered_by_an_index(panel: SendingPanel) -> None:
    claims, asked = panel.delivery._claims, []
    loaded = claims.load(panel.gateway("http://127.0.0.1:1/"))
    # Before the store opens its own connection.
    events.listen(
        panel.engine, "checkout", lambda connection, *_rest: connection.set_trace_callback(asked.append)
    )
    panel.delivery.due()
    panel.delivery.recover()
    panel.delivery._next(1)
    claims.take(loaded, 100)
    claims.take(loaded, 100, ledger.BY_TIME)
    with panel.engine.connect() as connection:
        plans = [
            " ".join(str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"))
            for sql in list(asked)
            if sql.startswith("SELECT")
        ]
    due, lost, following, *in_order, by_time = plans
    assert "SCAN message" not in due + lost + following
    assert "ix_message_gateway_id_due_at" in due
    assert len(in_order) == len(ledger.IN_ORDER.values)
    # However many wait: none of them is looked at but those that are taken.
    for plan in in_order:
        assert "ix_message_waiting (gateway_id=? AND priority=? AND due_at<?)" in plan
    assert "ix_message_gateway_id_due_at (gateway_id=? AND due_at<?)" in by_time
    assert not any("USE TEMP B-TREE" in plan for plan in (following, *in_order, by_time))


def test_the_statements_are_also_postgresqls(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = panel.gateway(provider.url)
    done, lost, late = (panel.accept(gateway_id) for _ in range(3))
    statements = []
    events.listen(panel.engine, "before_execute", lambda _c, clause, *_rest: statements.append(clause))
    panel.delivery.deliver_one(done)
    (claim,) = panel.delivery._claims.take(panel.delivery._claims.load(gateway_id), 1, ledger.only(lost))
    panel.store.write(lambda c: ledger.mark(c, claim, gateway_id, 1, -1.0))
    panel.change(Message, late, expires_at=ago(1))
    panel.delivery._claims._held.clear()
    panel.delivery.due()
    assert panel.delivery.recover() == 1
    assert panel.delivery.expire() == 1
    dialect = postgresql.dialect()
    compiled = {str(each.compile(dialect=dialect)) for each in statements}
    prepared = [each for room in (ledger, questions, gateway_state) for each in vars(room).values()]
    prepared += [wanted.statement for wanted in (ledger.IN_ORDER, ledger.BY_TIME)]
    compiled |= {
        str(each._statement.compile(dialect=dialect, column_keys=each._columns or None))
        for each in prepared
        if isinstance(each, Prepared)
    }
    assert any("FOR UPDATE OF message SKIP LOCKED" in sql for sql in compiled)
    assert not any("julianday" in sql for sql in compiled)


def test_recovery_leaves_alone_what_this_process_has_in_hand(
    panel: SendingPanel, provider: CountingProvider
) -> None:
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    (claim,) = panel.delivery._claims.take(panel.delivery._claims.load(gateway_id), 1)
    panel.change(Message, message_id, lease_until=ago(1))
    assert panel.delivery.recover() == 0
    panel.delivery._claims._let_go([claim])
    assert panel.delivery.recover() == 1
    assert facts(panel.message(message_id), "state", "possible_duplicate", "attempt_count") == {
        "state": "queued",
        "possible_duplicate": False,
        "attempt_count": 0,
    }
    panel.deliver(gateway_id)
    assert provider.seen == {message_id: 1}


@pytest.mark.parametrize(
    ("choice", "state", "duplicate", "last"),
    [("resend", "queued", True, "event_send_once_more"), ("hold", "unknown", False, "event_unknown")],
)
def test_marked_and_never_finished_is_uncertain(
    panel: SendingPanel, choice: str, state: str, duplicate: bool, last: str
) -> None:
    gateway_id = panel.gateway("http://127.0.0.1:1/", on_ambiguous=choice)
    message_id = panel.accept(gateway_id)
    (claim,) = panel.delivery._claims.take(panel.delivery._claims.load(gateway_id), 1)
    assert panel.store.write(lambda c: ledger.mark(c, claim, gateway_id, 1, -1.0))
    other = panel.another_process(resend_after=90.0)
    assert other.recover() == 1
    assert other.recover() == 0
    other.stop()
    message = panel.message(message_id)
    assert facts(message, "state", "possible_duplicate", "reason") == {
        "state": state,
        "possible_duplicate": duplicate,
        "reason": {"code": "interrupted", "values": {}},
    }
    if state == "queued":
        assert 85 < (message.due_at - datetime.now(UTC)).total_seconds() < 95
    (attempt,) = panel.attempts(message_id)
    assert attempt.outcome == "ambiguous"
    assert attempt.finished_at is not None
    assert panel.events(message_id)[-2:] == ["event_lease_lost", last]


@pytest.mark.parametrize("change", [{}, {"enabled": False}, {"stopped_at": ago(1)}])
@pytest.mark.parametrize(
    ("duplicate", "state", "event"),
    [(False, "expired", "event_expired"), (True, "unknown", "event_unknown")],
)
def test_nothing_waits_past_its_lifetime(  # noqa: PLR0913, PLR0917 - the table's columns
    panel: SendingPanel,
    provider: CountingProvider,
    change: dict[str, object],
    duplicate: bool,
    state: str,
    event: str,
) -> None:
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    later = panel.accept(gateway_id)
    panel.change(Gateway, gateway_id, **{"enabled": True, **change})
    panel.change(Message, message_id, expires_at=ago(1), possible_duplicate=duplicate)
    assert panel.delivery.expire() == 1
    message = panel.message(message_id)
    assert (message.state, message.due_at, message.reason["code"]) == (state, None, "lifetime_ended")
    assert message.final_at is not None
    assert panel.events(message_id)[-1] == event
    assert panel.message(later).state == "queued"
    assert provider.total == 0


def test_an_expired_message_is_not_claimed(panel: SendingPanel, provider: CountingProvider) -> None:
    gateway_id = panel.gateway(provider.url)
    message_id = panel.accept(gateway_id)
    panel.change(Message, message_id, expires_at=ago(1))
    assert panel.deliver(gateway_id) is None
    assert (provider.total, panel.delivery.due()) == (0, [])


def test_what_waits_for_a_deleted_gateway_ends(panel: SendingPanel) -> None:
    gateway_id = panel.gateway("http://127.0.0.1:1/")
    plain, doubtful = panel.accept(gateway_id), panel.accept(gateway_id)
    panel.change(Message, doubtful, possible_duplicate=True)
    with Session(panel.engine) as session:
        session.delete(session.get_one(Gateway, gateway_id))
        session.commit()
    assert panel.delivery.expire() == 2
    assert (panel.message(plain).state, panel.message(doubtful).state) == ("cancelled", "unknown")
    assert panel.message(plain).reason["code"] == "event_gateway_deleted"
    assert panel.delivery.drain(gateway_id) is None
