"""Placeholders: found where they stand, filled once, told when they are wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import NAMES, Filled, faults, fill, join, placeholders, position, sample

VALUES = {"recipient": "447911123456", "message": "{{recipient}} {{secret.token}}", "secret.token": "tøp"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{message}}", [("message", 0, 11, 1, 1)]),
        ("a\n {{ message\t}}", [("message", 3, 16, 2, 2)]),
        ("a\r\n{{message}}", [("message", 3, 14, 2, 1)]),
        ("a\r{{\u00a0secret.api-key }}", [("secret.api-key", 2, 22, 2, 1)]),
        ('{"a":{{recipient}}}', [("recipient", 5, 18, 1, 6)]),
        ("{{{message}}}", [("message", 1, 12, 1, 2)]),
        ("{{message}}{{sender}}", [("message", 0, 11, 1, 1), ("sender", 11, 21, 1, 12)]),
        ("{{Message}}", [("Message", 0, 11, 1, 1)]),
        *((text, []) for text in ("{{}}", "{{1}}", "{ {message}}", "{{mes\nsage}}", "{{a b}}", "{message}")),
    ],
)
def test_placeholders(text: str, found: list[tuple[str, int, int, int, int]]) -> None:
    assert [(p.name, p.start, p.end, p.line, p.column) for p in placeholders(text)] == found


@pytest.mark.parametrize("name", NAMES)
def test_blanks_inside_the_braces_change_nothing(name: str) -> None:
    assert [p.name for p in placeholders(f"{{{{  {name} }}}}")] == [name]


def test_a_value_is_never_searched_for_placeholders() -> None:
    assert (
        fill("{{message}}/{{recipient}}", VALUES, str).text == "{{recipient}} {{secret.token}}/447911123456"
    )


def test_the_author_s_text_and_the_values_are_escaped_apart() -> None:
    assert fill("a{{recipient}}b", VALUES, lambda value: value[:2], literal=str.upper).text == "A44B"


def test_spans_cover_what_came_from_secrets() -> None:
    filled = fill("x{{secret.token}}{{message}}{{ secret.token }}", VALUES, lambda value: f"<{value}>")
    assert [filled.text[start:end] for start, end in filled.secret_spans] == ["<tøp>", "<tøp>"]


def test_joined_spans_move_along() -> None:
    joined = join([Filled("ab"), Filled("secret", ((0, 6),)), Filled("x"), Filled("=s", ((1, 2),))], "&")
    assert joined.text == "ab&secret&x&=s"
    assert [joined.text[start:end] for start, end in joined.secret_spans] == ["secret", "s"]


def test_an_unknown_name_is_refused_when_filling() -> None:
    with pytest.raises(Refused) as refused:
        fill("a\n{{nobody}}", VALUES, str)
    problem = refused.value.problems[0]
    assert (problem.code, problem.line, problem.column) == ("placeholder_unknown", 2, 1)


def test_what_escape_refuses_is_a_problem_of_the_value() -> None:
    def escape(value: str) -> str:
        raise Refused(Problem("bad", line=3, column=4, values={"length": len(value)}))

    with pytest.raises(Refused) as refused:
        fill("{{secret.token}}", VALUES, escape)
    assert refused.value.problems == (
        Problem("bad", "secrets", 3, 4, {"length": 3, "placeholder": "secret.token"}),
    )


FAULTS = [
    # text, strict, (code, line, column, values)
    ("{{Message}}", False, ("placeholder_misspelt", 1, 1, {"name": "Message", "meant": "message"})),
    (
        "a\n{{ RECIPIENT }}",
        False,
        ("placeholder_misspelt", 2, 1, {"name": "RECIPIENT", "meant": "recipient"}),
    ),
    ("{{message-id}}", False, ("placeholder_misspelt", 1, 1, {"name": "message-id", "meant": "message_id"})),
    ("{{recipent}}", False, ("placeholder_misspelt", 1, 1, {"name": "recipent", "meant": "recipient"})),
    (
        "{{secret.Token}}",
        False,
        ("placeholder_misspelt", 1, 1, {"name": "secret.Token", "meant": "secret.token"}),
    ),
    ("{{token}}", False, ("placeholder_misspelt", 1, 1, {"name": "token", "meant": "secret.token"})),
    ("{{secret.message}}", False, ("secret_unknown", 1, 1, {"name": "message"})),
    ("{{secret.other}}", False, ("secret_unknown", 1, 1, {"name": "other"})),
    ("x {{message}", False, ("placeholder_open", 1, 3, {})),
    ("{{message text}}", False, ("placeholder_open", 1, 1, {})),
    ("{{ message", False, ("placeholder_open", 1, 1, {})),
    ("{{1}}", True, ("placeholder_open", 1, 1, {})),
    ("a {{", True, ("placeholder_open", 1, 3, {})),
]


@pytest.mark.parametrize(("text", "strict", "expected"), FAULTS)
def test_faults(text: str, strict: bool, expected: tuple[str, int, int, dict[str, str]]) -> None:
    found = faults(text, "url", (0, len(text)), secret_names=["token"], strict=strict)
    assert [(p.code, p.line, p.column, p.values) for p in found] == [expected]


@pytest.mark.parametrize(
    "text", ["{{1}}", "{{ }}", '{"a":{"b":{}}}', "{{{{", "{{message}}", "{{secret.token}}"]
)
def test_documents_may_hold_braces_of_their_own(text: str) -> None:
    assert list(faults(text, "body_raw", (0, len(text)), secret_names=["token"], strict=False)) == []


def test_the_names_that_exist_are_told() -> None:
    (problem,) = faults("{{nobody}}", "url", (0, 10), secret_names=["token"], strict=True)
    assert problem.values["known"].endswith("{{sender}}, {{report_url}}, {{secret.token}}")


@given(st.text(alphabet="a\r\n{}é"), st.integers(0, 40))
def test_a_position_leads_back_to_its_character(text: str, offset: int) -> None:
    offset = min(offset, len(text))
    if text[offset - 1 : offset + 1] == "\r\n":
        return
    line, column = position(text, offset)
    lines = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert (line, column) == (len(lines), len(lines[-1]) + 1)


def test_a_sample_keeps_every_position() -> None:
    assert sample("a{{ message }}b\n{{x", "1") == "a1111111111111b\n{{x"
