"""What is read out of a provider's delivery report, whatever it holds."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.wire import advice, report, report_rules
from webpanel.wire.gateway import Gateway
from webpanel.wire.report import Incoming, Told

WORDS = "DELIVRD = delivered\nUNDELIV = undelivered\nENROUTE = under way\nACK = ignore"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def by_json(id_rule: str, status_rule: str) -> Gateway:
    return Gateway(
        report_id_kind="jmespath",
        report_id_rule=id_rule,
        report_status_kind="jmespath",
        report_status_rule=status_rule,
        report_words=WORDS,
    )


def by_field(id_name: str, status_name: str) -> Gateway:
    return Gateway(
        report_id_kind="field",
        report_id_rule=id_name,
        report_status_kind="field",
        report_status_rule=status_name,
        report_words=WORDS,
    )


def told(gateway: Gateway, incoming: Incoming) -> list[tuple[str, str, str | None]]:
    return [(each.id, each.word, each.meaning) for each in report.read(gateway, incoming).told]


def test_one_report_in_json() -> None:
    body = b'{"id": "m-1", "status": "DELIVRD"}'
    assert told(by_json("id", "status"), Incoming(body=body, content_type=JSON)) == [
        ("m-1", "DELIVRD", "delivered")
    ]


def test_several_reports_stay_with_their_own_words() -> None:
    members = [{"id": "a"}, {"status": "DELIVRD"}, {"id": "c", "status": "UNDELIV"}, "x", None]
    incoming = Incoming(body=json.dumps({"entry": [{"statuses": members}]}).encode())
    gateway = by_json("entry[].statuses[].id", "entry[].statuses[].status")
    assert told(gateway, incoming) == [("c", "UNDELIV", "undelivered")]


def test_one_id_with_several_words_and_several_ids_with_one_word() -> None:
    one_id = Incoming(body=b'{"batch": "b", "list": [{"s": "ENROUTE"}, {"s": "DELIVRD"}]}')
    assert told(by_json("batch", "list[].s"), one_id) == [
        ("b", "ENROUTE", "under way"),
        ("b", "DELIVRD", "delivered"),
    ]
    one_word = Incoming(body=b'{"event": "DELIVRD", "ids": ["a", "b"]}')
    assert told(by_json("ids", "event"), one_word) == [
        ("a", "DELIVRD", "delivered"),
        ("b", "DELIVRD", "delivered"),
    ]


def test_lists_that_do_not_fit_are_not_guessed_at() -> None:
    incoming = Incoming(body=b'{"ids": ["a", "b", "c"], "words": ["DELIVRD", "UNDELIV"]}')
    reading = report.read(by_json("ids", "words"), incoming)
    assert (reading.told, reading.trouble) == ((), "report_lists_differ")


def test_ids_are_text_as_written() -> None:
    incoming = Incoming(body=b'{"id": 12345678901234567890, "status": 1.50}')
    assert told(by_json("id", "status"), incoming) == [("12345678901234567890", "1.50", None)]


def test_fields_of_form_query_and_flat_json() -> None:
    gateway = by_field("msgid", "dlrstatus")
    expected = [("6613115713715266", "DELIVRD", "delivered")]
    text = "msgid=6613115713715266&dlrstatus=DELIVRD"
    assert told(gateway, Incoming(query=text)) == expected
    assert told(gateway, Incoming(body=text.encode(), content_type=f"{FORM}; charset=utf-8")) == expected
    body = b'{"msgid": 6613115713715266, "dlrstatus": "DELIVRD"}'
    assert told(gateway, Incoming(body=body, content_type=JSON)) == expected
    # A body that does not say that it is a form is none.
    assert told(gateway, Incoming(body=text.encode(), content_type="text/plain")) == []


def test_our_own_id_in_the_address() -> None:
    gateway = Gateway(
        report_id_kind="address", report_status_kind="field", report_status_rule="s", report_words=WORDS
    )
    assert told(gateway, Incoming(query="s=DELIVRD", message_id="01J")) == [("01J", "DELIVRD", "delivered")]
    assert report.read(gateway, Incoming(query="s=DELIVRD")).trouble == "report_nothing_found"
    assert report.url_for(gateway, "https://x/reports/t", "01J") == "https://x/reports/t/01J"
    assert report.url_for(gateway, "", "01J") == ""
    assert report.url_for(by_field("a", "b"), "https://x/reports/t", "01J") == "https://x/reports/t"


def test_words_are_compared_in_any_case_and_unknown_ones_are_kept() -> None:
    gateway = by_field("id", "s")
    assert told(gateway, Incoming(query="id=1&s=delivrd")) == [("1", "delivrd", "delivered")]
    assert told(gateway, Incoming(query="id=1&s=BOUNCED")) == [("1", "BOUNCED", None)]
    assert told(gateway, Incoming(query="id=1&s=ack")) == [("1", "ack", "ignore")]


def test_what_a_report_says_twice_counts_once() -> None:
    incoming = Incoming(body=b'{"l": [{"i": "a", "s": "DELIVRD"}, {"i": "a", "s": "DELIVRD"}]}')
    assert len(told(by_json("l[].i", "l[].s"), incoming)) == 1


def test_of_very_many_the_first_thousand_count() -> None:
    body = json.dumps({"l": [{"i": str(n), "s": "DELIVRD"} for n in range(1200)]}).encode()
    reading = report.read(by_json("l[].i", "l[].s"), Incoming(body=body))
    assert (len(reading.told), reading.trouble) == (1000, "report_too_many")


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        (b"", "report_empty"),
        (b"\x00", "report_not_json"),
        (b"\xff\xfe\xff", "report_not_json"),
        (b"[" * 100_000, "report_too_deep"),
        (b"{" * 1_000_000, "report_too_deep"),
        (b'{"id": ' + b"9" * 500_000 + b', "status": 1e999999999}', ""),
        (b'{"id": {"a": 1}, "status": [[["x"]]]}', "report_nothing_found"),
        (b'{"id": "\\ud800\\u0000", "status": "\\u202e"}', ""),
        (b'{"id": true, "status": null}', "report_nothing_found"),
        (b"NaN", "report_not_json"),
    ],
)
def test_hostile_bodies_are_bounded_and_never_raise(body: bytes, trouble: str) -> None:
    reading = report.read(by_json("id", "status"), Incoming(body=body, content_type=JSON))
    assert reading.trouble == trouble
    for each in reading.told:
        assert len(each.id) <= 200
        assert len(each.word) <= 100
        assert (each.id + each.word).isprintable()


def test_a_form_with_too_many_fields_is_not_read() -> None:
    query = "&".join(f"a{n}=1" for n in range(2000)) + "&id=1&s=DELIVRD"
    assert report.read(by_field("id", "s"), Incoming(query=query)).trouble == "report_nothing_found"


@given(
    st.binary(max_size=300),
    st.sampled_from([JSON, FORM, "", "text/xml; charset=utf-16"]),
    st.text(max_size=80),
)
def test_nothing_that_comes_raises(body: bytes, content_type: str, query: str) -> None:
    incoming = Incoming(query=query, body=body, content_type=content_type)
    for gateway in (by_json("id || l[].id", "status || l[].s"), by_field("id", "s"), Gateway()):
        for each in report.read(gateway, incoming).told:
            assert isinstance(each, Told)


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("", [("report_words_missing", None, None)]),
        ("A = delivered\n\n# later\nB=under way", []),
        ("A = arrived", [("report_meaning", 1, 5)]),
        ("A = delivered\nnothing", [("parameter_without_separator", 2, 1)]),
        ("A = delivered\n a = ignore", [("report_word_twice", 2, 2)]),
        (" = ignore", [("parameter_without_name", 1, 2)]),
    ],
)
def test_the_table_of_words_is_checked_by_line_and_column(words: str, codes: list) -> None:
    gateway = Gateway(
        report_id_kind="field",
        report_id_rule="id",
        report_status_kind="field",
        report_status_rule="s",
        report_words=words,
    )
    found = [(each.code, each.line, each.column) for each in report_rules.problems(gateway)]
    assert found == codes


@pytest.mark.parametrize(
    ("settings", "code", "field"),
    [
        ({"report_id_kind": "field"}, "report_field_missing", "report_id_rule"),
        ({"report_id_kind": "address"}, "report_status_missing", "report_status_rule"),
        ({"report_status_kind": "field", "report_status_rule": "s"}, "report_id_missing", "report_id_rule"),
        (
            {"report_status_kind": "jmespath", "report_status_rule": "a["},
            "rule_jmespath_end",
            "report_status_rule",
        ),
        ({"report_sign": "twilio"}, "report_secret_unnamed", "report_secret"),
        ({"report_sign": "header", "report_secret": "x"}, "report_header_missing", "report_header"),
        (
            {"report_sign": "header", "report_secret": "x", "report_header": "a b"},
            "header_name",
            "report_header",
        ),
    ],
)
def test_what_is_missing_is_said_beside_its_field(settings: dict, code: str, field: str) -> None:
    found = {(each.code, each.field) for each in report_rules.problems(Gateway(**settings))}
    assert (code, field) in found


def test_an_address_that_nobody_can_reach_is_told_where_it_stands() -> None:
    gateway = Gateway(body_form="to={{recipient}}\nStatusCallback={{ report_url }}")
    (problem,) = report_rules.without_address(gateway)
    assert (problem.code, problem.field, problem.line) == ("report_url_unset", "body_form", 2)
    assert not list(report_rules.without_address(Gateway(body_form="to={{recipient}}")))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"report_id_kind": "jmespath", "report_id_rule": "id"}, True),
        ({"report_id_kind": "field", "report_id_rule": "id"}, True),
        ({"report_id_kind": "address"}, False),
        ({}, False),
        (
            {
                "report_id_kind": "field",
                "report_id_rule": "id",
                "message_id_kind": "jmespath",
                "message_id_rule": "id",
            },
            False,
        ),
        # The provider is given our own id, and may report by that.
        (
            {"report_id_kind": "field", "report_id_rule": "ref", "body_form": "ref={{message_id}}"},
            False,
        ),
    ],
)
def test_reports_that_can_find_no_message_are_told_of(settings: dict, told: bool) -> None:
    gateway = Gateway(**settings)
    found = [(each.code, each.field) for each in report_rules.without_id(gateway)]
    assert found == ([("report_id_unknown", "report_id_rule")] if told else [])
    assert ("report_id_unknown" in [each.code for each in advice.advise(gateway, [])]) == told
