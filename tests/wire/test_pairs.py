"""One pair a line: what counts, where it is split, what is said of a line that is none."""

import pytest

from webpanel.wire import pairs
from webpanel.wire.problem import Refused


@pytest.mark.parametrize(
    ("text", "separator", "expected"),
    [
        ("a=1\nb=2", "=", [("a", "1"), ("b", "2")]),
        ("a=1\r\n\r\n  # x=y\r\n \t b = 2 \r", "=", [("a", "1"), ("b", "2")]),
        ("a=1\ra=2", "=", [("a", "1"), ("a", "2")]),
        ("a=b=c: d", "=", [("a", "b=c: d")]),
        ("X-A: b:c=d", ":", [("X-A", "b:c=d")]),
        ("to[]=", "=", [("to[]", "")]),
        # A line ends with LF, CR or CRLF alone: these are characters of a text.
        ("a=1\u2028b\x0bc\x85d", "=", [("a", "1\u2028b\x0bc\x85d")]),
        ("a=1 # not a comment", "=", [("a", "1 # not a comment")]),
        ("", "=", []),
    ],
)
def test_lines(text: str, separator: pairs.Separator, expected: list[tuple[str, str]]) -> None:
    found = pairs.read(text, "query", separator)
    assert [(pair.key, pair.value) for pair in found] == expected
    for pair in found:
        assert text.startswith(pair.key, pair.key_start)
        assert text.startswith(pair.value, pair.value_start)


@pytest.mark.parametrize(
    ("text", "separator", "code", "line", "column"),
    [
        ("A: 1\n  X-Key = 1", ":", "header_with_equals", 2, 9),
        ("a=1\r\nb : 2", "=", "parameter_with_colon", 2, 3),
        ("# a\n  nothing", ":", "header_without_separator", 2, 3),
        ("\nnothing", "=", "parameter_without_separator", 2, 1),
        (" : 1", ":", "header_without_name", 1, 2),
        ("=1", "=", "parameter_without_name", 1, 1),
    ],
)
def test_a_line_that_is_none(
    text: str, separator: pairs.Separator, code: str, line: int, column: int
) -> None:
    with pytest.raises(Refused) as refused:
        pairs.read(text, "field", separator)
    problem = refused.value.problems[0]
    assert (problem.code, problem.field, problem.line, problem.column) == (code, "field", line, column)


def test_every_bad_line_is_told_and_the_others_are_read() -> None:
    found, problems = pairs.readable("a=1\nb\nc=3\nd:4", "query", "=")
    assert [pair.key for pair in found] == ["a", "c"]
    assert [problem.line for problem in problems] == [2, 4]
