"""How a gateway stands: whether it sends now, and if not, who must do something about it."""

from datetime import datetime
from typing import Literal, Protocol

#: ``off``, ``held`` and ``stopped`` wait for a person; ``failing`` and ``paused`` go on by themselves.
Standing = Literal["on", "off", "held", "stopped", "failing", "paused"]


class Gateway(Protocol):
    """The columns of a gateway that decide it."""

    enabled: bool
    held_at: datetime | None
    stopped_at: datetime | None
    failing_since: datetime | None
    paused_until: datetime | None


def of(gateway: Gateway, present: datetime) -> Standing:
    """How it stands at ``present``; what a person decided is told before what happened to it."""
    if not gateway.enabled:
        return "off"
    if gateway.held_at is not None:
        return "held"
    if gateway.stopped_at is not None:
        return "stopped"
    if gateway.failing_since is not None:
        return "failing"
    if gateway.paused_until is not None and gateway.paused_until > present:
        return "paused"
    return "on"
