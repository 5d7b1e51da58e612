"""A pasted command line into its words, as a shell would, and as it was meant where copying spoiled it.

A room of its own because quoting is one thing and what the words mean to curl is another. Read are the
quotings of sh, of Windows' cmd and of PowerShell. What word processors, PDF files and chats do to them is
undone: curly quotes, blanks that are none, backslashes lost or doubled. Nothing is expanded, nothing run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from webpanel.wire.example import FIELD, MOST_NOTES
from webpanel.wire.problem import Problem
from webpanel.wire.template import position

_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"
_GAP = re.compile(rf"(?:[\s{_INVISIBLE}]|\\{{1,4}}(?=\s|\Z))+")
_EXACT_GAP = re.compile(r"(?:[ \t\n]|\\\n)+")
_PLAIN = re.compile(r"[^\s\\'\"$<\u2018-\u201f\u00ab\u00bb\u2032\u2033\u00b4`]+")
#: What documentation has for a value of one's own; a blank inside it ends no word.
_HINT = re.compile(r"<[A-Za-z][\w .'-]{0,60}>")
_EXACT_PLAIN = re.compile(r"[^ \t\n\\'\"$]+")
_COMMENT = re.compile(r"(?:(?<=\n)|\A)[^\S\n]*#[^\n]*")
_SINGLE = re.compile(r"'([^']*)'")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_CMD_DOUBLE = re.compile(r'"((?:[^"\\]|\\.|"")*+)"', re.DOTALL)
_ANSI = re.compile(r"\$'((?:[^'\\]|\\.)*+)'", re.DOTALL)
_BENT_DOUBLE = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033"
_BENT_SINGLE = "\u2018\u2019\u201a\u201b\u2032\u00b4"
#: An opening quote -> those that may close it.
_CURLY = {
    **dict.fromkeys(_BENT_DOUBLE, _BENT_DOUBLE + '"'),
    **dict.fromkeys(_BENT_SINGLE, _BENT_SINGLE + "'"),
}
#: The end of a quoted document when the quotes inside it are not to be trusted.
_DOCUMENT_END = {quote: re.compile(rf"[}}\]]\s*{quote}(?=\s|\Z|\\\s)") for quote in "'\""}
_DOCUMENT = re.compile(r"['\"]\s*[{\[]")
_LOST_BACKSLASHES = re.compile(r"\"\s*[{\[][\s{\[]*(?:\"|\\\\+\")")
_NEXT_OPTION = re.compile(r"\n[ \t]*(?=[-\u2010-\u2015\u2212])|\Z")
_ESCAPED_IN_DOUBLE = re.compile(r'\\([\\"$`]|\n)')
_ESCAPED_IN_CMD = re.compile(r'\\(")|"(")')
_ESCAPED_IN_ANSI = re.compile(
    r"\\(?:u(?P<high>[dD][89abAB][0-9A-Fa-f]{2})\\u(?P<low>[dD][c-fC-F][0-9A-Fa-f]{2})|x(?P<x>[0-9A-Fa-f]{1,2})|u(?P<u>[0-9A-Fa-f]{1,4})|U(?P<U>[0-9A-Fa-f]{1,8})|(?P<o>[0-7]{1,3})"
    r"|c(?P<c>.)|(?P<one>.))",
    re.DOTALL,
)
_ANSI_SIGNS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b"}
_ANSI_SIGNS.update({"f": "\f", "v": "\v"})


@dataclass(frozen=True)
class Word:
    """One word; ``text[start:end]`` is how it was written.

    ``quoted``: some of it stood in quotes. ``expands``: a shell would look for variables in it.
    """

    text: str
    start: int
    end: int
    quoted: bool = False
    expands: bool = False


class Words:
    """Reads the words of ``text`` from ``start`` on; what it mends is told in :attr:`notes`.

    ``exact``: a command that the panel wrote, read as sh reads it. ``cmd``: written for Windows' cmd.
    """

    def __init__(self, text: str, start: int, *, exact: bool, cmd: bool) -> None:
        self.text, self.at = text, start
        self.exact, self.cmd = exact, cmd
        self.notes: list[Problem] = []
        self.open_quotes = 0
        self.without_end: set[str] = set()

    def __iter__(self) -> Iterator[Word]:
        while True:
            self.skip()
            if self.at >= len(self.text):
                return
            yield self.word()

    def skip(self) -> None:
        gap = _EXACT_GAP if self.exact else _GAP
        while True:
            before = self.at
            if found := gap.match(self.text, self.at):
                self.at = found.end()
            if not self.exact and (found := _COMMENT.match(self.text, self.at)):
                self.at = found.end()
            if self.at == before:
                return

    def word(self) -> Word:
        start, pieces = self.at, []
        quoted = expands = False
        while self.at < len(self.text) and not self.ends():
            opened = self.at
            sign = self.text[opened]
            if sign == "'":
                pieces.append(self.single())
            elif sign == '"' or self.text.startswith('$"', opened):
                self.at += sign == "$"
                pieces.append(self.double())
                expands = True
            elif self.text.startswith("$'", opened) and (found := _ANSI.match(self.text, opened)):
                pieces.append(ansi(found[1]))
                self.at = found.end()
            elif sign in _CURLY and not self.exact and (opened == start or self.text[opened - 1] == "="):
                pieces.append(self.curly(sign))
            else:
                pieces.append(self.plain())
                expands = True
                continue
            quoted = True
        return Word("".join(pieces), start, self.at, quoted, expands)

    def ends(self) -> bool:
        """Whether a gap begins here."""
        return bool((_EXACT_GAP if self.exact else _GAP).match(self.text, self.at))

    def plain(self) -> str:
        """Text without quotes up to the next sign that means something."""
        if self.text[self.at] == "\\" and not self.cmd and self.at + 1 < len(self.text):
            self.at += 2
            return self.text[self.at - 1]
        if not self.exact and (hint := _HINT.match(self.text, self.at)):
            self.at = hint.end()
            return hint[0]
        found = (_EXACT_PLAIN if self.exact else _PLAIN).match(self.text, self.at)
        end = found.end() if found else self.at + 1
        written = self.text[self.at : end]
        self.at = end
        return written if self.exact else written.translate(dict.fromkeys(map(ord, _INVISIBLE)))

    def single(self) -> str:
        found = _SINGLE.match(self.text, self.at)
        if not self.exact and _DOCUMENT.match(self.text, self.at):
            # An apostrophe in the text has closed the quotes: what follows is no end of a word.
            closes = found and (found.end() == len(self.text) or self.text[found.end()] in " \t\n\\'\"")
            if not closes and (document := self.document("'")) is not None:
                return document
        if not found:
            return self.left_open()
        self.at = found.end()
        return found[1]

    def double(self) -> str:
        if not self.exact and _LOST_BACKSLASHES.match(self.text, self.at) and not self.doubled():
            document = self.document('"')
            if document is not None:
                return re.sub(r'\\{1,8}"', '"', document)
        found = (_CMD_DOUBLE if self.cmd else _DOUBLE).match(self.text, self.at)
        if not found:
            return self.left_open()
        self.at = found.end()
        if self.cmd:
            return _ESCAPED_IN_CMD.sub(lambda sign: sign[1] or sign[2], found[1])
        return _ESCAPED_IN_DOUBLE.sub(lambda sign: "" if sign[1] == "\n" else sign[1], found[1])

    def doubled(self) -> bool:
        """Whether quotes inside quotes are doubled, as cmd has it; then they say so themselves."""
        return self.cmd and bool(re.compile(r'"\s*[{\[]\s*""').match(self.text, self.at))

    def document(self, quote: str) -> str | None:
        """A quoted JSON document up to the bracket and quote that end it, whatever stands between."""
        if quote in self.without_end:
            return None
        found = _DOCUMENT_END[quote].search(self.text, self.at + 1)
        if not found:
            self.without_end.add(quote)
            return None
        written = self.text[self.at + 1 : found.end() - 1]
        self.tell("example_quotes_mended")
        self.at = found.end()
        return written

    def curly(self, sign: str) -> str:
        """What stands between quotes that a word processor bent."""
        closers = _CURLY[sign]
        for at in range(self.at + 1, len(self.text)):
            if self.text[at] in closers and (
                at + 1 == len(self.text) or self.text[at + 1] in " \t\n\\^`\xa0"
            ):
                written = self.text[self.at + 1 : at]
                self.at = at + 1
                return written
        return self.left_open()

    def left_open(self) -> str:
        """A quote that nothing closes: up to the next option, and the second one for good."""
        self.tell("example_quote_open")
        self.open_quotes += 1
        begun = self.at + 1
        found = _NEXT_OPTION.search(self.text, begun)
        end = found.start() if found and self.open_quotes == 1 else len(self.text)
        self.at = end
        written = self.text[begun:end].rstrip().rstrip("\\").rstrip()
        return written[:-1] if written.endswith(tuple(_BENT_DOUBLE + _BENT_SINGLE + "\"'")) else written

    def tell(self, code: str) -> None:
        if len(self.notes) == MOST_NOTES:
            return
        line, column = position(self.text, self.at)
        self.notes.append(Problem(code, FIELD, line, column))


def ansi(written: str) -> str:
    r"""The inside of ``$'…'``. Bytes that are no UTF-8 become U+FFFD."""
    content, done = bytearray(), 0
    for found in _ESCAPED_IN_ANSI.finditer(written):
        content += written[done : found.start()].encode("utf-8", "replace") + _ansi_sign(found)
        done = found.end()
    content += written[done:].encode("utf-8", "replace")
    return content.decode("utf-8", "replace")


def _ansi_sign(found: re.Match[str]) -> bytes:
    if found["high"]:
        return bytes.fromhex(found["high"] + found["low"]).decode("utf-16-be").encode()
    if found["x"] or found["o"]:
        return bytes([int(found["x"], 16) if found["x"] else int(found["o"], 8) & 0xFF])
    if number := found["u"] or found["U"]:
        code = int(number, 16)
        return chr(code).encode("utf-8", "replace") if code <= 0x10FFFF else b"?"  # noqa: PLR2004 - Unicode's last
    if found["c"]:
        return bytes([ord(found["c"][0]) & 0x1F])
    return _ANSI_SIGNS.get(found["one"], found["one"] if found["one"] in "\\'\"?" else found[0]).encode()
