"""A database that cannot store: every door says so in its own words, and nothing is accepted."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.calling import NUMBER, Caller, add_application, add_gateway
from tests.doors import test_kannel, test_twilio
from webpanel.models import Message, db


def test_a_locked_database(app: Flask) -> None:
    add_gateway(app)
    key = add_application(app, door_get=True, door_kannel=True, door_twilio=True)
    query = {"key": key, "to": NUMBER, "message": "Hello"}
    form = {"To": NUMBER, "Body": "Hello"}
    doors: dict[str, Callable[[], TestResponse]] = {
        "api": Caller(app, key).send,
        "batch": lambda: Caller(app, key).post("/messages/batch", json={"to": [NUMBER], "message": "Hello"}),
        "get": lambda: app.test_client().get("/api/v1/send", query_string=query, token=False),
        "kannel": lambda: test_kannel.ask(app, key),
        "twilio": lambda: test_twilio.ask(app, "POST", key, data=form),
    }
    path = app.extensions["webpanel"].store.engine.url.database
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        # At once: each waits as long as the database lets it wait.
        with ThreadPoolExecutor(len(doors)) as pool:
            asked = {name: pool.submit(door) for name, door in doors.items()}
            answers = {name: answer.result() for name, answer in asked.items()}
        other.execute("ROLLBACK")
    assert {answer.status_code for answer in answers.values()} == {503}
    assert {answers[name].json["code"] for name in ("api", "batch", "get")} == {"not_stored"}
    assert answers["kannel"].text == "Temporal failure, try again later."
    assert answers["twilio"].json["code"] == 20503
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0
    assert {door().status_code for door in doors.values()} <= {201, 202}
