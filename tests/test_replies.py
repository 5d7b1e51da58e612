"""Replies that are kept, and the last real ones, in a real database."""

import dataclasses
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from webpanel import gateways, replies
from webpanel.gateway_secrets import SecretChanges
from webpanel.models import Attempt, KeptReply, Message, db
from webpanel.replies import MOST_KEPT, Keeping, Written
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Refused

SETTINGS = Gateway(name="One", url="https://sms.example/", body_form="to={{recipient}}\ntext={{message}}")


@pytest.fixture
def parts(app):
    with app.app_context():
        yield app.extensions["webpanel"]


@pytest.fixture
def create(parts):
    def make(name: str = "One", **more) -> int:
        settings = dataclasses.replace(SETTINGS, name=name)
        return gateways.create(parts.store, parts.vault, settings, {}, "ada", **more)

    return make


@pytest.fixture
def save(parts):
    def over(gateway_id: int, version: int, **more) -> None:
        gateways.save(
            parts.store,
            parts.vault,
            gateway_id,
            version,
            settings=SETTINGS,
            changes=SecretChanges(),
            actor="bob",
            **more,
        )
        db.session.rollback()

    return over


def sent(number: int, *, gateway_id: int | None = None, test: bool = False, **attempt) -> str:
    """A message with one attempt; with ``test`` as the tester records it."""
    now, id_ = datetime.now(UTC), f"01JZZZZZZZZZZZZZZZZZZ{number:05}"
    columns = {
        "outcome": "accepted",
        "reply_status": 200,
        "reply_head": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain",
        "reply_body": b"OK %d" % number,
        **attempt,
    }
    db.session.add(
        Message(
            id=id_,
            created_at=now,
            gateway_id=gateway_id,
            gateway_name="One",
            test=test,
            created_by="ada",
            source="test" if test else "page",
            encoding="gsm7",
            parts=1,
            state="sent",
            expires_at=now,
            attempts=[
                Attempt(gateway_id=gateway_id, number=1, token=f"t{number}", started_at=now, **columns)
            ],
        )
    )
    db.session.commit()
    return id_


def kept(gateway_id: int) -> list[KeptReply]:
    db.session.rollback()
    found = select(KeptReply).where(KeptReply.gateway_id == gateway_id).order_by(KeptReply.id)
    return list(db.session.scalars(found))


def written(number: int) -> Written:
    return Written("failed", 400, "application/json", b"%d" % number)


def test_replies_are_kept_as_they_were_stored(create, save):
    id_ = sent(1, test=True, reply_cut=True)
    first = create(keeping=Keeping({id_: "accepted"}, written=[written(1)]))
    [from_file, from_test] = kept(first)
    assert (from_file.means, from_file.status, from_file.body, from_file.kept_by) == ("failed", 400, b"1", "")
    assert replies.example(from_file).reply.header("Content-Type") == "application/json"
    assert (from_test.means, from_test.status, from_test.body) == ("accepted", 200, b"OK 1")
    assert (from_test.cut, from_test.kept_by) == (True, "ada")
    example = replies.example(from_test)
    assert (example.means, example.reply.cut, example.reply.reason) == ("accepted", True, "OK")

    other = sent(2, test=True, outcome="rejected")
    save(first, 1, keeping=Keeping({other: "failed"}, removed=[from_file.id]))
    assert [(row.body, row.kept_by) for row in kept(first)] == [(b"OK 1", "ada"), (b"OK 2", "bob")]


def test_the_same_reply_is_kept_once(create, save):
    id_, again = sent(1, test=True), sent(2, test=True, reply_body=b"OK 1")
    gateway_id = create(keeping=Keeping({id_: "accepted", again: "accepted"}))
    save(gateway_id, 1, keeping=Keeping({id_: "accepted"}))
    assert len(kept(gateway_id)) == 1
    # What means something else is something else.
    save(gateway_id, 2, keeping=Keeping({again: "failed"}))
    assert [row.means for row in kept(gateway_id)] == ["accepted", "failed"]


