"""What is wrong with how a gateway reads its delivery reports, told before it is saved.

A room of its own beside ``lint``, which asks it: no request is made from these settings.
"""

from collections.abc import Iterator

from webpanel.wire import header, pairs, places, rules
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem
from webpanel.wire.report import MEANINGS
from webpanel.wire.template import MOST_PROBLEMS, PLACEHOLDER, SECRET_NAME, names, problem_at

#: Characters of a field's name.
LONGEST_FIELD = 200


def problems(gateway: Gateway) -> Iterator[Problem]:
    """Everything that is wrong, by field, line and column."""
    yield from _place(gateway.report_id_kind, gateway.report_id_rule, "report_id_rule")
    yield from _place(gateway.report_status_kind, gateway.report_status_rule, "report_status_rule")
    yield from _halves(gateway)
    yield from _words(gateway.report_words)
    yield from _signature(gateway)


def without_address(gateway: Gateway) -> Iterator[Problem]:
    """The first place that asks for the address of reports, for a panel that nobody outside can reach."""
    for place in places.of(gateway):
        for found in PLACEHOLDER.finditer(place.text, *place.span):
            if found[1] == "report_url":
                yield problem_at(place.text, found.start(), "report_url_unset", place.field)
                return


def without_id(gateway: Gateway) -> Iterator[Problem]:
    """Reports name a message as the provider does, or as the request did: neither is known to the panel."""
    by_name = gateway.report_id_kind not in ("blank", "address")
    sent = any("message_id" in names(place.text, *place.span) for place in places.of(gateway))
    if by_name and gateway.message_id_kind == "blank" and not sent:
        yield Problem("report_id_unknown", "report_id_rule")


def _place(kind: str, rule: str, field: str) -> Iterator[Problem]:
    if kind == "jmespath":
        if problem := rules.check_rule("jmespath", rule, field):
            yield problem
    elif kind == "field":
        if not rule.strip():
            yield Problem("report_field_missing", field)
        elif len(rule) > LONGEST_FIELD:
            yield Problem("setting_too_long", field, values={"longest": LONGEST_FIELD})


def _halves(gateway: Gateway) -> Iterator[Problem]:
    """One of the two places is of no use without the other."""
    has_id, has_status = gateway.report_id_kind != "blank", gateway.report_status_kind != "blank"
    if has_id and not has_status:
        yield Problem("report_status_missing", "report_status_rule")
    if has_status and not has_id:
        yield Problem("report_id_missing", "report_id_rule")
    if has_status and not gateway.report_words.strip():
        yield Problem("report_words_missing", "report_words")


def _words(text: str) -> Iterator[Problem]:
    found, broken = pairs.readable(text, "report_words", "=")
    yield from broken[:MOST_PROBLEMS]
    seen: set[str] = set()
    for pair in found:
        if pair.key.casefold() in seen:
            yield problem_at(text, pair.key_start, "report_word_twice", "report_words", word=pair.key[:100])
        seen.add(pair.key.casefold())
        if pair.value not in MEANINGS:
            known = ", ".join(MEANINGS)
            yield problem_at(text, pair.value_start, "report_meaning", "report_words", known=known)


def _signature(gateway: Gateway) -> Iterator[Problem]:
    if gateway.report_sign == "none":
        return
    if not SECRET_NAME.fullmatch(gateway.report_secret):
        yield Problem("report_secret_unnamed", "report_secret")
    if gateway.report_sign == "header":
        name = gateway.report_header
        if not name.strip():
            yield Problem("report_header_missing", "report_header")
        elif problem := header.problem(name, 0, len(name), "report_header"):
            yield problem
