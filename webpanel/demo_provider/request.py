"""Which recipient and which text a request carries, under whatever names a gateway gave them."""

import json
from collections.abc import Iterator
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

RECIPIENT_NAMES = frozenset(
    {"destination", "to", "recipient", "recipients", "number", "numbers", "phone", "phonenumber", "mobile"}
    | {"msisdn", "receiver", "dest", "chatid", "tophonenumber"}
)
TEXT_NAMES = frozenset(
    {"text", "message", "body", "msg", "content", "sms", "messagetext", "smstext", "messagebody"}
)

Pair = tuple[str, str]


def read(target: str, headers: Message, body: bytes) -> tuple[str | None, str | None]:
    """Recipient and text of a request, None for what it does not carry.

    The first field with a known name counts: of the query, then of a form, JSON or XML body, at any
    depth. Names are compared without case and punctuation (``phone_number``, ``To[]``).
    """
    recipient = text = None
    for name, value in _pairs(target, headers, body):
        plain = "".join(filter(str.isalnum, name.lower()))
        if plain in RECIPIENT_NAMES:
            recipient = recipient or value
        elif plain in TEXT_NAMES:
            text = text or value
    return recipient, text


def _pairs(target: str, headers: Message, body: bytes) -> Iterator[Pair]:
    yield from parse_qsl(urlsplit(target).query)
    kind = headers.get_content_type()
    text = body.decode("utf-8", "replace")
    if not text:
        return
    if kind == "application/x-www-form-urlencoded":
        yield from parse_qsl(text)
    elif kind == "application/json" or kind.endswith("+json"):
        yield from _from_json(text)
    elif kind in ("application/xml", "text/xml") or kind.endswith("+xml"):
        yield from _from_xml(text)
    else:
        yield from _from_json(text) if text.lstrip().startswith(("{", "[")) else parse_qsl(text)


def _from_json(text: str) -> Iterator[Pair]:
    try:
        yield from _scalars("", json.loads(text, parse_int=str, parse_float=str))
    except (ValueError, RecursionError):
        return


def _scalars(name: str, value: Any) -> Iterator[Pair]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _scalars(key, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _scalars(name, inner)
    elif isinstance(value, str):
        yield name, value


def _from_xml(text: str) -> Iterator[Pair]:
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - a loopback toy; expat bounds entities itself
    except ElementTree.ParseError:
        return
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        yield from element.attrib.items()
        if element.text and element.text.strip():
            yield name, element.text
