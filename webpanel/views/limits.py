"""How often somebody may fail to sign in, by account and by the caller's address.

Kept in memory: one process serves the panel, and a restart forgives.
"""

import ipaddress

from flask import Response, request
from flask_limiter import Limiter
from flask_security import current_user

from webpanel.accounts import LONGEST_NAME, name_key

#: Failures, not attempts: people behind one address do not use up each other's.
FAILED = 422
PER_ACCOUNT = "10 per 15 minutes"
PER_ADDRESS = "30 per 15 minutes"
#: Somebody with an IPv6 address has at least as many as a network of this length holds.
_IPV6_NETWORK = 64


def caller() -> str:
    """What counts as one address: an IPv4 address, or the network that one IPv6 customer has."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 6:  # noqa: PLR2004 - the protocol's own number
        return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))
    return str(address)


def account() -> str:
    """The account that somebody tries to sign in to; no longer than a name is, for each is kept a while."""
    return "name:" + name_key(request.form.get("username", ""))[:LONGEST_NAME]


def _failed(response: Response) -> bool:
    return response.status_code == FAILED


limiter = Limiter(caller, storage_uri="memory://", strategy="moving-window")

by_address = limiter.shared_limit(PER_ADDRESS, scope="sign-in", deduct_when=_failed)
by_name = limiter.shared_limit(
    PER_ACCOUNT,
    scope="sign-in",
    key_func=account,
    deduct_when=_failed,
)

# A session left open must not be a way to guess the password.
by_user = limiter.shared_limit(
    PER_ACCOUNT,
    scope="password",
    key_func=lambda: "user:" + (current_user.get_id() or ""),
    deduct_when=_failed,
)
