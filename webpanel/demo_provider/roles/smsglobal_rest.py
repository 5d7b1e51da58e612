"""SMSGlobal's REST API v2, with its signature checked for true.

Source: SMSGlobal, "REST API, Authentication". Written apart from the panel's own signing: each shows
whether the other is right.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from webpanel.demo_provider.answer import Answer, as_json
from webpanel.demo_provider.roles.role import JSON, Asked, Role, first_missing

_NUMBER = re.compile(r"[1-9][0-9]{6,14}")
_PAIR = re.compile(r'\s*([a-z]+)="([^"]*)"\s*(?:,|$)')
_PORT = re.compile(r":[0-9]+$")
_LONGEST_NONCE = 32
_FIRST_ID = 6_613_115_713_000_000


def _refused(status: int, errors: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Answer:
    return as_json({"errors": errors}, status, headers)


def _of_field(name: str, message: str) -> Answer:
    return _refused(HTTPStatus.BAD_REQUEST, {name: {"errors": [message]}})


def _fault(asked: Asked) -> Answer | None:
    if wrong := _wrong_with_signature(asked):
        return _refused(HTTPStatus.UNAUTHORIZED, {"authentication": {"errors": [wrong]}})
    if asked.method != "POST":
        return _refused(HTTPStatus.METHOD_NOT_ALLOWED, {"method": {"errors": ["Method not allowed"]}})
    if asked.kind != JSON:
        return _refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, {"body": {"errors": ["Content type is not supported"]}}
        )
    if missing := first_missing(asked.json, "destination", "message"):
        return _of_field(missing, "This value should not be blank.")
    if not _NUMBER.fullmatch(asked.json["destination"]):
        return _refuse(asked)
    return None


def _wrong_with_signature(asked: Asked) -> str | None:
    scheme, rest = asked.authorization
    given = dict(_PAIR.findall(rest)) if scheme == "mac" else {}
    if first_missing(given, "id", "ts", "nonce", "mac"):
        return "No MAC signature"
    secret = asked.keys.get(given["id"])
    if secret is None:
        return "Unknown key"
    if not hmac.compare_digest(_signature(secret, asked, given).encode(), given["mac"].encode()):
        return "Wrong MAC signature"
    # Only a right signature uses its nonce up, or anybody could use up another's.
    if len(given["nonce"]) > _LONGEST_NONCE or not asked.first_use(given["nonce"]):
        return "Nonce used before, or too long"
    return None


def _signature(secret: str, asked: Asked, given: Mapping[str, str]) -> str:
    address = asked.headers.get("Host", "")
    host, _, port = address.rpartition(":") if _PORT.search(address) else (address, "", "80")
    lines = [given["ts"], given["nonce"], asked.method, asked.target, host, port, "", ""]
    digest = hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _message(asked: Asked, message_id: str, status: str) -> dict[str, Any]:
    return {
        "id": int(message_id),
        "outgoing_id": int(message_id),
        "origin": asked.json.get("origin", ""),
        "destination": asked.json["destination"],
        "message": asked.json["message"],
        "status": status,
        "dateTime": "2026-09-21 14:13:20 +1000",
    }


def _accept(asked: Asked, message_id: str) -> Answer:
    return as_json({"messages": [_message(asked, message_id, "Processing")]})


def _refuse(_asked: Asked) -> Answer:
    return _of_field("destination", "This value is not a valid mobile number.")


def _trap(_asked: Asked, _message_id: str) -> Answer:
    return as_json({"messages": [], "errors": {"account": {"errors": ["Insufficient credits"]}}})


ROLE = Role(
    name="SMSGlobal (REST)",
    path=re.compile(r"/v2/sms"),
    example="/v2/sms",
    fault=_fault,
    identify=lambda number: str(_FIRST_ID + number),
    accept=_accept,
    refuse=_refuse,
    trap=_trap,
    busy=lambda wait: _refused(
        HTTPStatus.TOO_MANY_REQUESTS, {"account": {"errors": ["Too many requests"]}}, wait
    ),
)
