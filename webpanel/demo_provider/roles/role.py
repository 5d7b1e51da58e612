"""What it takes to play a provider: its path, its checks, and what it says in each mode."""

import base64
import binascii
import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from webpanel.demo_provider.answer import Answer, later, mishap
from webpanel.demo_provider.inbox import Mode

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True)
class Asked:
    """One request, as a provider reads it. What cannot be read is absent, never an error.

    ``keys``: the secrets by key that signatures may be made with; ``first_use`` says of a nonce whether it
    comes for the first time, and remembers it.
    """

    method: str
    target: str
    headers: Message
    body: bytes
    keys: Mapping[str, str] = field(repr=False)
    first_use: Callable[[str], bool]

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def kind(self) -> str:
        """The body's media type, a blank when none is named."""
        return self.headers.get_content_type() if "Content-Type" in self.headers else ""

    @functools.cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @functools.cached_property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"))) if self.kind == FORM else {}

    @functools.cached_property
    def json(self) -> dict[str, Any]:
        """The object that the body is, {} when it is none."""
        if self.kind != JSON:
            return {}
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def authorization(self) -> tuple[str, str]:
        """Scheme in small letters, and what follows it."""
        scheme, _, rest = self.headers.get("Authorization", "").partition(" ")
        return scheme.lower(), rest.strip()

    @property
    def basic(self) -> tuple[str, str]:
        """User and password of Basic authentication; blanks when there is none."""
        scheme, rest = self.authorization
        try:
            user, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return (user, password) if scheme == "basic" else ("", "")

    @property
    def bearer(self) -> str:
        scheme, rest = self.authorization
        return rest if scheme == "bearer" else ""


def _web_server_is_busy(wait: Mapping[str, str]) -> Answer:
    page = b"<html><body><h1>429 Too Many Requests</h1></body></html>\n"
    return Answer(HTTPStatus.TOO_MANY_REQUESTS, "text/html; charset=utf-8", page, wait)


@dataclass(frozen=True)
class Role:
    """One provider.

    ``fault`` gives the answer to a request that the provider would not take, None for a good one.
    ``identify`` makes the provider's id of a message's number, ``accept`` the answer with it. ``refuse``
    and ``trap`` answer a good request: in the plain way, and so that the status says yes while the
    message is lost.
    """

    name: str
    path: re.Pattern[str]
    #: A path of that kind, as it is shown.
    example: str
    fault: Callable[[Asked], Answer | None]
    identify: Callable[[int], str]
    accept: Callable[[Asked, str], Answer]
    refuse: Callable[[Asked], Answer]
    trap: Callable[[Asked, str], Answer]
    #: Takes the header that asks to wait; by default the provider's web server says it.
    busy: Callable[[Mapping[str, str]], Answer] = _web_server_is_busy

    def answer(
        self, asked: Asked, fault: Answer | None, mode: Mode, message_id: str, seconds: float
    ) -> Answer:
        """What the provider says to one request; ``fault`` is what it has against it."""
        match mode:
            case "later429":
                return self.busy(later(seconds))
            case "fail500":
                return mishap()
            case _ if fault:
                return fault
            case "refuse400":
                return self.refuse(asked)
            case "error200":
                return self.trap(asked, message_id)
            case _:
                return self.accept(asked, message_id)


def first_missing(values: Mapping[str, Any], *names: str) -> str | None:
    """The first of ``names`` for which there is no text."""
    return next((name for name in names if not isinstance(values.get(name), str) or not values[name]), None)
