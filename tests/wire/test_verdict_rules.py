"""Rules on replies: truth, numbers, what is no JSON, message ids, and what the verdict quotes."""

import json
from typing import Any

import pytest

from tests.wire.verdicts import said
from webpanel.wire.gateway import Gateway
from webpanel.wire.verdict import Reply, Verdict, judge
from webpanel.words import sentence


@pytest.mark.parametrize(
    ("value", "is_true"),
    [
        (None, False),
        (False, False),
        ("", False),
        ([], False),
        ({}, False),
        (True, True),
        (0, True),
        (0.0, True),
        (-1, True),
        ("0", True),
        ("false", True),
        (" ", True),
        ([None], True),
        ([False], True),
        ({"a": None}, True),
    ],
)
def test_truth_is_jmespath_s(value: Any, is_true: bool) -> None:
    gateway = Gateway(success_kind="jmespath", success_rule="a")
    assert (said(gateway, {"a": value}).outcome == "accepted") == is_true


@pytest.mark.parametrize(
    ("rule", "body", "holds"),
    [
        ("id==`1234567890123456789`", b'{"id":1234567890123456789}', True),
        ("id==`1234567890123456788`", b'{"id":1234567890123456789}', False),
        ("id>`1.05` && id<`1.15`", b'{"id":1.10}', True),
        ("sum([id, id])>`2`", b'{"id":1.5}', True),
        ("type(id)=='number'", b'{"id":1.5}', True),
        ("to_string(id)=='1234567890123456789.0'", b'{"id":1234567890123456789.0}', True),
        ("to_string(id)=='1.10'", b'{"id":1.10}', True),
        ("""to_string(@)=='{"id":"\u00e9"}'""", '{"id": "é"}'.encode(), True),
        ("to_number(id)==`1.5`", b'{"id":"1.5"}', True),
        # JSON's numbers, not Python's
        ("to_number(id)", b'{"id":"1_000"}', False),
        ("to_number(id)", b'{"id":"nan"}', False),
        ("to_number(id)", b'{"id":true}', False),
        ("to_number(id)", b'{"id":" 5"}', False),
        ("status=='success'", b'\xef\xbb\xbf{"status":"success"}', True),
        ("status=='success'", b'{"status":"error","status":"success"}', True),
        ("@", b"true", True),
        ("[0].ok", b'[{"ok":1}]', True),
    ],
)
def test_conditions_on_numbers_and_marks(rule: str, body: bytes, holds: bool) -> None:
    gateway = Gateway(success_kind="jmespath", success_rule=rule)
    assert (said(gateway, body).outcome == "accepted") == holds


@pytest.mark.parametrize(
    ("kind", "rule", "body", "holds"),
    [
        ("text", "0", b"0", True),
        ("text", "0", b"1", False),
        ("text", " ", b"a b", True),
        ("text", "OK", b"ok", False),
        ("text", "успех", "успех".encode("windows-1251"), False),
        ("pattern", "0", b"10", True),
        ("pattern", "(?i)^ok", b"OK", True),
        ("pattern", r"^OK\s*$", b"OK\r\n", True),
        ("pattern", "é", "é".encode(), True),
        ("pattern", "^a.*z$", b"a\nz", False),
        ("jmespath", "`0`", b"{}", True),
    ],
)
def test_a_condition_is_one_even_when_it_is_0(kind: str, rule: str, body: bytes, holds: bool) -> None:
    assert (said(Gateway(success_kind=kind, success_rule=rule), body).outcome == "accepted") == holds


def test_kind_blank_ignores_what_was_typed_for_another_kind() -> None:
    gateway = Gateway(success_rule="yes", failure_rule="a", later_rule="a", message_id_rule="a")
    assert said(gateway, {"a": "b"}) == Verdict(
        "accepted", "accepted_status", {"status": 200, "reason": "OK", "excerpt": '{"a": "b"}'}
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "rejected_reply_empty"),
        (b"Sent", "rejected_reply_not_json"),
        (b'{"ok": NaN}', "rejected_reply_not_json"),
        (b"[" * 101 + b"]" * 101, "rejected_reply_too_deep"),
        (b"[" * 65_536, "rejected_reply_too_deep"),
    ],
)
def test_json_is_asked_for_and_it_is_none(body: bytes, code: str) -> None:
    verdict = said(Gateway(success_kind="jmespath", success_rule="ok"), body)
    assert (verdict.outcome, verdict.code) == ("rejected", code)


