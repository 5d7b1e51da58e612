"""The signature that SMSGlobal's REST API asks for in place of a password.

Source: SMSGlobal, "REST API, Authentication" (after draft-hammer-oauth-v2-mac-token-05): HMAC-SHA256 over
the lines timestamp, nonce, method, path with query, host, port and an empty one, in Base64.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from webpanel.wire import escaping
from webpanel.wire.problem import Refused
from webpanel.wire.template import problem_at


@dataclass(frozen=True)
class Asked:
    """What is signed. ``timestamp``: seconds since 1970; ``nonce``: at most 32 characters, used once;
    ``target`` is in origin form."""

    timestamp: int
    nonce: str
    method: str
    target: str
    host: str
    port: int


def signature(secret: str, asked: Asked) -> str:
    """The ``mac`` of one request."""
    lines = [asked.timestamp, asked.nonce, asked.method, asked.target, asked.host, asked.port, "", ""]
    digest = hmac.new(secret.encode(), "\n".join(map(str, lines)).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def identifier(key: str) -> str:
    """For the quoted ``id``. Raises Refused for what would end the quotation."""
    for offset, character in enumerate(escaping.header(key)):
        if character in '"\\':
            code = escaping.codepoint(character)
            raise Refused(problem_at(key, offset, "header_character", character=code))
    return key
