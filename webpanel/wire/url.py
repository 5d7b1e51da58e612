"""A gateway's URL, taken apart as it was typed.

A room of its own because a URL has rules of its own: placeholders stand in path and query only, what
is written there is kept (``%20`` stays ``%20``), and what could lead elsewhere is refused.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from urllib.parse import quote, unquote

from webpanel.wire import escaping
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import (
    MOST_PROBLEMS,
    Filled,
    about,
    fill,
    join,
    names,
    placeholders,
    problem_at,
    sample,
)

FIELD = "url"
DEFAULT_PORTS = {"http": 80, "https": 443}

_PARTS = re.compile(r"(?P<scheme>[^:/?#]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?")
_AUTHORITY = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>.*))?", re.DOTALL)
_PORT = re.compile(r"0*([1-9][0-9]{0,4})")
#: An underscore is no part of a host's name, but of many names inside a container network.
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_LONGEST_HOST = 253
_HIGHEST_PORT = 65535
_NOT_IN_URL = re.compile("[\\s\\\\\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BRACE = re.compile(r"[{}]")
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# In a query a plus is a blank to most readers, so a number would lose its sign.
_PLUS_BEFORE_NUMBER = re.compile(r"\+(?=\{\{[^\S\r\n]*recipient)")
_SEGMENT = re.compile(r"[^/]+")
_DOTS = (".", "..")
#: What RFC 3986 lets stand in a path besides the unreserved; the escapes that were typed stay too.
_PATH_SAFE = "!$&'()*+,;=:@/%"
_QUERY_SAFE = _PATH_SAFE + "?"


@dataclass(frozen=True)
class Url:
    """``path`` and ``query`` are templates; ``host`` is ASCII, in lower case, IPv6 without brackets."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def authority(self) -> str:
        """Host and port as the Host header names them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


# Kept, because each message is composed of the same ones.
@lru_cache(256)
def read(text: str) -> Url:
    """Take a URL apart. Raises Refused with everything that is wrong with it, by line and column."""
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    parts = _PARTS.match(text, start, end)
    if not parts:
        raise Refused(_no_address(text, start, end))
    problems = [*_address_problems(text, parts), *islice(_text_problems(text, parts, end), MOST_PROBLEMS)]
    if problems:
        raise Refused(*problems)
    scheme = parts["scheme"].lower()
    host, port = _host_and_port(text, parts, scheme)
    return Url(scheme, host, port, parts["path"], parts["query"] or "")


def path(url: Url, values: Mapping[str, str]) -> Filled:
    """The filled path. Raises Refused when a value makes a segment that means *here* or *one up*."""
    pieces, done = [], 0
    for segment in _SEGMENT.finditer(url.path):
        filled = fill(segment[0], values, escaping.url, literal=_path_literal)
        if unquote(filled.text) in _DOTS:
            raise Refused(_dots(segment[0]))
        pieces += [Filled(url.path[done : segment.start()]), filled]
        done = segment.end()
    pieces.append(Filled(url.path[done:]))
    filled = join(pieces)
    return filled if filled.text else Filled("/")


def query(url: Url, values: Mapping[str, str]) -> Filled:
    """The filled query of the URL itself, without its question mark."""
    return fill(url.query, values, escaping.url, literal=_query_literal)


def _path_literal(text: str) -> str:
    return quote(text, safe=_PATH_SAFE)


def _query_literal(text: str) -> str:
    return quote(text, safe=_QUERY_SAFE)


def _dots(segment: str) -> Problem:
    inside = names(segment)
    problem = Problem("path_dots", FIELD, 1, 1)
    return about(problem, inside[0]) if inside else problem


def _no_address(text: str, start: int, end: int) -> Problem:
    """Why a text is not even shaped like a URL."""
    if start >= end:
        return Problem("url_missing", FIELD, 1, 1)
    first = placeholders(text, start, end)
    if first and first[0].start == start:
        return problem_at(text, start, "url_placeholder_in_address", FIELD, name=first[0].name)
    return problem_at(text, start, "url_scheme", FIELD)


def _address_problems(text: str, parts: re.Match[str]) -> Iterator[Problem]:
    """What is wrong with scheme, user, host and port; one problem at most, the first."""
    for placeholder in placeholders(text, parts.start(), parts.end("authority")):
        yield problem_at(text, placeholder.start, "url_placeholder_in_address", FIELD, name=placeholder.name)
        return
    if parts["scheme"].lower() not in DEFAULT_PORTS:
        yield problem_at(text, parts.start("scheme"), "url_scheme", FIELD)
    elif "@" in parts["authority"]:
        yield problem_at(text, parts.start("authority"), "url_user", FIELD)
    elif not _NOT_IN_URL.search(parts["authority"]):
        try:
            _host_and_port(text, parts, parts["scheme"].lower())
        except Refused as refused:
            yield from refused.problems


def _text_problems(text: str, parts: re.Match[str], end: int) -> Iterator[Problem]:
    """What may not stand in a URL, in the order of the text. Placeholders are looked past."""
    plain = sample(text)
    for found in _NOT_IN_URL.finditer(plain, parts.start(), end):
        character = escaping.codepoint(found[0])
        yield problem_at(text, found.start(), "url_character", FIELD, character=character)
    after_address = parts.end("authority")
    for found in _NO_ESCAPE.finditer(plain, after_address, end):
        yield problem_at(text, found.start(), "url_percent", FIELD)
    if found := _lone_brace(text, plain, after_address, end):
        yield problem_at(text, found.start(), "url_brace", FIELD)
    for segment in _SEGMENT.finditer(plain, parts.start("path"), parts.end("path")):
        if unquote(segment[0]) in _DOTS:
            yield problem_at(text, segment.start(), "path_dots", FIELD)
    if parts["query"] is not None:
        for found in _PLUS_BEFORE_NUMBER.finditer(text, parts.start("query"), parts.end("query")):
            yield problem_at(text, found.start(), "url_plus", FIELD)
    if parts.end() < end:
        yield problem_at(text, parts.end(), "url_fragment", FIELD)


def _lone_brace(text: str, plain: str, start: int, end: int) -> re.Match[str] | None:
    """A brace of no placeholder; that of one left open is told as such, by ``template.faults``."""
    return None if "{{" in plain else _BRACE.search(plain, start, len(text[:end]))


def _host_and_port(text: str, parts: re.Match[str], scheme: str) -> tuple[str, int]:
    at = parts.start("authority")
    authority = _AUTHORITY.fullmatch(parts["authority"])
    if not authority:
        raise Refused(problem_at(text, at, "url_host", FIELD, host=parts["authority"]))
    if not authority["host"]:
        raise Refused(problem_at(text, at, "url_host_missing", FIELD))
    host = _host(authority["host"])
    if isinstance(host, str):
        return host, _port(text, at + authority.start("port"), authority["port"], scheme)
    code, values = host
    raise Refused(problem_at(text, at, code, FIELD, **values))


def _port(text: str, at: int, port: str | None, scheme: str) -> int:
    if port is None:
        return DEFAULT_PORTS[scheme]
    digits = _PORT.fullmatch(port)
    if not digits or int(digits[1]) > _HIGHEST_PORT:
        raise Refused(problem_at(text, at, "url_port", FIELD, port=port))
    return int(digits[1])


def _host(typed: str) -> str | tuple[str, dict[str, str]]:
    """The host in ASCII and lower case, or code and values of what is wrong with it."""
    if typed.startswith("["):
        try:
            return str(ipaddress.IPv6Address(typed[1:-1])) if "%" not in typed else _wrong(typed)
        except ValueError:
            return _wrong(typed)
    host = typed.lower()
    if not host.isascii():
        # The standard library knows the rules of 2003 only. They agree with those in use where the
        # name comes back unchanged; where it does not (ß becomes ss), another host would be asked.
        try:
            host = host.encode("idna").decode("ascii")
            same = host.encode("ascii").decode("idna") == typed.lower()
        except UnicodeError:
            same = False
        if not same:
            return "url_host_not_ascii", {"host": typed}
    labels = host.removesuffix(".").split(".")
    good = len(host) <= _LONGEST_HOST and all(_LABEL.fullmatch(label) for label in labels)
    return host if good else _wrong(typed)


def _wrong(typed: str) -> tuple[str, dict[str, str]]:
    return "url_host", {"host": typed}
