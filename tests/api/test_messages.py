"""``/api/v1/messages``: what is taken, what is refused, and what each answer says."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.calling import NUMBER, UNLIMITED, Caller, add_application, add_gateway
from webpanel.api import finding, shapes
from webpanel.applications import KeyTerms
from webpanel.models import Message, Usage, db

pytestmark = pytest.mark.usefixtures("gateway")


@pytest.fixture
def gateway(app: Flask) -> int:
    return add_gateway(app)


@pytest.fixture
def caller(app: Flask) -> Caller:
    return Caller(app, add_application(app))


def stored(app: Flask) -> list[Message]:
    with app.app_context():
        return list(db.session.scalars(select(Message).order_by(Message.id)))


def errors(response: Any) -> dict[str, str]:
    return {each["field"]: each["code"] for each in response.json["errors"]}


def test_a_message(app: Flask, caller: Caller, gateway: int) -> None:
    response = caller.send(reference="lesson 7", priority="urgent", valid_for=600)
    assert response.status_code == 202
    answer = response.json
    assert response.headers["Location"].endswith(f"/api/v1/messages/{answer['id']}")
    # The promise that a text in the body can be a success condition.
    assert response.get_data(as_text=True).startswith(
        f'{{"id":"{answer["id"]}","state":"queued","outcome":"pending","to":"{NUMBER}"'
    )
    message = stored(app)[0]
    assert (message.id, message.recipient, message.text) == (answer["id"], NUMBER, "Hello")
    assert (message.reference, message.priority, message.gateway_id) == ("lesson 7", 0, gateway)
    assert (message.created_by, message.source) == ("School", "api")
    assert (message.expires_at - message.created_at).total_seconds() == 600
    assert caller.get(f"/messages/{answer['id']}").json == {
        name: value for name, value in answer.items() if name != "repeated"
    }


def test_a_form_is_as_good_as_json(app: Flask, caller: Caller) -> None:
    response = caller.post(
        "/messages", data={"to": "447911123456", "message": "Grüße & 100 %", "wait": "0", "sender": ""}
    )
    assert response.status_code == 202, response.text
    assert [(each.recipient, each.text) for each in stored(app)] == [(NUMBER, "Grüße & 100 %")]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"to": "missing", "message": "missing"}),
        ({"to": NUMBER}, {"message": "missing"}),
        ({"to": 447911123456, "message": "x"}, {"to": "wrong_type"}),
        ({"to": NUMBER, "message": "x", "colour": 1}, {"colour": "unknown_field"}),
        ({"to": NUMBER, "text": "x"}, {"message": "missing", "text": "unknown_field"}),
        ({"recipient": NUMBER, "message": "x"}, {"to": "missing", "recipient": "unknown_field"}),
        ({"to": "4520123456", "message": "x"}, {"to": "number_two_ways"}),
        ({"to": NUMBER, "message": "x", "priority": "now"}, {"priority": "unknown_choice"}),
        ({"to": NUMBER, "message": "x", "wait": 26}, {"wait": "out_of_range"}),
        ({"to": NUMBER, "message": "x", "wait": "5"}, {"wait": "wrong_type"}),
        ({"to": NUMBER, "message": "x", "send_at": "2026-12-24T08:00:00"}, {"send_at": "wrong_type"}),
        ({"to": NUMBER, "message": "x", "send_at": "2999-12-24T08:00:00Z"}, {"send_at": "send_at_too_far"}),
        ({"to": NUMBER, "message": "x", "sensitive": "yes"}, {"sensitive": "wrong_type"}),
        ({"to": "12", "message": ""}, {"to": "number_too_short", "message": "text_empty"}),
        ({"to": "+447911123456 07911123457", "message": "x"}, {"to": "number_several"}),
        ({"to": NUMBER, "message": "x\0"}, {"message": "text_nul"}),
        ({"to": NUMBER, "message": "x" * 700}, {"message": "text_too_many_parts"}),
        ({"to": NUMBER, "message": "x", "gateway": "None such"}, {"gateway": "gateway_gone"}),
        ({"to": NUMBER, "message": "x", "gateway": "Off"}, {"gateway": "gateway_disabled"}),
        ({"to": NUMBER, "message": "x", "gateway": []}, {"gateway": "wrong_type"}),
    ],
)
def test_what_cannot_be_is_refused_by_field(app: Flask, body: Any, faults: Any) -> None:
    add_gateway(app, "Off")
    with app.app_context():
        db.session.execute(db.text("UPDATE gateway SET enabled = 0 WHERE name = 'Off'"))
        db.session.commit()
    response = Caller(app, add_application(app, most_parts=4)).post("/messages", json=body)
    assert response.status_code == 422
    assert response.mimetype == "application/problem+json"
    assert errors(response) == faults
    assert all(each["detail"] for each in response.json["errors"])
    assert stored(app) == []


@pytest.mark.parametrize(
    ("body", "kind", "answer"),
    [
        (b"{", "application/json", (400, "invalid_json")),
        (b'{"to": "\xff"}', "application/json", (400, "invalid_json")),
        (b"", "application/json", (400, "invalid_json")),
        (b"[]", "application/json", (422, "invalid_request")),
        (b"hello", "text/plain", (415, "unsupported_media_type")),
        (b'{"to": "' + b"1" * 1_000_001 + b'"}', "application/json", (413, "too_large")),
    ],
)
def test_bodies_that_are_none(
    app: Flask, caller: Caller, body: bytes, kind: str, answer: tuple[int, str]
) -> None:
    response = caller.post("/messages", data=body, content_type=kind)
    assert (response.status_code, response.json["code"]) == answer
    assert response.json["detail"]
    assert stored(app) == []


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/nothing", (404, "not_found")),
        ("DELETE", "/messages", (405, "method_not_allowed")),
        ("GET", "/messages/01JDZX5Y8QK9R7M2V4T6W8A0BC", (404, "not_found")),
        ("GET", "/messages/%00", (404, "not_found")),
    ],
)
def test_addresses_that_are_none(caller: Caller, method: str, path: str, answer: tuple[int, str]) -> None:
    response = caller.client.open(
        f"/api/v1{path}", method=method, token=False, headers={"Authorization": f"Bearer {caller.key}"}
    )
    assert response.mimetype == "application/problem+json"
    assert (response.status_code, response.json["code"]) == answer


def test_keys(app: Flask) -> None:
    key = add_application(app)
    caller = Caller(app, key)
    for wrong in ("", "smsgw_x", key[:-1], key[:-1] + ("0" if key[-1] != "0" else "1"), key + "0"):
        response = Caller(app, wrong).send()
        assert (response.status_code, response.json["code"]) == (401, "unauthorized")
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    basic = caller.client.post(
        "/api/v1/messages", token=False, json={"to": NUMBER, "message": "x"}, auth=("anything", key)
    )
    assert basic.status_code == 202
    assert len(stored(app)) == 1


def test_what_a_key_may_do(app: Flask) -> None:
    own = Caller(app, add_application(app))
    message_id = own.send().json["id"]
    other = Caller(app, add_application(app, name="Other"))
    assert other.get(f"/messages/{message_id}").status_code == 404
    assert other.post(f"/messages/{message_id}/cancel").status_code == 404
    reader = Caller(app, add_application(app, name="Reader", key=KeyTerms(may_send=False, may_read_all=True)))
    assert reader.get(f"/messages/{message_id}").json["id"] == message_id
    assert [each["id"] for each in reader.get("/messages").json["messages"]] == [message_id]
    assert reader.send().json["code"] == "forbidden"
    writer = Caller(app, add_application(app, name="Writer", key=KeyTerms(may_read=False)))
    assert writer.send().status_code == 202
    assert writer.get("/messages").json["code"] == "forbidden"


def test_cancelling(app: Flask, caller: Caller) -> None:
    message_id = caller.send(send_at="2026-12-24T08:00:00+01:00").json["id"]
    assert stored(app)[0].state == "scheduled"
    cancelled = caller.post(f"/messages/{message_id}/cancel")
    assert (cancelled.status_code, cancelled.json["state"], cancelled.json["outcome"]) == (
        200,
        "cancelled",
        "failed",
    )
    again = caller.post(f"/messages/{message_id}/cancel")
    assert (again.status_code, again.json["code"]) == (409, "not_cancellable")


def test_an_idempotency_key(app: Flask, caller: Caller) -> None:
    once = {"Idempotency-Key": "lesson-7"}
    first = caller.send(headers=once)
    assert (first.status_code, first.json["repeated"]) == (202, False)
    second = caller.send(headers=once, wait=0)
    assert (second.json["id"], second.json["repeated"]) == (first.json["id"], True)
    assert second.headers["Idempotent-Replayed"] == "true"
    other = caller.send(message="Something else", headers=once)
    assert (other.status_code, other.json["code"]) == (422, "idempotency_mismatch")
    assert Caller(app, add_application(app, name="Other")).send(headers=once).json["id"] != first.json["id"]
    assert len(stored(app)) == 2


def test_a_batch(app: Flask, caller: Caller) -> None:
    once = {"Idempotency-Key": "b"}
    body = {
        "message": "Hello",
        "messages": [
            {"to": NUMBER},
            {"to": "12"},
            {"to": NUMBER, "message": "Own", "priority": "bulk"},
        ],
        "priority": "urgent",
    }
    response = caller.post("/messages/batch", json=body, headers=once)
    assert response.status_code == 202, response.text
    answer = response.json
    assert (answer["accepted"], answer["refused"], answer["repeated"]) == (2, 1, False)
    assert [each["index"] for each in answer["results"]] == [0, 1, 2]
    assert answer["results"][1]["errors"][0]["code"] == "number_too_short"
    assert {(each.text, each.priority) for each in stored(app)} == {("Hello", 0), ("Own", 2)}
    again = caller.post("/messages/batch", json=body, headers=once).json
    assert (again["repeated"], again["results"]) == (True, answer["results"])
    assert len(stored(app)) == 2


def test_one_text_for_many(app: Flask, caller: Caller) -> None:
    numbers = [f"+4479111{number:05}" for number in range(300)]
    answer = caller.post("/messages/batch", json={"to": numbers, "message": "Hello"}).json
    assert answer["accepted"] == 300
    assert sorted(each.recipient for each in stored(app)) == numbers


def test_pages_of_messages(caller: Caller) -> None:
    ids = [caller.send(reference=str(number % 2)).json["id"] for number in range(5)]
    found: list[str] = []
    before: dict[str, str] = {}
    while True:
        page = caller.get("/messages", limit="2", **before).json
        found += [each["id"] for each in page["messages"]]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    assert found == sorted(ids, reverse=True)
    assert len(caller.get("/messages", reference="0", outcome="pending").json["messages"]) == 3
    assert errors(caller.get("/messages", state="sleeping", page="2")) == {
        "state": "unknown_choice",
        "page": "unknown_field",
    }


def listed(caller: Caller, **filters: str) -> list[str]:
    """The ids on the first page, the oldest first."""
    answer = caller.get("/messages", **filters)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json["messages"]][::-1]


def test_messages_of_a_gateway(app: Flask, caller: Caller, gateway: int) -> None:
    second = add_gateway(app, "Second")
    named_like_an_id = add_gateway(app, str(gateway))
    ids = [caller.send(gateway=each).json["id"] for each in ("Generic", "Second", named_like_an_id)]
    assert listed(caller, gateway="Second") == listed(caller, gateway=str(second)) == [ids[1]]
    assert listed(caller, gateway=str(gateway)) == [ids[2]], "a name goes before an id"
    for unknown in ("None such", "9" * 100):
        assert errors(caller.get("/messages", gateway=unknown)) == {"gateway": "gateway_gone"}


def test_messages_of_a_time(caller: Caller) -> None:
    made = [caller.send().json for _ in range(3)]
    ids = [each["id"] for each in made]
    first, second = made[0]["created_at"], made[1]["created_at"]
    assert ids[1] in listed(caller, since=second)
    assert ids[0] not in listed(caller, until=first)
    assert {*listed(caller, until=second), *listed(caller, since=second)} == set(ids)
    assert not {*listed(caller, until=second)} & {*listed(caller, since=second)}
    ends = {"since": "0001-01-01T00:00:00+23:59", "until": "9999-12-31T23:59:59-23:59"}
    assert {*listed(caller, **ends)} == set(ids)
    assert listed(caller, since=ends["until"]) == listed(caller, until=ends["since"]) == []
    assert errors(caller.get("/messages", since="2026-12-24T08:00:00", until="today")) == {
        "since": "wrong_type",
        "until": "wrong_type",
    }


def test_a_message_has_the_time_at_which_it_was_stored(app: Flask, caller: Caller) -> None:
    caller.send()
    with app.app_context():
        message = db.session.scalars(select(Message)).one()
        message.created_at += timedelta(seconds=30)
        db.session.commit()
        stored_at = message.created_at
    assert len(listed(caller, since=stored_at.isoformat())) == 1
    assert listed(caller, until=stored_at.isoformat()) == []


def test_a_time_is_a_range_of_an_index(app: Flask) -> None:
    asked = shapes.MessageFilters(since=datetime.now(UTC), until=datetime.now(UTC))
    wanted = select(Message.id).where(Message.application_id == 1, *finding.conditions(asked))
    with app.app_context():
        sql = wanted.order_by(Message.id.desc()).compile(db.engine, compile_kwargs={"literal_binds": True})
        plan = db.session.execute(db.text(f"EXPLAIN QUERY PLAN {sql}")).all()
    assert "ix_message_application_id_id (application_id=? AND id>? AND id<?)" in plan[0][3]


def test_gateways(app: Flask, gateway: int) -> None:
    add_gateway(app, "Second")
    caller = Caller(app, add_application(app, gateways=(gateway,)))
    assert caller.get("/gateways").json == {"gateways": [{"id": gateway, "name": "Generic", "health": "ok"}]}
    assert errors(caller.send(gateway="Second")) == {"gateway": "gateway_not_allowed"}


def test_the_door_for_get(app: Flask) -> None:
    closed = add_application(app)
    opened = add_application(app, name="Device", door_get=True)
    client = app.test_client()
    path = "/api/v1/send"
    query = {"to": "07911 123456", "message": "Door open"}
    assert client.get(path, query_string={**query, "key": closed}).json["code"] == "door_closed"
    assert client.head(path, query_string={**query, "key": opened}).status_code == 405, "it only looks"
    response = client.get(path, query_string={**query, "key": opened})
    assert response.status_code == 202, response.text
    assert [(each.text, each.source) for each in stored(app)] == [("Door open", "get")]


def test_limits(app: Flask) -> None:
    caller = Caller(app, add_application(app, parts_per_day=3))
    assert caller.send(message="x" * 200).status_code == 202
    refused = caller.send(message="x" * 200)
    assert (refused.status_code, refused.json["code"]) == (429, "limit_reached")
    assert refused.json["errors"][0]["code"] == "limit_day"
    seconds = int(refused.headers["Retry-After"])
    assert 0 < seconds <= 86400
    assert refused.headers["RateLimit-Limit"] == "3"
    assert refused.headers["RateLimit-Remaining"] == "1"
    assert caller.send().status_code == 202, "what fits is taken"
    assert len(stored(app)) == 2


def test_a_batch_that_a_limit_refuses_as_a_whole(app: Flask) -> None:
    caller = Caller(app, add_application(app, parts_per_day=1))
    batch = {"to": [NUMBER, "+447911123457"], "message": "Hello"}
    assert caller.post("/messages/batch", json=batch).status_code == 202, "one of them fits"
    refused = caller.post("/messages/batch", json=batch)
    assert (refused.status_code, refused.json["code"]) == (429, "limit_reached")
    assert int(refused.headers["Retry-After"]) > 0


def test_forms_that_are_none(app: Flask, caller: Caller) -> None:
    form = "application/x-www-form-urlencoded"
    for body, answer in (
        (b"to=%2B447911123456&message=caf%E9", (400, "not_utf8")),
        (b"to=%2B447911123456&message=caf\xe9", (400, "not_utf8")),
        (b'{"to": "+447911123456", "message": "x"}', (415, "unsupported_media_type")),
    ):
        response = caller.post("/messages", data=body, content_type=form)
        assert (response.status_code, response.json["code"]) == answer
    opened = add_application(app, name="Device", door_get=True)
    response = app.test_client().get(f"/api/v1/send?key={opened}&to=07911123456&message=caf%E9")
    assert response.json["code"] == "not_utf8"
    assert stored(app) == []


@pytest.mark.parametrize("written", ["%2B447911123456", "+447911123456", "07911%20123456", "447911123456"])
def test_messages_are_found_by_a_number_however_it_is_written(caller: Caller, written: str) -> None:
    caller.send()
    caller.send("+447911123457")
    found = caller.client.get(
        f"/api/v1/messages?to={written}", token=False, headers={"Authorization": f"Bearer {caller.key}"}
    )
    assert [each["to"] for each in found.json["messages"]] == [NUMBER]
    caller.send("+33612345678")
    abroad = caller.client.get(
        "/api/v1/messages?to=+33612345678", token=False, headers={"Authorization": f"Bearer {caller.key}"}
    )
    assert [each["to"] for each in abroad.json["messages"]] == ["+33612345678"], "a plus arrives as a blank"
    for query in ({"to": "12"}, {"before": "xyz"}):
        assert caller.get("/messages", **query).status_code == 422


def test_the_log_says_why_a_request_was_refused(caller: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    caller.send("12", reference="secret 4711")
    written = capsys.readouterr().out
    assert "invalid_request number_too_short" in written
    assert "4711" not in written


def test_a_batch_may_be_larger_but_not_endless(app: Flask, caller: Caller) -> None:
    large = {"to": [NUMBER], "message": "Hello", "reference": "x" * 200, "messages": None}
    padded = json.dumps(large) + " " * 7_000_000
    assert caller.post("/messages/batch", data=padded, content_type="application/json").status_code == 202
    endless = caller.post("/messages/batch", data=padded + " " * 1_000_000, content_type="application/json")
    assert (endless.status_code, endless.json["code"]) == (413, "too_large")
    assert len(stored(app)) == 1


def test_test_mode_lets_nothing_leave(app: Flask) -> None:
    caller = Caller(app, add_application(app, test_state="unknown"))
    answer = caller.send().json
    assert (answer["state"], answer["outcome"], answer["test"]) == ("unknown", "unclear", True)


def test_countries(app: Flask) -> None:
    caller = Caller(app, add_application(app, countries="GB +4930"))
    assert caller.send().status_code == 202, "+44 7911 is Guernsey's, which is dialled as the UK is"
    assert caller.send("+493012345678").status_code == 202
    assert errors(caller.send("+33612345678")) == {"to": "country_not_allowed"}


def test_sensitive_texts_are_nowhere_in_clear(app: Flask) -> None:
    caller = Caller(app, add_application(app))
    caller.send(message="Your code is 4711", sensitive=True)
    message = stored(app)[0]
    assert message.text is None
    assert message.sealed_text is not None
    assert b"4711" not in message.sealed_text
    caller.post(f"/messages/{message.id}/cancel")
    with app.app_context():
        assert db.session.get_one(Message, message.id).sealed_text is None


def test_request_ids(caller: Caller) -> None:
    assert caller.send(headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    assert len(caller.send(headers={"X-Request-Id": "a\tb"}).headers["X-Request-Id"]) == 36


def test_answers_are_compact(caller: Caller) -> None:
    text = caller.send().get_data(as_text=True)
    assert text == json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False) + "\n"


def test_unlimited_terms_have_no_limit() -> None:
    assert not any(vars(UNLIMITED.limits).values())


def test_a_number_is_counted_only_where_there_is_a_limit_for_it(app: Flask) -> None:
    counted = select(Usage.subject).where(Usage.scope == "recipient")
    Caller(app, add_application(app)).send()
    with app.app_context():
        assert db.session.scalars(counted).all() == []
    Caller(app, add_application(app, name="Limited", per_recipient_hour=5)).send()
    with app.app_context():
        assert db.session.scalars(counted).all() == [NUMBER]
