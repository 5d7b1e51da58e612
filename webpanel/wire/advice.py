"""What does not forbid saving a gateway, and will hurt: told beside the errors, before it happens.

The errors are :mod:`~webpanel.wire.lint`'s. What cannot be read from the settings alone comes as
:class:`Known`, looked up by whoever asks.
"""

import dataclasses
import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Final

from webpanel.wire import awkward, key_shape, lint, literals, pairs, places, report_rules, rules
from webpanel.wire import url as urls
from webpanel.wire.gateway import BODY_FIELDS, METHODS_WITHOUT_BODY, Gateway
from webpanel.wire.literals import Literal
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import PLACEHOLDER, SECRET, names, problem_at

#: A text of so few characters occurs in most replies, whatever they say.
SHORT_TEXT = 2
#: How many credentials are told at once.
MOST_LITERALS = 20
#: Failed replies that the failure rule is tried on: an expression may need a second for each.
MOST_FAILED = 5

#: Names that no public server has: RFC 6762 (section 3 and appendix G), RFC 8375, RFC 6761.
_LOCAL = (
    *("local", "internal", "intranet", "private", "corp", "home", "lan", "localhost", "test"),
    "home.arpa",
)
#: Where the next of several parameters in one line begins.
_NEXT_PAIR = re.compile(r"&(?=[A-Za-z_][\w.\[\]-]*=)")
_BROWSER = re.compile(r"Mozilla/|AppleWebKit/|Gecko/|Chrome/|Safari/", re.IGNORECASE)
#: What a parameter of a query is called that carries a key. A user's name alone gives nothing away.
_KEY_NAME = re.compile(r"key|token|secret|passw|^pass$|^pwd$|auth", re.IGNORECASE)
#: The Content-Type that fits each format of a body; ``raw`` may be anything.
_FITTING = {
    "form": re.compile(r"application/x-www-form-urlencoded"),
    "json": re.compile(r"(?:application|text)/(?:x-)?json|[^/]+/[^/]+\+json"),
    "xml": re.compile(r"(?:application|text)/xml|[^/]+/[^/]+\+xml"),
}


@dataclasses.dataclass(frozen=True)
class Known:
    """What is known of a gateway's provider beyond the settings.

    ``failed`` and ``replies`` are bodies of replies as text: those kept as examples of a failure, and
    the others that were kept or came last.
    """

    provider: str = ""
    errors_in_2xx: bool = False
    #: The number formats that the provider's documentation allows; none means any.
    number_formats: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()
    #: Whether the panel has a public address at which a provider can report.
    has_address: bool = True


def advise(
    gateway: Gateway, secret_names: Collection[str], known: Known | None = None
) -> tuple[Problem, ...]:
    """What can be saved and is better changed, in the order of the settings.

    Never raises: of settings with errors it says what can be said of the rest.
    """
    if lint.unreadable(gateway):
        return ()
    asked = _Asked(gateway, tuple(secret_names), known or Known())
    found = (problem for finder in _FINDERS for problem in finder(asked))
    return tuple(sorted(found, key=lint.place_of))


def is_still_told(
    gateway: Gateway, secret_names: Collection[str], known: Known | None, problem: Problem
) -> bool:
    """Whether ``problem`` is advice that would be given of ``gateway``; looks for nothing else."""
    asked = _Asked(gateway, tuple(secret_names), known or Known())
    return any(problem in finder(asked) for finder, codes in _FINDERS.items() if problem.code in codes)


@dataclasses.dataclass(frozen=True)
class _Asked:
    """What a finder looks at."""

    gateway: Gateway
    secret_names: tuple[str, ...]
    known: Known


def credentials(gateway: Gateway, secret_names: Collection[str]) -> tuple[tuple[Literal, str], ...]:
    """The credentials typed in clear, each with the name under which it can be kept.

    The same value has one name. Those that only look like a key come last.
    """
    named = literals.find(gateway)
    spans = {(found.field, at) for found in named for at in range(found.start, found.end)}
    shaped = [found for found in _shaped(gateway) if (found.field, found.end - 1) not in spans]
    taken = Counter(secret_names)
    by_value: dict[str, str] = {}
    for found in (*named, *shaped):
        if found.value not in by_value:
            by_value[found.value] = literals.free(found.suggested_name, taken)
    return tuple((found, by_value[found.value]) for found in (*named, *shaped))


