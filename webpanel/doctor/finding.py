"""What a check found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Check = Literal[
    *("settings", "modes", "disk", "keys", "database", "clock"),
    *("sender", "secrets", "gateways", "messages", "hosts"),
]
Level = Literal["ok", "advice", "wrong"]


@dataclass(frozen=True)
class Finding:
    """``code`` with ``values`` says it; ``why``, a stored reason or a problem, fills its ``%(why)s``."""

    check: Check
    level: Level
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    why: Mapping[str, Any] | None = None
