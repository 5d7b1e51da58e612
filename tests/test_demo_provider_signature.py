"""The signature that the demonstration provider checks when it plays SMSGlobal's REST API."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests import provider
from tests.played import KEY, REST_JSON, SECRET, TEXT, ask, serving, signed
from tests.presets.expected import FRESH
from tests.wire.composing import MESSAGE_ID, RECIPIENT
from webpanel.demo_provider.inbox import Inbox
from webpanel.demo_provider.server import Server
from webpanel.wire.compose import Values, compose
from webpanel.wire.gateway import Gateway


@pytest.fixture(scope="module")
def program() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def demo(program: Server) -> Server:
    program.inbox = Inbox()
    return program


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"key": "another"}, "Unknown key"),
        ({"secret": "another"}, "Wrong MAC signature"),
        ({"path": "/v2/sms/"}, "Wrong MAC signature"),
        ({"method": "GET"}, "Wrong MAC signature"),
        ({"nonce": "n" * 33}, "Nonce"),
    ],
)
def test_a_wrong_signature_is_refused(demo: Server, changed: dict[str, str], said: str) -> None:
    reply = ask(demo, "/v2/sms", json=REST_JSON, headers=signed(demo, **changed))
    assert (reply.status_code, said in reply.text) == (401, True)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 200),
        ({"destination": "+447911123456"}, 400),
        ({"destination": ""}, 400),
        ({"message": ""}, 400),
        ({"message": 5}, 400),
    ],
)
def test_a_signed_request_still_needs_its_fields(demo: Server, fields: dict[str, Any], status: int) -> None:
    reply = ask(demo, "/v2/sms", json=REST_JSON | fields, headers=signed(demo))
    assert reply.status_code == status, reply.text
    assert ("errors" in reply.json()) == (status == 400)


def test_a_nonce_is_good_once(demo: Server) -> None:
    statuses = [
        ask(demo, "/v2/sms", json=REST_JSON, headers=signed(demo, nonce)).status_code
        for nonce in ("a", "a", "b")
    ]
    assert statuses == [200, 401, 200]


def test_it_takes_the_keys_that_it_is_told() -> None:
    with provider.running("--key", "school", "not-a-real-secret") as told:
        right = signed(told, "a", key="school", secret="not-a-real-secret")  # noqa: S106 - none is real
        statuses = [
            ask(told, "/v2/sms", json=REST_JSON, headers=headers).status_code
            for headers in (right, signed(told, "b"), signed(told, "c", key="school"))
        ]
    assert statuses == [200, 200, 401]


def test_the_panels_own_signature_is_right(demo: Server) -> None:
    settings = Gateway(
        url=f"{demo.url}/v2/sms",
        body_format="json",
        body_json='{"origin": "School", "destination": "{{recipient}}", "message": "{{message}}"}',
        auth_kind="mac",
    )
    secrets = {"auth_key": KEY, "auth_secret": SECRET}
    values = Values(recipient=RECIPIENT, message=TEXT, message_id=MESSAGE_ID, fresh=FRESH, secrets=secrets)
    request = compose(settings, values, user_agent="webpanel/0")
    headers = {name.decode(): value.decode() for name, value in request.headers}
    reply = requests.post(request.url, data=request.body, headers=headers, timeout=10)
    assert reply.status_code == 200, reply.text
