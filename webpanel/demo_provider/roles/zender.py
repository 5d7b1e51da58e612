"""Zender's `/api/send/sms` and `/api/send/whatsapp`: HTTP always says 200, the status stands in the body.

Source: Zender's own documentation and replies. It reads forms only.
"""

import re
from collections.abc import Callable, Mapping

from webpanel.demo_provider.answer import Answer, as_json
from webpanel.demo_provider.roles.role import Asked, Role, first_missing

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
#: The mode of an SMS, and the field that it needs besides.
_MODES = {"devices": "device", "credits": "gateway"}
_INVALID = "Invalid Parameters!"


def _says(status: int, message: str, data: Mapping[str, object] | bool) -> Answer:
    return as_json({"status": status, "message": message, "data": data})


def _fault_of(asked: Asked, names: tuple[str, ...], number: str) -> Answer | None:
    form = asked.form
    if asked.method != "POST" or first_missing(form, *names):
        return _says(400, _INVALID, False)
    if not _NUMBER.fullmatch(form[number]):
        return _says(400, "Invalid phone number!", False)
    return None


def _sms_fault(asked: Asked) -> Answer | None:
    needed = _MODES.get(asked.form.get("mode", ""), "mode")
    if needed == "mode":
        return _says(400, _INVALID, False)
    return _fault_of(asked, ("secret", "mode", "phone", "message", needed), "phone")


def _whatsapp_fault(asked: Asked) -> Answer | None:
    fault = _fault_of(asked, ("secret", "account", "recipient", "type", "message"), "recipient")
    if fault is None and asked.form["type"] != "text":
        return _says(400, _INVALID, False)
    return fault


def _role(kind: str, queued: str, fault: Callable[[Asked], Answer | None]) -> Role:
    return Role(
        name=f"Zender ({kind})",
        path=re.compile(f"/api/send/{kind.lower()}"),
        example=f"/api/send/{kind.lower()}",
        fault=fault,
        identify=str,
        accept=lambda _asked, message_id: _says(200, queued, {"messageId": int(message_id)}),
        refuse=lambda _asked: _says(400, "Invalid phone number!", False),
        trap=lambda _asked, _message_id: _says(400, _INVALID, False),
    )


SMS = _role("SMS", "Message has been queued for sending!", _sms_fault)
WHATSAPP = _role("WhatsApp", "WhatsApp chat has been queued for sending!", _whatsapp_fault)
