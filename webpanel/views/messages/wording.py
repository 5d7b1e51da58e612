"""Stored codes as sentences for the message's page."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import format_timedelta

from webpanel import words


def said(reason: Mapping[str, Any] | None) -> str:
    """The sentence of a ``{"code": ..., "values": {...}}``, blank for none.

    A code that this version does not know (a row of another one) is shown as it stands.
    """
    if not reason:
        return ""
    values = dict(reason.get("values") or {})
    if isinstance(seconds := values.get("seconds"), int | float):
        values["wait"] = format_timedelta(timedelta(seconds=seconds), threshold=1)
    try:
        return words.sentence(reason["code"], values)
    except KeyError:
        return reason["code"]


def step(code: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """A step's sentence and, blank where there is none, why."""
    return said({"code": code, "values": values}), said(values.get("reason"))
