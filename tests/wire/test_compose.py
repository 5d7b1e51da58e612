"""The whole request, byte for byte, and the choices that shape it."""

from typing import Any

import pytest

from tests.wire.composing import MESSAGE_ID, RECIPIENT, request, said, send
from webpanel.wire.compose import default_content_type
from webpanel.wire.gateway import Gateway
from webpanel.wire.phone import Number
from webpanel.wire.problem import Refused

SECRETS = {"auth_token": "tok en", "auth_username": "usér", "auth_password": "p:w", "k": "K&1"}
COMMON = ["Host", "User-Agent", "Accept", "Accept-Encoding"]


def test_the_generic_example_byte_for_byte() -> None:
    made = request(
        {
            "headers": "X-API-Key: {{secret.k}}",
            "query": "v = 2",
            "body_form": "destination={{recipient}}\r\n# a comment\r\n\r\ntext={{message}}",
        },
        'Código: 123456 "ok" & 50%\nline2 ✓',
        secrets={"k": "xyz123"},
    )
    body = b"destination=447911123456&text=C%C3%B3digo%3A+123456+%22ok%22+%26+50%25%0Aline2+%E2%9C%93"
    assert made.raw == (
        b"POST /v1/send?v=2 HTTP/1.1\r\n"
        b"Host: api.someprovider.com\r\n"
        b"User-Agent: webpanel/0\r\n"
        b"Accept: */*\r\n"
        b"Accept-Encoding: identity\r\n"
        b"X-API-Key: xyz123\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: %d\r\n"
        b"\r\n%s" % (len(body), body)
    )
    assert made.url == "https://api.someprovider.com/v1/send?v=2"
    assert [made.raw[start:end] for start, end in made.secret_spans] == [b"xyz123"]
    assert (made.method, made.scheme, made.host, made.port) == ("POST", "https", "api.someprovider.com", 443)


