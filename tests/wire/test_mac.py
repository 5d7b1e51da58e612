"""SMSGlobal's signature; the expected values were made by OpenSSL."""

import base64
import hashlib
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.composing import request
from webpanel.wire import mac
from webpanel.wire.compose import Fresh
from webpanel.wire.problem import Refused

SECRETS = {"auth_key": "k3y", "auth_secret": "s3cret-of-the-account"}
SIGNED = "9nzzxj9oXaJb1qTlZ2dYbQeS/WIs5L0ATXWTQzmjrVE="


def test_the_signature() -> None:
    asked = mac.Asked(1700000000, "abc123", "POST", "/v2/sms", "api.smsglobal.com", 443)
    assert mac.signature(SECRETS["auth_secret"], asked) == SIGNED


def test_the_header() -> None:
    made = request(
        {
            "auth_kind": "mac",
            "url": "https://api.smsglobal.com/v2/sms",
            "body_format": "json",
            "body_json": "{}",
        },
        secrets=SECRETS,
        fresh=Fresh(1700000000, "abc123", ""),
    )
    written = f'MAC id="k3y", ts="1700000000", nonce="abc123", mac="{SIGNED}"'
    assert dict(made.headers)[b"Authorization"] == written.encode()
    assert [made.raw[start:end] for start, end in made.secret_spans] == [b"k3y", SIGNED.encode()]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.integers(1, 65535))
def test_it_covers_method_target_host_and_port(text: str, port: int) -> None:
    made = request(
        {
            "auth_kind": "mac",
            "method": "GET",
            "url": f"https://API.example:{port}/a",
            "query": "t={{message}}",
        },
        text,
        secrets=SECRETS,
        fresh=Fresh(7, "n", ""),
    )
    said = f"7\nn\nGET\n{made.target.decode()}\napi.example\n{port}\n\n"
    digest = hmac.digest(SECRETS["auth_secret"].encode(), said.encode(), hashlib.sha256)
    found = re.search(rb'mac="([^"]*)"', dict(made.headers)[b"Authorization"])
    assert found
    assert base64.b64decode(found[1]) == digest


@pytest.mark.parametrize("key", ['a"b', "a\\b", "a\nb"])
def test_a_key_that_would_end_its_quotation_is_refused(key: str) -> None:
    with pytest.raises(Refused) as refused:
        request({"auth_kind": "mac"}, secrets={**SECRETS, "auth_key": key}, fresh=Fresh(0, "n", ""))
    (problem,) = refused.value.problems
    assert (problem.code, problem.field, problem.column) == ("header_character", "secrets", 2)
