"""Twilio's messages, asked for by Twilio's own package; and what that package would never send."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from sqlalchemy import select
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client
from werkzeug.test import TestResponse

from tests.calling import NUMBER, UNLIMITED, add_application, add_gateway
from tests.instances import LOOPBACK, furnish, opened
from tests.sending.counting import OK, CountingProvider
from tests.sending.panel import eventually
from tests.server import Server, running_server
from webpanel.applications import KeyTerms
from webpanel.doors import twilio_sids
from webpanel.models import Message, db

TEXT = "Código: 123456 “ok” & 50%\nline2 ✓"


def client(server: Server, key: str) -> Client:
    """Twilio's client, pointed at the panel as the door's page says."""
    found = Client(twilio_sids.account_sid(key), key)
    found.api.base_url = server.url.rstrip("/")
    return found


@pytest.fixture(scope="module")
def provider() -> Iterator[CountingProvider]:
    with CountingProvider(OK) as counting:
        yield counting


@pytest.fixture(scope="module")
def key_and_server(
    tmp_path_factory: pytest.TempPathFactory, provider: CountingProvider
) -> Iterator[tuple[str, Server]]:
    folder = tmp_path_factory.mktemp("twilio") / "instance"
    key = furnish(folder, provider.url, door_twilio=True, most_parts=10)
    with running_server(folder, LOOPBACK) as server:
        yield key, server


@pytest.fixture
def twilio(key_and_server: tuple[str, Server]) -> Client:
    key, server = key_and_server
    return client(server, key)


def test_the_package_sends_reads_and_lists(twilio: Client, provider: CountingProvider) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    made = twilio.messages.create(to=NUMBER, from_="School", body=TEXT)
    assert (made.status, made.to, made.from_, made.body) == ("queued", NUMBER, "School", TEXT)
    assert (made.direction, made.num_segments, made.error_code) == ("outbound-api", "1", None)
    assert made.account_sid == twilio.account_sid
    assert made.date_created >= before
    eventually(lambda: twilio.messages(made.sid).fetch().status == "sent")
    read = twilio.messages(made.sid).fetch()
    assert (read.sid, read.body) == (made.sid, TEXT)
    assert read.date_sent >= before
    sent = [dict(parse_qsl(body.decode())) for body in provider.bodies]
    assert {"to": NUMBER[1:], "text": TEXT} in sent
    listed = twilio.messages.list(to=NUMBER, date_sent_after=before, limit=5)
    assert made.sid in {each.sid for each in listed}
    assert twilio.messages.list(to="+447911000000") == []
    assert twilio.messages.list(from_="Nobody") == []
    assert twilio.messages.list(date_sent_before=before - timedelta(days=1)) == []


def test_all_pages_are_listed(twilio: Client) -> None:
    made = [twilio.messages.create(to="+447911000001", body=f"Number {n}").sid for n in range(7)]
    listed = [each.sid for each in twilio.messages.list(to="+447911000001", page_size=3, limit=30)]
    assert listed == made[::-1]
    day = twilio.messages.list(to="+447911000001", date_sent=datetime.now(UTC).date())
    assert [each.sid for each in day] == listed


def test_what_waits_is_scheduled_and_cancelled(twilio: Client) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    made = twilio.messages.create(
        to=NUMBER,
        messaging_service_sid=f"MG{'0' * 32}",
        body="Later",
        schedule_type="fixed",
        send_at=soon,
        validity_period=300,
    )
    assert made.status == "scheduled"
    assert twilio.messages(made.sid).update(status="canceled").status == "canceled"
    with pytest.raises(TwilioRestException) as failure:
        twilio.messages(made.sid).update(status="canceled")
    assert (failure.value.status, failure.value.code) == (409, 30409)


def test_discarded_content_is_nowhere(twilio: Client) -> None:
    made = twilio.messages.create(to=NUMBER, body="4711", content_retention="discard")
    assert made.body == ""
    assert twilio.messages(made.sid).fetch().body == ""


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"to": "12"}, 400, 21211),
        ({"to": ""}, 400, 21604),
        ({"to": "whatsapp:+447911123456"}, 400, 21211),
        ({"body": ""}, 400, 21602),
        ({"body": "x" * 1600}, 400, 21617),
        ({"body": "x" * 1_000_001}, 413, 21617),
        ({"from_": "x" * 201}, 400, 21212),
        ({"media_url": ["https://school.example/map.png"]}, 400, 21620),
        ({"content_sid": f"HX{'0' * 32}"}, 400, 21620),
        ({"schedule_type": "fixed"}, 400, 35111),
        ({"send_at": "soon"}, 400, 35115),
        ({"send_at": "9999-01-01T00:00:00Z"}, 400, 35115),
        ({"send_at": datetime.now(UTC) + timedelta(days=400)}, 400, 35115),
    ],
)
def test_errors_have_twilios_codes(twilio: Client, more: dict[str, Any], status: int, code: int) -> None:
    with pytest.raises(TwilioRestException) as failure:
        twilio.messages.create(**{"to": NUMBER, "body": "Hello", **more})
    assert (failure.value.status, failure.value.code) == (status, code)
    assert failure.value.msg.startswith("Unable to create record: ")


def test_who_may_not(key_and_server: tuple[str, Server]) -> None:
    key, server = key_and_server
    stranger = client(server, key[:-1] + ("0" if key[-1] != "0" else "1"))
    with pytest.raises(TwilioRestException) as failure:
        stranger.messages.create(to=NUMBER, body="Hello")
    assert (failure.value.status, failure.value.code) == (401, 20003)
    other = client(server, key)
    other.account_sid = other.username = f"AC{'0' * 32}"
    with pytest.raises(TwilioRestException) as failure:
        other.api.v2010.accounts(other.account_sid).messages.create(to=NUMBER, body="Hello")
    assert failure.value.code == 20003
    with pytest.raises(TwilioRestException) as failure:
        client(server, key).messages(f"SM{'0' * 32}").fetch()
    assert (failure.value.status, failure.value.code) == (404, 20404)
    assert key not in server.output
    assert key.split("_")[2] not in server.output


def test_states_as_the_package_reads_them(tmp_path: Path) -> None:
    """The states of test mode, and what a caller may believe of each."""
    expected = {
        "sent": ("sent", None),
        "delivered": ("delivered", None),
        "undelivered": ("undelivered", 30008),
        "failed": ("failed", 30008),
        "unknown": ("undelivered", 30008),
        "expired": ("failed", 30036),
    }
    folder = tmp_path / "instance"
    furnish(folder, "http://127.0.0.1:1/")
    with opened(folder) as app:
        keys = {
            state: add_application(app, UNLIMITED, name=state, test_state=state, door_twilio=True)
            for state in expected
        }
    with running_server(folder) as server:
        for state, (status, code) in expected.items():
            made = client(server, keys[state]).messages.create(to=NUMBER, body="Hello")
            assert (made.status, made.error_code) == (status, code), state
            assert bool(made.error_message) == bool(code)
            read = client(server, keys[state]).messages(made.sid).fetch()
            assert (read.status, read.error_code) == (status, code)


# What the package would never send, on the panel without a server.


@pytest.fixture
def opened_key(app: Flask) -> str:
    add_gateway(app)
    return add_application(app, door_twilio=True)


def ask(app: Flask, method: str, key: str, path: str = "/Messages.json", **more: Any) -> TestResponse:
    sid = twilio_sids.account_sid(key)
    basic = base64.b64encode(f"{sid}:{key}".encode()).decode()
    return app.test_client().open(
        f"/2010-04-01/Accounts/{sid}{path}",
        method=method,
        token=False,
        headers={"Authorization": f"Basic {basic}"},
        **more,
    )


@pytest.mark.parametrize(
    ("asked", "more", "answer"),
    [
        ("POST /Messages.json", {"json": {"To": NUMBER, "Body": "Hello"}}, (415, 20415)),
        ("POST /Messages.json", {}, (415, 20415)),
        ("DELETE /Messages.json", {}, (405, 20004)),
        ("GET /Messages", {}, (404, 20404)),
        ("GET /Calls.json", {}, (404, 20404)),
        ("GET /Messages/SMxyz.json", {}, (404, 20404)),
        (f"GET /Messages/SM{'f' * 32}.json", {}, (404, 20404)),
        ("GET /Messages.json?DateSent=yesterday", {}, (400, 20400)),
        ("GET /Messages.json?DateSent=9999-12-31", {}, (400, 20400)),
        ("GET /Messages.json?PageSize=-1&Page=x&PageToken=%00", {}, (200, None)),
    ],
)
def test_requests_of_others(
    app: Flask, opened_key: str, asked: str, more: dict[str, Any], answer: tuple[int, int]
) -> None:
    method, path = asked.split(" ")
    response = ask(app, method, opened_key, path, **more)
    assert (response.status_code, response.json.get("code")) == answer
    assert response.mimetype == "application/json"


def test_limits_and_permissions(app: Flask) -> None:
    add_gateway(app, destinations="GB")
    form = {"To": NUMBER, "Body": "Hello"}
    limited = add_application(app, name="Limited", door_twilio=True, parts_per_day=1)
    assert ask(app, "POST", limited, data=form).status_code == 201
    full = ask(app, "POST", limited, data=form)
    assert (full.status_code, full.json["code"]) == (429, 20429)
    assert int(full.headers["Retry-After"]) > 0
    abroad = add_application(app, name="Abroad", door_twilio=True, countries="FR")
    assert ask(app, "POST", abroad, data=form).json["code"] == 21408
    anywhere = add_application(app, name="Anywhere", door_twilio=True)
    french = {"To": "+33612345678", "Body": "Bonjour"}
    assert ask(app, "POST", anywhere, data=french).json["code"] == 21612
    closed = add_application(app, name="Closed")
    for method in ("GET", "POST"):
        answer = ask(app, method, closed, data=form)
        assert (answer.status_code, answer.json["code"]) == (403, 20403)
    writes = add_application(app, name="Writes", door_twilio=True, key=KeyTerms(may_read=False))
    assert ask(app, "GET", writes).status_code == 403
    reads = add_application(app, name="Reads", door_twilio=True, key=KeyTerms(may_send=False))
    assert ask(app, "POST", reads, data=form).status_code == 403
    with app.app_context():
        assert len(db.session.scalars(select(Message)).all()) == 1


def test_texts_of_others_are_not_told(app: Flask, opened_key: str) -> None:
    form = {"To": NUMBER, "Body": "Private"}
    sid = ask(app, "POST", opened_key, data=form).json["sid"]
    everything = add_application(app, name="Watch", door_twilio=True, key=KeyTerms(may_read_all=True))
    seen = ask(app, "GET", everything, f"/Messages/{sid}.json").json
    assert (seen["to"], seen["body"]) == (NUMBER, "")
    nothing = add_application(app, name="Other", door_twilio=True)
    assert ask(app, "GET", nothing, f"/Messages/{sid}.json").status_code == 404
    assert ask(app, "GET", nothing).json["messages"] == []


def test_dates_are_those_of_mail(app: Flask, opened_key: str) -> None:
    made = ask(app, "POST", opened_key, data={"To": NUMBER, "Body": "Hello"}).json
    assert parsedate_to_datetime(made["date_created"]).tzinfo is not None
    assert made["date_sent"] is None


def test_a_page_that_cannot_be_read_is_an_exception(key_and_server: tuple[str, Server]) -> None:
    key, server = key_and_server
    with pytest.raises(TwilioException, match="Unable to fetch page"):
        client(server, key[:-2] + "00").messages.list()
