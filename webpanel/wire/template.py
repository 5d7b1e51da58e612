"""Placeholders: where they stand in a template, and filling it once.

A placeholder is ``{{name}}``; blanks may stand inside the braces, a line end may not. A template is
filled in one pass of one regular expression: a value is never searched again, so a text that holds
``{{recipient}}`` itself arrives as it is.
"""

import dataclasses
import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from webpanel.wire.problem import Problem, Refused

#: Every name but ``secret.NAME``.
NAMES = (
    "recipient",
    "recipient_digits",
    "recipient_e164",
    "recipient_national",
    "message",
    "message_id",
    "sender",
    "report_url",
)
#: How many problems of one text are told at once; nobody reads more.
MOST_PROBLEMS = 20
SECRET = "secret."  # noqa: S105 - the placeholders' prefix, not a secret
#: What a secret may be called.
SECRET_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

_BLANKS = r"[^\S\r\n]*"
PLACEHOLDER = re.compile(rf"\{{\{{{_BLANKS}([^\W\d][\w.-]*){_BLANKS}\}}\}}")
#: The innermost two of a run of braces: ``{{{x}}}`` is a brace, a placeholder, a brace.
_OPENING = re.compile(rf"\{{\{{(?!\{{)(?P<name>{_BLANKS}[^\W\d])?")
_LINE_END = re.compile(r"\r\n|\r|\n")

#: From a value to what is written for it; raises Refused for what a destination cannot hold.
Escape = Callable[[str], str]


@dataclasses.dataclass(frozen=True)
class Placeholder:
    """``text[start:end]`` is the placeholder; ``line`` and ``column`` of its first brace count from 1."""

    name: str
    start: int
    end: int
    line: int
    column: int


@dataclasses.dataclass(frozen=True)
class Filled:
    """A filled text, and which of its characters came from secrets, as ``(start, end)`` pairs."""

    text: str
    secret_spans: tuple[tuple[int, int], ...] = ()


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of ``text[offset]``, counted from 1; LF, CR and CRLF each end a line."""
    line, start = 1, 0
    for line_end in _LINE_END.finditer(text, 0, offset):
        line, start = line + 1, line_end.end()
    return line, offset - start + 1


def problem_at(text: str, offset: int, code: str, field: str = "", **values: object) -> Problem:
    """A problem that points at ``text[offset]``."""
    line, column = position(text, offset)
    return Problem(code, field, line, column, values)


def placeholders(text: str, start: int = 0, end: int | None = None) -> tuple[Placeholder, ...]:
    """The well-formed placeholders of ``text[start:end]``, known or not; positions are those in ``text``."""
    matches = PLACEHOLDER.finditer(text, start, len(text) if end is None else end)
    return tuple(_placeholder(text, found) for found in matches)


def _placeholder(text: str, found: re.Match[str]) -> Placeholder:
    return Placeholder(found[1], *found.span(), *position(text, found.start()))


def names(text: str, start: int = 0, end: int | None = None) -> tuple[str, ...]:
    """The names of the placeholders of ``text[start:end]``, in their order."""
    return tuple(PLACEHOLDER.findall(text, start, len(text) if end is None else end))


def sample(text: str, filler: str = "x") -> str:
    """``text`` with each placeholder's characters replaced by ``filler``: every position stays."""
    return PLACEHOLDER.sub(lambda found: filler * len(found[0]), text)


def faults(
    text: str, field: str, span: tuple[int, int], *, secret_names: Collection[str] | None, strict: bool
) -> Iterator[Problem]:
    """What is wrong with the placeholders of ``text[start:end]``: unknown names, braces left open.

    ``{{`` that begins no placeholder is a fault in ``strict`` fields; elsewhere (documents that may
    mean it, such as a provider's own ``{{1}}``) only when a name follows. ``secret_names`` None takes
    every secret for known.
    """
    starts = set()
    for found in PLACEHOLDER.finditer(text, *span):
        starts.add(found.start())
        if not _known(found[1], secret_names):
            yield unknown(_placeholder(text, found), field, secret_names or ())
    for opening in _OPENING.finditer(text, *span):
        if opening.start() not in starts and (strict or opening["name"]):
            yield problem_at(text, opening.start(), "placeholder_open", field)


