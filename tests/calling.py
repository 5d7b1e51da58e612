"""An application of the panel under test, and calls with its key."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from webpanel import applications, gateways
from webpanel.application_terms import Terms
from webpanel.applications import KeyTerms
from webpanel.wire.gateway import Gateway

#: Nothing is refused for its amount.
UNLIMITED = Terms(
    per_minute=0, parts_per_day=0, parts_per_month=0, per_recipient_hour=0, most_parts=0, name="School"
)
ANY_KEY = KeyTerms()
NO_HEADERS: Mapping[str, str] = {}
NUMBER = "+447911123456"


def add_gateway(app: Flask, name: str = "Generic", url: str = "http://127.0.0.1:1/send", **more: Any) -> int:
    parts = app.extensions["webpanel"]
    settings = Gateway(name=name, url=url, body_form="to={{recipient}}\ntext={{message}}", **more)
    return gateways.create(parts.store, parts.vault, settings, {}, "ada")


def add_application(app: Flask, terms: Terms = UNLIMITED, key: KeyTerms = ANY_KEY, **more: Any) -> str:
    """Returns its key."""
    store = app.extensions["webpanel"].store
    application_id = applications.add(store, replace(terms, **more), "ada")
    return applications.add_key(store, application_id, key, "ada")


class Caller:
    """A program that calls the API of ``app`` with ``key``."""

    def __init__(self, app: Flask, key: str) -> None:
        self.client, self.key = app.test_client(), key

    def send(self, to: str = NUMBER, message: str = "Hello", **more: Any) -> TestResponse:
        headers = more.pop("headers", {})
        return self.post("/messages", json={"to": to, "message": message, **more}, headers=headers)

    def post(self, path: str, headers: Mapping[str, str] = NO_HEADERS, **body: Any) -> TestResponse:
        return self.client.post(f"/api/v1{path}", token=False, headers=self._with_key(headers), **body)

    def get(self, path: str, headers: Mapping[str, str] = NO_HEADERS, **query: Any) -> TestResponse:
        return self.client.get(
            f"/api/v1{path}", token=False, headers=self._with_key(headers), query_string=query
        )

    def _with_key(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", **headers}
