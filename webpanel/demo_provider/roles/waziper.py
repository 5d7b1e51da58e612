"""Waziper's `/api/send`: 200 whatever happens, and "success" for what was never sent.

Source: Waziper's own server. Without a key of the message nothing went out, whatever the status says.
"""

import re
from typing import Any

from webpanel.demo_provider.answer import Answer, as_json
from webpanel.demo_provider.roles.role import Asked, Role, first_missing

_NUMBER = re.compile(r"[1-9][0-9]{6,14}(?:@(?:c\.us|s\.whatsapp\.net))?")


def _fields(asked: Asked) -> dict[str, Any]:
    return {**asked.query, **asked.form, **asked.json}


def _error(message: str) -> Answer:
    return as_json({"status": "error", "message": message})


def _fault(asked: Asked) -> Answer | None:
    fields = _fields(asked)
    if first_missing(fields, "access_token"):
        return _error("The authentication process has failed")
    if first_missing(fields, "instance_id"):
        return _error("The Instance ID must be provided for the process to be completed")
    if missing := first_missing(fields, "number", "type", "message"):
        return _error(f"The {missing} field is required")
    if not _NUMBER.fullmatch(fields["number"]):
        # WhatsApp knows nobody by such a number: nothing goes out, and nothing says so.
        return _trap(asked, "")
    return None


def _accept(asked: Asked, message_id: str) -> Answer:
    fields = _fields(asked)
    return as_json(
        {
            "status": "success",
            "message": {
                "key": {
                    "remoteJid": f"{fields['number'].partition('@')[0]}@s.whatsapp.net",
                    "fromMe": True,
                    "id": message_id,
                },
                "message": {"extendedTextMessage": {"text": fields["message"]}},
                "messageTimestamp": "1790000000",
                "status": "PENDING",
            },
        }
    )


def _refuse(_asked: Asked) -> Answer:
    return _error("The Instance ID provided has been invalidated")


def _trap(_asked: Asked, _message_id: str) -> Answer:
    return as_json({"status": "success", "message": "Success"})


ROLE = Role(
    name="Waziper",
    path=re.compile(r"/api/send(?:\.php)?"),
    example="/api/send",
    fault=_fault,
    identify=lambda number: f"3EB0{number:016X}",
    accept=_accept,
    refuse=_refuse,
    trap=_trap,
)
