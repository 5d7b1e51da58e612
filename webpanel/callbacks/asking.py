"""What the caller of one message says of whom to tell, and the row that keeps it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from webpanel.vault import Vault
from webpanel.wire import callback_address
from webpanel.wire.callback_address import Address

#: What is told, as Kannel counts it: state -> bit. Others are not told.
KANNEL: dict[str, int] = {
    "delivered": 1,
    "undelivered": 2,
    "unknown": 2,
    "queued": 4,
    "scheduled": 4,
    "sent": 8,
    "failed": 16,
    "expired": 16,
    "cancelled": 16,
}
#: All but the queued ones: what every caller is told who does not choose.
FINAL = 1 | 2 | 8 | 16


@dataclass(frozen=True)
class Tell:
    """Whom to tell of a message, as its caller says.

    ``example`` is the address with everything filled in, where ``url`` has escapes of its kind.
    ``more`` makes what its kind needs beside the address, of the message's new row; it is kept encrypted.
    """

    url: str
    kind: str = "json"
    mask: int = FINAL
    example: str = ""
    more: Callable[[Mapping[str, Any]], Mapping[str, str]] | None = field(default=None, compare=False)

    def address(self) -> Address:
        """Raises Refused, of the field ``callback_url``."""
        return callback_address.read(self.example or self.url)


def target(vault: Vault, tell: Tell, address: Address, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row of ``callback_target`` for a message that is about to be stored as ``row``."""
    kept = {"url": tell.url.strip(), **(tell.more(row) if tell.more is not None else {})}
    return {
        "message_id": row["id"],
        "kind": tell.kind,
        "sealed": vault.encrypt(json.dumps(kept)),
        "shown": address.shown,
        "site": address.site,
        "mask": tell.mask,
    }
