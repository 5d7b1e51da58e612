"""Codes into sentences, in the reader's language: the edges' vocabulary.

``wire``, ``sending``, ``intake`` and the tables hold codes with values; pages, API and terminal word
them here, when somebody reads. Each module has one ``SENTENCES``: code -> lazy gettext sentence with
``%(name)s`` for values.
"""

from collections.abc import Mapping
from typing import Any

from webpanel.words import accounts, advice, events, examples, exchanges, files, imports, problems, replies

SENTENCES = {
    **problems.SENTENCES,
    **advice.SENTENCES,
    **examples.SENTENCES,
    **files.SENTENCES,
    **imports.SENTENCES,
    **replies.SENTENCES,
    **accounts.SENTENCES,
    **exchanges.SENTENCES,
    **events.SENTENCES,
}


def sentence(code: str, values: Mapping[str, Any] | None = None) -> str:
    """The sentence for ``code`` in the reader's language. Raises KeyError for an unknown code."""
    values = values or {}
    worded = SENTENCES[code]
    if values.get("excerpt") == "":
        worded = exchanges.NOTHING_QUOTED.get(code, worded)
    return str(worded) % values
