"""A raw HTTP request, and a bare address, into the request that they write.

A room of its own because documentation shows requests in these two ways too, and neither has to do with
a shell.
"""

import re

from webpanel.wire.example import Written
from webpanel.wire.glimpse import glimpse
from webpanel.wire.problem import Refused
from webpanel.wire.template import problem_at

_METHODS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
_REQUEST_LINE = re.compile(rf"\s*(?:[>$]\s)?(?P<method>{_METHODS})[ \t:]+(?P<target>[^\n]*)\n?")
_VERSION = re.compile(r"HTTP/[\d.]+")
#: As ``curl -v`` writes what it sent.
_QUOTED_LINE = re.compile(r"^> ?", re.MULTILINE)
_HEADER = re.compile(r"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z\u2010-\u2015-]+)[ \t]*:[ \t]*(?P<value>.*)")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_AROUND = "<>()\"'\u201c\u201d\u2018\u2019"
_ADDRESS = re.compile(r"https?://\S|[\w-]+(?:\.[\w-]+)+(?::\d+)?[/?]", re.IGNORECASE)
_LINE_BREAK = re.compile(r"[^\S\n]{0,200}\n\s*")


def is_request(text: str) -> bool:
    found = _REQUEST_LINE.match(text)
    return bool(
        found and (found["target"].startswith(("/", "http://", "https://")) or "HTTP/" in found["target"])
    )


def read(text: str) -> Written:
    """The request of a raw HTTP request. Raises Refused when no header and no target tells its host."""
    if text.lstrip().startswith("> "):
        text = _QUOTED_LINE.sub("", text)
    found = _REQUEST_LINE.match(text)
    if not found:
        raise Refused(problem_at(text, 0, "example_not_understood", "example"))
    written = Written(method=found["method"])
    body_at = _headers(text, found.end(), written)
    target, _, last = found["target"].strip().rpartition(" ")
    written.url = target.strip() if _VERSION.fullmatch(last) else found["target"].strip()
    if "://" not in written.url:
        written.url = f"https://{_host(text, written)}{written.url}"
        written.note("example_https_assumed")
    written.headers = [named for named in written.headers if named[0].lower() != "host"]
    if body := text[body_at:].strip("\n"):
        written.data.append(body)
    return written


def _headers(text: str, at: int, written: Written) -> int:
    """Reads the headers and says where the body begins."""
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end].strip()
        if not line:
            return end + 1
        found = _HEADER.fullmatch(line)
        if found:
            written.headers.append((_DASHES.sub("-", found["name"]), found["value"].strip()))
        elif line[0] in "{[<" or re.fullmatch(r"[\w.\[\]-]+=.*", line):
            # The blank line got lost: this is the body already.
            return at
        elif written.headers and written.headers[-1][1]:
            name, value = written.headers[-1]
            written.headers[-1] = (name, f"{value} {line}")
            written.note("example_line_joined")
        else:
            written.note("example_stray", text=glimpse(line))
        at = end + 1
    return len(text)


def _host(text: str, written: Written) -> str:
    for name, value in written.headers:
        if name.lower() == "host" and value:
            return value
    raise Refused(problem_at(text, 0, "example_no_host", "example"))


def address(text: str) -> str | None:
    """The address that is all there is in ``text``, wrapped lines joined; None when there is more."""
    bare = text.strip()
    if bare[:1] in _AROUND:
        bare = bare.strip(_AROUND).strip()
    if not _ADDRESS.match(bare):
        return None
    lines = _LINE_BREAK.split(bare)
    # Blanks stand in values that nobody encoded; what has no equals sign is a sentence.
    if any(":" in line or (" " in line and "=" not in line) for line in lines[1:]):
        return None
    url = "".join(lines)
    return url if "?" in url or " " not in url else None
