"""Twilio's Messages resource, for SMS and WhatsApp.

Source: Twilio's OpenAPI description and its error dictionary. A message that Twilio made and failed at once
is answered 201 like a good one; status and error_code tell.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from webpanel.demo_provider.answer import Answer, as_json
from webpanel.demo_provider.roles.role import FORM, Asked, Role

_PATH = re.compile(r"/2010-04-01/Accounts/(AC[0-9A-Za-z]{1,64})/Messages\.json")
_NUMBER = re.compile(r"(?:whatsapp:)?\+[1-9][0-9]{6,14}")
_LONGEST = 1600
_FILTERED = 30007


def _error(status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return as_json({"code": code, "message": message, "more_info": more, "status": status}, status, headers)


def _fault(asked: Asked) -> Answer | None:  # noqa: PLR0911 - one line per check, in Twilio's order
    user, password = asked.basic
    if not password or user not in (_account(asked), user if user.startswith("SK") else ""):
        return _error(HTTPStatus.UNAUTHORIZED, 20003, "Authenticate")
    if asked.method == "GET":
        # The same address lists what was sent: a 200 that sends nothing.
        return as_json({"messages": [], "page": 0, "page_size": 50, "uri": asked.path})
    if asked.method != "POST":
        return _error(HTTPStatus.METHOD_NOT_ALLOWED, 20004, "Method not allowed")
    if asked.kind != FORM:
        return _error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, 20001, "Content type is not supported")
    form = asked.form
    if "To" not in form:
        return _error(HTTPStatus.BAD_REQUEST, 21604, "A 'To' phone number is required.")
    if not form.get("From") and not form.get("MessagingServiceSid"):
        return _error(HTTPStatus.BAD_REQUEST, 21603, "A 'From' phone number is required.")
    if not form.get("Body"):
        return _error(HTTPStatus.BAD_REQUEST, 21602, "Message body is required.")
    if not _NUMBER.fullmatch(form["To"]):
        return _refuse(asked)
    if len(form["Body"]) > _LONGEST:
        long = "The concatenated message body exceeds the 1600 character limit"
        return _error(HTTPStatus.BAD_REQUEST, 21617, long)
    return None


def _account(asked: Asked) -> str:
    found = _PATH.fullmatch(asked.path)
    return found[1] if found else ""


def _message(asked: Asked, sid: str, **changed: Any) -> Answer:
    form = asked.form
    return as_json(
        {
            "account_sid": _account(asked),
            "api_version": "2010-04-01",
            "body": form["Body"],
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"),
            "num_segments": "1",
            "price": None,
            "sid": sid,
            "status": "queued",
            "to": form["To"],
            "uri": f"{asked.path.removesuffix('.json')}/{sid}.json",
        }
        | changed,
        HTTPStatus.CREATED,
    )


def _refuse(asked: Asked) -> Answer:
    return _error(HTTPStatus.BAD_REQUEST, 21211, f"Invalid 'To' Phone Number: {asked.form['To']}")


def _trap(asked: Asked, sid: str) -> Answer:
    return _message(asked, sid, status="failed", error_code=_FILTERED, error_message="Message filtered")


ROLE = Role(
    name="Twilio",
    path=_PATH,
    example="/2010-04-01/Accounts/AC…/Messages.json",
    fault=_fault,
    identify=lambda number: f"SM{number:032x}",
    accept=_message,
    refuse=_refuse,
    trap=_trap,
    busy=lambda wait: _error(HTTPStatus.TOO_MANY_REQUESTS, 20429, "Too Many Requests", wait),
)
