"""Good requests for the providers that the demonstration provider plays, and how they are sent."""

import base64
import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from tests.provider import Provider
from webpanel.demo_provider.server import KEYS, Server

TEXT = 'Código: 123456 "ok" & 50%\nline2 ✓'
ACCOUNT = "AC00000000000000000000000000000001"
TWILIO = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
CLOUD = "/v23.0/1234567890/messages"
KEY, SECRET = next(iter(KEYS.items()))
BASIC = (ACCOUNT, "not-a-real-token")
BEARER = {"Authorization": "Bearer not-a-real-token"}

TWILIO_FORM = {"To": "+447911123456", "From": "+15005550006", "Body": TEXT}
CLOUD_JSON = {
    "messaging_product": "whatsapp",
    "recipient_type": "individual",
    "to": "447911123456",
    "type": "text",
    "text": {"preview_url": False, "body": TEXT},
}
TEMPLATE = {
    "name": "code",
    "language": {"policy": "deterministic", "code": "en"},
    "components": [{"type": "body", "parameters": [{"type": "text", "text": TEXT}]}],
}
WAZIPER_JSON = {
    "number": "447911123456",
    "type": "text",
    "message": TEXT,
    "instance_id": "609ACF283XXXX",
    "access_token": "not-a-real-token",
}
ZENDER_SMS = {
    "secret": "not-a-real-secret",
    "mode": "devices",
    "phone": "+447911123456",
    "message": TEXT,
    "device": "00000000-0000-0000-d57d-f30cb6a89289",
    "sim": "1",
}
ZENDER_WHATSAPP = {
    "secret": "not-a-real-secret",
    "account": "1",
    "recipient": "+447911123456",
    "type": "text",
    "message": TEXT,
}
HTTP_FORM = {
    "action": "sendsms",
    "user": "demo",
    "password": "not-a-real-password",
    "from": "School",
    "to": "447911123456",
    "text": TEXT,
}
REST_JSON = {"origin": "School", "destination": "447911123456", "message": TEXT}


@contextmanager
def serving() -> Iterator[Server]:
    """The demonstration provider in a thread of the test."""
    server = Server("127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(timeout=10)


def ask(demo: Server | Provider, path: str, method: str = "POST", **request: Any) -> requests.Response:
    return requests.request(method, f"{demo.url}{path}", timeout=10, **request)


def signed(demo: Server | Provider, nonce: str = "n1", **changed: str) -> dict[str, str]:
    """The header of a right request, or of one that signed something else."""
    given = {"key": KEY, "secret": SECRET, "method": "POST", "path": "/v2/sms", "ts": "1790000000"} | changed
    lines = [given["ts"], nonce, given["method"], given["path"], "127.0.0.1", str(demo.port), "", ""]
    digest = hmac.new(given["secret"].encode(), "\n".join(lines).encode(), hashlib.sha256).digest()
    mac = base64.b64encode(digest).decode()
    return {"Authorization": f'MAC id="{given["key"]}", ts="{given["ts"]}", nonce="{nonce}", mac="{mac}"'}


def good(demo: Server, nonce: str = "n1") -> dict[str, tuple[str, dict[str, Any]]]:
    """A good request for each provider: path, and what requests makes it of."""
    return {
        "Twilio": (TWILIO, {"data": TWILIO_FORM, "auth": BASIC}),
        "WhatsApp Cloud API": (CLOUD, {"json": CLOUD_JSON, "headers": BEARER}),
        "Waziper": ("/api/send", {"json": WAZIPER_JSON}),
        "Zender (SMS)": ("/api/send/sms", {"data": ZENDER_SMS}),
        "Zender (WhatsApp)": ("/api/send/whatsapp", {"data": ZENDER_WHATSAPP}),
        "SMSGlobal (HTTP)": ("/http-api.php", {"data": HTTP_FORM}),
        "SMSGlobal (REST)": ("/v2/sms", {"json": REST_JSON, "headers": signed(demo, nonce)}),
    }


def without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}
