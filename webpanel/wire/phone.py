"""Recipients: read once, checked, and written in the form that a provider wants."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["international", "short", "alphanumeric"]


@dataclass(frozen=True)
class Number:
    """A recipient that may be sent to.

    ``value`` is E.164 with its ``+``, or a short code's digits, or an alphanumeric recipient as typed.
    ``region`` (``GB``) is blank when the recipient belongs to no single one.
    """

    value: str
    kind: Kind = "international"
    region: str = ""
