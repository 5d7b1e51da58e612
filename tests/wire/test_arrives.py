"""Any text through any destination arrives as the same text, or is refused for one of the known reasons.

The readers are independent of what writes: the standard library's server on a socket, ``urllib.parse``,
``json`` and ``xml.etree``. A thousand examples for each destination.
"""

import json
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.wire.composing import RECIPIENT, Received, received, request
from webpanel.wire.compose import OutgoingRequest, arrives_anywhere
from webpanel.wire.problem import Refused
from webpanel.wire.template import NAMES

# What means something to one of the destinations, often enough to meet.
_SIGNS = st.text(alphabet="{}&=+%\"'\\<>[]!-;:#?/.@,| \t\r\n\0\x1b\x7f\x85\u2028\u2029\ufeff\uffff~é✓😀a0")
_WHOLE = st.sampled_from(
    [
        *(f"{{{{{name}}}}}" for name in NAMES),
        *(
            ".",
            "..",
            "%2e%2e",
            "{{secret.token}}",
            "]]>",
            "<![CDATA[",
            "&amp;",
            "\\u0041",
            '","x":"',
            "a&b=c",
        ),
        *("x\r\nX-Injected: 1", "x\nInjected: 1", " HTTP/1.1\r\n", "</a><b>", "null", "1e5", "🏴󠁧󠁢󠁷󠁬󠁳󠁿"),
    ]
)
TEXTS = st.one_of(st.text(), _SIGNS, st.lists(st.one_of(_WHOLE, _SIGNS), max_size=4).map("".join))

_XML_BODY = "<sms a=\"{{message}}\" b='{{message}}'><t>{{message}}</t><c><![CDATA[]]{{message}}>]]></c></sms>"
_JSON_BODY = '{"to": {{recipient}}, "text": "{{message}}", "{{message}}": 1, "all": ["-{{message}}-"]}'


def never(text: str) -> bool:
    return "\0" in text


def dots(text: str) -> bool:
    return never(text) or text in (".", "..")


def no_header(text: str) -> bool:
    return any(unicodedata.category(char) == "Cc" for char in text) or text != text.strip(" ")


def no_xml(text: str) -> bool:
    return any((ord(char) < 0x20 and char not in "\t\n\r") or char in "\ufffe\uffff" for char in text)


def in_path(got: Received, text: str) -> None:
    assert got.segments == ["", "v1", text, f"a{text}b", "send"]
    assert got.query == []


def in_query(got: Received, text: str) -> None:
    number = RECIPIENT.value
    assert got.query == [
        ("v", "1"),
        ("m", f"-{text}"),
        ("to[]", number),
        ("to[]", text),
        (f"k{text}", "é & +"),
    ]
    assert got.segments == ["", "v1", "send"]


def in_header(got: Received, text: str) -> None:
    names = [
        "Host",
        "User-Agent",
        "Accept",
        "Accept-Encoding",
        "X-Text",
        "X-Text",
        "Content-Type",
        "Content-Length",
    ]
    assert [name for name, _ in got.headers] == names
    assert [value for name, value in got.headers if name == "X-Text"] == [text, f"é: {text}!"]


def in_form(got: Received, text: str) -> None:
    fields = parse_qsl(got.body.decode(), keep_blank_values=True, errors="strict")
    assert fields == [("to[]", RECIPIENT.value), ("to[]", text), (f"k{text}", "1+1=2 ~é")]


def in_json(got: Received, text: str) -> None:
    members = json.loads(got.body, object_pairs_hook=tuple)
    assert members == (("to", 447911123456), ("text", text), (text, 1), ("all", [f"-{text}-"]))


def in_xml(got: Received, text: str) -> None:
    root = ET.fromstring(got.body)  # noqa: S314 - made by the code under test
    assert root.attrib == {"a": text, "b": text}
    assert [child.tag for child in root] == ["t", "c"]
    assert [child.text or "" for child in root] == [text, f"]]{text}>"]
    assert len(list(root.iter())) == 3


def in_raw(got: Received, text: str) -> None:
    assert got.body.decode() == f"to 447911123456: {text}"


#: Destination -> settings, what is refused (and nothing else), how it must arrive.
DESTINATIONS: dict[str, tuple[dict[str, Any], Callable[[str], bool], Callable[[Received, str], None]]] = {
    "path": (
        {"url": "https://api.someprovider.com/v1/{{message}}/a{{message}}b/send"},
        dots,
        in_path,
    ),
    "query": (
        {
            "url": "https://api.someprovider.com/v1/send?v=1&m=-{{message}}",
            "query": "to[] = {{recipient_e164}}\nto[]={{message}}\nk{{message}}=é & +",
        },
        never,
        in_query,
    ),
    "header": ({"headers": "X-Text: {{message}}\nX-Text: é: {{message}}!"}, no_header, in_header),
    "form": (
        {"body_form": "to[]={{recipient_e164}}\nto[]={{message}}\nk{{message}}=1+1=2 ~é"},
        never,
        in_form,
    ),
    "json": ({"body_format": "json", "body_json": _JSON_BODY}, never, in_json),
    "xml": ({"body_format": "xml", "body_xml": _XML_BODY}, no_xml, in_xml),
    "raw": ({"body_format": "raw", "body_raw": "to {{recipient}}: {{message}}"}, never, in_raw),
}


@pytest.mark.parametrize("destination", DESTINATIONS)
@settings(max_examples=1000, deadline=None)
@given(text=TEXTS)
@example(text="")
@example(text='Código: 123456 "ok" & 50%\nline2 ✓')
@example(text="{{recipient}}")
def test_arrives_the_same_or_is_refused(destination: str, text: str) -> None:
    chosen, is_refused, arrived = DESTINATIONS[destination]
    made = composed(chosen, text)
    assert isinstance(made, Refused) == is_refused(text), made
    assert not (isinstance(made, Refused) and arrives_anywhere(text))
    if isinstance(made, Refused):
        assert {problem.field for problem in made.problems} == {"message"}
        assert all(problem.line and problem.column for problem in made.problems)
    else:
        arrived(received(made.raw), text)


def composed(chosen: dict[str, Any], text: str) -> OutgoingRequest | Refused:
    try:
        return request(chosen, text)
    except Refused as refused:
        return refused


@pytest.mark.parametrize(
    ("text", "anywhere"),
    [
        *(("Your code is 123456.", True), ("Código ✓", True), ("{{recipient}}", True), ("..!", True)),
        *(("..", False), (" a", False), ("a ", False), ("a\nb", False), ("\ud83d", False), ("", False)),
    ],
)
def test_what_arrives_anywhere(text: str, anywhere: bool) -> None:
    assert arrives_anywhere(text) == anywhere


@pytest.mark.parametrize("destination", DESTINATIONS)
def test_half_a_character_is_refused_everywhere(destination: str) -> None:
    with pytest.raises(Refused) as refused:
        request(DESTINATIONS[destination][0], "ab\ncd\ud83d")
    problem = refused.value.problems[0]
    assert (problem.code, problem.field) == ("text_character", "message")
    assert (problem.line, problem.column, problem.values["character"]) == (2, 3, "U+D83D")
