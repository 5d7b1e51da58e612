"""The vocabulary as a whole."""

from collections import Counter
from importlib import import_module
from pkgutil import iter_modules

from webpanel import words


def test_no_code_has_two_sentences() -> None:
    rooms = [import_module(f"webpanel.words.{each.name}") for each in iter_modules(words.__path__)]
    counts = Counter(code for room in rooms for code in getattr(room, "SENTENCES", ()))
    assert counts
    assert [code for code, count in counts.items() if count > 1] == []
