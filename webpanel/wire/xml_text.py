"""XML templates: where in them a placeholder may stand, and filling them.

A room of its own because the place decides the escaping: element content, a quoted attribute and a
CDATA section each hold a value in their own way; tags, comments and the like hold none.
"""

import re
from collections.abc import Iterator, Mapping
from xml.parsers import expat

from webpanel.wire import escaping
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import PLACEHOLDER, Escape, Filled, fill, join, problem_at, sample

FIELD = "body_xml"

_MARKUP = re.compile(
    # What is not closed reaches to the end, so that no place is looked at twice.
    r"<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)"
    r"|(?P<closed><!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!DOCTYPE[^\[>]*+(?:\[.*?(?:\]\s*|\Z))?(?:>|\Z))"
    r"|(?P<tag><(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>)",
    re.DOTALL,
)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_ENCODING = re.compile(r"""\s*<\?xml\s[^>]*?\bencoding\s*=\s*["'](?P<name>[^"']*)""")
_UTF8 = ("utf-8", "utf8", "us-ascii", "ascii")

#: expat's numbers of its commonest complaints; the words are its own in no language of ours.
_CODES = {
    3: "xml_empty",
    4: "xml_token",
    5: "xml_unclosed_token",
    7: "xml_tag_mismatch",
    8: "xml_attribute_twice",
    9: "xml_after_end",
    11: "xml_entity",
    20: "xml_unclosed_cdata",
}


def filled(text: str, values: Mapping[str, str]) -> Filled:
    """The template filled. Raises Refused for a placeholder where none may stand."""
    return join(_fill_region(text, start, end, escape, values) for start, end, escape in _regions(text))


def _fill_region(text: str, start: int, end: int, escape: Escape | None, values: Mapping[str, str]) -> Filled:
    if escape is not None:
        return fill(text[start:end], values, escape)
    if inside := PLACEHOLDER.search(text, start, end):
        raise Refused(_misplaced(text, inside.start(), inside[1]))
    return Filled(text[start:end])


def _misplaced(text: str, offset: int, name: str) -> Problem:
    return problem_at(text, offset, "xml_placeholder_place", FIELD, name=name)


def problems(text: str) -> Iterator[Problem]:
    """Why a template is not XML once filled; positions are those in the template."""
    misplaced = [
        _misplaced(text, found.start(), found[1])
        for start, end, escape in _regions(text)
        if escape is None and (found := PLACEHOLDER.search(text, start, end))
    ]
    yield from misplaced
    if (declared := _ENCODING.match(text)) and declared["name"].lower() not in _UTF8:
        yield problem_at(text, declared.start("name"), "xml_encoding", FIELD, encoding=declared["name"])
    elif not misplaced:
        yield from _syntax(text)


def _syntax(text: str) -> Iterator[Problem]:
    parser = expat.ParserCreate("utf-8")
    try:
        parser.Parse(sample(text).encode(), True)
    except expat.ExpatError as error:
        code = _CODES.get(error.code, "xml_invalid")
        if code == "xml_unclosed_cdata":
            yield problem_at(text, text.rindex("<![CDATA["), code, FIELD)
        else:
            yield Problem(code, FIELD, error.lineno, error.offset + 1)
    except UnicodeEncodeError as error:
        yield problem_at(text, error.start, "xml_token", FIELD)


def _regions(text: str) -> Iterator[tuple[int, int, Escape | None]]:
    """The whole template in pieces, each with how its values are escaped; None where none may stand."""
    done = 0
    for found in _MARKUP.finditer(text):
        yield done, found.start(), escaping.xml_text
        if found["cdata"] is not None:
            yield found.start(), found.start("cdata"), None
            yield *found.span("cdata"), escaping.xml_cdata
            yield found.end("cdata"), found.end(), None
        elif found["tag"]:
            yield from _tag(text, found.start(), found.end())
        else:
            yield found.start(), found.end(), None
        done = found.end()
    yield done, len(text), escaping.xml_text


def _tag(text: str, start: int, end: int) -> Iterator[tuple[int, int, Escape | None]]:
    done = start
    for quoted in _QUOTED.finditer(text, start, end):
        yield done, quoted.start(), None
        yield quoted.start(), quoted.end(), escaping.xml_attribute
        done = quoted.end()
    yield done, end, None
