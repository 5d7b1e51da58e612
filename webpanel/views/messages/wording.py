"""Stored codes as sentences for the message's page."""

from collections.abc import Mapping
from typing import Any

from webpanel.words import stored as said


def step(code: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """A step's sentence and, blank where there is none, why."""
    return said({"code": code, "values": values}), said(values.get("reason"))
