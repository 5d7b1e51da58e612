"""Examples as documentation shows them, and as copying spoils them: what is read out of each."""

import contextlib
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.composing import MESSAGE_ID, RECIPIENT, USER_AGENT, said
from webpanel.wire import curl, difference
from webpanel.wire.compose import UNSENT, Values, compose
from webpanel.wire.problem import Refused

FOLDER = Path(__file__).parent / "examples"
EXAMPLES: list[dict[str, Any]] = [
    shape
    for file in sorted(FOLDER.glob("*.toml"))
    for shape in tomllib.loads(file.read_text(encoding="utf-8"))["example"]
]


def path_of(example: curl.Example, role: str) -> str | None:
    found = [candidate.path for candidate in example.candidates if candidate.proposed == role]
    assert len(found) <= 1
    return found[0] if found else None


def as_proposed(example: curl.Example) -> Any:
    ids = {candidate.proposed: candidate.id for candidate in example.candidates}
    return curl.placed(example, ids.get("recipient"), ids.get("message"))


@pytest.mark.parametrize("shape", EXAMPLES, ids=lambda shape: shape["name"])
def test_an_example_is_read(shape: dict[str, Any]) -> None:
    example = curl.read(shape["text"], user_agent=USER_AGENT)
    assert difference.stated(as_proposed(example)) == shape["settings"]
    assert example.secrets == shape.get("secrets", {})
    assert sorted(example.asked) == shape.get("asked", [])
    assert path_of(example, "recipient") == shape.get("recipient")
    assert path_of(example, "message") == shape.get("message")
    assert [problem.code for problem in example.left_out] == shape.get("left_out", [])


@pytest.mark.parametrize("shape", EXAMPLES, ids=lambda shape: shape["name"])
def test_every_note_has_its_sentence(shape: dict[str, Any]) -> None:
    for problem in curl.read(shape["text"]).left_out:
        assert said(problem)
        assert problem.field == "example"


@pytest.mark.parametrize("shape", EXAMPLES, ids=lambda shape: shape["name"])
def test_line_ends_of_a_browser_change_nothing(shape: dict[str, Any]) -> None:
    text = shape["text"].replace("\r\n", "\n")
    assert curl.read(text) == curl.read(text.replace("\n", "\r\n"))


@pytest.mark.parametrize("shape", EXAMPLES, ids=lambda shape: shape["name"])
def test_no_secret_shows_itself(shape: dict[str, Any]) -> None:
    example = curl.read(shape["text"])
    for name, value in example.secrets.items():
        # A user's name may be part of the address too.
        if len(value) > 5 and name != "auth_username":
            assert value not in repr(example)


def test_there_are_many() -> None:
    assert len(EXAMPLES) >= 60
    assert len({shape["name"] for shape in EXAMPLES}) == len(EXAMPLES)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "example_empty"),
        (" \n\u00a0", "example_empty"),
        ("Send a text message with our API.", "example_not_understood"),
        ("import requests\nrequests.post(url)", "example_not_understood"),
        ("curl -X POST -H 'A: b'", "example_no_address"),
        ("curl ", "example_no_address"),
        ("POST /send HTTP/1.1\nAccept: */*\n\nto=1", "example_no_host"),
        ("curl https://a.example/" + "x" * 65_536, "example_too_long"),
    ],
)
def test_what_is_no_example_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        curl.read(text)
    (problem,) = refused.value.problems
    assert (problem.code, problem.field) == (code, "example")
    assert said(problem)


@pytest.mark.parametrize(
    ("written", "format_", "suffix", "arrives"),
    [
        ("+447911123456", "e164", "", "+447911123456"),
        ("447911123456", "digits", "", "447911123456"),
        ("+44 7911 123456", "e164", "", "+447911123456"),
        ("00447911123456", "digits", "", "00447911123456"),
        ("07911123456", "national", "", "07911123456"),
        ("whatsapp:+447911123456", "e164", "", "whatsapp:+447911123456"),
        ("whatsapp:447911123456", "digits", "", "whatsapp:447911123456"),
        ("447911123456@c.us", "suffix", "@c.us", "447911123456@c.us"),
        ("447911123456@s.whatsapp.net", "suffix", "@s.whatsapp.net", "447911123456@s.whatsapp.net"),
        ("<phone>@c.us", "suffix", "@c.us", "447911123456@c.us"),
        ("+1XXXXXXXXXX", "e164", "", "+447911123456"),
        ("whatsapp:+1XXXXXXXXXX", "e164", "", "whatsapp:+447911123456"),
        ("$TO", "digits", "", "447911123456"),
    ],
)
def test_the_number_format_is_how_the_example_writes_the_number(
    written: str, format_: str, suffix: str, arrives: str
) -> None:
    command = (
        f"""curl https://a.example/send -H 'Content-Type: application/json' -d '{{"to": "{written}"}}'"""
    )
    gateway = as_proposed(curl.read(command))
    assert (gateway.number_format, gateway.number_suffix) == (format_, suffix)
    values = Values(recipient=RECIPIENT, message="Hi", message_id=MESSAGE_ID, fresh=UNSENT)
    assert compose(gateway, values, user_agent=USER_AGENT).body == f'{{"to": "{arrives}"}}'.encode()


def test_anything_that_was_found_may_be_chosen_instead() -> None:
    example = curl.read("curl https://a.example/send -d from=447911123456 -d to=447911123457 -d a=b")
    ids = {candidate.path: candidate.id for candidate in example.candidates}
    assert curl.placed(example, ids["from"], ids["a"]).body_form == (
        "from={{recipient}}\nto=447911123457\na={{message}}"
    )
    assert curl.placed(example, None, None) == example.settings
    with pytest.raises(KeyError):
        curl.placed(example, "body_form:0-1", None)


@given(
    st.text(alphabet="curl -dHXF'\"\\\n$`^|&<>{}[]=:;@%/.?\u201c\u201d\u2013\u2014\u00a0\u200bxhtps://a.b1 ")
)
@settings(max_examples=400, deadline=None)
def test_nothing_else_is_ever_raised(text: str) -> None:
    for whole in (text, f"curl {text}", f"curl https://a.b/ {text}", f"POST / HTTP/1.1\nHost: a\n{text}"):
        try:
            example = curl.read(whole)
        except Refused:
            continue
        as_proposed(example)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            '"',
            "'",
            "“",
            "\\",
            "\\\n",
            "$'",
            '"{"',
            "'{' ",
            "-",
            "\u2013",
            "-d ",
            "-H a:b ",
            "-Fa=b ",
            "-da=b ",
            "a ",
        ),
        *(
            "`",
            "^",
            '^"',
            "<a",
            "&",
            "|",
            "{",
            "[",
            "}\n",
            "] '",
            "$(",
            "${a}",
            "%41",
            "a=1&",
            "&amp;",
            "\n\n",
            "> ",
        ),
        *(
            "-dkey=a ",
            "-dto=1234567890 ",
            '-d {"a":1}',
            "\u200b",
            "xxx ",
            " ",
            "\t",
            ":",
            "/",
            "?",
            "x",
            "1",
            "+",
            "https://a.b/",
            "@",
            "1 ",
            "1,",
        ),
    ],
)
def test_reading_takes_linear_time(piece: str) -> None:
    for start in (
        "curl https://a.example/ ",
        "curl -d '",
        'curl https://a.example/ -d "{',
        "https://a.example/?a=",
    ):
        text = (start + piece * 32_768)[:32_768]
        begun = time.process_time()
        with contextlib.suppress(Refused):
            as_proposed(curl.read(text))
        assert time.process_time() - begun < 2, start