def _shaped(gateway: Gateway) -> Iterator[Literal]:
    """The words in what would be sent that look like a key by their shape.

    None where a provider's file made the settings: it knows which of its answers are secret.
    """
    if gateway.preset:
        return
    for place in places.of(gateway):
        start, end = place.span
        text = PLACEHOLDER.sub(lambda found: " " * len(found[0]), place.text[start:end])
        for word in _words(place.field, text):
            if key_shape.is_key(word[0]):
                yield Literal(place.field, start + word.start(), start + word.end(), "key", word[0])


def _words(field: str, text: str) -> Iterator[re.Match[str]]:
    match field:
        case "url":
            # The server's name is public, however random it looks.
            pattern, start = r"[^/?&=#\s]+", text.find("/", text.find("//") + 2)
        case "query" | "body_form":
            pattern, start = r"\S+", text.find("=") + 1
        case _:
            pattern, start = r"[^\s\"'<>,;{}:]+", 0
    return re.compile(pattern).finditer(text, start if start >= 0 else len(text))


def _literals(asked: _Asked) -> Iterator[Problem]:
    gateway = asked.gateway
    by_name = set(literals.find(gateway))
    for found, name in islice(credentials(gateway, asked.secret_names), MOST_LITERALS):
        if found not in by_name:
            code = "key_by_shape"
        else:
            code = "literal_becomes_secret" if gateway.hide_literals else "literal_in_clear"
        text = getattr(gateway, found.field)
        yield problem_at(text, found.start, code, found.field, secret=name)


def is_public(host: str) -> bool:
    """Whether a host as :func:`webpanel.wire.url.read` gives it is reached across the open Internet."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        labels = host.rstrip(".").lower().split(".")
        return len(labels) > 1 and not {labels[-1], ".".join(labels[-2:])}.intersection(_LOCAL)


def _plain_http(asked: _Asked) -> Iterator[Problem]:
    gateway = asked.gateway
    try:
        address = urls.read(gateway.url)
    except Refused:
        return
    if address.scheme == "http" and is_public(address.host):
        yield Problem("http_public", "url", values={"host": address.host})


def _keys_in_query(asked: _Asked) -> Iterator[Problem]:
    """One for each place in which a key becomes part of the address; none where the provider asks for it."""
    gateway = asked.gateway
    if gateway.preset:
        return
    if gateway.auth_kind == "query":
        yield Problem("key_in_query", "auth_kind", values={"name": gateway.auth_name})
    for parameter in literals.QUERY_PARAMETER.finditer(gateway.url):
        if parameter["value"] and (_KEY_NAME.search(parameter["name"]) or _is_secret(parameter["value"])):
            at = parameter.start("name")
            yield problem_at(gateway.url, at, "key_in_query", "url", name=parameter["name"])
            break
    for pair in pairs.readable(gateway.query, "query", "=")[0]:
        if pair.value and (_KEY_NAME.search(pair.key) or _is_secret(pair.value)):
            yield problem_at(gateway.query, pair.key_start, "key_in_query", "query", name=pair.key)
            break


def _is_secret(value: str) -> bool:
    return any(name.startswith(SECRET) for name in names(value))


def _headers(asked: _Asked) -> Iterator[Problem]:
    gateway = asked.gateway
    with_body = gateway.method not in METHODS_WITHOUT_BODY
    for pair in pairs.readable(gateway.headers, "headers", ":")[0]:
        match pair.key.lower():
            case "user-agent" if _BROWSER.search(pair.value):
                yield problem_at(gateway.headers, pair.key_start, "browser_user_agent", "headers")
            case "content-type" if with_body and _contradicts(gateway, pair.value):
                yield problem_at(
                    gateway.headers,
                    pair.key_start,
                    "content_type_contradicts",
                    "headers",
                    typed=pair.value[:80],
                    format=gateway.body_format,
                )


def _contradicts(gateway: Gateway, typed: str) -> bool:
    """Whether a header says of the body what it is not. A multipart body's type names its boundary."""
    if PLACEHOLDER.search(typed):
        return False
    media_type = typed.partition(";")[0].strip().lower()
    match gateway.body_format:
        case "multipart":
            return True
        case "raw":
            stated = gateway.content_type.partition(";")[0].strip().lower()
            return bool(stated) and stated != media_type
        case _:
            return not _FITTING[gateway.body_format].fullmatch(media_type)


