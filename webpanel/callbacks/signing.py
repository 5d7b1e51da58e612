"""Secrets and signatures of callbacks, as the Standard Webhooks specification has them.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

#: Bytes; the specification asks for 24 to 64.
_LENGTH = 32


def new() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_LENGTH)).decode()


def headers(webhook_id: str, body: bytes, keys: Sequence[str], at: datetime) -> dict[str, str]:
    """The three headers that tell who sent ``body``, and when; one signature for each of ``keys``."""
    moment = at.astimezone(UTC)
    signed = (Webhook(key).sign(webhook_id, moment, body.decode()) for key in keys)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signed),
    }
