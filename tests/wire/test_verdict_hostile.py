"""No reply makes a verdict raise or hang."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.verdicts import (
    AFRICAS_TALKING,
    CLICKATELL,
    INFOBIP,
    TELNYX,
    TWILIO,
    VONAGE,
    WAZIPER,
    ZENDER,
    said,
)
from webpanel.wire.gateway import Gateway
from webpanel.wire.verdict import Reply, judge

EXPRESSIONS = (TWILIO, WAZIPER, ZENDER, VONAGE, AFRICAS_TALKING, TELNYX, INFOBIP, CLICKATELL)
ODD_EXPRESSIONS = ("*.*[]", "sort(keys(@))", "[*].a | [0] > `1`", "to_string(@)", "max(@)", "map(&a, @)")
RULES = [
    *(("jmespath", rule) for rule in EXPRESSIONS + ODD_EXPRESSIONS),
    *(("pattern", rule) for rule in (r"^OK: (\d)", "(?s)^.*$", r"\x{ff}|\pL+")),
    ("text", "OK"),
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["success", "0"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["status", "messages", "data", "message", "key", "id", "errors", "sid", "a", "b"]
            ),
            inner,
        )
    ),
    max_leaves=15,
)


@pytest.mark.parametrize(("kind", "rule"), RULES)
@settings(max_examples=50)
@given(body=st.one_of(VALUES.map(lambda value: json.dumps(value).encode()), st.binary(max_size=300)))
def test_no_reply_can_make_it_raise(kind: str, rule: str, body: bytes) -> None:
    gateway = Gateway(
        success_kind=kind,
        success_rule=rule,
        failure_kind=kind,
        failure_rule=rule,
        later_kind=kind,
        later_rule=rule,
        message_id_kind=kind,
        message_id_rule=rule,
    )
    verdict = said(gateway, body)
    assert verdict.message_id is None or 0 < len(verdict.message_id) <= 200
    judge(gateway, Reply(200, body=body, cut=True))


@pytest.mark.parametrize(
    "body",
    [
        b"a" * 65_536,
        b"ab" * 32_768,
        b'"' * 65_536,
        b'{"a":' * 13_000,
        b"[" + b"0," * 32_000 + b"0]",
        b'{"a":"' + b"\\u0041" * 10_000 + b'"}',
        b"[" + b"[]," * 20_000 + b"[]]",
        b"\xff" * 65_536,
        b"\0" * 65_536,
        b"9" * 65_536,
        b"1e9" + b"9" * 60_000,
    ],
    ids=lambda body: repr(body[:8]),
)
@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("pattern", "(a+)+$"),
        ("pattern", "(a|b)*a(a|b){12}c"),
        ("pattern", "(?s)(.*)*x"),
        ("jmespath", "sort(@)"),
        ("jmespath", "[*].[*]"),
        ("jmespath", "*.*.*"),
        ("jmespath", "[][][]"),
        ("jmespath", "to_string(@)"),
    ],
)
def test_no_reply_can_make_it_hang(kind: str, rule: str, body: bytes) -> None:
    """Each pair takes well under a second, so all of them end; a quadratic step would not."""
    said(Gateway(success_kind=kind, success_rule=rule, failure_kind=kind, failure_rule=rule), body)
