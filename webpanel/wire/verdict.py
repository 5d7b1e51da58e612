"""What a provider's reply means for the message: (gateway settings, reply) -> verdict.

Sources: DESIGN sections 4 (classes, order of judgement) and 5 (rules).
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["not_sent", "deferred", "accepted", "rejected", "gateway_fault", "ambiguous"]


@dataclass(frozen=True)
class Reply:
    """A provider's reply as read from the connection.

    ``complete``: the header block ended and the body ended by its length, its last chunk or, having
    neither, the provider's close. ``cut``: reading stopped at our own limit, which makes a reply
    neither incomplete nor whole; ``complete`` is then True. ``body`` is what was read, with transfer
    and content codings undone. Header names keep the provider's spelling.
    """

    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    complete: bool = True
    cut: bool = False


@dataclass(frozen=True)
class Verdict:
    """A class of DESIGN section 4, and what decided: a code of ``webpanel.words`` with JSON-able values."""

    outcome: Outcome
    code: str
    values: dict[str, Any] = field(default_factory=dict)
    #: The provider's own id: at most 200 characters, never blank.
    message_id: str | None = None
