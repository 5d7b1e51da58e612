"""The words of a curl command, one after the other: address, options with their values, and what is neither.

What would need more than the text itself (variables, other programs) is told and left out.
"""

import re
from dataclasses import replace

from webpanel.wire import curl_options
from webpanel.wire.curl_effects import Effects
from webpanel.wire.example import Written
from webpanel.wire.glimpse import glimpse
from webpanel.wire.shell_words import Word, Words

#: How every command begins that the panel writes: curl takes the rest of it literally.
OURS = "curl --globoff "

_COMMAND = re.compile(
    r"(?:(?<=[\s$>%#;&|(`\"'\u201c])|\A)(?:[\w.~/\\:-]*[/\\])?curl(?:\.exe)?(?=[\s\xa0])", re.IGNORECASE
)
_FENCE_OR_COMMENT = re.compile(r"^[ \t]*(?:```+|#\s).*$", re.MULTILINE)
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_CMD_LINE_END = re.compile(r"\^[ \t]*\n")
_POWERSHELL_LINE_END = re.compile(r"(?<=\s)`[ \t]*\n")
_CARET = re.compile(r"\^(.)", re.DOTALL)
_STOPS = re.compile(r"\|\|?|&&?|;+|\|.*")
#: What ends in a semicolon that ends no command.
_EMPTY_HEADER = re.compile(r"[A-Za-z][\w-]*;")
_ENTITY = re.compile(r"&#?\w{1,8};\Z")
_REDIRECTION = re.compile(r"(?:[0-9]|&)?(?:>>?|<)(?P<to>&?[^<>]*)")
_VARIABLE = re.compile(r"\$(?:[A-Za-z_]\w*|\{[^{}\s]*\})|%[A-Z_]{2,}%")
#: The options whose values hold blanks, and so stand in quotes.
_WITH_BLANKS = ("header", "data", "data-raw", "data-binary", "data-urlencode", "form", "form-string")
_SUBSTITUTION = re.compile(r"\$\(|`")
_ADDRESS = re.compile(
    r"(?:https?:/|[\w.-]+\.[A-Za-z]{2,}(?:[:/?]|\Z)|localhost\b|\d{1,3}(?:\.\d{1,3}){3}\b|\[[0-9a-f:]+\])",
    re.IGNORECASE,
)


def find(text: str) -> int | None:
    """Where the arguments of the first curl command begin, or None when there is none."""
    found = _COMMAND.search(text)
    return found.end() if found else None


def read(text: str) -> Written:
    """The request of the first curl command in ``text``; call :func:`find` first."""
    exact = text.startswith(OURS)
    cmd = not exact and bool(_CMD_LINE_END.search(text) or '^"' in text)
    if cmd:
        text = _without_carets(text)
    elif not exact:
        text = _POWERSHELL_LINE_END.sub("\n", text)
    start = find(text) or 0
    written = Written(exact=exact)
    _note_before(text, written)
    words = Words(text, start, exact=exact, cmd=cmd)
    _Reader(text, written, words).read()
    written.notes[:0] = words.notes
    return written


def _without_carets(text: str) -> str:
    if '^"' not in text:
        return _CMD_LINE_END.sub("\n", text)
    # What follows a caret stands for itself, the line end that is doubled for one in the value.
    return _CARET.sub(lambda found: found[1], text)


def _note_before(text: str, written: Written) -> None:
    found = _COMMAND.search(text)
    before = _FENCE_OR_COMMENT.sub("", text[: found.start()]).strip() if found else ""
    last = before.rsplit("\n", 1)[-1]
    if before and not (re.fullmatch(r"[^\n]{0,80}[$>%#`\"'\u201c]", last) and "\n" not in before):
        written.note("example_before", 1, 1, text=glimpse(before))


