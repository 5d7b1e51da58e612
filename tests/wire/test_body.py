"""What a reply's body says: its text by its charset, and its JSON with numbers as they were written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.wire.body import MAX_DEPTH, NotJson, decode, may_begin_json, number_text, parse_json


@pytest.mark.parametrize(
    ("content", "content_type", "text"),
    [
        (b"", "", ""),
        ("Código ✓".encode(), "", "Código ✓"),
        ("Código ✓".encode(), "text/plain; charset=utf-8", "Código ✓"),
        # UTF-8 wins over a wrong declaration, which is the commoner fault
        ("Código".encode(), "text/html; charset=ISO-8859-1", "Código"),
        ("Código".encode("latin-1"), "text/html; charset=ISO-8859-1", "Código"),
        ("Код".encode("windows-1251"), 'text/plain;charset="Windows-1251"', "Код"),
        ("Código".encode("latin-1"), "text/html", "C\ufffddigo"),
        (b"\xef\xbb\xbf{}", "application/json", "{}"),
        (b"\xff\xfe{\0}\0", "", "{}"),
        (b"\xfe\xff\0{\0}", "", "{}"),
        (b"{\0}\0", "application/json; charset=utf-16le", "{}"),
        (b"\0{\0}", "application/json; charset=utf-16", "{}"),
        # charsets that are none, or cost more than they tell
        (b"a\xff", "text/plain; charset=punycode", "a\ufffd"),
        (b"a\xff", "text/plain; charset=rot13", "a\ufffd"),
        (b"a\xff", "text/plain; charset=iso-8859-99", "a\ufffd"),
        (b"+AGE-", "text/plain; charset=utf-7", "+AGE-"),
        (b"a", "text/plain; charset=" + "x" * 100_000, "a"),
        (b"a", "\r\n;charset=\0", "a"),
    ],
)
def test_decoding(content: bytes, content_type: str, text: str) -> None:
    assert decode(content, content_type) == text


def test_a_character_torn_by_the_cut_does_not_change_how_the_rest_is_read() -> None:
    torn = "Código ✓".encode()[:-1]
    assert decode(torn, "text/plain; charset=latin-1", cut=True) == "Código "


@given(st.binary(max_size=200), st.text(max_size=60), st.booleans())
def test_any_bytes_are_some_text(content: bytes, charset: str, cut: bool) -> None:
    decode(content, "text/plain; charset=" + charset, cut=cut).encode()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1234567890123456789", "1234567890123456789"),
        ("0", "0"),
        ("-1", "-1"),
        ("1.10", "1.10"),
        ("1234567890123456789.0", "1234567890123456789.0"),
        ("6.613115713715266E+15", "6.613115713715266E+15"),
        ("1e999", "1e999"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_numbers_are_told_as_they_were_written(text: str, written: str) -> None:
    assert number_text(parse_json(text)) == written
    assert number_text(parse_json(f'[{{"id":{text}}}]')[0]["id"]) == written


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "reply_empty"),
        (" \r\n", "reply_empty"),
        ("OK", "reply_not_json"),
        ("<html>", "reply_not_json"),
        ("NaN", "reply_not_json"),
        ('{"a": Infinity}', "reply_not_json"),
        ("[-Infinity]", "reply_not_json"),
        ("{'a': 1}", "reply_not_json"),
        ('{"a": 1,}', "reply_not_json"),
        ('{"a": 1} {"b": 2}', "reply_not_json"),
        ('{"a": 1', "reply_not_json"),
        ('"\n"', "reply_not_json"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "reply_too_deep"),
        ("[" * 65536, "reply_too_deep"),
        ('{"a":' * 10_000, "reply_too_deep"),
    ],
)
def test_what_is_not_json(text: str, code: str) -> None:
    with pytest.raises(NotJson) as error:
        parse_json(text)
    assert error.value.code == code


def test_brackets_in_strings_are_no_depth() -> None:
    text = json.dumps({"a": "[" * 1000 + '"{\\', "b": [1]})
    assert parse_json(text) == json.loads(text)
    parse_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)


@pytest.mark.parametrize("text", ['"' + '\\"' * 32_000, '"' * 65_536, "\\" * 65_536, '"\\' * 32_768])
def test_hostile_strings_take_linear_time(text: str) -> None:
    with pytest.raises(NotJson):
        parse_json(text)


def test_of_a_name_given_twice_the_last_counts() -> None:
    assert parse_json('{"status": "error", "status": "success"}') == {"status": "success"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


@given(JSON, st.booleans())
def test_json_is_what_an_independent_parser_says(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert parse_json(text) == json.loads(text)
    for end in range(len(text)):
        assert may_begin_json(text[:end])


@given(st.text(max_size=100))
def test_any_text_is_json_or_is_not(text: str) -> None:
    try:
        parse_json(text)
    except NotJson:
        return
    assert may_begin_json(text)


def test_what_cannot_begin_json() -> None:
    for text in ("<!doctype html>", "OK: 0;", "Error", " \n status=1", "'a'"):
        assert not may_begin_json(text)
