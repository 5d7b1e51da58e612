"""What somebody asks for, who asks, and what is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from webpanel.applications import Grant
from webpanel.callbacks import Tell
from webpanel.wire.gateway import OnAmbiguous
from webpanel.wire.problem import Problem

Ring = Callable[[int], None]


@dataclass(frozen=True)
class Wanted:
    """One message as somebody asks for it; None where the application's or the gateway's word counts.

    ``gateway`` is a name or an id, ``valid_for`` in seconds, ``priority`` 0 (urgent) to 2 (bulk).
    """

    to: str
    text: str
    gateway: str | int | None = None
    sender: str | None = None
    reference: str | None = None
    sensitive: bool | None = None
    send_at: datetime | None = None
    valid_for: int | None = None
    on_ambiguous: OnAmbiguous | None = None
    priority: int | None = None
    #: See :func:`accept`.
    once: str | None = None
    resent_from: str | None = None
    #: The state that the message ``resent_from`` must still be in, never sent once more: see ``resending``.
    resent_state: str | None = None
    #: Whom to tell what becomes of it; None: the application's own address, if it has one.
    tell: Tell | None = None


@dataclass(frozen=True)
class Caller:
    """Who asks: ``actor`` by name, through the door ``source``; an application with its ``grant``."""

    actor: str
    source: str
    grant: Grant | None = None


@dataclass(frozen=True)
class Place:
    """What of the panel counts for a message: its country, its time zone, and how long one may be tried."""

    country: str
    lifetime: timedelta
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Repeat:
    """A request that may come again: the caller's own ``key`` for it, and the hash of what it asks for."""

    key: str
    request_hash: bytes


@dataclass(frozen=True)
class Result:
    """What became of one message of a request: its ``message_id``, or why it was refused."""

    message_id: str | None
    problems: tuple[Problem, ...] = ()
    #: The columns that were just stored; None for a message that was there before.
    row: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Submitted:
    """A result for each message, in order; ``repeated`` when the same request had them before."""

    results: tuple[Result, ...]
    repeated: bool = False
