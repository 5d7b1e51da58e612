"""Words for how an exchange with a provider went (codes of transport, verdict and policy)."""

from flask_babel import LazyString

SENTENCES: dict[str, LazyString] = {}
