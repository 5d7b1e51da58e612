"""Requests for the tests of the core, and an independent reader of their bytes."""

import dataclasses
import socket
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from flask import Flask
from flask_babel import Babel

from webpanel.wire.compose import UNSENT, OutgoingRequest, Values, compose
from webpanel.wire.gateway import Gateway
from webpanel.wire.phone import Number
from webpanel.wire.problem import Problem
from webpanel.words import sentence

RECIPIENT = Number("+447911123456", "international", "GB")
MESSAGE_ID = "01JDZX5Y8QK9R7M2V4T6W8A0BC"
USER_AGENT = "webpanel/0"
URL = "https://api.someprovider.com/v1/send"


def request(settings: Mapping[str, Any], message: str = "Hello", **values: Any) -> OutgoingRequest:
    """The request that a gateway with ``settings`` makes of ``message``."""
    given = {"recipient": RECIPIENT, "message": message, "message_id": MESSAGE_ID, "fresh": UNSENT}
    filled = Values(**{**given, **values})
    return compose(Gateway(**{"url": URL, **settings}), filled, user_agent=USER_AGENT)


class _Reader(BaseHTTPRequestHandler):
    """The standard library's server, reading one request and answering nothing."""

    def handle(self) -> None:
        self.raw_requestline = self.rfile.readline()
        assert self.parse_request(), "the standard library's server refuses the request"
        self.content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.rest = self.rfile.read()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        raise AssertionError(f"{code} {message} {explain}")


@dataclasses.dataclass(frozen=True)
class Received:
    """A request as the standard library's server and parsers read it."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The value of the one header called ``name``."""
        (value,) = [value for known, value in self.headers if known.lower() == name.lower()]
        return value

    @property
    def segments(self) -> list[str]:
        return [unquote(segment, errors="strict") for segment in self.path.split("/")]


def received(raw: bytes) -> Received:
    """What arrives when ``raw`` is written to a socket and the other end reads it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with ours.makefile("wb") as stream:
            stream.write(raw)
        ours.shutdown(socket.SHUT_WR)
        reader = _Reader(theirs, ("test", 0), None)  # type: ignore[arg-type]
    assert reader.rest == b"", "more than one request arrived"
    parts = urlsplit(reader.path)
    return Received(
        method=reader.command,
        path=parts.path,
        query=parse_qsl(
            parts.query, keep_blank_values=True, strict_parsing=bool(parts.query), errors="strict"
        ),
        headers=[(name, value.encode("latin-1").decode()) for name, value in reader.headers.items()],
        body=reader.content,
    )


def send(settings: Mapping[str, Any], message: str = "Hello", **values: Any) -> Received:
    """Compose and receive."""
    return received(request(settings, message, **values).raw)


def said(problem: Problem) -> str:
    """The problem's sentence, as pages word it."""
    app = Flask("said")
    Babel(app)
    with app.app_context():
        text = sentence(problem.code, problem.values)
    assert "%(" not in text
    return text
