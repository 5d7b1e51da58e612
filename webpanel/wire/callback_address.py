"""The address at which a caller wants to be told: read, shown without its credentials, and dialled.

A room of its own beside :mod:`~webpanel.wire.url`: nothing in it is a placeholder, it may name a user,
and whoever may see a message may not read the credentials in it.
"""

import re
from base64 import b64encode
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote

from webpanel.wire import url as urls
from webpanel.wire.credentials import tells_by_name
from webpanel.wire.key_shape import is_key
from webpanel.wire.masking import MASK
from webpanel.wire.problem import Problem, Refused

FIELD = "callback_url"
#: Characters of an address.
LONGEST = 2000

_USER = re.compile(r"(?P<scheme>[^:/?#]*://)(?P<user>[^/?#]*)@")
_SEGMENT = re.compile(r"[^/]+")
_VALUE = re.compile(r"(?<==)[^&]+")
#: A segment of a path that is as long and mixed as this may be a key.
_LONG = 16
_MASK = MASK.decode()
#: What is said otherwise than of a gateway's address.
_CODES = {"url_missing": "callback_url_missing", "url_brace": "callback_url_brace"}
_CODES |= {"url_user": "callback_url_user"}


@dataclass(frozen=True)
class Address:
    """``target`` is path and query in origin form; ``user`` as it was typed, blank for none."""

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)
    user: str = field(default="", repr=False)

    @property
    def authority(self) -> str:
        """Host and port as the Host header names them."""
        return urls.Url(self.scheme, self.host, self.port, "", "").authority

    @property
    def url(self) -> str:
        """As its owner's server sees it: without the user, who travels in a header."""
        return f"{self.scheme}://{self.authority}{self.target}"

    def asking(self, query: str) -> "Address":
        """The same with more in its query."""
        return replace(self, target=f"{self.target}{'&' if '?' in self.target else '?'}{query}")

    @property
    def site(self) -> str:
        """What is one server, for whoever shares the turns fairly."""
        return f"{self.host}:{self.port}"

    @property
    def authorization(self) -> str:
        """The value of the header that the user makes; blank for none."""
        return "Basic " + b64encode(unquote(self.user).encode()).decode() if self.user else ""

    @property
    def shown(self) -> str:
        """For people: credentials are masked, and so is whatever stands in the query."""
        path, mark, query = self.target.partition("?")
        shown = _SEGMENT.sub(lambda found: _MASK if _is_secret(found[0]) else found[0], path)
        user = f"{_MASK}@" if self.user else ""
        return f"{self.scheme}://{user}{self.authority}{shown}{mark}{_VALUE.sub(_MASK, query)}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may not be shown where its server repeats it."""
        path, _, query = self.target.partition("?")
        user, _, password = unquote(self.user).partition(":")
        found = [password or user, self.authorization.removeprefix("Basic ")]
        found += [unquote(segment) for segment in path.split("/") if _is_secret(segment)]
        found += [value for name, value in parse_qsl(query) if tells_by_name(name) or is_key(value)]
        return tuple(secret for secret in found if secret)

    @property
    def holds_credentials(self) -> bool:
        return bool(self.secrets)


def read(text: str, name: str = FIELD) -> Address:
    """Raises Refused with the first fault, of the field ``name``."""
    typed = text.strip()
    if len(typed) > LONGEST:
        raise Refused(Problem("callback_url_long", name, values={"longest": LONGEST}))
    if "{{" in typed:
        raise Refused(Problem("callback_url_brace", name))
    user = _USER.match(typed)
    if user and (not user["user"] or not user["user"].isascii() or not user["user"].isprintable()):
        raise Refused(Problem("callback_url_user", name))
    try:
        parts = urls.read(typed if user is None else user["scheme"] + typed[user.end() :])
    except Refused as refused:
        first = refused.problems[0]
        code = _CODES.get(first.code, first.code)
        raise Refused(replace(first, code=code, field=name, line=None, column=None)) from None
    query = urls.query(parts, {}).text
    target = urls.path(parts, {}).text + (f"?{query}" if query else "")
    return Address(parts.scheme, parts.host, parts.port, target, user["user"] if user else "")


def _is_secret(segment: str) -> bool:
    plain = unquote(segment)
    mixed = any(each.isdigit() for each in plain) and any(each.isalpha() for each in plain)
    return is_key(plain) or (len(plain) >= _LONG and mixed)
