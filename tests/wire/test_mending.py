"""A mend takes its problem away and brings no error; where no click can do that, none is offered."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webpanel.wire import advice, json_mending, lint, mending, text_mending
from webpanel.wire.advice import Known
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem
from webpanel.words import advice as sentences

URL = "https://api.someprovider.com/v1/send"
SOUND = Gateway(url=URL, body_form="to={{recipient}}\ntext={{message}}")
KNOWN = Known(provider="P", number_formats=("e164",))


def body(text: str) -> dict[str, Any]:
    return {"body_format": "json", "body_json": text}


def told(gateway: Gateway, names: tuple[str, ...] = (), known: Known | None = None) -> tuple[Problem, ...]:
    return (*(lint.check(gateway, names) or lint.unplaced(gateway)), *advice.advise(gateway, names, known))


# (settings, code of the problem, how it is mended, the settings that the mend changes)
MENDS: list[tuple[dict[str, Any], str, str, dict[str, Any]]] = [
    (
        body('["{{recipient}}", {{message}}]'),
        "json_quotes_missing",
        "mend_quotes",
        {"body_json": '["{{recipient}}", "{{message}}"]'},
    ),
    (
        body('["{{message}}", +{{recipient}}]'),
        "json_placeholder_not_alone",
        "mend_quotes",
        {"body_json": '["{{message}}", "+{{recipient}}"]'},
    ),
    (
        body('["{{recipient}}{{message}}", 007]'),
        "json_number",
        "mend_quotes",
        {"body_json": '["{{recipient}}{{message}}", "007"]'},
    ),
    (
        body('["{{recipient}}{{message}}", True]'),
        "json_word",
        "mend_json_word",
        {"body_json": '["{{recipient}}{{message}}", true]'},
    ),
    (
        body('["{{recipient}}", Dear {{message}} !]'),
        "json_word",
        "mend_json_word",
        {"body_json": '["{{recipient}}", "Dear {{message}} !"]'},
    ),
    (
        body("[“{{recipient}}”, “{{message}}”]"),
        "json_wrong_quotes",
        "mend_straight_quotes",
        {"body_json": '["{{recipient}}", "{{message}}"]'},
    ),
    (
        body('[“{{recipient}}”, "“{{message}}”"]'),
        "json_wrong_quotes",
        "mend_straight_quotes",
        {"body_json": '["{{recipient}}", "“{{message}}”"]'},
    ),
    (
        body("['{{recipient}}', '{{message}} \"x\"']"),
        "json_wrong_quotes",
        "mend_straight_quotes",
        {"body_json": '["{{recipient}}", "{{message}} \\"x\\""]'},
    ),
    (
        body('{“a”: "{{recipient}}", “b”: "{{message}}"}'),
        "json_key_expected",
        "mend_json_word",
        {"body_json": '{"a": "{{recipient}}", "b": "{{message}}"}'},
    ),
    (
        body('{a: "{{recipient}} {{message}}"}'),
        "json_key_expected",
        "mend_json_word",
        {"body_json": '{"a": "{{recipient}} {{message}}"}'},
    ),
    (
        body('{\u00a0"a":\u3000"{{recipient}}\u00a0{{message}}"}'),
        "json_key_expected",
        "mend_json_word",
        {"body_json": '{ "a": "{{recipient}}\u00a0{{message}}"}'},
    ),
    (
        body('{"a"\uff1a"{{recipient}}{{message}}"}'),
        "json_colon_expected",
        "mend_plain_signs",
        {"body_json": '{"a":"{{recipient}}{{message}}"}'},
    ),
    (
        body('["{{recipient}}", "{{message}}",\n]'),
        "json_comma_too_many",
        "mend_comma_out",
        {"body_json": '["{{recipient}}", "{{message}}"\n]'},
    ),
    (
        body('["{{recipient}}"\n "{{message}}"]'),
        "json_comma_expected",
        "mend_comma",
        {"body_json": '["{{recipient}}",\n "{{message}}"]'},
    ),
    (
        body('["{{recipient}}{{message}}", "C:\\d"]'),
        "json_escape",
        "mend_backslash",
        {"body_json": '["{{recipient}}{{message}}", "C:\\\\d"]'},
    ),
    (
        body('["{{recipient}}\t{{message}}"]'),
        "json_control_character",
        "mend_control_character",
        {"body_json": '["{{recipient}}\\t{{message}}"]'},
    ),
    (
        body('["{{recipient}}\n{{message}}"]'),
        "json_string_not_closed",
        "mend_line_breaks",
        {"body_json": '["{{recipient}}\\n{{message}}"]'},
    ),
    (
        body('[{"a": "{{recipient}}{{message}}"\n'),
        "json_not_closed",
        "mend_close",
        {"body_json": '[{"a": "{{recipient}}{{message}}"}]'},
    ),
    (
        {"body_form": "to={{Recipient}}\nt={{message}}"},
        "placeholder_misspelt",
        "mend_placeholder",
        {"body_form": "to={{recipient}}\nt={{message}}"},
    ),
    (
        {"headers": "X: {{secret.tokn}}"},
        "placeholder_misspelt",
        "mend_placeholder",
        {"headers": "X: {{secret.token}}"},
    ),
    (
        {"body_form": "to={{phone}}\nt={{message}}"},
        "placeholder_unknown",
        "mend_placeholder",
        {"body_form": "to={{recipient}}\nt={{message}}"},
    ),
    *(
        (
            {"body_form": f"to={{{{recipient}}}}\nt=a {typed}!"},
            "placeholder_lookalike",
            "mend_placeholder",
            {"body_form": "to={{recipient}}\nt=a {{message}}!"},
        )
        for typed in (
            "{message}",
            "%message%",
            "[message]",
            "${message}",
            "$message",
            "<message>",
            "#message#",
            "\uff5b\uff5bmessage\uff5d\uff5d",
        )
    ),
    (
        {"body_form": "to={{recipient}\nt={{message}}"},
        "placeholder_open",
        "mend_braces",
        {"body_form": "to={{recipient}}\nt={{message}}"},
    ),
    ({"headers": "A: 1\nX-Unit=x"}, "header_with_equals", "mend_colon", {"headers": "A: 1\nX-Unit: x"}),
    ({"headers": "A: 1\nHost: x\nB: 2"}, "header_reserved", "mend_line_out", {"headers": "A: 1\nB: 2"}),
    (
        {
            "headers": "Content-Type: a/b;\nContent-Type: c/d",
            "body_format": "raw",
            "body_raw": "{{recipient}}{{message}}",
        },
        "header_twice",
        "mend_line_out",
        {"headers": "Content-Type: a/b;"},
    ),
    (
        {"headers": "Authorization: x", "auth_kind": "bearer"},
        "header_of_helper",
        "mend_line_out",
        {"headers": ""},
    ),
    ({"headers": "A: x\ty"}, "header_character", "mend_character_out", {"headers": "A: x y"}),
    ({"query": "a: 1"}, "parameter_with_colon", "mend_equals", {"query": "a= 1"}),
    ({"query": "flash \nb=1"}, "parameter_without_separator", "mend_equals_behind", {"query": "flash=\nb=1"}),
    ({"url": URL + "?a=100%"}, "url_percent", "mend_percent", {"url": URL + "?a=100%25"}),
    ({"url": URL + "?to=+{{recipient}}"}, "url_plus", "mend_plus", {"url": URL + "?to=%2B{{recipient}}"}),
    ({"url": URL + "#top"}, "url_fragment", "mend_fragment", {"url": URL}),
    ({"url": URL + "?a=b c"}, "url_character", "mend_blank", {"url": URL + "?a=b%20c"}),
    ({"url": URL + "\u00a0/x"}, "url_character", "mend_blank", {"url": URL + "/x"}),
    (
        {"url": "api.someprovider.com/send"},
        "url_scheme",
        "mend_scheme",
        {"url": "https://api.someprovider.com/send"},
    ),
    (
        {"url": "https://me:p%40ss@api.someprovider.com/"},
        "url_user",
        "mend_basic",
        {"url": "https://api.someprovider.com/", "auth_kind": "basic"},
    ),
    (
        {"headers": "Content-Type: application/x-www-form-urlencoded; charset=latin1"},
        "charset",
        "mend_charset",
        {"headers": "Content-Type: application/x-www-form-urlencoded; charset=utf-8"},
    ),
    (
        {"success_kind": "jmespath", "success_rule": 'status == "ok"'},
        "rule_jmespath_quotes",
        "mend_single_quotes",
        {"success_rule": "status == 'ok'"},
    ),
    (
        {"headers": "Authorization: Bearer 123\nX-Key: 123"},
        "literal_becomes_secret",
        "mend_secret",
        {"headers": "Authorization: Bearer {{secret.authorization}}\nX-Key: {{secret.authorization}}"},
    ),
    (
        {"query": "p=1\npassword=a b", "hide_literals": False},
        "literal_in_clear",
        "mend_secret",
        {"query": "p=1\npassword={{secret.password}}"},
    ),
    ({"headers": "A: a8Fj29dKd02kDj38aKd0"}, "key_by_shape", "mend_secret", {"headers": "A: {{secret.key}}"}),
    (
        {"url": "HTTP://api.someprovider.com:80?a=b"},
        "http_public",
        "mend_https",
        {"url": "https://api.someprovider.com?a=b"},
    ),
    (
        {"query": "a=1\nto={{recipient}}&text={{message}}&b=2\nc=3"},
        "pairs_joined",
        "mend_in_lines",
        {"query": "a=1\nto={{recipient}}\ntext={{message}}\nb=2\nc=3"},
    ),
    (
        {"headers": "A: 1\nUser-Agent: Mozilla/5.0"},
        "browser_user_agent",
        "mend_line_out",
        {"headers": "A: 1"},
    ),
    (
        {"headers": "Content-Type: text/xml\nA: 1"},
        "content_type_contradicts",
        "mend_line_out",
        {"headers": "A: 1"},
    ),
    (
        body('[{{recipient}}, "{{message}}"]'),
        "number_format_forbidden",
        "mend_number_format",
        {"number_format": "e164", "body_json": '["{{recipient}}", "{{message}}"]'},
    ),
]

# (settings, code): what no click can mend.
LEFT: list[tuple[dict[str, Any], str]] = [
    ({"body_form": "to={{recipient}}"}, "message_unplaced"),
    ({"url": "http://api.someprovider.com:8080/"}, "http_public"),
    ({"url": "https://me@api.someprovider.com/"}, "url_user"),
    ({"url": "nonsense"}, "url_scheme"),
    ({"body_form": "to={{recipient}}\nt={{message}}\nx={{whatever}}"}, "placeholder_unknown"),
    (body('["{{recipient}} "{{message}}""]'), "json_comma_expected"),
    ({"success_kind": "text", "success_rule": "a"}, "success_short"),
    ({"headers": "X: {{message}}"}, "text_refused"),
    ({"query": "key={{secret.token}}"}, "key_in_query"),
    # `<message>` is an element here, not a placeholder.
    ({"body_format": "xml", "body_xml": "<message>{{recipient}}</message>"}, "message_unplaced"),
]


@pytest.mark.parametrize(("changes", "code", "how", "after"), MENDS, ids=str)
def test_a_mend_takes_its_problem_away_and_brings_no_error(changes, code, how, after):
    gateway = dataclasses.replace(SOUND, **changes)
    known = KNOWN if code == "number_format_forbidden" else None
    problem = next(each for each in told(gateway, ("token",), known) if each.code == code)
    mended = mending.mend(gateway, problem, ("token",), known)
    assert mended is not None
    assert mended.how == how
    assert mended.gateway == dataclasses.replace(gateway, **after)
    left = told(mended.gateway, ("token", *mended.secrets), known)
    assert code not in {each.code for each in left}
    assert not lint.check(mended.gateway, ("token", *mended.secrets))


@pytest.mark.parametrize(("changes", "code"), LEFT, ids=str)
def test_what_no_click_can_mend_has_no_button(changes, code):
    gateway = dataclasses.replace(SOUND, **changes)
    problem = next(each for each in told(gateway, ("token",)) if each.code == code)
    assert mending.mend(gateway, problem, ("token",)) is None


def test_every_mender_is_tried_and_worded():
    tried = {code for _, code, *_ in MENDS}
    untried = {"json_value_expected"}
    assert {*text_mending.MENDERS, *json_mending.MENDERS} - tried == untried
    assert {how for _, _, how, _ in MENDS} == set(sentences._MENDS)


def test_a_credential_that_is_taken_out_is_the_same_afterwards():
    gateway = dataclasses.replace(SOUND, url="https://me:p%40ss@api.someprovider.com/")
    mended = mending.mend(gateway, told(gateway)[0])
    assert mended.secrets == {"auth_username": "me", "auth_password": "p@ss"}
    assert "p@ss" not in repr(mended)


def test_a_problem_that_is_not_there_any_more_is_not_mended():
    problem = Problem("json_quotes_missing", "body_json", 7, 90, {"name": "message"})
    assert mending.mend(SOUND, problem) is None
    assert mending.mend(SOUND, Problem("literal_in_clear", "headers", 1, 1, {"secret": "x"})) is None


PIECES = st.sampled_from(
    [
        *"{}[]:,\"'“”\u2018 \n\t\\=%#+&<>",
        "{{message}}",
        "{{recipient}}",
        "{{Message}",
        "{{phone}}",
        "{message}",
        "key",
        "Authorization: ",
        "a8Fj29dKd02kDj38aKd0",
        "true",
        "http://a.com/",
        "\u00a0",
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)


@given(st.sampled_from(["url", "headers", "query", "body_form", "body_json", "body_xml"]), TEXTS)
@settings(max_examples=400, deadline=None)
def test_whatever_is_typed_a_mend_helps_or_is_not_offered(field: str, text: str):
    gateway = dataclasses.replace(SOUND, **{field: text})
    if field.startswith("body_"):
        gateway = dataclasses.replace(gateway, body_format=field.removeprefix("body_"))
    if field == "url":
        gateway = dataclasses.replace(gateway, url=URL + text)
    for problem in told(gateway)[:5]:
        mended = mending.mend(gateway, problem)
        if mended is not None:
            assert problem not in told(mended.gateway, tuple(mended.secrets))


def test_long_texts_are_mended_in_a_moment():
    text = "[" + "“a”, " * 12_000 + "{{message}}]"
    gateway = dataclasses.replace(SOUND, **body(text))
    assert mending.mend(gateway, told(gateway)[0]) is not None
