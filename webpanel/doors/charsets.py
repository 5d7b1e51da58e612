"""Texts that arrive as bytes in a charset of the caller's choice."""

import codecs
import re
from urllib.parse import parse_qsl

#: Fields of a form or an address.
MOST_FIELDS = 100

#: How iconv, which Kannel asks, calls what Python calls otherwise.
_NAMES = {"ucs-2": "utf-16", "ucs2": "utf-16", "ucs-2be": "utf-16-be", "ucs-2le": "utf-16-le"}
#: The codecs of written text; others of Python's are for names and programs, and some are slow.
_WRITTEN = re.compile(
    r"ascii|utf-(?:8|16|32)(?:-[bl]e)?|iso8859-\d+|cp\d+|koi8-[rtu]|mac-[a-z]+|gbk|gb2312|gb18030|big5"
    r"|big5hkscs|euc_jp|euc_kr|shift_jis|johab|hz|tis-620|ptcp154"
)
_UCS2 = 2


def decoded(raw: bytes, named: str, coding: int) -> str:
    """The text in the charset ``named``. Raises ValueError.

    Without one: UTF-16BE with coding 2, otherwise UTF-8, and where it is not that, what Kannel took
    before its version 1.4: Windows' Western alphabet.
    """
    if not named:
        if coding == _UCS2:
            return raw.decode("utf-16-be")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("cp1252", "replace")
    codec = _codec(named)
    if codec == "utf-16" and not raw.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        codec = "utf-16-be"
    return raw.decode(codec)


def pairs(encoded: bytes) -> dict[str, bytes]:
    """The fields of a form or an address, by their lower-case names; the first of each name counts."""
    found: dict[str, bytes] = {}
    try:
        # Latin-1 keeps each byte; Python would write one that it cannot read as a question mark.
        several = parse_qsl(
            encoded.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        return found
    for name, value in several:
        found.setdefault(name.lower(), value.encode("latin-1"))
    return found


def _codec(named: str) -> str:
    try:
        codec = codecs.lookup(_NAMES.get(named.lower(), named)).name
    except (LookupError, ValueError) as error:
        raise ValueError(named) from error
    if not _WRITTEN.fullmatch(codec):
        raise ValueError(named)
    return codec
