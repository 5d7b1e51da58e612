"""Twilio's ``StatusCallback``: what became of a message, as a form that Twilio's packages check.

Source: https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks and
https://www.twilio.com/docs/usage/webhooks/webhooks-security (the signature).

The signature's secret is the auth token: here the key, which the panel does not keep. While the request
that brings the key is answered, all that can become of the message is known; so each of these callbacks
is signed then, and the signatures are kept, encrypted, in place of the key.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from webpanel.callbacks import FINAL, KANNEL, Request, Tell, Telling
from webpanel.doors import twilio_messages, twilio_sids
from webpanel.doors.twilio_messages import VERSION
from webpanel.wire import callback_address
from webpanel.wire.callback_address import Address
from webpanel.wire.problem import Problem, Refused

KIND = "twilio"
METHODS = ("POST", "GET")

_FORM = "application/x-www-form-urlencoded"
#: The states that are told.
_STATES = tuple(state for state, bit in KANNEL.items() if bit & FINAL)


def tell(url: str, method: str, key: str) -> Tell:
    """Whom to tell of a message that is asked for with ``key``; ``method`` is one of :data:`METHODS`."""
    account_sid = twilio_sids.account_sid(key)

    def more(row: Mapping[str, Any]) -> dict[str, str]:
        address = callback_address.read(url)
        facts = {"method": method, "account_sid": account_sid, "from": row["sender"], "to": row["recipient"]}
        signed = {
            state: _signature(key, _dialled(address, method, told), {} if method == "GET" else told)
            for state in _STATES
            for told in [_told(row["id"], state, facts)]
        }
        return {**facts, **signed}

    return Tell(url, KIND, more=more)


def compose(telling: Telling) -> Request:
    """Raises Refused for what was not foreseen when the message was asked for."""
    state, kept = telling.message.state, telling.more
    if state not in kept:
        raise Refused(Problem("callback_unreadable"))
    address = callback_address.read(telling.url)
    told = _told(telling.message.id, state, kept)
    headers = {"X-Twilio-Signature": kept[state]}
    if kept["method"] == "GET":
        return Request(_dialled(address, "GET", told), headers)
    return Request(address, {**headers, "Content-Type": _FORM}, urlencode(told).encode())


def _told(message_id: str, state: str, facts: Mapping[str, str]) -> dict[str, str]:
    """The parameters, as Twilio names them."""
    sid, status = twilio_sids.message_sid(message_id), twilio_messages.STATUSES[state]
    code = twilio_messages.error_code(state)
    return {
        "MessageSid": sid,
        "SmsSid": sid,
        "AccountSid": facts["account_sid"],
        # A blank one could be lost on the way, and the signature with it.
        **({"From": facts["from"]} if facts["from"] else {}),
        "To": facts["to"],
        "MessageStatus": status,
        "SmsStatus": status,
        **({"ErrorCode": str(code)} if code else {}),
        "ApiVersion": VERSION,
    }


def _dialled(address: Address, method: str, told: Mapping[str, str]) -> Address:
    return address.asking(urlencode(told)) if method == "GET" else address


def _signature(key: str, address: Address, told: Mapping[str, str]) -> str:
    content = address.url + "".join(name + told[name] for name in sorted(told))
    digest = hmac.new(key.encode(), content.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