def _pairs(asked: _Asked) -> Iterator[Problem]:
    """Parameters written in one line, as documentation shows them behind an address."""
    gateway = asked.gateway
    fields = ["query"]
    if gateway.method not in METHODS_WITHOUT_BODY and BODY_FIELDS[gateway.body_format] == "body_form":
        fields.append("body_form")
    for field in fields:
        text = getattr(gateway, field)
        for pair in pairs.readable(text, field, "=")[0]:
            joined = _NEXT_PAIR.search(pair.value)
            # An address of one's own, to be called back at, has parameters of its own.
            if joined and "://" not in pair.value and PLACEHOLDER.search(pair.value):
                yield problem_at(text, pair.value_start + joined.start(), "pairs_joined", field)


def _number_format(asked: _Asked) -> Iterator[Problem]:
    gateway, known = asked.gateway, asked.known
    if not known.number_formats or gateway.number_format in known.number_formats:
        return
    # {{recipient_digits}} and its like write the number in their own way.
    if any("recipient" in names(place.text, *place.span) for place in places.of(gateway)):
        values = {"provider": known.provider, "allowed": known.number_formats[0]}
        yield Problem("number_format_forbidden", "number_format", values=values)


def _success(asked: _Asked) -> Iterator[Problem]:
    gateway, known = asked.gateway, asked.known
    match gateway.success_kind:
        case "blank" if known.errors_in_2xx and gateway.failure_kind == "blank":
            yield Problem("success_blank", "success_rule", values={"provider": known.provider})
        case "text" if gateway.success_rule:
            yield from _success_text(gateway, known)


def _success_text(gateway: Gateway, known: Known) -> Iterator[Problem]:
    text = gateway.success_rule
    holding = islice((reply for reply in known.failed if text in reply), MOST_FAILED)
    if not all(_fails(gateway, reply) for reply in holding):
        yield Problem("success_in_failed", "success_rule", values={"text": text[:80]})
    elif is_short(gateway) and not known.failed and _in_most(text, known.replies):
        yield Problem("success_short", "success_rule", values={"text": text})


def is_short(gateway: Gateway) -> bool:
    """Whether the success condition is a text so short that replies must tell whether it says anything."""
    return gateway.success_kind == "text" and len(gateway.success_rule.strip()) <= SHORT_TEXT


def _fails(gateway: Gateway, reply: str) -> bool:
    """Whether the failure condition, which wins, holds on ``reply``."""
    rule = rules.Rule(gateway.failure_kind, gateway.failure_rule)
    return rule.is_stated and bool(rules.apply(rule, rules.Body(reply.encode("utf-8", "replace"))).holds)


def _in_most(text: str, replies: Iterable[str]) -> bool:
    """Whether ``text`` occurs in more than half of the replies; True where there are none to tell."""
    occurs = [text in reply for reply in replies]
    return not occurs or 2 * sum(occurs) > len(occurs)


def _awkward(asked: _Asked) -> Iterator[Problem]:
    return awkward.refused(asked.gateway)


def _reports(asked: _Asked) -> Iterator[Problem]:
    gateway = asked.gateway
    if not asked.known.has_address:
        yield from report_rules.without_address(gateway)
    yield from report_rules.without_id(gateway)
    if gateway.report_sign != "none" and gateway.report_secret not in asked.secret_names:
        yield Problem("report_secret_unknown", "report_secret", values={"name": gateway.report_secret})


#: What looks for advice, and the codes of what it may find.
_FINDERS: Final[dict[Callable[[_Asked], Iterator[Problem]], tuple[str, ...]]] = {
    _literals: ("literal_in_clear", "literal_becomes_secret", "key_by_shape"),
    _plain_http: ("http_public",),
    _keys_in_query: ("key_in_query",),
    _headers: ("browser_user_agent", "content_type_contradicts"),
    _pairs: ("pairs_joined",),
    _number_format: ("number_format_forbidden",),
    _success: ("success_blank", "success_in_failed", "success_short"),
    _awkward: ("text_refused", "number_refused"),
    _reports: ("report_url_unset", "report_id_unknown", "report_secret_unknown"),
}
