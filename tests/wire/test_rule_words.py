"""Rules in words: what is recognised is said as it is, and what is not is not said at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webpanel.wire import clickable, picking, rule_words
from webpanel.wire.problem import Refused
from webpanel.wire.rules import Body, Rule
from webpanel.words import SENTENCES

JSON, PATTERN, TEXT = "jmespath", "pattern", "text"


def said(kind: str, text: str, *, wants_value: bool = False) -> str | None:
    found = rule_words.read(Rule(kind, text), wants_value=wants_value)
    if found is None:
        return None
    together = {"all": " AND ", "any": " OR "}[found.together]
    return together.join(str(SENTENCES[each.code]) % each.values for each in found.statements)


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (TEXT, '"sent": true', 'the reply contains “"sent": true”'),
        (JSON, "status == 'success'", "status is success"),
        (JSON, "sent == `true`", "sent is true"),
        (JSON, "sent == 'true'", 'sent is "true"'),
        (JSON, "status == '0'", 'status is "0"'),
        (JSON, "status == `0`", "status is 0"),
        (JSON, "`0` == status", "status is 0"),
        (JSON, "status != 'failed'", "status is not failed"),
        (JSON, "error == null", None),
        (JSON, "error == `null`", "error is null, or not there"),
        (JSON, "error != `null`", "error is there, and not null"),
        (JSON, "errors == `[]`", "errors is empty"),
        (JSON, "code != ''", "code is not empty"),
        (JSON, "code == `false`", "code is false"),
        (JSON, "sid", "sid is there, and neither empty nor false"),
        (JSON, "!error", "error is not there, or it is empty or false"),
        (JSON, 'messages[0]."message-id"', 'messages[0]."message-id" is there, and neither empty nor false'),
        (JSON, "(a.b)[0]", "a.b[0] is there, and neither empty nor false"),
        (JSON, "contains(text, 'OK')", "text contains OK"),
        (
            JSON,
            "sid && !error",
            "sid is there, and neither empty nor false AND error is not there, or it is empty or false",
        ),
        (JSON, "a == 'x' || a == 'y'", "a is x OR a is y"),
        (JSON, "a == 'x' && (b == 'y' || c == 'z')", None),
        (JSON, "a && b && c && d && e", None),
        (JSON, "@ == 'queued'", "@ is queued"),
        # Nearly said would be wrongly said.
        (JSON, "status > `3`", None),
        (JSON, "a == b", None),
        (JSON, "messages[*].status", None),
        (JSON, "messages[?status == '0']", None),
        (JSON, "messages[-1].status == '0'", 'messages[-1].status is "0"'),
        (JSON, "length(a) == `1`", None),
        (JSON, "a | b", None),
        (JSON, "[a, b]", None),
        (JSON, "a ==", None),
        (JSON, "", None),
        (PATTERN, r"^OK\b", "the reply begins with “OK”"),
        (PATTERN, r"^\s*OK: 0;", "the reply begins with “OK: 0;”"),
        (PATTERN, r"\bstatus:\s*sent\b", "the reply contains “status: sent”"),
        (PATTERN, r"\bID:\s*\d+", "the reply contains “ID: …”"),
        (PATTERN, r"<code[^>]*>\s*0\b", "the reply contains “<code…>0”"),
        (PATTERN, "OK|SENT", None),
        (PATTERN, "(?i)ok", None),
        (PATTERN, "O?K", None),
        (PATTERN, "OK$", None),
        (PATTERN, r"\d", None),
        (PATTERN, r"[OK]", None),
        (PATTERN, "OK.", None),
        (PATTERN, "^", None),
        ("blank", "x", None),
    ],
)
def test_conditions(kind, text, words):
    assert said(kind, text) == words


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (JSON, "messages[0].id", "what stands at messages[0].id"),
        (JSON, "error_message || message", "what stands at error_message OR what stands at message"),
        (JSON, "to_string(a)", None),
        (JSON, "a == 'x'", None),
        (PATTERN, r"\bSMSGlobalMsgID:\s*(\d+)", "what stands behind “SMSGlobalMsgID:”"),
        (PATTERN, r"^ERROR:\s*\d+\s+(.+)", "what stands behind “ERROR: …”"),
        (PATTERN, "^(.+)", "what the reply begins with"),
        (PATTERN, r"ID: (\d{3})", None),
        (PATTERN, r"(\d+) credits", None),
        (TEXT, "x", None),
    ],
)
def test_places(kind, text, words):
    assert said(kind, text, wants_value=True) == words


@pytest.mark.parametrize(
    "text", ["a" * 2000, "a." * 900 + "a", "!" * 1999 + "a", "(" * 900 + "a" + ")" * 900]
)
def test_long_rules_do_no_harm(text):
    for kind in (JSON, PATTERN, TEXT):
        for wants_value in (False, True):
            rule_words.read(Rule(kind, text), wants_value=wants_value)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["jmespath", "pattern", "text", "blank"]), st.text(max_size=30), st.booleans())
def test_any_text_is_read(kind, text, wants_value):
    found = rule_words.read(Rule(kind, text), wants_value=wants_value)
    assert found is None or all(each.code in SENTENCES for each in found.statements)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b-c": [1, "x", true, null, {"d": "SM0123456789"}]}}',
        "OK: 0; Sent queued message ID: 04b4a8d4a5a02176 SMSGlobalMsgID:6613115713715266",
        "<r><status>OK</status><id>4711</id></r>",
        "ERROR: 402 Invalid number.",
    ],
)
def test_what_is_clicked_together_is_said(text):
    reply = clickable.read(Body(text.encode()))
    assert reply
    for meaning in picking.RULES:
        for number in range(len(reply.places)):
            try:
                made = picking.rule(reply, number, meaning)
            except Refused:
                continue
            assert rule_words.read(made, wants_value=meaning in picking.PLACES), made
