"""The provider's own reason, where a gateway says it stands in a reply."""

from typing import Any

import pytest

from tests.wire.verdicts import said
from webpanel.wire.gateway import Gateway
from webpanel.wire.rules import check_rule
from webpanel.wire.verdict import Reply, judge

TWILIO_ERROR = {"code": 21211, "message": "The 'To' number is not valid.", "status": 400}


@pytest.mark.parametrize(
    ("kind", "rule", "status", "body", "told"),
    [
        ("jmespath", "message", 400, TWILIO_ERROR, "The 'To' number is not valid."),
        ("jmespath", "code", 400, TWILIO_ERROR, "21211"),
        ("jmespath", "error.message || message", 401, {"message": "No\nentry"}, "No entry"),
        ("pattern", r"ERROR: (\d+)", 200, b"ERROR: 88\n", "88"),
        ("jmespath", "message", 429, {"message": "slow down"}, "slow down"),
        ("jmespath", "message", 500, {"message": "oops"}, "oops"),
    ],
)
def test_it_is_what_the_verdict_quotes(kind: Any, rule: str, status: int, body: Any, told: str) -> None:
    gateway = Gateway(success_kind="text", success_rule="OK:", reason_kind=kind, reason_rule=rule)
    verdict = said(gateway, body, status)
    assert verdict.outcome != "accepted"
    assert verdict.values["excerpt"] == told


@pytest.mark.parametrize("rule", ["nothing", "message.deeper", "message[0]", "abs(message)"])
def test_where_it_finds_nothing_the_reply_is_quoted(rule: str) -> None:
    gateway = Gateway(reason_kind="jmespath", reason_rule=rule)
    assert "not valid" in said(gateway, TWILIO_ERROR, 400).values["excerpt"]


def test_an_accepted_message_has_none() -> None:
    gateway = Gateway(reason_kind="jmespath", reason_rule="status")
    assert said(gateway, {"id": 1, "status": "queued"}).values["excerpt"] == '{"id": 1, "status": "queued"}'


def test_the_failure_rule_s_own_find_gives_way_to_it() -> None:
    gateway = Gateway(
        failure_kind="jmespath", failure_rule="error", reason_kind="jmespath", reason_rule="error.text"
    )
    verdict = said(gateway, {"error": {"code": 1, "text": "no credit"}})
    assert (verdict.code, verdict.values["excerpt"]) == ("rejected_failure_rule", "no credit")


def test_secrets_in_it_are_masked_and_it_is_bounded() -> None:
    gateway = Gateway(reason_kind="jmespath", reason_rule="m")
    reply = Reply(400, "Bad", body=b'{"m": "key hunter2hunter2 %s"}' % (b"x" * 500))
    excerpt = judge(gateway, reply, secrets=["hunter2hunter2"]).values["excerpt"]
    assert "hunter" not in excerpt
    assert len(excerpt) == 200


@pytest.mark.parametrize(
    ("kind", "rule", "code"), [("text", "x", "rule_kind"), ("pattern", "x", "rule_pattern_group")]
)
def test_it_wants_a_value(kind: Any, rule: str, code: str) -> None:
    problem = check_rule(kind, rule, "reason_rule")
    assert problem
    assert problem.code == code
