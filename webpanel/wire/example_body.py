"""The body and the query of an example into the fields that hold them.

A room of its own because what documentation shows is seldom what a client would send: values that nobody
encoded, JSON that a word processor touched, a Content-Type left out.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote_plus

from webpanel.wire import escaping, json_text
from webpanel.wire.compose import FORM_TYPE, JSON_TYPE, XML_TYPE
from webpanel.wire.example import Written
from webpanel.wire.gateway import BodyFormat
from webpanel.wire.problem import Refused
from webpanel.wire.template import Escape

_LINE_END = re.compile(r"[\r\n]")
_LINES = re.compile(r"[^\S\n]{0,200}\n\s*")
_NUMBERS_PLUS = re.compile(r"\s*\+(?=[\d({<$\[Xx])")
_AND = re.compile(r"&amp;(?=[\w\[\].-]+=)|&")
_BOUNDARY = re.compile(r"boundary=\"?([^\s;\"]+)", re.IGNORECASE)
_PART = re.compile(r"content-disposition:[^\n]{0,200}?\bname=\"?([^\"\n;]*)\"?([^\n]*)", re.IGNORECASE)
_CURLY = str.maketrans({**dict.fromkeys("“”„‟″", '"'), "\xa0": " ", **dict.fromkeys("\u200b\u2060\ufeff")})
_STRAIGHT = str.maketrans({"'": '"', "\u2018": '"', "\u2019": '"'})
#: One that nothing closes goes to the end, so that each sign is looked at once.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_COMMA_TOO_MANY = re.compile(r",(?=\s*[}\]])")
_COMMENT = re.compile(r"(?<=[\s,{\[])//[^\n]*")


@dataclass(frozen=True)
class Body:
    """``text`` for the field of ``format``."""

    format: BodyFormat
    text: str


def pairs_of(encoded: str, written: Written, escape: Escape) -> str | None:
    """The lines of a field for ``a=1&b=2``; None when lines cannot hold it.

    Of an exact example only what ``escape`` would write again. Elsewhere a plus that begins a number is
    one, and values that nobody encoded are taken as they are.
    """
    if written.exact:
        pieces = encoded.split("&") if encoded else []
        found = [piece.partition("=") for piece in pieces]
        named = [(unquote_plus(key), unquote_plus(value)) for key, _, value in found]
        again = "&".join(f"{escape(key)}={escape(value)}" for key, value in named)
        return lines_of(named) if again == encoded and all("{{" not in k + v for k, v in named) else None
    named = []
    for piece in _AND.split(encoded):
        key, separated, value = piece.partition("=")
        if not piece.strip():
            continue
        if separated:
            named.append((kindly(key).strip(), _joined(kindly(value), written)))
        elif named and " " in piece:
            named[-1] = (named[-1][0], f"{named[-1][1]}&{piece}".strip())
        else:
            return None
    return lines_of(named)


def _joined(value: str, written: Written) -> str:
    if not _LINE_END.search(value.strip()):
        return value.strip()
    written.note("example_line_joined")
    return " ".join(value.split())


def kindly(text: str) -> str:
    """A name or value of a form or query as it was meant, encoded or not."""
    plus = _NUMBERS_PLUS.match(text)
    if (" " in text and "+" in text) or plus:
        text = text.replace("+", "%2B") if " " in text else text.replace("+", "%2B", 1)
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        return unquote_plus(text, encoding="latin-1")


def lines_of(named: list[tuple[str, str]]) -> str | None:
    """A field with one pair a line, or None when one of them cannot be written so."""
    if all(_holds(key, value) for key, value in named):
        return "\n".join(f"{key}={value}" for key, value in named)
    return None


def _holds(key: str, value: str) -> bool:
    whole = key + value
    return (
        bool(key)
        and "=" not in key
        and not key.startswith("#")
        and key == key.strip()
        and value == value.strip()
        and not _LINE_END.search(whole)
        and "\0" not in whole
        and "\ufffd" not in whole
    )


def read(written: Written, content_type: str) -> Body:
    """The body in the format that its type says, or else its looks; ``content_type`` may be blank."""
    if written.parts:
        return _parts(written)
    text = "&".join(written.data)
    kind = content_type.partition(";")[0].strip().lower()
    if not kind and not written.exact:
        kind = _kind_by_looks(written, text)
    if kind == FORM_TYPE:
        return _form(written, text)
    if kind == "multipart/form-data" and not written.exact:
        return _multipart(written, text, content_type)
    if kind == JSON_TYPE or kind.endswith("+json"):
        return _json(written, text)
    is_xml = kind in ("application/xml", "text/xml") or kind.endswith("+xml")
    if is_xml or (kind == "text/plain" and text.lstrip().startswith("<") and not written.exact):
        return Body("xml", text if written.exact else text.translate(_CURLY).strip())
    return Body("raw", text)


def _kind_by_looks(written: Written, text: str) -> str:
    """What documentation meant that shows no Content-Type: curl itself would always say form."""
    bare = text.strip()
    if written.is_json:
        return JSON_TYPE
    if bare.startswith(("{", "[")) and bare.endswith(("}", "]")) and "=" not in bare.split('"')[0]:
        written.note("example_json_assumed")
        return JSON_TYPE
    if bare.startswith("<") and bare.endswith(">") and "</" in bare + "</" * bare.endswith("/>"):
        written.note("example_xml_assumed")
        return XML_TYPE.partition(";")[0]
    return FORM_TYPE


def _form(written: Written, text: str) -> Body:
    bare = text.strip()
    if not written.exact and bare.startswith("{") and bare.endswith("}") and _mended(bare) is not None:
        # Nobody means a form's field without a value that is called as a whole JSON document.
        written.note("example_json_assumed")
        return _json(written, text)
    lines = pairs_of(text, written, escaping.form)
    return Body("raw", text) if lines is None else Body("form", lines)


def _parts(written: Written) -> Body:
    named = written.parts if written.exact else [(k.strip(), _joined(v, written)) for k, v in written.parts]
    lines = lines_of([(key, value) for key, value in named if key or written.exact])
    if lines is None:
        written.note("example_part", text="…")
        good = [(key, value) for key, value in named if _holds(key, value)]
        lines = lines_of(good) or ""
    return Body("multipart", lines)


def _multipart(written: Written, text: str, content_type: str) -> Body:
    """The parts of a body that was pasted whole."""
    boundary = _BOUNDARY.search(content_type)
    mark = f"--{boundary[1]}" if boundary else text.strip().split("\n", 1)[0].strip()
    for part in text.split(mark)[1:] if mark else ():
        head, _, value = part.strip("\n").partition("\n\n")
        if found := _PART.search(head):
            if "filename" in found[2]:
                written.note("example_file", option=found[1], file="…")
            else:
                written.parts.append((found[1], value.strip("\n")))
    return _parts(written)


def _json(written: Written, text: str) -> Body:
    text = text if written.exact else text.strip()
    if _is_json(text):
        return Body("json", text)
    if written.exact:
        return Body("raw", text)
    mended = _mended(text)
    if not text and written.has_body:
        return Body("json", "")
    if mended is None:
        written.note("example_json_invalid")
        return Body("json", text)
    written.note("example_json_mended")
    return Body("json", mended)


def _is_json(text: str) -> bool:
    try:
        json_text.parse(text, numbers=None)
    except Refused:
        return False
    return True


def _mended(text: str) -> str | None:
    """The JSON that was meant, after the usual accidents, one more with each step; None for none."""
    bare = text.strip()
    straight = bare.translate(_CURLY)
    in_one_line = _STRING.sub(lambda found: _LINES.sub(" ", found[0]), straight)
    steps = [bare, straight, in_one_line, _COMMA_TOO_MANY.sub("", _COMMENT.sub("", in_one_line))]
    steps.append(re.sub(r'\\{1,8}"', '"', in_one_line))
    if '"' not in straight:
        steps.append(straight.translate(_STRAIGHT))
    return next((step for step in steps if _is_json(step)), None)