@pytest.mark.parametrize(
    "rule",
    [
        "length(a)",
        "a > 'x'",
        "sum(@)",
        "join(',', a)",
        "ends_with(a, 'x')",
        "nosuch(a)",
        "sort(a)",
        "max_by(a, &b)",
    ],
)
def test_an_expression_that_raises_does_not_hold_and_the_verdict_says_so(rule: str) -> None:
    body = {"a": 5} if rule != "sort(a)" else {"a": [1, "b"]}
    verdict = said(Gateway(success_kind="jmespath", success_rule=rule), body)
    assert (verdict.outcome, verdict.code) == ("rejected", "rejected_rule_raised")
    assert verdict.values["error"]
    verdict = said(Gateway(failure_kind="jmespath", failure_rule=rule), body)
    assert (verdict.outcome, verdict.code) == ("accepted", "accepted_status")
    (note,) = verdict.values["notes"]
    assert note["code"] == "note_rule_raised"
    assert (note["values"]["field"], note["values"]["rule"]) == ("failure_rule", rule)


def test_a_failure_rule_for_json_on_a_text_is_noted() -> None:
    verdict = said(Gateway(failure_kind="jmespath", failure_rule="error"), b"OK")
    assert verdict.outcome == "accepted"
    assert [note["code"] for note in verdict.values["notes"]] == ["note_reply_not_json"]


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("jmespath", "a ="),
        ("jmespath", ""),
        ("pattern", "("),
        ("pattern", "a(?=b)"),
        ("jmespath", "(" * 3000),
    ],
)
def test_rules_that_no_form_would_save(kind: str, rule: str) -> None:
    verdict = said(Gateway(success_kind=kind, success_rule=rule), {"a": 1})
    assert verdict.outcome == ("accepted" if not rule else "rejected")
    assert said(Gateway(message_id_kind=kind, message_id_rule=rule), {"a": 1}).message_id is None


@pytest.mark.parametrize(
    ("kind", "rule", "body", "message_id"),
    [
        ("jmespath", "sid", {"sid": " SM1\n"}, "SM1"),
        ("jmespath", 'messages[0]."message-id"', {"messages": [{"message-id": "0A00"}]}, "0A00"),
        ("jmespath", "id", b'{"id":1234567890123456789}', "1234567890123456789"),
        ("jmespath", "id", b'{"id":6613115713715266.0}', "6613115713715266.0"),
        ("jmespath", "id", b'{"id":0}', "0"),
        ("jmespath", "id", {"id": None}, None),
        ("jmespath", "id", {}, None),
        ("jmespath", "id", {"id": ""}, None),
        ("jmespath", "id", {"id": "  "}, None),
        ("jmespath", "id", {"id": True}, None),
        ("jmespath", "id", {"id": ["a"]}, None),
        ("jmespath", "id", {"id": {"a": 1}}, None),
        ("jmespath", "id.id2", {"id": "a"}, None),
        ("jmespath", "length(id)", {"id": 5}, None),
        ("jmespath", "id", b"OK 5", None),
        ("jmespath", "id", {"id": "x" * 500}, "x" * 200),
        ("jmespath", "id", {"id": "a\nb\0c"}, "a b\ufffdc"),
        ("jmespath", "id", b'{"id":"a\\ud800"}', "a?"),
        (
            "pattern",
            r"SMSGlobalMsgID:\s*(\d+)",
            b"OK: 0; ID: 04b4\r\nSMSGlobalMsgID:6613115713715266",
            "6613115713715266",
        ),
        ("pattern", r"SMSGlobalMsgID:\s*(\d+)", b"OK: 0; SMSGlobalMsgID:", None),
        ("pattern", r"ID=(\w*)", b"ID=", None),
        ("pattern", r"ID=(\w+)|OK", b"OK", None),
        ("pattern", r"OK", b"OK", None),
        ("text", "OK", b"OK", None),
        ("blank", "id", {"id": "a"}, None),
    ],
)
def test_message_id(kind: str, rule: str, body: Any, message_id: str | None) -> None:
    assert said(Gateway(message_id_kind=kind, message_id_rule=rule), body).message_id == message_id


