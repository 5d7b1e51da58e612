"""The signature that SMSGlobal's REST API asks for in place of a password.

Source: SMSGlobal, "REST API, Authentication" (after draft-hammer-oauth-v2-mac-token-05): HMAC-SHA256 over
the lines timestamp, nonce, method, path with query, host, port and an empty one, in Base64.
"""

import base64
import hashlib
import hmac

from webpanel.wire import escaping
from webpanel.wire.problem import Refused
from webpanel.wire.template import problem_at


def signature(  # noqa: PLR0913 - what is signed, each by its name
    secret: str, *, timestamp: int, nonce: str, method: str, target: str, host: str, port: int
) -> str:
    """The ``mac`` of one request.

    ``target`` is in origin form; ``nonce`` is used once, and has at most 32 characters.
    """
    lines = [str(timestamp), nonce, method, target, host, str(port), "", ""]
    digest = hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def identifier(key: str) -> str:
    """For the quoted ``id``. Raises Refused for what would end the quotation."""
    for offset, character in enumerate(escaping.header(key)):
        if character in '"\\':
            code = escaping.codepoint(character)
            raise Refused(problem_at(key, offset, "header_character", character=code))
    return key
