"""Words for what is wrong with a setting, a number or a text (codes of wire, intake and forms)."""

from flask_babel import LazyString

SENTENCES: dict[str, LazyString] = {}