@pytest.mark.parametrize(
    ("settings", "content_type", "body"),
    [
        ({"body_form": "a=1"}, "application/x-www-form-urlencoded", b"a=1"),
        ({"body_form": ""}, "application/x-www-form-urlencoded", b""),
        ({"body_format": "json", "body_json": "[1]"}, "application/json", b"[1]"),
        (
            {"body_format": "xml", "body_xml": "<a>é</a>"},
            "application/xml; charset=utf-8",
            "<a>é</a>".encode(),
        ),
        ({"body_format": "raw", "body_raw": "é\n"}, "text/plain; charset=utf-8", "é\n".encode()),
        ({"body_format": "raw", "content_type": " text/csv "}, "text/csv", b""),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_bodies(method: str, settings: dict[str, Any], content_type: str, body: bytes) -> None:
    got = send({"method": method, **settings})
    assert (got.method, got.body, got.header("Content-Type")) == (method, body, content_type)
    assert got.header("Content-Length") == str(len(body))
    assert default_content_type(Gateway(**settings)) == content_type


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("body", [{"body_form": "a=1"}, {"body_format": "json", "body_json": "not {{json}}"}])
def test_get_and_delete_carry_no_body(method: str, body: dict[str, str]) -> None:
    made = request({"method": method, "query": "a={{message}}", **body})
    assert made.body is None
    assert made.raw.endswith(b"\r\n\r\n")
    assert [name.decode() for name, _ in made.headers] == COMMON


def test_only_the_body_of_the_chosen_format_is_sent() -> None:
    got = send(
        {
            "body_format": "json",
            "body_json": "[]",
            "body_form": "nonsense",
            "body_xml": "<a>",
            "body_raw": "x",
        }
    )
    assert got.body == b"[]"


def test_own_headers_replace_the_defaults_at_their_place_and_keep_order_and_repetition() -> None:
    lines = "content-type: text/x\nX-B: 1\nUSER-AGENT: me/1\nX-A: 2\nX-B: 3\naccept: text/json\nX-Empty:"
    got = send({"headers": lines})
    assert got.headers == [
        ("Host", "api.someprovider.com"),
        *(("USER-AGENT", "me/1"), ("accept", "text/json"), ("Accept-Encoding", "identity")),
        *(("X-B", "1"), ("X-A", "2"), ("X-B", "3"), ("X-Empty", "")),
        *(("content-type", "text/x"), ("Content-Length", "0")),
    ]


def test_parameters_follow_the_url_s_own_query() -> None:
    made = request({"url": "http://h:81/p?a=%2F+&b", "query": "to[]=1\nto[]=2\nä=+ ~/"})
    assert made.target == b"/p?a=%2F+&b&to%5B%5D=1&to%5B%5D=2&%C3%A4=%2B%20~%2F"
    assert made.url == "http://h:81" + made.target.decode()


@pytest.mark.parametrize(
    ("settings", "header", "value", "masked"),
    [
        ({"auth_kind": "basic"}, "Authorization", "Basic dXPDqXI6cDp3", b"dXPDqXI6cDp3"),
        ({"auth_kind": "bearer"}, "Authorization", "Bearer tok en", b"tok en"),
        ({"auth_kind": "header", "auth_name": "X-Key"}, "X-Key", "tok en", b"tok en"),
        (
            {"auth_kind": "header", "auth_name": "Authorization", "auth_prefix": "AccessKey "},
            *("Authorization", "AccessKey tok en", b"tok en"),
        ),
    ],
)
def test_authentication_in_a_header(settings: dict[str, str], header: str, value: str, masked: bytes) -> None:
    made = request(settings, secrets=SECRETS)
    assert send(settings, secrets=SECRETS).header(header) == value
    assert [made.raw[start:end] for start, end in made.secret_spans] == [masked]


def test_authentication_in_the_query() -> None:
    made = request({"auth_kind": "query", "auth_name": "api key", "query": "a=1"}, secrets=SECRETS)
    assert made.target == b"/v1/send?a=1&api%20key=tok%20en"
    assert [made.raw[start:end] for start, end in made.secret_spans] == [b"tok%20en"]


@pytest.mark.parametrize(
    ("settings", "secrets", "code"),
    [
        ({"auth_kind": "basic"}, {"auth_username": "a:b", "auth_password": "c"}, "basic_user_colon"),
        ({"auth_kind": "basic"}, {"auth_username": "a"}, "secret_unknown"),
        ({"auth_kind": "bearer"}, {}, "secret_unknown"),
        ({"auth_kind": "bearer"}, {"auth_token": "a\nb"}, "header_character"),
        ({"auth_kind": "bearer"}, {"auth_token": "ab "}, "header_blank_edge"),
        ({"auth_kind": "header", "auth_name": "X"}, {"auth_token": " ab"}, "header_blank_edge"),
        ({"auth_kind": "query", "auth_name": "k"}, {"auth_token": "a\0"}, "text_character"),
        ({"headers": "X: {{secret.none}}"}, {}, "secret_unknown"),
    ],
)
def test_secrets_that_cannot_be_used(settings: dict[str, str], secrets: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        request(settings, secrets=secrets)
    problem = refused.value.problems[0]
    assert problem.code == code
    assert not any(secret in str(problem) for secret in secrets.values() if len(secret) > 1)


@pytest.mark.parametrize(
    ("number_format", "recipient", "body"),
    [
        ("digits", RECIPIENT, b'{"a": 447911123456, "b": "447911123456"}'),
        ("integer", RECIPIENT, b'{"a": 447911123456, "b": 447911123456}'),
        ("integer", Number("60777", "short", "GB"), b'{"a": 60777, "b": 60777}'),
    ],
)
def test_numbers_in_json(number_format: str, recipient: Number, body: bytes) -> None:
    json_body = '{"a": {{recipient}}, "b": "{{recipient}}"}'
    settings = {"body_format": "json", "body_json": json_body, "number_format": number_format}
    assert send(settings, recipient=recipient).body == body


@pytest.mark.parametrize(
    ("number_format", "written"),
    [
        ("digits", "447911123456"),
        ("e164", "+447911123456"),
        ("national", "07911123456"),
        ("integer", "447911123456"),
        ("suffix", "447911123456@c.us"),
    ],
)
def test_every_way_to_write_a_number(number_format: str, written: str) -> None:
    names = ("recipient", "recipient_digits", "recipient_e164", "recipient_national")
    lines = "\n".join(f"{name}={{{{{name}}}}}" for name in names)
    got = send({"number_format": number_format, "number_suffix": "@c.us", "method": "GET", "query": lines})
    assert [value for _, value in got.query] == [written, "447911123456", "+447911123456", "07911123456"]


def test_a_json_string_keeps_all_of_unicode_but_what_breaks_scripts() -> None:
    got = send({"body_format": "json", "body_json": '{"t":"{{message}}"}'}, '"\\\n\x7f\u2028\u2029é😀/')
    assert got.body.decode() == '{"t":"\\"\\\\\\n\x7f\\u2028\\u2029é😀/"}'


def test_letters_do_not_become_a_json_number() -> None:
    settings = {"body_format": "json", "body_json": '{"to": {{recipient_digits}}}'}
    with pytest.raises(Refused) as refused:
        request(settings, recipient=Number("Service", "alphanumeric", ""))
    assert refused.value.problems[0].field == "recipient"


@pytest.mark.parametrize(("given", "written"), [("Me", "Me"), ("", "School")])
def test_the_sender_is_the_message_s_or_else_the_gateway_s(given: str, written: str) -> None:
    got = send({"sender": "School", "query": "from={{sender}}&{{message_id}}"}, sender=given)
    assert got.query == [("from", f"{written}&{MESSAGE_ID}")]


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "nonsense"},
        {"headers": "X=1"},
        {"headers": "Content-Length: 5"},
        {"headers": "X{{message}}: 1"},
        {"headers": "X: a\tb"},
        {"query": "a:1"},
        {"body_form": "a"},
        {"body_format": "json", "body_json": "{"},
        {"body_format": "raw", "body_raw": "a\ud800{{message}}"},
        {"auth_kind": "header", "auth_name": "a b"},
        {"auth_kind": "header", "auth_name": "Host"},
    ],
)
def test_settings_that_cannot_be_used_are_refused_too(settings: dict[str, str]) -> None:
    with pytest.raises(Refused):
        request(settings, secrets=SECRETS)


