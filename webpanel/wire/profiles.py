"""Named ways to deliver: each stands for a handful of settings that belong together."""

from typing import Any

from webpanel.wire.gateway import Gateway

_BORN = Gateway()

#: Profile -> the settings that it fills in, in the order in which they are offered.
PROFILES: dict[str, dict[str, Any]] = {
    "codes": {
        "on_ambiguous": "resend",
        "retry_delays": "3 s, 10 s, 20 s, 40 s, 1 min",
        "urgent_retry_delays": _BORN.urgent_retry_delays,
        "failover_after": 10.0,
    },
    "notices": {
        "on_ambiguous": "resend",
        "retry_delays": _BORN.retry_delays,
        "urgent_retry_delays": _BORN.urgent_retry_delays,
        "failover_after": _BORN.failover_after,
    },
    "careful": {
        "on_ambiguous": "hold",
        "retry_delays": _BORN.retry_delays,
        "urgent_retry_delays": _BORN.urgent_retry_delays,
        "failover_after": _BORN.failover_after,
    },
}


def of(gateway: Gateway) -> str:
    """The profile whose settings a gateway has; blank for settings of its own."""
    for name, settings in PROFILES.items():
        if all(getattr(gateway, field) == value for field, value in settings.items()):
            return name
    return ""
