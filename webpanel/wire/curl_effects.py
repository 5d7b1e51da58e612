"""What each option of a curl command does to the request, as curl's manual tells it.

A room of its own beside ``curl_command``, which finds the options among the words. What stands in a file
is told and left out.
"""

import re
from urllib.parse import quote_plus

from webpanel.wire import curl_options
from webpanel.wire.example import MOST_NOTES, Written
from webpanel.wire.glimpse import glimpse
from webpanel.wire.shell_words import Word
from webpanel.wire.template import position


class Effects:
    """Puts what options say into ``written``; ``text`` is the whole command, for the places of notes."""

    def __init__(self, text: str, written: Written) -> None:
        self.text, self.written = text, written

    def take(self, word: Word, name: str, value: str) -> None:  # noqa: PLR0912 - one line an option
        """One option by its long name; ``word`` is where it stands."""
        written = self.written
        match name:
            case "request":
                written.method = value.strip().upper()
            case "header":
                self.header(word, value)
            case "data" | "data-ascii" | "data-binary":
                self.data(word, name, value)
            case "data-raw":
                written.data.append(value)
            case "json":
                written.is_json = True
                self.data(word, name, value)
            case "data-urlencode" | "url-query":
                self.urlencoded(word, name, value)
            case "form":
                self.part(word, value)
            case "form-string":
                part, _, content = value.partition("=")
                written.parts.append((part, content))
            case "user":
                written.user = value
            case "oauth2-bearer":
                written.headers.append(("Authorization", f"Bearer {value}"))
            case "cookie":
                self.cookie(word, value)
            case "user-agent":
                written.headers.append(("User-Agent", value))
            case "referer":
                written.headers.append(("Referer", value))
            case "url":
                written.url = value
            case "get":
                written.data_in_query = True
            case "head":
                written.method = written.method or "HEAD"
            case "max-time" | "connect-timeout":
                self.seconds(word, name, value)
            case _ if name in curl_options.TOLD:
                self.note(curl_options.TOLD[name], word)
            case _ if name not in curl_options.OF_NO_ACCOUNT:
                self.note("example_option_unavailable", word, option=f"--{name}")

    def header(self, word: Word, value: str) -> None:
        name, separated, content = value.partition(":")
        if value.startswith("@"):
            self.note("example_file", word, option="-H", file=glimpse(value[1:]))
        elif separated and self.written.exact:
            self.written.headers.append((name, content.removeprefix(" ")))
        elif separated:
            if "\n" in content.strip():
                self.note("example_line_joined", word)
            if content.strip():
                self.written.headers.append((name.strip(), " ".join(content.split())))
        elif value.rstrip().endswith(";"):
            self.written.headers.append((value.rstrip()[:-1], ""))
        else:
            self.note("example_header", word, text=glimpse(value))

    def data(self, word: Word, name: str, value: str) -> None:
        if value.startswith("@"):
            self.note("example_file", word, option=f"--{name}", file=glimpse(value[1:]))
            self.written.has_body = True
        else:
            self.written.data.append(value)

    def urlencoded(self, word: Word, option: str, value: str) -> None:
        """``content``, ``=content`` or ``name=content``; the other forms name a file."""
        name, separated, content = value.partition("=")
        if not separated and "@" in value:
            self.note("example_file", word, option=f"--{option}", file=glimpse(value.partition("@")[2]))
            return
        piece = f"{name}={quote_plus(content)}" if separated and name else quote_plus(content or name)
        if option == "url-query":
            self.written.url += ("&" if "?" in self.written.url else "?") + piece
        else:
            self.written.data.append(piece)

    def part(self, word: Word, value: str) -> None:
        name, separated, content = value.partition("=")
        if not separated:
            self.note("example_part", word, text=glimpse(value))
        elif content[:1] in ("@", "<") and not re.fullmatch(r"<[^<>]+>", content):
            self.note("example_file", word, option="-F", file=glimpse(content[1:]))
            self.written.has_body = True
        else:
            content = re.sub(r";\s*type=[\w/+.-]+\s*\Z", "", content)
            quoted = len(content) > 1 and content[0] == content[-1] == '"'
            self.written.parts.append((name, content[1:-1] if quoted else content))

    def cookie(self, word: Word, value: str) -> None:
        if "=" in value:
            self.written.headers.append(("Cookie", value))
        else:
            self.note("example_cookie_file", word)

    def seconds(self, word: Word, name: str, value: str) -> None:
        try:
            seconds = float(value)
        except ValueError:
            self.note("example_option_unavailable", word, option=f"--{name}")
            return
        if name == "max-time":
            self.written.timeout = seconds
        else:
            self.written.connect_timeout = seconds

    def note(self, code: str, word: Word, **values: object) -> None:
        if len(self.written.notes) == MOST_NOTES:
            return
        line, column = position(self.text, word.start)
        self.written.note(code, line, column, **values)
