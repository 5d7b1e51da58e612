"""Credentials that were typed into the settings as they are, and turning them into secrets.

Looked at are the value of ``Authorization``, and of whatever has *key*, *token*, *secret* or *password*
in its name: headers, parameters (those in the URL too), form fields, members of a JSON body. Bodies that
are not sent at the moment are looked at as well: they are stored all the same.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Collection, Iterator
from urllib.parse import unquote_plus

from webpanel.wire import escaping, json_text, pairs
from webpanel.wire.gateway import AUTH_NAMES, Gateway
from webpanel.wire.problem import Refused
from webpanel.wire.template import PLACEHOLDER, SECRET

_TELLING = re.compile(r"authorization|key|token|secret|password", re.IGNORECASE)
#: ``Bearer`` and its like: a word in front of the credential, which is no part of it.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\s+(?=\S)")
#: Also what has no value, so that each sign is looked at once.
QUERY_PARAMETER = re.compile(r"[?&](?P<name>[^=&#]*+)(?:=(?P<value>[^&#]*+))?")
_NOT_IN_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 40


@dataclasses.dataclass(frozen=True)
class Literal:
    """``field``'s ``text[start:end]`` spells the credential ``value``."""

    field: str
    start: int
    end: int
    suggested_name: str
    value: str = dataclasses.field(repr=False)


def find(gateway: Gateway) -> tuple[Literal, ...]:
    """The literals that look like credentials, by field; what holds a placeholder is none."""
    return tuple(
        literal
        for found in (
            _in_url(gateway.url),
            _in_headers(gateway.headers),
            _in_parameters(gateway.query, "query"),
            _in_parameters(gateway.body_form, "body_form"),
            _in_json(gateway.body_json),
        )
        for literal in found
        if _is_credential(literal.value)
    )


def extract(gateway: Gateway, taken_names: Collection[str]) -> tuple[Gateway, dict[str, str]]:
    """The gateway with ``{{secret.NAME}}`` for each literal found, and the new secrets' values by name.

    The same value gets one name wherever it stands. Nothing changes unless ``hide_literals`` is set.
    """
    secrets: dict[str, str] = {}
    if not gateway.hide_literals:
        return gateway, secrets
    texts: dict[str, str] = {}
    names: dict[str, str] = {}
    namesakes = Counter(taken_names)
    found = find(gateway)
    for literal in found:
        if literal.value not in names:
            name = free(literal.suggested_name, namesakes)
            names[literal.value], secrets[name] = name, literal.value
    # From the end, so that the offsets of those before stay right.
    for literal in reversed(found):
        text = texts.get(literal.field, getattr(gateway, literal.field))
        placeholder = f"{{{{{SECRET}{names[literal.value]}}}}}"
        texts[literal.field] = text[: literal.start] + placeholder + text[literal.end :]
    return dataclasses.replace(gateway, **texts), secrets


def _is_credential(value: str) -> bool:
    """Whether a value could be kept as a secret: what could not be sent is left where lint sees it."""
    try:
        escaping.raw(value)
    except Refused:
        return False
    return bool(value) and not PLACEHOLDER.search(value)


def _in_url(url: str) -> Iterator[Literal]:
    for parameter in QUERY_PARAMETER.finditer(url.split("#", maxsplit=1)[0].rstrip()):
        name = unquote_plus(parameter["name"])
        if parameter["value"] is not None and _TELLING.search(name):
            # A plus is a blank to those who read a query.
            yield Literal("url", *parameter.span("value"), _named(name), unquote_plus(parameter["value"]))


def _in_headers(text: str) -> Iterator[Literal]:
    for pair in pairs.readable(text, "headers", ":")[0]:
        if _TELLING.search(pair.key):
            scheme = _SCHEME.match(pair.value) if "authorization" in pair.key.lower() else None
            skipped = scheme.end() if scheme else 0
            start = pair.value_start + skipped
            end = pair.value_start + len(pair.value)
            yield Literal("headers", start, end, _named(pair.key), pair.value[skipped:])


def _in_parameters(text: str, field: str) -> Iterator[Literal]:
    for pair in pairs.readable(text, field, "=")[0]:
        if _TELLING.search(pair.key):
            end = pair.value_start + len(pair.value)
            yield Literal(field, pair.value_start, end, _named(pair.key), pair.value)


def _in_json(text: str) -> Iterator[Literal]:
    try:
        members = tuple(json_text.string_members(text))
    except Refused:
        # Not JSON yet: it cannot be sent either, and is looked at again when it is saved as JSON.
        return
    for key, token, value in members:
        if _TELLING.search(key):
            yield Literal("body_json", token.start + 1, token.end - 1, _named(key), value)


def _named(key: str) -> str:
    """``api_key`` for ``X-API-Key``."""
    name = _NOT_IN_NAME.sub("_", key.lower()).strip("_").removeprefix("x_")
    return name[:_LONGEST_NAME].strip("_") or "secret"


def free(name: str, namesakes: Counter[str]) -> str:
    """``name``, or with the first number behind it that makes it a new one, which is then taken.

    Never one of the authentication section's own. ``namesakes``: for each name that is taken, how many
    were asked for under it.
    """
    if name in AUTH_NAMES:
        name = name.removeprefix("auth_")
    free = name
    while namesakes[free]:
        namesakes[name] += 1
        free = f"{name}_{namesakes[name]}"
    namesakes[free] += 1
    return free
