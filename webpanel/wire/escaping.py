"""Escaping by destination: a value arrives as the same text, or is refused with the reason.

A room of its own beside ``template`` because filling is one thing and what a URL, a form, JSON, XML
or a header can hold is another. Each function takes a value and gives what is to be written for it;
a refusal's line and column are those of the character in the value.
"""

import json
import re
from urllib.parse import quote, quote_plus

from webpanel.wire.problem import Refused
from webpanel.wire.template import problem_at

_NEVER = re.compile("[\x00\ud800-\udfff]")
#: All of Unicode's category Cc. A tab is refused too: what receives headers may fold it to a blank.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
#: What is not a Char of XML 1.0, section 2.2.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: RFC 8259, section 6, without fraction and exponent.
_INTEGER = re.compile("-?(0|[1-9][0-9]*)")

_XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_XML_TEXT = str.maketrans(_XML)
# An XML parser turns line ends and tabs of an attribute into blanks unless they are references.
_XML_ATTRIBUTE = str.maketrans({**_XML, '"': "&quot;", "'": "&#39;", "\t": "&#9;", "\n": "&#10;"})
# A section is closed and opened again around whatever could end it together with its neighbours.
_REOPENED = "]]><![CDATA["
_CDATA = str.maketrans({"]": f"]{_REOPENED}", ">": f"{_REOPENED}>", "\r": "]]>&#13;<![CDATA["})


def raw(value: str) -> str:
    """As it is. Refused, as everywhere: NUL, and half a surrogate pair, which is no character."""
    _refuse(_NEVER, value, "text_character")
    return value


def url(value: str) -> str:
    """For a segment of a path, and for names and values of a query: a blank is ``%20``."""
    return quote(raw(value), safe="")


def form(value: str) -> str:
    """For a form's fields: a blank is ``+``."""
    return quote_plus(raw(value))


def json_string(value: str) -> str:
    """For the inside of a JSON string.

    U+2028 and U+2029 are escaped because JavaScript before 2019 takes them for line ends; all other
    Unicode stays as it is.
    """
    escaped = json.dumps(raw(value), ensure_ascii=False)[1:-1]
    return escaped.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def json_number(value: str) -> str:
    """For a JSON value without quotes: only what is a whole number as it stands."""
    if not _INTEGER.fullmatch(value):
        raise Refused(problem_at(value, 0, "not_a_number"))
    return value


def xml_text(value: str) -> str:
    """For the content of an XML element."""
    return _xml(value).translate(_XML_TEXT)


def xml_attribute(value: str) -> str:
    """For a quoted XML attribute, whichever its quotes."""
    return _xml(value).translate(_XML_ATTRIBUTE)


def xml_cdata(value: str) -> str:
    """For the inside of a CDATA section; even an empty value keeps its neighbours apart."""
    return _xml(value).translate(_CDATA) or _REOPENED


def header(value: str) -> str:
    """For a header's value, sent as UTF-8: no control characters."""
    raw(value)
    _refuse(CONTROL, value, "header_character")
    return value


def _xml(value: str) -> str:
    raw(value)
    _refuse(_NOT_XML, value, "xml_character")
    return value


def _refuse(pattern: re.Pattern[str], value: str, code: str) -> None:
    if found := pattern.search(value):
        raise Refused(problem_at(value, found.start(), code, character=codepoint(found[0])))


def codepoint(character: str) -> str:
    """How Unicode writes a character's number: ``U+000A``."""
    return f"U+{ord(character):04X}"
