"""An example from a provider's documentation into a gateway's settings, and a request into an example.

Read are a curl command, a raw HTTP request and an address with parameters, also as copying spoils them.
Nothing is run, no file and no variable is looked up.
"""

import dataclasses
import html
import re

from webpanel.wire import curl_command, example_settings, proposals, raw_http
from webpanel.wire.curl_written import written
from webpanel.wire.example import FIELD, LONGEST, Candidate, Example, Written
from webpanel.wire.glimpse import glimpse
from webpanel.wire.masking import mask
from webpanel.wire.placing import placed
from webpanel.wire.problem import Problem, Refused

_QUOTE_ENTITY = re.compile("&(?:quot|#0?3[49]|apos);")
_REQUEST_LINE = re.compile(r"^(?:GET|POST|PUT|PATCH|DELETE) \S{1,2000} HTTP/\d", re.MULTILINE)
#: ``[https://a.example/send](https://a.example/send)``.
_LINK = re.compile(r"\[(https?://[^\]\s]{1,2000})\]\(https?://[^)\s]{1,2000}\)")

__all__ = ["Candidate", "Example", "placed", "read", "written"]


def read(text: str, *, user_agent: str = "") -> Example:
    """What an example says, and what it leaves open.

    ``user_agent`` is the panel's own, which needs no header. Raises Refused (field ``example``) when
    there is no request in ``text``, or too much text.
    """
    if len(text) > LONGEST:
        raise Refused(Problem("example_too_long", FIELD, values={"longest": LONGEST}))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = text.encode("utf-8", "replace").decode()
    if not text.strip():
        raise Refused(Problem("example_empty", FIELD))
    asked = _written(text if text.startswith(curl_command.OURS) else _unwrapped(text))
    if not asked.url.strip():
        raise Refused(Problem("example_no_address", FIELD))
    example = example_settings.read(asked, user_agent)
    example = dataclasses.replace(example, candidates=proposals.candidates(example.settings))
    proposals.notes(example, asked)
    return dataclasses.replace(example, left_out=tuple(_masked(note, example) for note in asked.notes))


def _masked(note: Problem, example: Example) -> Problem:
    """A note that quotes no secret."""
    values = {
        name: _without_secrets(value, example) if isinstance(value, str) else value
        for name, value in note.values.items()
    }
    return dataclasses.replace(note, values=values)


def _without_secrets(text: str, example: Example) -> str:
    # A secret that the ellipsis cuts is found where the text ends in it.
    bare = text.removesuffix("…")
    masked = mask(bare.encode(), secrets=example.secrets.values()).decode("utf-8", "replace")
    return masked + text[len(bare) :]


def _unwrapped(text: str) -> str:
    """Without what a chat puts around addresses, and a page's source around quotation marks."""
    if _QUOTE_ENTITY.search(text):
        text = html.unescape(text)
    return _LINK.sub(lambda link: link[1], text)


def _written(text: str) -> Written:
    if raw_http.is_request(text):
        return raw_http.read(text)
    address = raw_http.address(text)
    if address is not None:
        return Written(url=address, method="GET")
    if curl_command.find(text) is not None:
        return curl_command.read(text)
    start = text.find("\n> ") + 1
    if start and raw_http.is_request(text[start:]):
        return raw_http.read(text[start:])
    if found := _REQUEST_LINE.search(text):
        below = raw_http.read(text[found.start() :])
        below.note("example_before", 1, 1, text=glimpse(text[: found.start()].strip()))
        return below
    raise Refused(Problem("example_not_understood", FIELD))
