"""Whatever would break is an error at save, with line, column and what was meant; what works is none."""

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.composing import URL, request, said
from webpanel.wire import lint
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Refused

SOUND = Gateway(url=URL, body_form="to={{recipient}}\ntext={{message}}")

SOUND_CHANGES: list[dict[str, Any]] = [
    {},
    {"method": "GET", "query": "to[]={{recipient}}\nto[]=2\nurl=https://x?a=b:c", "body_form": "a:b"},
    {"headers": "# Host: x\nX-A: b=c: {{ secret.token }}\r\n\r\nContent-Type: text/x; charset=UTF-8"},
    {
        "body_format": "json",
        "body_json": '{"a": {{recipient}}, "b": "{{message}} {{1}}"}',
        "body_form": "{{x}}",
    },
    {"body_format": "json", "body_json": '{"a": {{recipient_digits}}}', "number_format": "e164"},
    {"body_format": "xml", "body_xml": "<a b='{{message}}'><![CDATA[{{message}}]]></a>"},
    {"body_format": "raw", "body_raw": "{{1}} {{ {message}", "content_type": "text/csv; charset=utf-8"},
    {"body_format": "raw", "body_raw": ""},
    {"query": "from={{sender}}", "sender": "School"},
    {"query": "# {{sender}} {{nobody}}"},
    {"url": URL + "/{{ message }}", "headers": "X: {{\tmessage }}"},
    {"auth_kind": "header", "auth_name": "X-Key", "auth_prefix": "App "},
    {"auth_kind": "query", "auth_name": "api key"},
    {"number_format": "suffix", "number_suffix": "@c.us"},
    {"success_kind": "jmespath", "success_rule": "sent"},
    {"timeout": 50, "connect_timeout": 50, "in_flight": 1},
    {"default_country": "GB"},
]


@pytest.mark.parametrize("changes", SOUND_CHANGES, ids=str)
def test_what_works_is_no_error(changes: dict[str, Any]) -> None:
    assert lint.check(dataclasses.replace(SOUND, **changes), ["token"]) == ()