@pytest.mark.parametrize(
    "attempt",
    [
        {"reply_status": None, "reply_head": None, "reply_body": b"half"},
        {"outcome": "ambiguous", "reason": {"code": "ambiguous_incomplete", "values": {}}},
        {"outcome": "ambiguous", "reason": {"code": "timeout_body", "values": {}}},
        {"outcome": "ambiguous"},
    ],
)
def test_what_is_no_whole_reply_is_not_kept(create, attempt):
    id_ = sent(1, test=True, **attempt)
    assert replies.of_test(db.session, id_) is None
    assert kept(create(keeping=Keeping({id_: "accepted"}))) == []


def test_only_tests_are_kept(create):
    real = sent(1)
    assert replies.of_test(db.session, real) is None
    keeping = Keeping({real: "accepted", "nobody": "failed", sent(2, test=True): "whatever"})
    assert kept(create(keeping=keeping)) == []


def test_too_many_are_refused_and_nothing_is_stored(create, save):
    gateway_id = create(keeping=Keeping(written=[written(number) for number in range(MOST_KEPT)]))
    id_ = sent(1, test=True)
    with pytest.raises(Refused) as refused:
        save(gateway_id, 1, keeping=Keeping({id_: "accepted"}))
    assert [problem.code for problem in refused.value.problems] == ["kept_too_many"]
    rows = kept(gateway_id)
    assert len(rows) == MOST_KEPT
    # The version stands, so the save was undone as a whole.
    save(gateway_id, 1, keeping=Keeping({id_: "accepted"}, removed=[rows[0].id]))
    assert len(kept(gateway_id)) == MOST_KEPT


def test_nobody_removes_another_gateway_s_replies(create, save):
    one = create(keeping=Keeping(written=[written(1)]))
    two = create("Two", keeping=Keeping(written=[written(2)]))
    save(one, 1, keeping=Keeping(removed=[kept(two)[0].id]))
    assert len(kept(two)) == 1


def test_they_go_with_their_gateway(parts, create):
    one = create(keeping=Keeping(written=[written(1)]))
    two = create("Two", keeping=Keeping(written=[written(2)]))
    gateways.remove(parts.store, one, "ada")
    assert kept(one) == []
    assert len(kept(two)) == 1


def test_the_last_real_replies_come_newest_first(create):
    gateway_id, other = create(), create("Two")
    ids = [sent(number, gateway_id=gateway_id) for number in range(5)]
    sent(10, gateway_id=other)
    sent(11, test=True)
    sent(12, gateway_id=gateway_id, outcome="not_sent", reply_status=None)
    sent(13, gateway_id=gateway_id, outcome=None, reply_status=None)
    found = list(replies.last_real(db.session, gateway_id))
    assert [id_ for id_, _ in found] == ids[::-1]
    assert found[0][1].body == b"OK 4"
    assert found[0][1].complete
    assert [id_ for id_, _ in replies.last_real(db.session, gateway_id, 2)] == [ids[4], ids[3]]


def test_a_real_reply_that_broke_off_is_known_for_one(create):
    gateway_id = create()
    sent(1, gateway_id=gateway_id, outcome="ambiguous", reason={"code": "closed_body", "values": {}})
    sent(2, gateway_id=gateway_id, outcome="ambiguous", reason={"code": "ambiguous_status", "values": {}})
    assert [found.complete for _, found in replies.last_real(db.session, gateway_id)] == [True, False]


def test_the_last_real_replies_are_found_by_an_index(create):
    create()
    plan = db.session.execute(
        text("EXPLAIN QUERY PLAN SELECT * FROM attempt WHERE gateway_id = 1 ORDER BY id DESC LIMIT 200")
    )
    said = " ".join(str(row) for row in plan)
    assert "ix_attempt_gateway_id_id" in said
    assert "TEMP B-TREE" not in said
