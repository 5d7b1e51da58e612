"""XML templates: where a placeholder may stand, and what is said of one that is not XML."""

import pytest

from webpanel.wire import xml_text
from webpanel.wire.problem import Refused

VALUES = {"message": "a<&\"']]>\r\n\tb"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<a>{{message}}</a>", "<a>a&lt;&amp;\"']]&gt;&#13;\n\tb</a>"),
        ('<a b="{{message}}"/>', '<a b="a&lt;&amp;&quot;&#39;]]&gt;&#13;&#10;&#9;b"/>'),
        ("<a b = 'x > {{message}}'>.</a>", "<a b = 'x > a&lt;&amp;&quot;&#39;]]&gt;&#13;&#10;&#9;b'>.</a>"),
        (
            "<a><![CDATA[{{message}}]]></a>",
            "<a><![CDATA[a<&\"']]]><![CDATA[]]]><![CDATA[]]><![CDATA[>]]>&#13;<![CDATA[\n\tb]]></a>",
        ),
        ('<?xml version="1.0"?><!DOCTYPE a SYSTEM "a.dtd"><!-- x --><a/>', None),
        ("<a>{{1}} {} é</a>", None),
    ],
)
def test_the_place_decides_the_escaping(text: str, written: str | None) -> None:
    assert xml_text.filled(text, VALUES).text == (written or text)
    assert list(xml_text.problems(text)) == []


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("", "xml_empty", 1, 1),
        ("<a>", "xml_empty", 1, 4),
        ("<a>\n<é>{{message}}</b></a>", "xml_tag_mismatch", 2, 17),
        ("<a>\r\n  & b</a>", "xml_token", 2, 4),
        ("<a>é{{message}}<", "xml_unclosed_token", 1, 16),
        ('<a b="1" b="2"/>', "xml_attribute_twice", 1, 10),
        ("<a/><b/>", "xml_after_end", 1, 5),
        ("<a>&nbsp;</a>", "xml_entity", 1, 4),
        ("<a><![CDATA[{{message}}</a>", "xml_unclosed_cdata", 1, 4),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "xml_encoding", 1, 31),
        ("<{{message}}/>", "xml_placeholder_place", 1, 2),
        ("<a {{message}}='1'/>", "xml_placeholder_place", 1, 4),
        ("<a b={{message}}/>", "xml_placeholder_place", 1, 6),
        ("<a><!-- {{message}} --></a>", "xml_placeholder_place", 1, 9),
        ("<?pi {{message}}?><a/>", "xml_placeholder_place", 1, 6),
        ('<!DOCTYPE a [<!ENTITY x "{{message}}">]><a/>', "xml_placeholder_place", 1, 26),
    ],
)
def test_faults_are_told_by_place(text: str, code: str, line: int, column: int) -> None:
    (problem,) = xml_text.problems(text)
    assert (problem.code, problem.line, problem.column) == (code, line, column)


def test_a_misplaced_placeholder_is_not_filled() -> None:
    with pytest.raises(Refused):
        xml_text.filled("<a><!-- {{message}} --></a>", VALUES)


@pytest.mark.parametrize("value", ["a\x00", "a\x1b", "a\ufffe", "a\uffff", "a\ud800"])
def test_what_xml_cannot_hold_is_refused(value: str) -> None:
    with pytest.raises(Refused) as refused:
        xml_text.filled("<a>{{message}}</a>", {"message": value})
    problem = refused.value.problems[0]
    assert (problem.field, problem.line, problem.column) == ("message", 1, 2)
