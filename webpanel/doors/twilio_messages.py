"""A message as Twilio's Message resource.

Source: https://www.twilio.com/docs/messaging/api/message-resource.
"""

from datetime import datetime
from email.utils import format_datetime
from typing import Any

from webpanel import words
from webpanel.doors import twilio_errors, twilio_sids

VERSION = "2010-04-01"

#: State -> Twilio's status. ``unknown`` is not delivered as far as anybody knows; see the door's page.
STATUSES = {
    "scheduled": "scheduled",
    "queued": "queued",
    "held": "queued",
    "sending": "sending",
    "sent": "sent",
    "delivered": "delivered",
    "undelivered": "undelivered",
    "unknown": "undelivered",
    "failed": "failed",
    "expired": "failed",
    "cancelled": "canceled",
}
_ERRORS = {"undelivered": twilio_errors.UNKNOWN, "failed": twilio_errors.UNKNOWN}


def address(account_sid: str, sid: str = "") -> str:
    """The path of the messages of an account, or of one of them, below the address of the door."""
    return f"/{VERSION}/Accounts/{account_sid}/Messages{'/' if sid else ''}{sid}.json"


def error_code(state: str) -> int | None:
    """Twilio's code for a message that came to such an end; None for one without an error."""
    return twilio_errors.EXPIRED if state == "expired" else _ERRORS.get(STATUSES[state])


def resource(row: Any, account_sid: str, *, with_text: bool) -> dict[str, Any]:
    """``row`` of a message; its text only for whoever sent it."""
    status = STATUSES[row.state]
    sid = twilio_sids.message_sid(row.id)
    code = error_code(row.state)
    sent = row.final_at if status in ("sent", "delivered") else None
    return {
        "account_sid": account_sid,
        "api_version": VERSION,
        "body": (row.text or "") if with_text else "",
        "date_created": _date(row.created_at),
        "date_sent": _date(sent),
        "date_updated": _date(row.final_at or row.created_at),
        "direction": "outbound-api",
        "error_code": code,
        "error_message": words.stored(row.reason) if code else None,
        "from": row.sender or None,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(row.parts),
        "price": None,
        "price_unit": None,
        "sid": sid,
        "status": status,
        "subresource_uris": {},
        "to": row.recipient,
        "uri": address(account_sid, sid),
    }


def _date(moment: datetime | None) -> str | None:
    """RFC 2822, as Twilio writes its dates."""
    return None if moment is None else format_datetime(moment)
