"""What came from secrets is covered by the spans, however it was escaped."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.wire.composing import request
from webpanel.wire.compose import OutgoingRequest
from webpanel.wire.problem import Refused

MASK = b"#"

#: Every destination and every kind of the authentication helper, with what surrounds the secret.
PLACES: dict[str, dict[str, Any]] = {
    "path": {"url": "https://h/é/{{secret.k}}/x{{ secret.k }}"},
    "query": {"url": "https://h/?é={{secret.k}}", "query": "{{secret.k}}=é{{secret.k}}é"},
    "header": {"headers": "X: é {{secret.k}}é{{secret.k}}."},
    "form": {"body_form": "é={{secret.k}}\n{{secret.k}}={{message}}"},
    "json": {
        "body_format": "json",
        "body_json": '{"é": "é{{secret.k}}{{message}}", "{{secret.k}}": "{{secret.k}}"}',
    },
    "xml": {
        "body_format": "xml",
        "body_xml": '<a b="é{{secret.k}}">{{secret.k}}<![CDATA[é{{secret.k}}]]></a>',
    },
    "raw": {"body_format": "raw", "body_raw": "é{{secret.k}}{{secret.k}}é{{message}}"},
    "basic": {"auth_kind": "basic"},
    "bearer": {"auth_kind": "bearer"},
    "own header": {"auth_kind": "header", "auth_name": "X-Key", "auth_prefix": "Këy "},
    "own parameter": {"auth_kind": "query", "auth_name": "é"},
}
SECRETS = st.text(min_size=1, max_size=20) | st.text(alphabet="\"\\<>&]'%+/= é\u2028😀a", min_size=1)


def made(place: str, secret: str) -> OutgoingRequest | None:
    names = ("k", "auth_username", "auth_password", "auth_token")
    try:
        return request(PLACES[place], "a message é", secrets=dict.fromkeys(names, secret))
    except Refused:
        return None


def masked(made: OutgoingRequest) -> bytes:
    """The request with a mask for each span; without the length, which tells a secret's length."""
    raw = made.raw
    for start, end in reversed(made.secret_spans):
        assert 0 <= start < end <= len(raw)
        raw = raw[:start] + MASK + raw[end:]
    return b"\r\n".join(line for line in raw.split(b"\r\n") if not line.startswith(b"Content-Length"))


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=200, deadline=None)
@given(secret=SECRETS)
def test_what_is_left_does_not_depend_on_the_secret(place: str, secret: str) -> None:
    this, other = made(place, secret), made(place, "Another")
    assume(this is not None)
    assert this
    assert other
    assert len(this.secret_spans) == len(other.secret_spans)
    assert masked(this) == masked(other)
    starts = [start for start, _ in this.secret_spans]
    assert starts == sorted(starts)


@pytest.mark.parametrize("place", PLACES)
def test_each_span_begins_and_ends_with_the_secret(place: str) -> None:
    this = made(place, "Ω-canary-Ω")
    assert this
    spelt = {"path": b"%CE%A9-canary-%CE%A9", "basic": b"zqktY2FuYXJ5Lc6pOs6pLWNhbmFyeS3OqQ=="}
    spelt |= dict.fromkeys(("query", "form", "own parameter"), spelt["path"])
    wanted = spelt.get(place, "Ω-canary-Ω".encode())
    assert {this.raw[start:end] for start, end in this.secret_spans} == {wanted}