# (what is typed into the field, code, line, column); the field is a template or a part of one.
TYPED: dict[str, list[tuple[dict[str, Any], str, int, int]]] = {
    "url": [
        ({"url": ""}, "url_missing", 1, 1),
        ({"url": "ftp://h/"}, "url_scheme", 1, 1),
        ({"url": "https://{{sender}}/", "sender": "x"}, "url_placeholder_in_address", 1, 9),
        ({"url": "https://h/{{Message}}"}, "placeholder_misspelt", 1, 11),
        ({"url": "https://h/{{message}"}, "placeholder_open", 1, 11),
        ({"url": "https://h/{{secret.tokn}}"}, "placeholder_misspelt", 1, 11),
        ({"url": "https://h/{{secret.another}}"}, "secret_unknown", 1, 11),
        ({"url": "https://h/?a=%2"}, "url_percent", 1, 14),
    ],
    "headers": [
        ({"headers": "A: 1\n X-Key = xyz"}, "header_with_equals", 2, 8),
        ({"headers": "A: 1\r\nnothing"}, "header_without_separator", 2, 1),
        ({"headers": ": x"}, "header_without_name", 1, 1),
        ({"headers": "X-A=1: b"}, "header_name", 1, 4),
        ({"headers": "X A: b"}, "header_name", 1, 2),
        ({"headers": "Schlüssel: b"}, "header_name", 1, 5),
        ({"headers": "{{message}}: b"}, "header_name", 1, 1),
        ({"headers": "\n Host: b"}, "header_reserved", 2, 2),
        ({"headers": "content-LENGTH: 1"}, "header_reserved", 1, 1),
        ({"headers": "Proxy-Anything: 1"}, "header_reserved", 1, 1),
        ({"headers": "A: x\tb"}, "header_character", 1, 5),
        ({"headers": "B: {{message}}é\x85{{message}}x"}, "header_character", 1, 16),
        ({"headers": "A: {{nobody}}"}, "placeholder_unknown", 1, 4),
        ({"headers": "A: {{1}}"}, "placeholder_open", 1, 4),
        ({"headers": "Content-Type: a/b\nCONTENT-TYPE: a/b"}, "header_twice", 2, 1),
        ({"headers": "Content-Type: text/x; charset=latin1"}, "charset", 1, 31),
        ({"headers": "Authorization: x", "auth_kind": "bearer"}, "header_of_helper", 1, 1),
        ({"headers": "x-key: x", "auth_kind": "header", "auth_name": "X-Key"}, "header_of_helper", 1, 1),
    ],
    "query": [
        ({"query": "a=1\nb : c"}, "parameter_with_colon", 2, 3),
        ({"query": "a"}, "parameter_without_separator", 1, 1),
        ({"query": "=a"}, "parameter_without_name", 1, 1),
        ({"query": "a={{RECIPIENT}}"}, "placeholder_misspelt", 1, 3),
        ({"query": "{{nobody}}=1"}, "placeholder_unknown", 1, 1),
        ({"query": "a=\x00"}, "text_character", 1, 3),
    ],
    "body_form": [
        ({"body_form": "a=1\r\n\r\nb:c"}, "parameter_with_colon", 3, 2),
        ({"body_form": "a=b {{message"}, "placeholder_open", 1, 5),
        ({"body_form": "a=b\ud800"}, "text_character", 1, 4),
    ],
    "body_json": [
        ({"body_json": ""}, "json_empty", 1, 1),
        ({"body_json": '{"a": {{message}}}'}, "json_quotes_missing", 1, 7),
        ({"body_json": '{"a": {{recipient}}}', "number_format": "e164"}, "json_quotes_missing", 1, 7),
        ({"body_json": '{"a": {{recipient}}}', "number_format": "national"}, "json_quotes_missing", 1, 7),
        ({"body_json": '{\n"a": 1,}'}, "json_comma_too_many", 2, 8),
        ({"body_json": '{"a": "{{Message}}"}'}, "placeholder_misspelt", 1, 8),
        ({"body_json": '{"a": {{message}'}, "placeholder_open", 1, 7),
        ({"body_json": '{"a": "\n"}'}, "json_string_not_closed", 1, 7),
        ({"body_json": '["\ud800"]'}, "text_character", 1, 3),
    ],
    "body_xml": [
        ({"body_xml": ""}, "xml_empty", 1, 1),
        ({"body_xml": "<a>\n{{message}}</b>"}, "xml_tag_mismatch", 2, 14),
        ({"body_xml": "<a>\n<{{message}}/></a>"}, "xml_placeholder_place", 2, 2),
        ({"body_xml": "<a>{{Message}}</a>"}, "placeholder_misspelt", 1, 4),
        ({"body_xml": "<a>\x01</a>"}, "xml_token", 1, 4),
    ],
    "body_raw": [
        ({"body_raw": "a\n{{message}"}, "placeholder_open", 2, 1),
        ({"body_raw": "a\n{{Message}}"}, "placeholder_misspelt", 2, 1),
        ({"body_raw": "a\nb\x00"}, "text_character", 2, 2),
    ],
    "content_type": [
        ({"body_format": "raw", "content_type": "text"}, "content_type", 1, 1),
        ({"body_format": "raw", "content_type": "text/x\nA: b"}, "header_character", 1, 7),
        ({"body_format": "raw", "content_type": "text/x; charset=latin1"}, "charset", 1, 17),
    ],
    "auth_name": [
        ({"auth_kind": "header", "auth_name": "X Key"}, "header_name", 1, 2),
        ({"auth_kind": "header", "auth_name": "Host"}, "header_reserved", 1, 1),
        ({"auth_kind": "query", "auth_name": "a{{message}}"}, "auth_placeholder", 1, 2),
    ],
    "auth_prefix": [
        ({"auth_kind": "header", "auth_name": "X", "auth_prefix": "A\n"}, "header_character", 1, 2),
        (
            {"auth_kind": "header", "auth_name": "X", "auth_prefix": "{{secret.token}}"},
            "auth_placeholder",
            1,
            1,
        ),
    ],
    "sender": [({"sender": "a\x00"}, "text_character", 1, 2)],
    "number_suffix": [({"number_suffix": "\x00"}, "text_character", 1, 1)],
}
# Where there is nothing typed to point at, or no text: the field alone says where.
CHOSEN: list[tuple[str, dict[str, Any], str]] = [
    ("method", {"method": "FETCH"}, "choice_unknown"),
    ("body_format", {"body_format": "yaml"}, "choice_unknown"),
    ("auth_kind", {"auth_kind": "digest"}, "choice_unknown"),
    ("auth_name", {"auth_kind": "header"}, "auth_name_missing"),
    ("auth_name", {"auth_kind": "query", "auth_name": " "}, "auth_name_missing"),
    ("number_suffix", {"number_format": "suffix"}, "number_suffix_missing"),
    ("sender", {"query": "a={{ sender }}"}, "sender_missing"),
    ("default_country", {"default_country": "Atlantis"}, "country_unknown"),
    ("success_rule", {"success_kind": "pattern", "success_rule": "("}, "rule_pattern"),
    ("message_id_rule", {"message_id_kind": "text", "message_id_rule": "x"}, "rule_kind"),
    ("timeout", {"timeout": 51.0}, "timeout_range"),
    ("timeout", {"timeout": math.nan}, "timeout_range"),
    ("timeout", {"timeout": 0}, "timeout_range"),
    ("connect_timeout", {"connect_timeout": 0}, "timeout_range"),
    ("connect_timeout", {"connect_timeout": 51.0}, "timeout_range"),
    ("in_flight", {"in_flight": 0}, "in_flight_range"),
    ("in_flight", {"in_flight": 101}, "in_flight_range"),
    ("pace", {"pace": -0.1}, "pace_range"),
    ("pace", {"pace": math.nan}, "pace_range"),
    ("pace", {"pace": 1001}, "pace_range"),
    ("failover_after", {"failover_after": -1}, "failover_range"),
    ("retry_delays", {"retry_delays": "10 s, soon"}, "duration_unreadable"),
    ("urgent_retry_delays", {"urgent_retry_delays": ""}, "durations_count"),
    ("next_gateway", {"name": "A", "next_gateway": "A"}, "next_is_itself"),
    ("request_number", {"on_ambiguous": "schedule"}, "request_number_missing"),
    (
        "request_number",
        {
            "on_ambiguous": "schedule",
            "request_number": "ref",
            "body_form": "to={{recipient}}\ntext={{message}}\nreference={{message_id}}",
        },
        "request_number_unfilled",
    ),
]


