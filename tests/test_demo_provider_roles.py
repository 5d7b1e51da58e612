"""The providers that the demonstration provider plays, over real sockets: what they check and answer."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.played import (
    BASIC,
    BEARER,
    CLOUD,
    CLOUD_JSON,
    HTTP_FORM,
    REST_JSON,
    TEMPLATE,
    TEXT,
    TWILIO,
    TWILIO_FORM,
    WAZIPER_JSON,
    ZENDER_SMS,
    ZENDER_WHATSAPP,
    ask,
    good,
    serving,
    without,
)
from webpanel.demo_provider.inbox import Inbox
from webpanel.demo_provider.server import Server


@pytest.fixture(scope="module")
def program() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def demo(program: Server) -> Server:
    program.inbox = Inbox()
    return program


#: Provider, then for the modes accept, refuse400 and error200: status and what the reply must hold.
ANSWERS: dict[str, tuple[tuple[int, str], ...]] = {
    "Twilio": (
        (201, f'"sid": "SM{1:032x}", "status": "queued"'),
        (400, '"code": 21211, "message": "Invalid \'To\' Phone Number: +447911123456"'),
        (201, '"status": "failed"'),
    ),
    "WhatsApp Cloud API": (
        (200, '"messages": [{"id": "wamid.'),
        (400, '{"error": {"message": "(#131026) Message undeliverable"'),
        (200, '"messages": []'),
    ),
    "Waziper": (
        (200, '"fromMe": true, "id": "3EB0'),
        (200, '{"status": "error", "message": '),
        (200, '{"status": "success", "message": "Success"}'),
    ),
    "Zender (SMS)": (
        (200, '{"status": 200, "message": "Message has been queued for sending!", "data": {"messageId": 1}}'),
        (200, '{"status": 400, "message": "Invalid phone number!", "data": false}'),
        (200, '{"status": 400, "message": "Invalid Parameters!", "data": false}'),
    ),
    "Zender (WhatsApp)": (
        (200, '"data": {"messageId": 1}'),
        (200, '"message": "Invalid phone number!", "data": false}'),
        (200, '"message": "Invalid Parameters!", "data": false}'),
    ),
    "SMSGlobal (HTTP)": (
        (200, "OK: 0; Sent queued message ID: "),
        (200, "ERROR: 88"),
        (200, "ERROR: 102 SMSGlobalMsgID:"),
    ),
    "SMSGlobal (REST)": (
        (200, '{"messages": [{"id": 6613115713000001, "outgoing_id": 6613115713000001'),
        (400, '{"errors": {"destination": {"errors": ['),
        (200, '{"messages": [], "errors": '),
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("mode", ["accept", "refuse400", "error200"])
def test_each_mode_is_answered_as_the_provider_does(demo: Server, name: str, mode: str) -> None:
    path, request = good(demo)[name]
    demo.inbox.set_mode(mode)
    reply = ask(demo, path, **request)
    status, held = ANSWERS[name][("accept", "refuse400", "error200").index(mode)]
    assert reply.status_code == status
    assert held in reply.text
    (got,) = demo.inbox.state()[2]
    assert (got.played, got.text, got.delivered) == (name, TEXT, mode == "accept")
    assert (got.recipient or "").lstrip("+") == "447911123456"
    assert (got.id in reply.text) or mode != "accept"


@pytest.mark.parametrize("name", ANSWERS)
def test_it_can_be_busy_and_can_fail(demo: Server, name: str) -> None:
    def send(nonce: str) -> requests.Response:
        path, request = good(demo, nonce)[name]
        return ask(demo, path, **request)

    demo.inbox.set_mode("later429", 3)
    busy = send("a")
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "3")
    demo.inbox.set_mode("fail500")
    assert send("b").status_code == 500
    demo.inbox.set_mode("close")
    with pytest.raises(requests.ConnectionError):
        send("c")
    assert [got.delivered for got in demo.inbox.state()[2]] == [False, False, True]


#: Path, request, status, and what the reply must hold.
FAULTS: list[tuple[str, dict[str, Any], int, str]] = [
    (TWILIO, {"data": TWILIO_FORM}, 401, '"code": 20003, "message": "Authenticate"'),
    (TWILIO, {"data": TWILIO_FORM, "auth": ("AC2", "x")}, 401, '"code": 20003'),
    (TWILIO, {"json": TWILIO_FORM, "auth": BASIC}, 415, '"status": 415'),
    (TWILIO, {"data": without(TWILIO_FORM, "To"), "auth": BASIC}, 400, '"code": 21604'),
    (TWILIO, {"data": without(TWILIO_FORM, "From"), "auth": BASIC}, 400, '"code": 21603'),
    (TWILIO, {"data": without(TWILIO_FORM, "Body"), "auth": BASIC}, 400, '"code": 21602'),
    (TWILIO, {"data": TWILIO_FORM | {"To": "447911123456"}, "auth": BASIC}, 400, '"code": 21211'),
    (TWILIO, {"data": TWILIO_FORM | {"Body": "x" * 1601}, "auth": BASIC}, 400, '"code": 21617'),
    (TWILIO, {"method": "GET", "auth": BASIC}, 200, '{"messages": []'),
    (TWILIO, {"method": "PUT", "data": TWILIO_FORM, "auth": BASIC}, 405, '"code": 20004'),
    (CLOUD, {"json": CLOUD_JSON}, 401, '"code": 190'),
    (CLOUD, {"json": CLOUD_JSON, "auth": BASIC}, 401, '"code": 190'),
    (CLOUD, {"method": "GET", "headers": BEARER}, 400, '"type": "GraphMethodException"'),
    (CLOUD, {"data": CLOUD_JSON, "headers": BEARER}, 400, "messaging_product is required"),
    (CLOUD, {"json": without(CLOUD_JSON, "messaging_product"), "headers": BEARER}, 400, "messaging_product"),
    (CLOUD, {"json": without(CLOUD_JSON, "to"), "headers": BEARER}, 400, "parameter to is required"),
    (CLOUD, {"json": without(CLOUD_JSON, "text"), "headers": BEARER}, 400, "parameter text is required"),
    (CLOUD, {"json": CLOUD_JSON | {"text": {}}, "headers": BEARER}, 400, "text['body']"),
    (CLOUD, {"json": CLOUD_JSON | {"to": "0791"}, "headers": BEARER}, 400, '"code": 131026'),
    (CLOUD, {"json": CLOUD_JSON | {"type": "fax"}, "headers": BEARER}, 400, '"details": "type fax"'),
    (
        CLOUD,
        {"json": CLOUD_JSON | {"type": "template", "template": {"name": "code"}}, "headers": BEARER},
        400,
        "template['language']",
    ),
    ("/api/send", {"json": without(WAZIPER_JSON, "access_token")}, 200, '{"status": "error"'),
    ("/api/send", {"json": without(WAZIPER_JSON, "instance_id")}, 200, '{"status": "error"'),
    ("/api/send", {"json": without(WAZIPER_JSON, "message")}, 200, "The message field is required"),
    ("/api/send", {"json": WAZIPER_JSON | {"number": "+447911123456"}}, 200, '"message": "Success"}'),
    ("/api/send", {"data": b"[" * 100_000, "headers": {"Content-Type": "application/json"}}, 200, '"error"'),
    ("/api/send/sms", {"json": ZENDER_SMS}, 200, '{"status": 400, "message": "Invalid Parameters!"'),
    ("/api/send/sms", {"method": "GET", "params": ZENDER_SMS}, 200, '"Invalid Parameters!"'),
    ("/api/send/sms", {"data": without(ZENDER_SMS, "mode")}, 200, '"Invalid Parameters!"'),
    ("/api/send/sms", {"data": without(ZENDER_SMS, "device")}, 200, '"Invalid Parameters!"'),
    ("/api/send/sms", {"data": ZENDER_SMS | {"mode": "credits"}}, 200, '"Invalid Parameters!"'),
    ("/api/send/sms", {"data": ZENDER_SMS | {"phone": "447911123456"}}, 200, '"Invalid phone number!"'),
    ("/api/send/whatsapp", {"data": without(ZENDER_WHATSAPP, "secret")}, 200, '"Invalid Parameters!"'),
    ("/api/send/whatsapp", {"data": ZENDER_WHATSAPP | {"type": "media"}}, 200, '"Invalid Parameters!"'),
    ("/http-api.php", {"data": without(HTTP_FORM, "user")}, 200, "ERROR: Missing parameter: user"),
    ("/http-api.php", {"data": HTTP_FORM | {"to": "+447911123456"}}, 200, "ERROR: 102"),
    ("/http-api.php", {"data": HTTP_FORM | {"action": "balance"}}, 200, "ERROR: "),
    ("/http-api.php", {"method": "PUT", "data": HTTP_FORM}, 200, "ERROR: "),
    ("/v2/sms", {"json": REST_JSON}, 401, "No MAC signature"),
    ("/v2/sms", {"json": REST_JSON, "auth": BASIC}, 401, "No MAC signature"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "request_", "status", "held"), FAULTS)
def test_it_checks_what_the_provider_checks(
    demo: Server, path: str, request_: dict[str, Any], status: int, held: str
) -> None:
    reply = ask(demo, path, **request_)
    assert (reply.status_code, held in reply.text) == (status, True), reply.text
    assert [got.delivered for got in demo.inbox.state()[2]] == [False]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/send"),
        ("GET", "/api/send.php"),
    ],
)
def test_waziper_takes_a_query_too(demo: Server, method: str, path: str) -> None:
    reply = ask(demo, path, method, params=WAZIPER_JSON)
    assert reply.json()["message"]["key"]["fromMe"] is True


def test_smsglobal_takes_a_query_too(demo: Server) -> None:
    reply = ask(demo, "/http-api.php", "GET", params=HTTP_FORM)
    assert reply.text.startswith("OK: 0; ")


def test_twilio_takes_a_messaging_service_and_whatsapp(demo: Server) -> None:
    service = without(TWILIO_FORM, "From") | {"MessagingServiceSid": "MG1"}
    assert ask(demo, TWILIO, data=service, auth=BASIC).status_code == 201
    chat = TWILIO_FORM | {"To": "whatsapp:+447911123456", "From": "whatsapp:+15005550006"}
    assert ask(demo, TWILIO, data=chat, auth=BASIC).status_code == 201


def test_the_cloud_takes_a_template(demo: Server) -> None:
    message = without(CLOUD_JSON, "text") | {"type": "template", "template": TEMPLATE}
    reply = ask(demo, CLOUD, json=message, headers=BEARER)
    assert reply.json()["messages"][0]["id"].startswith("wamid.")
    assert demo.inbox.state()[2][-1].text == TEXT


@pytest.mark.parametrize(
    "path",
    ["/api/send/", "/api/send/fax", "/x/api/send", "/v2/sms/1", "/2010-04-01/Accounts/AC1", "/v23/messages"],
)
def test_every_other_path_is_nobodys(demo: Server, path: str) -> None:
    reply = ask(demo, path, data={"to": "447911123456", "text": "Hi"})
    assert reply.json() == {"id": "demo-1", "result": {"sent": True}}


def test_the_page_tells_whom_it_plays(demo: Server) -> None:
    ask(demo, "/http-api.php", data=without(HTTP_FORM, "user"))
    page = ask(demo, "/", "GET").text
    assert all(name in page for name in ANSWERS)
    assert "<b>SMSGlobal (HTTP)</b>" in page
