"""Credentials typed as they are: found where they stand, replaced so that the same bytes are sent."""

import dataclasses
from typing import Any

import pytest

from tests.wire.composing import URL, request
from webpanel.wire import curl, literals
from webpanel.wire.gateway import AUTH_NAMES, Gateway


@pytest.mark.parametrize(
    ("field", "text", "name", "value"),
    [
        ("headers", "X-API-Key: xyz=1:2 ", "api_key", "xyz=1:2"),
        ("headers", "Authorization: Bearer abc", "authorization", "abc"),
        ("headers", "authorization:  App   abc def", "authorization", "abc def"),
        ("headers", "AUTHORIZATION: abc", "authorization", "abc"),
        ("headers", "X-Auth-Token: Bearer abc", "auth_token", "Bearer abc"),
        ("headers", "# x\r\n\r\n X-Client-SECRET : a b", "client_secret", "a b"),
        ("query", "apiKey=k", "apikey", "k"),
        ("query", "a=1\naccess_token = t=t", "access_token", "t=t"),
        ("url", "https://h/p?a=1&api_key=a%2Fb+c&b=2#f", "api_key", "a/b c"),
        ("url", "https://h/?password=p", "password", "p"),
        ("body_form", "user=u\npassWord=p", "password", "p"),
        ("body_json", '{"a":[{"secret-key":"x\\"\\u00e9"}]}', "secret_key", 'x"é'),
        ("body_json", '{"to": {{recipient}}, "\\u006bey": "x"}', "key", "x"),
    ],
)
def test_found(field: str, text: str, name: str, value: str) -> None:
    (literal,) = literals.find(Gateway(**{field: text}))
    assert (literal.field, literal.suggested_name, literal.value) == (field, name, value)
    assert "value=" not in repr(literal)


@pytest.mark.parametrize(
    "typed",
    [
        {"headers": "X-API-Key: {{secret.k}}\nAuthorization: Bearer {{secret.t}}\nContent-Type: a/b\nX-Key:"},
        {"headers": "X-Key=a", "query": "key:a\ntext=my password"},
        {"url": "https://h/key?a=token&key={{secret.k}}&token="},
        {"body_json": '{"key": {{recipient}}, "token": 12345, "secret": "", "password": null, "a": "key"}'},
        {"body_json": '{"key": "abc"'},
        {"body_json": '{"key": "\\ud800"}', "query": "key=\0"},
        {"body_raw": "key=abc", "body_xml": "<key>abc</key>"},
    ],
)
def test_not_found(typed: dict[str, str]) -> None:
    assert literals.find(Gateway(**typed)) == ()


def test_extracted() -> None:
    gateway = Gateway(
        url="https://h/?key=a&x=1&token=b",
        headers="Authorization: Bearer a\nX-Key: c",
        query="key=d\nx=1",
        body_json='{"password": "e"}',
    )
    changed, secrets = literals.extract(gateway, ["key_2"])
    assert changed == dataclasses.replace(
        gateway,
        url="https://h/?key={{secret.key}}&x=1&token={{secret.token}}",
        headers="Authorization: Bearer {{secret.key}}\nX-Key: {{secret.key_3}}",
        query="key={{secret.key_4}}\nx=1",
        body_json='{"password": "{{secret.password}}"}',
    )
    assert secrets == {"key": "a", "token": "b", "key_3": "c", "key_4": "d", "password": "e"}
    assert literals.find(changed) == ()


def test_nothing_is_extracted_when_unticked() -> None:
    gateway = Gateway(headers="X-Key: c", hide_literals=False)
    assert literals.extract(gateway, []) == (gateway, {})


@pytest.mark.parametrize(
    "typed",
    [
        {"headers": "X-Key: a b=ü\nAuthorization: Basic YTpi"},
        {"query": "key=a b+c/ü&d\nkey=a b+c/ü&d"},
        {"url": URL + "?key=a%20b%2B%2F%C3%BC&x"},
        {"body_form": "token=a b+c/ü&d"},
        {"body_format": "json", "body_json": '{"token": "a\\"b\\\\ü", "x": "{{message}}"}'},
    ],
)
def test_the_same_bytes_are_sent_afterwards(typed: dict[str, Any]) -> None:
    changed, secrets = literals.extract(Gateway(**{"url": URL, **typed}), [])
    assert secrets
    sent = request(dataclasses.asdict(changed), secrets=secrets)
    assert sent.raw == request(typed).raw
    assert sent.secret_spans


@pytest.mark.parametrize("name", sorted(AUTH_NAMES))
def test_no_secret_gets_a_name_of_the_authentication_section(name: str) -> None:
    """It would have no field of its own on the page."""
    hidden, secrets = literals.extract(Gateway(query=f"{name}=k-1234567\nto={{{{recipient}}}}"), ())
    assert not AUTH_NAMES & set(secrets)
    assert [f"{{{{secret.{each}}}}}" in hidden.query for each in secrets] == [True] * len(secrets)
    example = curl.read(f"https://a.example/send?{name}=YOUR_{name.upper()}&to=447911123456&text=Hi")
    assert not AUTH_NAMES & {*example.secrets, *example.asked}
