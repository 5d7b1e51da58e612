"""Words for states, classes and the steps of a message's life."""

from flask_babel import LazyString

SENTENCES: dict[str, LazyString] = {}