def broken(field: str, changes: dict[str, Any]) -> Gateway:
    body_format = {"body_format": field.removeprefix("body_")} if field.startswith("body_") else {}
    return dataclasses.replace(SOUND, **{**body_format, **changes})


@pytest.mark.parametrize(
    ("field", "changes", "code", "line", "column"),
    [(field, *rest) for field, cases in TYPED.items() for rest in cases],
    ids=lambda value: repr(value) if isinstance(value, dict) else None,
)
def test_what_is_typed_wrong_is_told_by_place(
    field: str, changes: dict[str, Any], code: str, line: int, column: int
) -> None:
    (problem,) = lint.check(broken(field, changes), ["token"])
    assert (problem.field, problem.code, problem.line, problem.column) == (field, code, line, column)
    assert said(problem)


@pytest.mark.parametrize(("field", "changes", "code"), CHOSEN, ids=repr)
def test_what_is_chosen_wrong_is_told_by_field(field: str, changes: dict[str, Any], code: str) -> None:
    if field in ("method", "body_format", "auth_kind", "timeout", "connect_timeout", "in_flight"):
        changed = dataclasses.replace(SOUND, **changes)
    else:
        changed = broken("", changes)
    (problem,) = lint.check(changed, ["token"])
    assert (problem.field, problem.code) == (field, code)
    assert said(problem)


