"""What a reply's body says: its text and, where it is JSON, its value.

A room of its own because rules, verdict and pages must read a body alike.
"""

import codecs
import json
import re
from typing import Any, NoReturn

#: Deepest nesting of arrays and objects that is read.
MAX_DEPTH = 100
#: Python refuses to turn longer digits into an integer.
_MAX_INTEGER_DIGITS = 4300

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s";,]+)', re.IGNORECASE)
_MAX_CONTENT_TYPE = 200
#: Charsets that are believed; some of Python's others take quadratic time or are no charsets at all.
_BELIEVED = re.compile(
    r"utf-?(?:8|16(?:[lb]e)?)|us-ascii|iso-8859-\d{1,2}|latin-?1|(?:windows-|cp)125\d|gb18030|gbk|big5|euc-jp|euc-kr|shift_jis|koi8-r"
)
# Possessive, and a string may end with the text: linear on whatever a provider sends.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


class NotJson(ValueError):  # noqa: N818 - the finding, not a failure of the program
    """A text is no JSON that can be judged.

    ``code`` is ``reply_empty``, ``reply_not_json`` or ``reply_too_deep``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class WrittenNumber(float):
    """A JSON number with fraction or exponent, or of very many digits, and how it was ``written``."""

    written: str

    def __new__(cls, written: str) -> "WrittenNumber":
        number = super().__new__(cls, written)
        number.written = written
        return number


# jmespath asks a value's class for its name to tell numbers from other things.
WrittenNumber.__name__ = "float"


def decode(content: bytes, content_type: str = "", *, cut: bool = False) -> str:
    """The text of ``content``: by its byte-order mark (skipped), as UTF-8 where it is, else as declared.

    What cannot be decoded becomes U+FFFD. ``cut``: the last character may be there in part.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    charset = _charset(content_type)
    if charset.startswith("utf-16"):
        # Without a mark, RFC 2781 says big-endian.
        return content.decode("utf-16-le" if charset.endswith("le") else "utf-16-be", "replace")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content, final=not cut)
    except UnicodeDecodeError:
        return content.decode(charset, "replace")


def _charset(content_type: str) -> str:
    declared = _CHARSET.search(content_type[:_MAX_CONTENT_TYPE])
    if not declared or not _BELIEVED.fullmatch(declared[1].casefold()):
        return "utf-8"
    try:
        return codecs.lookup(declared[1]).name
    except LookupError:
        return "utf-8"


def parse_json(text: str) -> Any:
    """The value of a JSON text. Raises :class:`NotJson`.

    Integers are Python's (exact, however long an id), other numbers :class:`WrittenNumber`, so that a
    number can be told as it was written. Of a name given twice the last value counts, as in the
    parsers that providers' customers use. NaN and Infinity are not JSON.
    """
    if not text.strip():
        raise NotJson("reply_empty")
    if _depth(text) > MAX_DEPTH:
        raise NotJson("reply_too_deep")
    try:
        return json.loads(text, parse_int=_integer, parse_float=WrittenNumber, parse_constant=_no_constant)
    except ValueError:
        raise NotJson("reply_not_json") from None


def may_begin_json(text: str) -> bool:
    """Whether ``text``, of which the end is missing, may be the beginning of JSON."""
    return bool(re.match(r'[ \t\r\n]*(?:[\[{"\-0-9tfn]|$)', text))


def number_text(value: int | float) -> str:
    """A number of a reply as it was written there."""
    return value.written if isinstance(value, WrittenNumber) else str(value)


def _depth(text: str) -> int:
    depth = deepest = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        match found[0]:
            case "[" | "{":
                depth += 1
                deepest = max(deepest, depth)
            case "]" | "}":
                depth -= 1
    return deepest


def _integer(written: str) -> int | WrittenNumber:
    return int(written) if len(written) <= _MAX_INTEGER_DIGITS else WrittenNumber(written)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