def _known(name: str, secret_names: Collection[str] | None) -> bool:
    if not name.startswith(SECRET):
        return name in NAMES
    secret = name.removeprefix(SECRET)
    return bool(SECRET_NAME.fullmatch(secret)) if secret_names is None else secret in secret_names


def unknown(placeholder: Placeholder, field: str, secret_names: Collection[str]) -> Problem:
    """The problem of an unknown name, with the name that was probably meant."""
    name, wants_secret = placeholder.name, placeholder.name.startswith(SECRET)
    # Secrets are told apart by what follows the prefix, which they all share.
    known = {_folded(secret): SECRET + secret for secret in secret_names}
    if not wants_secret:
        known.update((_folded(plain), plain) for plain in NAMES)
    close = difflib.get_close_matches(_folded(name.removeprefix(SECRET)), known, n=1, cutoff=0.7)
    values = {"name": name}
    if close:
        code, values["meant"] = "placeholder_misspelt", known[close[0]]
    elif wants_secret:
        code, values["name"] = "secret_unknown", name.removeprefix(SECRET)
    else:
        names = (*NAMES, *(SECRET + secret for secret in sorted(secret_names)))
        code, values["known"] = "placeholder_unknown", ", ".join(f"{{{{{each}}}}}" for each in names)
    return Problem(code, field, placeholder.line, placeholder.column, values)


def _folded(name: str) -> str:
    return name.casefold().replace("-", "_")


def source(name: str) -> str:
    """The attribute of :class:`~webpanel.wire.compose.Values` that a placeholder is filled from."""
    if name.startswith(SECRET):
        return "secrets"
    return "recipient" if name.startswith("recipient") else name


def fill(
    text: str,
    values: Mapping[str, str],
    escape: Escape,
    *,
    literal: Escape = str,
) -> Filled:
    """Fill a template: each value through ``escape``, the author's own text through ``literal``.

    ``values`` are by placeholder name. Raises Refused for an unknown name, and what ``escape`` raises,
    as a problem of the attribute that the value came from.
    """
    pieces, done = [], 0
    for found in PLACEHOLDER.finditer(text):
        pieces.append(Filled(literal(text[done : found.start()])))
        if found[1] not in values:
            raise Refused(_not_given(_placeholder(text, found), values))
        pieces.append(_value(found[1], values[found[1]], escape))
        done = found.end()
    pieces.append(Filled(literal(text[done:])))
    return join(pieces)


def _not_given(placeholder: Placeholder, values: Mapping[str, str]) -> Problem:
    secret_names = [known.removeprefix(SECRET) for known in values if known.startswith(SECRET)]
    return unknown(placeholder, "", secret_names)


def _value(name: str, value: str, escape: Escape) -> Filled:
    try:
        written = escape(value)
    except Refused as refused:
        raise Refused(*(about(problem, name) for problem in refused.problems)) from refused
    return Filled(written, ((0, len(written)),) if name.startswith(SECRET) and written else ())


def about(problem: Problem, name: str) -> Problem:
    """``problem`` as one of the value that fills the placeholder ``name``."""
    return dataclasses.replace(problem, field=source(name), values={**problem.values, "placeholder": name})


def join(pieces: Iterable[Filled], separator: str = "") -> Filled:
    """The pieces one after the other, with the spans where they come to stand."""
    texts, spans, length = [], [], 0
    for piece in pieces:
        spans.extend((start + length, end + length) for start, end in piece.secret_spans)
        texts.append(piece.text)
        length += len(piece.text) + len(separator)
    return Filled(separator.join(texts), tuple(spans))
