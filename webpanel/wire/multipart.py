"""A form's fields as the parts of a multipart body (RFC 7578)."""

from collections.abc import Iterable, Mapping

from webpanel.wire import escaping
from webpanel.wire.pairs import Pair
from webpanel.wire.template import Filled, fill, join

TYPE = "multipart/form-data"

# As browsers write a part's name (WHATWG HTML, "multipart/form-data encoding algorithm").
_NAME = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


def filled(fields: Iterable[Pair], texts: Mapping[str, str], boundary: str) -> Filled:
    """The whole body. Values are UTF-8 as they are: there is nothing in them that must be escaped."""
    parts: list[Filled] = []
    for field in fields:
        parts += [
            Filled(f'--{boundary}\r\nContent-Disposition: form-data; name="'),
            fill(field.key, texts, _name, literal=_name),
            Filled('"\r\n\r\n'),
            fill(field.value, texts, escaping.raw, literal=escaping.raw),
            Filled("\r\n"),
        ]
    return join([*parts, Filled(f"--{boundary}--\r\n")])


def _name(text: str) -> str:
    return escaping.raw(text).translate(_NAME)
