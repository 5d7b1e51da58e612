"""SMSGlobal's HTTP API: plain text, HTTP always says 200.

Source: SMSGlobal, "HTTP API". An error may name a message id too, which is why one that stands anywhere in
a reply proves nothing.
"""

import re

from webpanel.demo_provider.answer import Answer, as_text
from webpanel.demo_provider.roles.role import Asked, Role, first_missing

_NUMBER = re.compile(r"[1-9][0-9]{6,14}")
#: Message ids have sixteen digits.
_FIRST_ID = 6_613_115_713_000_000


def _fields(asked: Asked) -> dict[str, str]:
    return {**asked.query, **asked.form}


def _fault(asked: Asked) -> Answer | None:
    fields = _fields(asked)
    if asked.method not in ("GET", "POST"):
        return as_text("ERROR: Missing parameter: action")
    if missing := first_missing(fields, "action", "user", "password", "from", "to", "text"):
        return as_text(f"ERROR: Missing parameter: {missing}")
    if fields["action"] != "sendsms":
        return as_text("ERROR: Unknown action")
    if not _NUMBER.fullmatch(fields["to"]):
        return as_text("ERROR: 102 SMSGlobalMsgID:")
    return None


def _accept(_asked: Asked, message_id: str) -> Answer:
    queued = f"{int(message_id):016x}"
    return as_text(f"OK: 0; Sent queued message ID: {queued}\nSMSGlobalMsgID:{message_id}")


ROLE = Role(
    name="SMSGlobal (HTTP)",
    path=re.compile(r"/http-api\.php"),
    example="/http-api.php",
    fault=_fault,
    identify=lambda number: str(_FIRST_ID + number),
    accept=_accept,
    refuse=lambda _asked: as_text("ERROR: 88"),
    trap=lambda _asked, _message_id: as_text("ERROR: 102 SMSGlobalMsgID:"),
)
