"""The request that an example writes into a gateway's settings.

A room of its own because it knows what the panel sets by itself, and what belongs to a browser.
"""

import base64
import binascii
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from webpanel.wire import credentials, escaping, example_body, header
from webpanel.wire.compose import FORM_TYPE, default_content_type
from webpanel.wire.delivering import LONGEST_TIMEOUT
from webpanel.wire.example import Example, Written
from webpanel.wire.gateway import BODY_FIELDS, METHODS, METHODS_WITHOUT_BODY, AuthKind, Gateway
from webpanel.wire.url import DEFAULT_PORTS

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_USER = re.compile(r"(https?://)([^/?#@]+)@", re.IGNORECASE)
_CMD_VARIABLE = re.compile(r"%[A-Z_]{3,}%")
_HOST = re.compile(r"https?://([^/?#:]+)(?::(\d+))?", re.IGNORECASE)
_AROUND = "<>\"'\u201c\u201d\u2018\u2019"
_DASH = re.compile("[\u2010-\u2015\u2212]")
_UNSEEN = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]|[^\\S\n]{0,200}\n\\s*")
_LOST = re.compile(r"\\(?=[?&=_])|&amp;(?=[\w\[\].-]+=)")
_BLANK = re.compile(r"\s")
_BROWSERS = re.compile(
    r"sec-.*|accept-language|origin|referer|priority|dnt|pragma|cache-control|upgrade-insecure-requests|"
    r"user-agent|if-none-match|if-modified-since",
    re.IGNORECASE,
)
_TOOLS = re.compile(r"(?:curl|PostmanRuntime|insomnia|HTTPie|python-requests)/", re.IGNORECASE)
_MAC = re.compile(r"MAC\s+id=\"?(?P<id>[^\",\s]*)", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset=[\"']?utf-?8[\"']?", re.IGNORECASE)

Headers = list[tuple[str, str]]


@dataclass
class _Helper:
    """What the authentication helper takes over; ``asked``: name -> what stands for it in the example."""

    #: Whether every value is one, also one that reads as ``YOUR_API_KEY``.
    literal: bool
    kind: AuthKind = "none"
    name: str = ""
    prefix: str = ""
    secrets: dict[str, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    def take(self, name: str, value: str) -> None:
        if credentials.is_no_credential(value) and not self.literal:
            self.asked[name] = value
        else:
            self.secrets[name] = value


def read(written: Written, user_agent: str) -> Example:
    """The settings, with their credentials taken out; candidates are looked for afterwards."""
    url, query = _address(written)
    headers, helper = _authentication(written)
    content_types = [value for name, value in headers if name.lower() == "content-type"]
    method, body = _method_and_body(written, content_types[0] if content_types else "")
    headers, content_type = _headers(written, headers, body, method, user_agent)
    lines, held = _header_lines(headers, helper)
    gateway = Gateway(
        url=url,
        method=method,
        query=query,
        headers=lines,
        body_format=body.format,
        content_type=content_type,
        auth_kind=helper.kind,
        auth_name=helper.name,
        auth_prefix=helper.prefix,
        **{BODY_FIELDS[body.format]: body.text},
        **_times(written),
    )
    gateway, secrets, asked = credentials.taken_out(
        gateway, helper.secrets | held, helper.asked, exact=written.exact
    )
    return Example(gateway, secrets, asked)


def _times(written: Written) -> dict[str, Any]:
    given = {"timeout": written.timeout, "connect_timeout": written.connect_timeout}
    return {name: value for name, value in given.items() if value and 0 < value <= LONGEST_TIMEOUT}


def _address(written: Written) -> tuple[str, str]:
    """The address, and its query as a field of its own where lines can hold it."""
    url = written.url if written.exact else _mended(written)
    if written.data_in_query and written.data:
        pieces = "&".join(written.data)
        url += ("&" if "?" in url else "?") + pieces
        written.data = []
    base, asked, query = url.partition("?")
    if not asked:
        return url, ""
    lines = example_body.pairs_of(query, written, escaping.url)
    if lines is None:
        return (url if written.exact else _BLANK.sub("%20", url)), ""
    return (base if written.exact else _BLANK.sub("%20", base)), lines


def _mended(written: Written) -> str:
    url = _LOST.sub(lambda lost: "&" if lost[0] == "&amp;" else "", _UNSEEN.sub("", written.url))
    url = url.replace("\xa0", " ").strip().strip(_AROUND).strip()
    address, asked, query = url.partition("?")
    url = _DASH.sub("-", address) + asked + query
    if not _SCHEME.match(url):
        url = "https://" + url.lstrip("/")
        written.note("example_https_assumed")
    if found := _USER.match(url):
        # As curl does; what says user and password beside the address is taken as it stands.
        written.user = written.user or (found[2] if _CMD_VARIABLE.search(found[2]) else unquote(found[2]))
        url = found[1] + url[found.end() :]
    return url


def _method_and_body(written: Written, content_type: str) -> tuple[Any, example_body.Body]:
    has_body = bool(written.data or written.parts)
    method = written.method or ("POST" if has_body or written.is_json or written.has_body else "GET")
    if method not in METHODS:
        written.note("example_method", method=method[:20])
        method = "POST" if has_body else "GET"
    if method not in METHODS_WITHOUT_BODY:
        return method, example_body.read(written, content_type)
    if has_body:
        written.note("example_body_dropped", method=method)
    return method, example_body.Body("form", "")


def _authentication(written: Written) -> tuple[Headers, _Helper]:
    """The helper that does what the example's own header did, and the headers that are left."""
    helper = _Helper(literal=written.exact)
    headers = list(written.headers)
    given = [named for named in headers if named[0].lower() == "authorization"]
    if written.user is not None and not given:
        _basic(helper, written.user)
        if helper.kind != "basic":
            headers.append(("Authorization", f"Basic {_base64(written.user)}"))
        return headers, helper
    if len(given) != 1 or (written.exact and given[0][0] != "Authorization"):
        return headers, helper
    scheme, _, rest = given[0][1].partition(" ")
    if not written.exact and not credentials.is_no_credential(rest):
        rest = "".join(rest.split())
    if scheme == "Bearer" or (scheme.lower() == "bearer" and not written.exact):
        helper.kind = "bearer"
        helper.take("auth_token", rest)
    elif scheme == "Basic" or (scheme.lower() == "basic" and not written.exact):
        _basic_header(helper, rest)
    elif (mac := _MAC.match(given[0][1])) and "smsglobal.com" in written.url and not written.exact:
        helper.kind = "mac"
        helper.take("auth_key", mac["id"])
        helper.asked["auth_secret"] = ""
        written.note("example_signature")
    if helper.kind != "none":
        headers.remove(given[0])
    return headers, helper


def _basic(helper: _Helper, user: str) -> None:
    name, _, password = user.partition(":")
    if not password and ":" in user:
        # The helper asks for a password; without one the whole header is the credential.
        return
    helper.kind = "basic"
    helper.take("auth_username", name)
    helper.take("auth_password", password)


def _basic_header(helper: _Helper, rest: str) -> None:
    try:
        user = base64.b64decode(rest, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        user = ""
    if ":" in user and _base64(user) == rest:
        _basic(helper, user)
    elif not helper.literal:
        helper.kind = "basic"
        helper.asked |= {"auth_username": "", "auth_password": ""}


def _base64(user: str) -> str:
    return base64.b64encode(user.encode()).decode()


def _headers(
    written: Written, headers: Headers, body: example_body.Body, method: str, user_agent: str
) -> tuple[Headers, str]:
    """The headers that a gateway has to say itself, and the type of a raw body."""
    has_body = method not in METHODS_WITHOUT_BODY
    content_type = ""
    kept: Headers = []
    browsers: list[str] = []
    said = _said(headers)
    if written.is_json and not any(name.lower() == "accept" for name, _ in headers):
        kept.append(("Accept", "application/json"))
    for name, value in headers:
        alone = said[name.lower()] == 1
        if name.lower() == "content-type" and alone and (has_body or not written.exact):
            if _is_set_anyway(written, name, value, body) or not has_body:
                continue
            if (
                body.format == "raw"
                and (name == "Content-Type" or not written.exact)
                and value == value.strip()
            ):
                content_type = value
                continue
            if body.format == "multipart":
                continue
        elif _is_ours(written, name, value, alone, user_agent):
            continue
        elif not written.exact and _is_browsers(name, value):
            browsers.append(name)
            continue
        kept.append((name, value))
    if browsers:
        written.note("example_browser_headers", names=", ".join(browsers)[:200])
    is_typed = bool(content_type) or any(name.lower() == "content-type" for name, _ in kept)
    if body.format == "raw" and has_body and not is_typed and not written.exact:
        content_type = FORM_TYPE
    return kept, content_type


def _said(headers: Headers) -> Counter[str]:
    """How often the gateway's own headers say each name: a blank at the end is the helper's doing."""
    return Counter(name.lower() for name, value in headers if value == value.strip(" "))


def _is_set_anyway(written: Written, name: str, value: str, body: example_body.Body) -> bool:
    default = default_content_type(Gateway(body_format=body.format))
    if written.exact:
        return name == "Content-Type" and value == default and body.format not in ("raw", "multipart")
    bare = _CHARSET.sub("", value).strip().lower()
    return body.format != "raw" and bare == _CHARSET.sub("", default)


def _is_ours(written: Written, name: str, value: str, alone: bool, user_agent: str) -> bool:
    if header.is_ours(name):
        if name.lower() == "host" and not written.exact and not _is_host(written.url, value):
            written.note("example_host_header", host=value[:100])
        return True
    if not alone:
        return False
    if written.exact:
        return (name, value) in (("User-Agent", user_agent), ("Accept", "*/*"))
    return (name.lower() == "accept" and value == "*/*") or (
        name.lower() == "user-agent" and bool(_TOOLS.match(value) or value == user_agent)
    )


def _is_host(url: str, value: str) -> bool:
    found = _HOST.search(url if "://" in url else f"https://{url}")
    host, _, port = value.lower().partition(":")
    return bool(found) and found[1].lower() == host and (not port or _port(port) in DEFAULT_PORTS.values())


def _port(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None  # noqa: PLR2004 - a port


def _is_browsers(name: str, value: str) -> bool:
    if name.lower() == "user-agent":
        return "mozilla" in value.lower()
    if name.lower() == "accept":
        return "," in value
    return bool(_BROWSERS.fullmatch(name))


def _header_lines(headers: Headers, helper: _Helper) -> tuple[str, dict[str, str]]:
    """One header a line, and by name of a secret what a line cannot hold."""
    lines: list[str] = []
    held: dict[str, str] = {}
    for name, value in headers:
        if helper.kind == "none" and (name.startswith("#") or value != value.strip(" ")):
            # Only the helper writes such a header, with what stands before its token.
            helper.kind, helper.name, helper.prefix = "header", name, value
            helper.secrets["auth_token"] = ""
        elif helper.literal and (value != value.strip() or "{{" in value):
            secret = f"header_{len(held) + 1}"
            held[secret] = value
            lines.append(f"{name}: {{{{secret.{secret}}}}}")
        else:
            lines.append(f"{name}: {value}".rstrip())
    return "\n".join(lines), held
