"""What a caller is told in the API's own language: the message, as the API shows it, signed.

Source of the body's form: "Payload structure" of the Standard Webhooks specification.
"""

from datetime import UTC, datetime

from webpanel.api import calls, problems
from webpanel.callbacks import Request, Telling
from webpanel.callbacks.signing import headers
from webpanel.wire import callback_address


def compose(telling: Telling) -> Request:
    """Raises Refused for an address that cannot be read."""
    address = callback_address.read(telling.url)
    told = {
        "type": f"message.{telling.message.state}",
        "timestamp": calls.written(telling.at),
        "data": calls.described(telling.message),
    }
    body = problems.compact(told).rstrip("\n").encode()
    signed = headers(telling.id, body, telling.secrets, datetime.now(UTC))
    return Request(address, {**signed, "Content-Type": "application/json"}, body)
