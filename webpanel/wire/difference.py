"""In what two gateways' settings differ, setting by setting.

A room of its own because an import, a provider's newer file and the history read it alike.
"""

from dataclasses import asdict, dataclass

from webpanel.wire.gateway import Gateway


@dataclass(frozen=True)
class Change:
    """One setting that differs; ``field`` is the attribute of :class:`Gateway`."""

    field: str
    before: str | float | bool
    after: str | float | bool


def between(before: Gateway, after: Gateway) -> tuple[Change, ...]:
    """What changes from ``before`` to ``after``, in the order of the settings."""
    old, new = asdict(before), asdict(after)
    return tuple(Change(name, old[name], new[name]) for name in old if old[name] != new[name])


def stated(gateway: Gateway) -> dict[str, str | float | bool]:
    """The settings that differ from their defaults, by name: what a file has to say."""
    return {change.field: change.after for change in between(Gateway(), gateway)}
