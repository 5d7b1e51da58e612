"""JSON templates against the standard parser: valid or not, filled, indented, and where they break."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webpanel.wire import json_text
from webpanel.wire.body import MAX_DEPTH
from webpanel.wire.problem import Refused

#: Characters; beyond what any of the texts below becomes.
LONG = 1_000_000
_PIECES = st.sampled_from(
    (
        *("{", "}", "[", "]", ":", ",", '"', "\\", "'", " ", "\n", "\t", "\u00a0", '{"a":1}'),
        *('"a"', '"\\u00e9\\n"', '"\\x"', '"é\u2028"', '"\t"', '"\\ud83d"'),
        *("1", "01", "-0.5e+7", "1.", "-", "+1", ".5", "1e", "true", "null", "True", "NaN"),
    )
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


def standard(text: str) -> bool:
    """Whether the standard parser takes it, without the constants that are its own."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        json.loads(text, parse_constant=refuse, parse_int=str)
    except ValueError:
        return False
    return True


def ours(text: str) -> bool:
    try:
        json_text.parse(text)
    except Refused:
        return False
    return True


@settings(max_examples=1000, deadline=None)
@given(st.lists(_PIECES, max_size=10).map("".join) | st.text(alphabet='{}[]:,"\\ \n1-ea.0tu'))
@example("9" * 5000)
def test_takes_what_the_standard_parser_takes(text: str) -> None:
    assert ours(text) == standard(text)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_depth_has_a_limit_with_its_place(opening: str, closing: str) -> None:
    deepest = MAX_DEPTH // (opening.count("[") + opening.count("{"))
    allowed = opening * deepest + "1" + closing * deepest
    json_text.parse(allowed)
    with pytest.raises(Refused) as refused:
        json_text.parse(opening * 100_000 + "1" + closing * 100_000)
    [problem] = refused.value.problems
    assert (problem.code, problem.values) == ("json_too_deep", {"deepest": MAX_DEPTH})
    assert problem.column == len(opening) * deepest + 1


def test_indenting_ends_soon_after_its_limit() -> None:
    grown = "[" * 100 + "1," * 100_000 + "1" + "]" * 100
    assert 1000 < len(json_text.indented(grown, 1000)) < 1300


@settings(max_examples=300, deadline=None)
@given(_VALUES, st.booleans(), st.sampled_from([None, 4]))
def test_indenting_changes_white_space_only(value: object, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    once = json_text.indented(text, LONG)
    assert json.loads(once) == value
    assert json_text.indented(once, LONG) == once
    assert once == json.dumps(value, ensure_ascii=ascii_only, indent=2)


def test_indenting_keeps_what_a_parser_would_lose() -> None:
    text = (
        '{"a":{{ recipient }},"a":12345678901234567890123,"b":1.00,"c":[],"d":{ },"e":"{{message}}\\u00e9"}'
    )
    assert json_text.indented(text, LONG).split("\n") == [
        "{",
        '  "a": {{ recipient }},',
        '  "a": 12345678901234567890123,',
        '  "b": 1.00,',
        '  "c": [],',
        '  "d": {},',
        '  "e": "{{message}}\\u00e9"',
        "}",
    ]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("", "json_empty", 1, 1),
        (" \n ", "json_empty", 2, 2),
        ("{}{", "json_after_end", 1, 3),
        ('{"a":\r\n[1,\r\n', "json_not_closed", 3, 1),
        ('{"a" 1}', "json_colon_expected", 1, 6),
        ('{"a":1\n"b":2}', "json_comma_expected", 2, 1),
        ("[1 2]", "json_comma_expected", 1, 4),
        ("[1}", "json_comma_expected", 1, 3),
        ('{"a":1,}', "json_comma_too_many", 1, 8),
        ("[1,]", "json_comma_too_many", 1, 4),
        ("{a:1}", "json_key_expected", 1, 2),
        ('{"a":1,{', "json_key_expected", 1, 8),
        ('{"a":}', "json_value_expected", 1, 6),
        ("[,]", "json_value_expected", 1, 2),
        ("]", "json_value_expected", 1, 1),
        ('{"a":{{message}}}', "json_quotes_missing", 1, 6),
        ('{"a":{{secret.x}}}', "json_quotes_missing", 1, 6),
        ('{"a":+{{recipient}}}', "json_placeholder_not_alone", 1, 6),
        ('{"a":{{recipient}}{{recipient}}}', "json_placeholder_not_alone", 1, 6),
        ("{\"a\":'b'}", "json_wrong_quotes", 1, 6),
        ('{"a":“b”}', "json_wrong_quotes", 1, 6),
        ('{"a":+44}', "json_number", 1, 6),
        ('{"a":07}', "json_number", 1, 6),
        ('{"a":yes}', "json_word", 1, 6),
        ('{"a":\u00a01}', "json_word", 1, 6),
        ('{"a":"x\\{{message}}"}', "json_escape", 1, 8),
        ('{"a":"\\u00e"}', "json_escape", 1, 7),
        ('{"a":"b\tc"}', "json_control_character", 1, 8),
        ('{"a":"b\nc"}', "json_string_not_closed", 1, 6),
        ('{"a":"b', "json_string_not_closed", 1, 6),
        ('{"a":"b\\', "json_string_not_closed", 1, 6),
    ],
)
def test_faults_are_told_by_place(text: str, code: str, line: int, column: int) -> None:
    with pytest.raises(Refused) as refused:
        json_text.parse(text)
    problem = refused.value.problems[0]
    assert (problem.code, problem.line, problem.column) == (code, line, column)
    assert problem.field == "body_json"


def test_an_open_bracket_is_named_with_its_place() -> None:
    with pytest.raises(Refused) as refused:
        json_text.parse('{"a":\n [1')
    assert refused.value.problems[0].values == {"mark": "[", "from_line": 2, "from_column": 2}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('{"to":{{recipient}}}', '{"to":44}'),
        ('{"to":"{{ recipient }}"}', '{"to":44}'),
        ('{"to":"+{{recipient}}"}', '{"to":"+44"}'),
        ('{"{{recipient}}":"{{recipient}}"}', '{"44":44}'),
        ('["{{recipient}}","{{recipient_digits}}"]', '[44,"45"]'),
    ],
)
def test_integers_lose_their_quotes(text: str, written: str) -> None:
    values = {"recipient": "44", "recipient_digits": "45"}
    assert json_text.filled(text, values, integers=["recipient"]).text == written


@pytest.mark.parametrize("value", ["", "+44", "044", "4 4", "Service", "٤٤", "1\n", "1.5"])
def test_what_is_no_whole_number_does_not_stand_without_quotes(value: str) -> None:
    with pytest.raises(Refused) as refused:
        json_text.filled('{"to":{{recipient}}}', {"recipient": value})
    assert [(problem.code, problem.field) for problem in refused.value.problems] == [
        ("not_a_number", "recipient")
    ]


def test_string_members_are_found_at_any_depth() -> None:
    text = '{"a":"1","b":[{"c\\u0021":"x\\"y"}],"d":{"e":2,"f":{{recipient}}}}'
    found = [
        (key, text[token.start : token.end], value) for key, token, value in json_text.string_members(text)
    ]
    assert found == [("a", '"1"', "1"), ("c!", '"x\\"y"', 'x"y')]
