"""On which line of a TOML text a key stands: what Python's reader does not tell.

A room of its own because it knows nothing but lines. Where a file is written in a way it does not follow
(inline tables), it gives the line of what holds the key.
"""

import re

from webpanel.wire.problem import Problem

_TABLE = re.compile(r"\s*\[(?P<list>\[)?\s*(?P<name>[A-Za-z0-9_-]+)\s*\]")
_KEY = re.compile(r"\s*\"?(?P<name>[A-Za-z0-9_.-]+)\"?\s*=\s*(?P<value>.*)")
_QUOTES = ("'''", '"""')

Path = tuple[str | int, ...]


class Places:
    """The lines of one text, counted from 1, by path: ``("settings", "url")``, ``("questions", 0, "id")``."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        #: The lines from which on a value of several lines is counted.
        self._begins: dict[Path, int] = {}
        counts: dict[str, int] = {}
        table: Path = ()
        closing = ""
        for number, line in enumerate(text.split("\n"), start=1):
            if closing:
                closing = "" if closing in line else closing
            elif found := _TABLE.match(line):
                table = (found["name"],)
                self._lines.setdefault(table, number)
                if found["list"]:
                    counts[found["name"]] = counts.get(found["name"], -1) + 1
                    table = (found["name"], counts[found["name"]])
                    self._lines[table] = number
            elif found := _KEY.match(line):
                path = (*table, found["name"])
                self._lines.setdefault(path, number)
                closing = _opened(found["value"])
                is_below = found["value"].rstrip("\r") in _QUOTES
                self._begins.setdefault(path, number + 1 if is_below else number)

    def line(self, path: Path, inside: int | None = None) -> int | None:
        """Where ``path`` stands, or the nearest that holds it; ``inside`` its value, that line of it."""
        if inside is not None and path in self._begins:
            return self._begins[path] + inside - 1
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path)

    def problem(self, path: Path, code: str, **values: object) -> Problem:
        """A problem of what stands at ``path``."""
        return Problem(code, ".".join(map(str, path)), line=self.line(path), values=values)


def _opened(value: str) -> str:
    """The quotes that a value opens and leaves open on its first line."""
    for quotes in _QUOTES:
        if value.startswith(quotes) and quotes not in value[3:]:
            return quotes
    return ""
