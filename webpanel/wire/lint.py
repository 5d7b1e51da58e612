"""What would break, told before it is saved: each problem with its field, line and column."""

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from webpanel.wire import (
    delivering,
    destinations,
    escaping,
    header,
    json_text,
    pairs,
    phone,
    places,
    report_rules,
    rules,
    xml_text,
)
from webpanel.wire import gateway as choices
from webpanel.wire import url as urls
from webpanel.wire.compose import UNSENT, Values, compose, json_numbers
from webpanel.wire.gateway import AUTH_SECRETS, BODY_FIELDS, METHODS_WITHOUT_BODY, Gateway
from webpanel.wire.places import Place
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import MOST_PROBLEMS, Escape, faults, names, position, problem_at, sample

#: Characters of a template: many times what a request needs, and little enough to be judged at once.
LONGEST_TEMPLATE = 65_536

_CHOICES: dict[str, tuple[str, ...]] = {
    "method": choices.METHODS,
    "body_format": choices.BODY_FORMATS,
    "auth_kind": choices.AUTH_KINDS,
    "number_format": choices.NUMBER_FORMATS,
    "failure_fault": ("message", "gateway"),
    "on_ambiguous": choices.ON_AMBIGUOUS,
    "report_id_kind": choices.REPORT_ID_KINDS,
    "report_status_kind": choices.REPORT_STATUS_KINDS,
    "report_sign": choices.REPORT_SIGNS,
}
#: What a request needs a place for -> the placeholders that are one.
_NEEDED = {
    "recipient": {"recipient", "recipient_digits", "recipient_e164", "recipient_national"},
    "message": {"message"},
}
_RULES = ("success", "failure", "later", "message_id", "reason")
_FIELDS = tuple(Gateway.__dataclass_fields__)
_MEDIA_TYPE = re.compile(r"[^\s/;]+/[^\s/;]+(?:\s*;.*)?", re.ASCII)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?(?P<name>[^\s;\"']*)", re.IGNORECASE)
#: Every text is sent as UTF-8, of which ASCII is a part.
_UTF8 = ("utf-8", "utf8", "us-ascii", "ascii")


def check(gateway: Gateway, secret_names: Collection[str]) -> tuple[Problem, ...]:
    """Everything that is wrong with a gateway's settings, by field, line and column.

    Only what would be sent is judged: a body of another format, or of a method that carries none, may
    be unfinished. A blank name, and secrets that the authentication helper lacks, are left to the form
    that asks for them.
    """
    if hopeless := unreadable(gateway):
        return hopeless
    found = [
        *_placeholders(gateway, secret_names),
        *_url(gateway),
        *_headers(gateway),
        *_parameters(gateway.query, "query"),
        *_body(gateway),
        *_helper(gateway),
        *_number(gateway),
        *_rules(gateway),
        *report_rules.problems(gateway),
        *delivering.check(gateway),
    ]
    # What is wrong in two ways at one place is told in the first one.
    by_place = {place_of(problem): problem for problem in reversed(found or _trial(gateway, secret_names))}
    return tuple(by_place[place] for place in sorted(by_place))


def unreadable(gateway: Gateway) -> tuple[Problem, ...]:
    """What makes it useless to look any closer: a choice that is none, a text past every measure."""
    return (*_choices(gateway), *_too_long(gateway))


def unplaced(gateway: Gateway) -> tuple[Problem, ...]:
    """What every message has and the request has no place for: its number, its text.

    Such a request can be sent, and would say the same to the same telephone for ever. Points at what
    looks like the placeholder in another notation, where there is such a thing.
    """
    found = tuple(places.of(gateway))
    used = {name for place in found for name in names(place.text, *place.span)}
    without_body = gateway.method in METHODS_WITHOUT_BODY
    field = "query" if without_body else BODY_FIELDS[gateway.body_format]
    return tuple(
        _lookalike(found, name) or Problem(f"{name}_unplaced", field)
        for name, ways in _NEEDED.items()
        if used.isdisjoint(ways)
    )


def _lookalike(found: Iterable[Place], name: str) -> Problem | None:
    notation = re.compile(
        rf"\$?\{{\s*{name}\s*\}}|%{name}%|\[{name}\]|<{name}>|#{name}#|\${name}\b"
        # Braces of full width, as an East Asian keyboard writes them.
        rf"|\uff5b{{1,2}}\s*{name}\s*\uff5d{{1,2}}",
        re.IGNORECASE,
    )
    for place in found:
        for typed in notation.finditer(place.text, *place.span):
            if typed[0].startswith("<") and place.field == "body_xml":
                # There it is an element of that name.
                continue
            return problem_at(
                place.text, typed.start(), "placeholder_lookalike", place.field, typed=typed[0], name=name
            )
    return None


def json_problem(text: str) -> Problem | None:
    """Why a JSON body cannot be used, or None; every secret's name is taken for known."""
    if len(text) > LONGEST_TEMPLATE:
        return _long("body_json")
    whole = Place("body_json", text, (0, len(text)), strict=False)
    return next(iter([*_problems_at(whole, None)] or _refusals(lambda: json_text.parse(text))), None)


def beautify(text: str) -> str:
    """A JSON template with each member on a line of its own; only white space changes.

    Placeholders, long numbers, repeated keys and escapes stay as typed. Raises Refused for no JSON, and
    for what would become too long.
    """
    pretty = "" if len(text) > LONGEST_TEMPLATE else json_text.indented(text, LONGEST_TEMPLATE)
    if not pretty or len(pretty) > LONGEST_TEMPLATE:
        raise Refused(_long("body_json"))
    return pretty


def _problems_at(place: Place, secret_names: Collection[str] | None) -> Iterator[Problem]:
    found = faults(place.text, place.field, place.span, secret_names=secret_names, strict=place.strict)
    yield from islice(found, MOST_PROBLEMS)
    yield from _misfits(escaping.raw, place.text, place.field, *place.span)


def _placeholders(gateway: Gateway, secret_names: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the placeholders, and no more of one field than a person reads."""
    told: Counter[str] = Counter()
    for place in places.of(gateway):
        if told[place.field] < MOST_PROBLEMS:
            for problem in _problems_at(place, secret_names):
                told[place.field] += 1
                yield problem


def _choices(gateway: Gateway) -> Iterator[Problem]:
    for field, known in _CHOICES.items():
        if getattr(gateway, field) not in known:
            yield Problem("choice_unknown", field, values={"known": ", ".join(known)})


def _too_long(gateway: Gateway) -> Iterator[Problem]:
    for field in _FIELDS:
        text = getattr(gateway, field)
        if isinstance(text, str) and len(text) > LONGEST_TEMPLATE:
            yield _long(field)


def _long(field: str) -> Problem:
    return Problem("setting_too_long", field, values={"longest": LONGEST_TEMPLATE})


def _url(gateway: Gateway) -> Iterable[Problem]:
    return _refusals(lambda: urls.read(gateway.url))


def _headers(gateway: Gateway) -> Iterator[Problem]:
    text = gateway.headers
    plain = sample(text)
    found, problems = pairs.readable(text, "headers", ":")
    yield from problems[:MOST_PROBLEMS]
    seen = _helper_header(gateway)
    for pair in found:
        if problem := header.problem(text, pair.key_start, pair.key_start + len(pair.key), "headers"):
            yield problem
        name = pair.key.lower()
        if name in seen:
            yield problem_at(text, pair.key_start, seen[name], "headers", name=pair.key)
        if name in header.SINGLE:
            seen[name] = "header_twice"
        end = pair.value_start + len(pair.value)
        yield from _misfits(escaping.header, plain, "headers", pair.value_start, end)
        if name == "content-type":
            yield from _charset(text, "headers", pair.value_start, end)


def _helper_header(gateway: Gateway) -> dict[str, str]:
    """The header that the authentication helper writes, and what to say of a second one."""
    match gateway.auth_kind:
        case "basic" | "bearer" | "mac":
            return {"authorization": "header_of_helper"}
        case "header":
            return {gateway.auth_name.lower(): "header_of_helper"}
        case _:
            return {}


def _parameters(text: str, field: str) -> Iterable[Problem]:
    return pairs.readable(text, field, "=")[1][:MOST_PROBLEMS]


def _body(gateway: Gateway) -> Iterable[Problem]:
    if gateway.method in METHODS_WITHOUT_BODY:
        return ()
    match gateway.body_format:
        case "form" | "multipart":
            return _parameters(gateway.body_form, "body_form")
        case "json":
            return _document(
                gateway.body_json,
                lambda: _refusals(lambda: json_text.parse(gateway.body_json, json_numbers(gateway))),
            )
        case "xml":
            return _document(gateway.body_xml, lambda: xml_text.problems(gateway.body_xml))
        case _:
            return _content_type(gateway.content_type)


def _document(text: str, syntax: Callable[[], Iterable[Problem]]) -> Iterable[Problem]:
    """The syntax's problems, unless a placeholder's own fault would only be told a second time."""
    has_faults = any(faults(text, "", (0, len(text)), secret_names=None, strict=False))
    return () if has_faults else syntax()


def _content_type(text: str) -> Iterable[Problem]:
    if not text.strip():
        return ()
    if misfits := tuple(_misfits(escaping.header, text, "content_type", 0, len(text))):
        return misfits
    if not _MEDIA_TYPE.fullmatch(text.strip()):
        return (problem_at(text, 0, "content_type", "content_type"),)
    return _charset(text, "content_type", 0, len(text))


def _charset(text: str, field: str, start: int, end: int) -> Iterator[Problem]:
    found = _CHARSET.search(text, start, end)
    if found and found["name"].lower() not in _UTF8:
        yield problem_at(text, found.start("name"), "charset", field, charset=found["name"])


def _helper(gateway: Gateway) -> Iterator[Problem]:
    if gateway.auth_kind not in ("header", "query"):
        return
    name, prefix = gateway.auth_name, gateway.auth_prefix
    if not name.strip():
        yield Problem("auth_name_missing", "auth_name")
    elif gateway.auth_kind == "header" and (problem := header.problem(name, 0, len(name), "auth_name")):
        yield problem
    else:
        yield from _misfits(escaping.raw, name, "auth_name", 0, len(name))
        yield from _no_placeholder(name, "auth_name")
    if gateway.auth_kind == "header":
        yield from _misfits(escaping.header, prefix, "auth_prefix", 0, len(prefix))
        yield from _no_placeholder(prefix, "auth_prefix")


def _no_placeholder(text: str, field: str) -> Iterator[Problem]:
    if "{{" in text:
        yield problem_at(text, text.index("{{"), "auth_placeholder", field)


def _number(gateway: Gateway) -> Iterator[Problem]:
    if gateway.default_country.strip():
        yield from _refusals(lambda: phone.country(gateway.default_country), field="default_country")
    yield from _refusals(lambda: destinations.read(gateway.destinations))
    if gateway.number_format == "suffix" and not gateway.number_suffix:
        yield Problem("number_suffix_missing", "number_suffix")
    for field in ("number_suffix", "sender"):
        text = getattr(gateway, field)
        yield from _misfits(escaping.raw, text, field, 0, len(text))
    is_used = any("sender" in names(place.text, *place.span) for place in places.of(gateway))
    if is_used and not gateway.sender:
        yield Problem("sender_missing", "sender")


def _rules(gateway: Gateway) -> Iterator[Problem]:
    for rule in _RULES:
        field = f"{rule}_rule"
        if problem := rules.check_rule(getattr(gateway, f"{rule}_kind"), getattr(gateway, field), field):
            yield problem


def _trial(gateway: Gateway, secret_names: Collection[str]) -> tuple[Problem, ...]:
    """What composing for an ordinary message says: nothing, when the rules above know all there is."""
    names = {*secret_names, *AUTH_SECRETS[gateway.auth_kind]}
    values = Values(
        recipient=phone.Number("+447911123456", "international", "GB"),
        message="Hello",
        message_id="01JDZX5Y8QK9R7M2V4T6W8A0BC",
        fresh=UNSENT,
        sender="Sender",
        secrets=dict.fromkeys(names, "x"),
    )
    return _refusals(lambda: compose(gateway, values, user_agent="webpanel"))


def _misfits(escape: Escape, text: str, field: str, start: int, end: int) -> Iterator[Problem]:
    """The first character of ``text[start:end]`` that ``escape`` refuses, by its place in ``text``."""
    for problem in _refusals(lambda: escape(text[start:end])):
        line, column = position(text, start)
        below, right = (problem.line or 1) - 1, problem.column or 1
        at = right if below else column + right - 1
        yield dataclasses.replace(problem, field=field, line=line + below, column=at)


def _refusals(call: Callable[[], Any], field: str | None = None) -> tuple[Problem, ...]:
    try:
        call()
    except Refused as refused:
        problems = refused.problems
        return tuple(dataclasses.replace(p, field=field) for p in problems) if field else problems
    return ()


def place_of(problem: Problem) -> tuple[int, int, int]:
    """The place of a problem among the others: by field, line and column."""
    known = problem.field in _FIELDS
    return _FIELDS.index(problem.field) if known else len(_FIELDS), problem.line or 0, problem.column or 0