def test_several_problems_stand_in_the_order_of_the_fields() -> None:
    gateway = Gateway(url="x", headers="b=1\na", query="c:d", timeout=60)
    found = [(problem.field, problem.line) for problem in lint.check(gateway, [])]
    assert found == [("url", 1), ("headers", 1), ("headers", 2), ("query", 1), ("timeout", None)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": {{recipient}}, "b": "{{secret.anything}}"}', None),
        ('{"a": {{recipient_national}}}', "json_quotes_missing"),
        ('{"a": {{Recipient}}}', "placeholder_misspelt"),
        ('{"a": "{{message}"}', "placeholder_open"),
        ('{"a": 1', "json_not_closed"),
        ("", "json_empty"),
    ],
)
def test_the_json_badge(text: str, code: str | None) -> None:
    problem = lint.json_problem(text)
    assert (problem and problem.code) == code


def test_beautify_refuses_what_is_no_json() -> None:
    assert lint.beautify("[{{recipient}}]") == "[\n  {{recipient}}\n]"
    with pytest.raises(Refused):
        lint.beautify("[1,]")


_TEMPLATES = st.lists(
    st.sampled_from(
        [
            *(
                "{{message}}",
                "{{recipient}}",
                "{{secret.token}}",
                "{{ sender }}",
                "{{nobody}}",
                "{{",
                "}}",
                "{",
                "}",
            ),
            *(
                "a=",
                "X-A: ",
                "b",
                "\n",
                "\r\n",
                "# ",
                "=",
                ":",
                "/",
                "?",
                "&",
                "%20",
                "%",
                "#",
                '"',
                "'",
                "[",
                "]",
            ),
            *(
                "<a>",
                "</a>",
                "<![CDATA[",
                "]]>",
                ",",
                "1",
                "\\",
                "\t",
                "\0",
                "é",
                "\ud800",
                "Content-Type: x/y\n",
            ),
        ]
    ),
    max_size=8,
).map("".join)


_FIELDS = ("headers", "query", "body_form", "body_json", "body_xml", "body_raw")


@settings(max_examples=1000, deadline=None)
@given(
    st.fixed_dictionaries(
        {"url": st.just(URL) | _TEMPLATES.map(lambda text: URL + text)},
        optional={
            **dict.fromkeys(_FIELDS, _TEMPLATES),
            "body_format": st.sampled_from(["form", "json", "xml", "raw"]),
            "auth_kind": st.just("bearer"),
        },
    )
)
def test_what_passes_can_be_sent(typed: dict[str, str]) -> None:
    """No error at send time that could have been told at save, and no exception of another kind ever."""
    secrets = {"token": "t", "auth_token": "t"}
    problems = lint.check(Gateway(sender="School", **typed), secrets)
    assert all(problem.line and problem.column for problem in problems)
    try:
        sent = request({"sender": "School", **typed}, secrets=secrets)
    except Refused:
        sent = None
    assert sent or problems


BODY = "to={{recipient}}\ntext={{message}}"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"body_form": BODY}, []),
        ({"body_form": "to={{ recipient_e164 }}\ntext={{message}}"}, []),
        ({"url": "https://a.example/{{recipient_national}}", "body_form": "text={{message}}"}, []),
        ({"method": "GET", "query": BODY}, []),
        (
            {"method": "GET", "body_form": BODY},
            [("recipient_unplaced", "query"), ("message_unplaced", "query")],
        ),
        ({"body_form": "to={{recipient}}\nid={{message_id}}"}, [("message_unplaced", "body_form")]),
        ({"body_form": "to={{recipient}}\n#text={{message}}"}, [("message_unplaced", "body_form")]),
        (
            {"body_form": "to={recipient}\ntext= %message%"},
            [("placeholder_lookalike", "body_form", 1, 4), ("placeholder_lookalike", "body_form", 2, 7)],
        ),
        (
            {"body_format": "json", "body_json": '{"to": "{{recipient}}",\n "text": "[MESSAGE]"}'},
            [("placeholder_lookalike", "body_json", 2, 11)],
        ),
        (
            {"body_format": "raw", "body_raw": "${recipient} $message"},
            [("placeholder_lookalike", "body_raw", 1, 1), ("placeholder_lookalike", "body_raw", 1, 14)],
        ),
    ],
)
def test_a_request_has_a_place_for_number_and_text(changes, expected):
    found = lint.unplaced(Gateway(**{"url": "https://a.example/", **changes}))
    assert [
        (problem.code, problem.field, *filter(None, (problem.line, problem.column))) for problem in found
    ] == expected