def test_an_id_that_the_cut_may_have_shortened_is_none() -> None:
    for kind, rule in (("pattern", r"id=(\d+)"), ("jmespath", "id")):
        gateway = Gateway(message_id_kind=kind, message_id_rule=rule)
        assert judge(gateway, Reply(200, body=b"id=123", cut=True)).message_id is None
    gateway = Gateway(message_id_kind="pattern", message_id_rule=r"id=(\d+)")
    assert judge(gateway, Reply(200, body=b"id=123;", cut=True)).message_id == "123"


def test_an_id_comes_with_a_word_of_the_provider_only() -> None:
    gateway = Gateway(message_id_kind="pattern", message_id_rule="([a-z]+)")
    ids = {status: said(gateway, b"abc", status).message_id for status in (200, 400, 404, 429, 500)}
    assert ids == {200: "abc", 400: "abc", 404: None, 429: None, 500: None}


def test_the_verdict_says_which_rule_decided_and_on_what() -> None:
    body = b"x" * 1000 + b" status: queued \0" + b"y" * 1000
    verdict = said(Gateway(success_kind="text", success_rule="queued"), body)
    assert verdict.code == "accepted_rule"
    assert (verdict.values["kind"], verdict.values["rule"]) == ("text", "queued")
    assert "status: queued \ufffdyyy" in verdict.values["excerpt"]
    verdict = said(Gateway(failure_kind="pattern", failure_rule="qu[a-z]+d"), body)
    assert verdict.code == "rejected_failure_rule"
    assert "status: queued" in verdict.values["excerpt"]
    reply = {"pad": "x" * 1000, "data": {"status": "wrong", "n": 12345678901234567890}}
    verdict = said(Gateway(failure_kind="jmespath", failure_rule="data"), reply)
    assert verdict.values["excerpt"] == '{"status":"wrong","n":12345678901234567890}'
    verdict = said(Gateway(success_kind="jmespath", success_rule="data.status=='right'"), {"a": "b"})
    assert verdict.values["excerpt"] == '{"a": "b"}'


def test_a_redirect_names_where_it_leads() -> None:
    reply = Reply(308, headers=(("location", "https://www.example.org/v2?key=canary-canary"),))
    verdict = judge(Gateway(), reply, secrets=["canary-canary"])
    assert verdict.code == "fault_moved"
    assert verdict.values["location"] == "https://www.example.org/v2?key=••••••"


@pytest.mark.parametrize("status", [302, 303])
def test_a_redirect_for_once_names_where_it_leads(status: int) -> None:
    reply = Reply(status, "Found", headers=(("location", "https://a.example/login?key=canary-canary"),))
    verdict = judge(Gateway(), reply, secrets=["canary-canary"])
    assert (verdict.outcome, verdict.code) == ("ambiguous", "ambiguous_moved")
    words = sentence(verdict.code, verdict.values)
    assert f"answered {status} and points to https://a.example/login?key=••••••." in words
    for nowhere in ((), (("Location", " "),)):
        assert judge(Gateway(), Reply(status, headers=nowhere)).code == "ambiguous_status"


@pytest.mark.parametrize("around", range(150, 210))
def test_no_part_of_a_secret_stands_in_a_verdict(around: int) -> None:
    """Masked before it is shortened: wherever the end of the excerpt falls."""
    canary = "canary-8f2d-4e1c-tail"
    text = "x" * around + canary + "y" * 300
    gateway = Gateway(
        failure_kind="jmespath",
        failure_rule="e",
        success_kind="text",
        success_rule="nowhere",
        message_id_kind="jmespath",
        message_id_rule="e || id",
    )
    reason, body = text, json.dumps({"id": text}).encode()
    for content in (body, text.encode(), json.dumps({"e": text}).encode()):
        reply = Reply(200, reason, body=content)
        verdict = judge(gateway, reply, secrets=[canary, "canary"])
        assert "canary" not in repr(verdict)
        assert "8f2d" not in repr(verdict)


def test_rules_judge_the_unmasked_reply() -> None:
    gateway = Gateway(success_kind="text", success_rule="canary-canary")
    verdict = judge(gateway, Reply(200, body=b"echo canary-canary"), secrets=["canary-canary"])
    assert verdict.outcome == "accepted"
    assert "canary" not in repr(verdict)
