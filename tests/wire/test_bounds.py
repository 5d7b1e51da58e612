"""However much is typed, it is judged at once, and what is said of it can be read."""

import time

import pytest

from webpanel.wire import advice, lint, literals, mending
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Refused

LONG = lint.LONGEST_TEMPLATE
FIELDS = ("url", "headers", "query", "body_form", "body_json", "body_xml", "body_raw", "success_rule")
#: Seconds: many times what it takes, and far less than what has no bound.
SOON = 10


@pytest.mark.parametrize("field", FIELDS)
def test_a_text_has_a_longest(field: str) -> None:
    [problem] = lint.check(Gateway(**{"url": "https://a.example/", field: "x" * (LONG + 1)}), ())
    assert (problem.code, problem.field, problem.values) == ("setting_too_long", field, {"longest": LONG})


@pytest.mark.parametrize(
    "typed",
    [
        {"body_form": "a={{x\n" * (LONG // 6)},
        {"body_form": "a={{x}}\n" * (LONG // 8)},
        {"headers": "a: {{x}}\n" * (LONG // 9)},
        {"headers": "a\n" * (LONG // 2)},
        {"query": "{{" * (LONG // 2)},
        {"url": "https://a.example/" + "/%2e%" * (LONG // 6)},
        {"url": "https://a.example/?" + "{{x}}" * (LONG // 6)},
        {"body_format": "json", "body_json": "[" * LONG},
        {"body_format": "json", "body_json": "[" + '"{{x}}",' * (LONG // 9) + "1]"},
        {"body_format": "json", "body_json": '"' + "\\" * (LONG - 1)},
        {"body_format": "xml", "body_xml": "<a>" * (LONG // 3)},
        {"body_format": "xml", "body_xml": "<a " + "b='{{x}}' " * (LONG // 12)},
        {"body_format": "raw", "body_raw": "{{x}}" * (LONG // 5)},
    ],
    ids=lambda typed: str(typed)[:50],
)
def test_what_is_said_can_be_read(typed: dict[str, str]) -> None:
    started = time.monotonic()
    found = lint.check(Gateway(**{"url": "https://a.example/", **typed}), ())
    assert time.monotonic() - started < SOON
    assert 1 <= len(found) <= 50


def test_credentials_are_taken_out_in_time() -> None:
    started = time.monotonic()
    typed = Gateway(query="\n".join(f"key={number}" for number in range(LONG // 10)))
    gateway, secrets = literals.extract(typed, ())
    assert len(secrets) == LONG // 10
    assert gateway.query.startswith("key={{secret.key}}\nkey={{secret.key_2}}\n")
    assert time.monotonic() - started < SOON


@pytest.mark.parametrize(
    "typed",
    [
        {"url": "https://a.example/" + "?" * (LONG - 18)},
        {"url": "https://a.example/?a=" + "://" * 21_000},
        {"body_format": "json", "body_json": "\u3000" + '\\"' * 30_000},
        {"body_format": "json", "body_json": '{"' + "k" * 30_000 + '":[' + "1," * 17_000 + "1]}"},
        {"body_format": "xml", "body_xml": "<" + "a" * (LONG - 1)},
    ],
    ids=lambda typed: str(typed)[:50],
)
def test_what_is_advised_and_mended_is_found_in_time(typed: dict[str, str]) -> None:
    gateway = Gateway(**{"url": "https://a.example/", "query": "to={{recipient}}\nt={{message}}", **typed})
    started = time.process_time()
    errors = lint.check(gateway, ())
    for problem in (*errors, *advice.advise(gateway, ()))[:3]:
        mending.mend(gateway, problem, errors=errors)
    assert time.process_time() - started < SOON / 2


def test_the_badge_and_beautify_know_the_longest() -> None:
    text = "[" + "1," * LONG + "1]"
    problem = lint.json_problem(text)
    assert problem
    assert problem.code == "setting_too_long"
    for each in (text, "[" * 100 + "1," * 1000 + "1" + "]" * 100):
        with pytest.raises(Refused) as refused:
            lint.beautify(each)
        assert [found.code for found in refused.value.problems] == ["setting_too_long"]
