"""The places of a gateway's request in which placeholders may stand.

A room of its own because what is an error, what is advice, and what mends them read the same places.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from webpanel.wire import pairs
from webpanel.wire.gateway import BODY_FIELDS, METHODS_WITHOUT_BODY, Gateway


@dataclass(frozen=True)
class Place:
    """``text[span]`` of the setting ``field``, whose whole text is ``text``."""

    field: str
    text: str
    span: tuple[int, int]
    #: Whether ``{{`` always begins a placeholder here.
    strict: bool


def of(gateway: Gateway) -> Iterator[Place]:
    """Every place that would be sent; comments and bodies that are not sent are none."""
    yield Place("url", gateway.url, (0, len(gateway.url)), strict=True)
    yield from _of_pairs(gateway.headers, "headers", ":")
    yield from _of_pairs(gateway.query, "query", "=")
    if gateway.method in METHODS_WITHOUT_BODY:
        return
    field = BODY_FIELDS[gateway.body_format]
    text = getattr(gateway, field)
    if field == "body_form":
        yield from _of_pairs(text, field, "=")
    else:
        yield Place(field, text, (0, len(text)), strict=False)


def _of_pairs(text: str, field: str, separator: pairs.Separator) -> Iterator[Place]:
    for pair in pairs.readable(text, field, separator)[0]:
        # The name of a header can hold no brace at all, which is said of the name.
        start = pair.value_start if separator == ":" else pair.key_start
        yield Place(field, text, (start, pair.value_start + len(pair.value)), strict=True)
