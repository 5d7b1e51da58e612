"""Codes into sentences, in the reader's language: the edges' vocabulary.

``wire``, ``sending``, ``intake`` and the tables hold codes with values; pages, API and terminal word
them here, when somebody reads. Each module has one ``SENTENCES``: code -> lazy gettext sentence with
``%(name)s`` for values.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import format_timedelta

from webpanel.words import (
    accounts,
    advice,
    api,
    by_hand,
    callbacks,
    doctor,
    events,
    examples,
    exchanges,
    files,
    imports,
    problems,
    replies,
    reports,
)

SENTENCES = {
    **problems.SENTENCES,
    **advice.SENTENCES,
    **examples.SENTENCES,
    **files.SENTENCES,
    **imports.SENTENCES,
    **replies.SENTENCES,
    **reports.SENTENCES,
    **accounts.SENTENCES,
    **api.SENTENCES,
    **callbacks.SENTENCES,
    **doctor.SENTENCES,
    **exchanges.SENTENCES,
    **events.SENTENCES,
    **by_hand.SENTENCES,
}


def sentence(code: str, values: Mapping[str, Any] | None = None) -> str:
    """The sentence for ``code`` in the reader's language. Raises KeyError for an unknown code."""
    values = values or {}
    worded = SENTENCES[code]
    if values.get("excerpt") == "":
        worded = exchanges.NOTHING_QUOTED.get(code, worded)
    return str(worded) % values


def stored(reason: Mapping[str, Any] | None) -> str:
    """The sentence of a ``{"code": ..., "values": {...}}`` as rows hold it, blank for none.

    A code or a value that this version does not know (a row of another one) is shown as the code stands.
    """
    if not reason:
        return ""
    values = dict(reason.get("values") or {})
    if isinstance(seconds := values.get("seconds"), int | float):
        values["wait"] = format_timedelta(timedelta(seconds=seconds), threshold=1)
    try:
        return sentence(reason["code"], values)
    except KeyError:
        return reason["code"]