def test_repr_tells_no_secret() -> None:
    settings = {"url": "https://h/{{secret.k}}", "headers": "X: {{secret.k}}", "body_form": "k={{secret.k}}"}
    assert "K" not in repr(request(settings, secrets={"k": "KKKK"}))


@pytest.mark.parametrize(
    "changes",
    [
        {"message": "a\0"},
        {"message": "a\n", "headers": "X: {{message}}"},
        {"message": " a", "headers": "X: {{message}}"},
        {"message": "\x01", "body_format": "xml", "body_xml": "<a>{{message}}</a>"},
        {"message": "..", "url": "https://h/{{message}}"},
        {"message": "x", "body_format": "raw", "body_raw": "{{secret.none}}"},
        {"secrets": {"auth_username": "a:b", "auth_password": ""}, "auth_kind": "basic"},
        {"recipient": Number("Me", "alphanumeric", ""), "body_format": "json", "body_json": "{{recipient}}"},
    ],
)
def test_every_refusal_has_its_words(changes: dict[str, Any]) -> None:
    values = {name: value for name, value in changes.items() if name in ("message", "secrets", "recipient")}
    settings = {name: value for name, value in changes.items() if name not in values}
    with pytest.raises(Refused) as refused:
        request({"body_form": "m={{message}}", **settings}, **values)
    assert all(said(problem) for problem in refused.value.problems)