class _Reader:
    """Takes the words one after the other."""

    def __init__(self, text: str, written: Written, source: Words) -> None:
        self.text, self.written, self.source, self.words = text, written, source, iter(source)
        self.effects = Effects(text, written)
        self.returned: list[Word] = []

    def next_word(self) -> Word | None:
        if self.returned:
            return self.returned.pop()
        word = next(self.words, None)
        if word is None or not word.text.endswith(";") or self.source.exact or self.source.cmd:
            return word
        return self.without_stop(word)

    def without_stop(self, word: Word) -> Word:
        """The word in front of the semicolons that end the command, which are a word of their own."""
        bare = word.text.rstrip(";")
        at = word.end - (len(word.text) - len(bare))
        is_stop = self.text[at : word.end].strip(";") == "" and self.text[at - 1 : at] != "\\"
        if not bare or not is_stop or _EMPTY_HEADER.fullmatch(word.text) or _ENTITY.search(word.text[-12:]):
            return word
        self.returned.append(Word(word.text[len(bare) :], at, word.end))
        return replace(word, text=bare, end=at)

    def read(self) -> None:
        while word := self.next_word():
            if not word.quoted and self.ends(word):
                return
            if not word.text.strip("`"):
                # The end of a fenced block.
                continue
            if word.text.startswith("#") and not word.quoted and not self.written.exact:
                self.comment(word)
                continue
            self.look_for_variables(word)
            if word.text[:1] and word.text[0] in _DASHES and len(word.text) > 1 and not self.is_address(word):
                self.option(word)
            else:
                self.other(word)

    def comment(self, word: Word) -> None:
        end = self.text.find("\n", word.start)
        self.source.at = max(self.source.at, len(self.text) if end < 0 else end)
        self.effects.note("example_stray", word, text=glimpse(self.text[word.start : self.source.at]))

    def ends(self, word: Word) -> bool:
        """Whether another command begins here."""
        if self.written.exact:
            return False
        if _STOPS.fullmatch(word.text):
            if self.text[word.start :].strip("; \n`"):
                self.effects.note("example_pipe", word, text=glimpse(self.text[word.start :]))
            return True
        if re.fullmatch(r"(?:.*[/\\])?curl(?:\.exe)?", word.text, re.IGNORECASE) and self.written.url:
            self.effects.note("example_second_command", word)
            return True
        return False

    def other(self, word: Word) -> None:
        if not word.quoted and not self.written.exact and (found := _REDIRECTION.fullmatch(word.text)):
            self.redirection(word, found)
        elif not self.written.url and (word.quoted or _ADDRESS.match(word.text) or self.is_variable(word)):
            self.written.url = word.text
        elif self.continues_address(word):
            self.written.url += word.text
            self.effects.note("example_line_joined", word)
        elif not self.written.url and "." in word.text:
            self.written.url = word.text
        else:
            self.effects.note("example_stray", word, text=glimpse(self.text[word.start : word.end]))

    def redirection(self, word: Word, found: re.Match[str]) -> None:
        if self.begins_line(word):
            # The prompt of a shell that waits for more.
            return
        if not found["to"]:
            self.next_word()
        self.effects.note("example_redirection", word)

    def begins_line(self, word: Word) -> bool:
        at = word.start
        while at and self.text[at - 1] in " \t":
            at -= 1
        return at == 0 or self.text[at - 1] == "\n"

    def continues_address(self, word: Word) -> bool:
        if self.written.exact or word.quoted or not self.written.url:
            return False
        return self.begins_line(word) and bool(
            self.written.url.endswith(("/", "?", "&", "=", "_", ".", "-")) or re.match(r"[/?&=]", word.text)
        )

    def is_address(self, word: Word) -> bool:
        return (
            bool(_ADDRESS.match(word.text.lstrip(_DASHES)))
            and not self.written.url
            and "://" in word.text[:10]
        )

    def is_variable(self, word: Word) -> bool:
        return bool(_VARIABLE.match(word.text))

    def look_for_variables(self, word: Word) -> None:
        if self.written.exact or not word.expands:
            return
        if _SUBSTITUTION.search(self.text, word.start, word.end):
            self.effects.note("example_substitution", word, text=glimpse(self.text[word.start : word.end]))

    def option(self, word: Word) -> None:
        dashes = len(word.text) - len(word.text.lstrip(_DASHES))
        bare = word.text[dashes:]
        name, has_value, value = bare.partition("=")
        is_long = word.text.startswith("--") or (
            not self.written.exact
            and (
                (name in curl_options.KNOWN and len(name) > 1)
                or (word.text[0] in _DASHES[4:6] and len(name) > 1 and self.unabbreviated(name))
            )
        )
        if not is_long:
            self.short_options(word, bare)
        else:
            self.long_option(word, self.unabbreviated(name) or name, value if has_value else None)

    def unabbreviated(self, name: str) -> str:
        """The option that ``name`` begins, when it is one only."""
        if name in curl_options.KNOWN:
            return name
        begun = [known for known in curl_options.KNOWN if known.startswith(name)] if len(name) > 2 else []  # noqa: PLR2004
        return begun[0] if len(begun) == 1 else ""

    def long_option(self, word: Word, name: str, value: str | None) -> None:
        if name not in curl_options.KNOWN:
            self.effects.note("example_option_unknown", word, option=f"--{name}"[:60])
        elif name not in curl_options.WITH_VALUE:
            self.effects.take(word, name, "")
        elif value is not None:
            self.effects.take(word, name, value)
        else:
            self.take_next(word, name)

    def short_options(self, word: Word, bare: str) -> None:
        for at, letter in enumerate(bare):
            if letter in curl_options.VALUED:
                rest = bare[at + 1 :]
                if rest:
                    self.effects.take(
                        word,
                        curl_options.VALUED[letter],
                        rest.removeprefix("=") if not self.written.exact else rest,
                    )
                else:
                    self.take_next(word, curl_options.VALUED[letter])
                return
            if letter not in curl_options.FLAGS:
                self.effects.note("example_option_unknown", word, option=f"-{letter}")
                return
            self.effects.take(word, curl_options.FLAGS[letter], "")

    def take_next(self, word: Word, name: str) -> None:
        following = self.next_word()
        if following is None:
            self.effects.note("example_option_without_value", word, option=word.text)
            return
        self.look_for_variables(following)
        text = following.text
        if not (following.quoted or self.written.exact) and name in _WITH_BLANKS:
            text = self.with_lost_quotes(following)
        self.effects.take(word, name, text)

    def with_lost_quotes(self, first: Word) -> str:
        """A value together with the words after it that can be nothing else than more of it."""
        found = [first.text]
        while more := self.next_word():
            is_more = not (more.quoted or more.text[:1] in _DASHES or self.text[more.start] in "|&;<>`#")
            if not is_more or self.begins_line(more) or _ADDRESS.match(more.text):
                self.returned.append(more)
                break
            found.append(more.text)
        if len(found) > 1:
            self.effects.note("example_quotes_lost", first, text=glimpse(first.text))
        return " ".join(found)
