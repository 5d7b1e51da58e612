"""Twilio's names for things (``AC…``, ``SM…``) for what has other names here."""

import re

from ulid import ULID

_PUBLIC = re.compile(r"smsgw_([0-9a-f]{16})_.*", re.ASCII | re.DOTALL)
_MESSAGE = re.compile(r"SM([0-9a-f]{32})", re.ASCII)


def account_sid(key: str) -> str:
    """The account SID that goes with ``key``; blank for what is no key."""
    found = _PUBLIC.fullmatch(key)
    return account_sid_of(found[1]) if found else ""


def account_sid_of(public_id: str) -> str:
    """The same, of the part of a key that may be shown."""
    return f"AC{public_id:0>32}"


def message_sid(message_id: str) -> str:
    return f"SM{ULID.from_str(message_id).hex}"


def message_id(sid: str) -> str | None:
    """The id of the message with that SID; None for what is none."""
    found = _MESSAGE.fullmatch(sid)
    try:
        return str(ULID.from_hex(found[1])) if found else None
    except ValueError:
        return None
