"""The class of a reply by its completeness, status and rules: DESIGN section 4, row by row."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from webpanel.wire.gateway import Gateway
from webpanel.wire.verdict import MAX_RETRY_AFTER, Reply, judge, retry_after

BY_STATUS = {
    "accepted": [200, 201, 202, 204, 206, 226, 299],
    "deferred": [429, 503],
    "gateway_fault": [301, 307, 308, 401, 402, 403, 404, 405, 415],
    "rejected": [400, 406, 407, 409, 410, 411, 412, 413, 414, 416, 418, 422, 425, 426, 431, 451, 499],
    "ambiguous": [
        0,
        99,
        100,
        101,
        199,
        300,
        302,
        303,
        304,
        305,
        399,
        408,
        500,
        501,
        502,
        504,
        505,
        520,
        599,
        600,
        999,
    ],
}


@pytest.mark.parametrize(
    ("status", "outcome"), [(status, outcome) for outcome, all_of in BY_STATUS.items() for status in all_of]
)
def test_status(status: int, outcome: str) -> None:
    verdict = judge(Gateway(), Reply(status, "Some Reason", body=b"Some body"))
    assert verdict.outcome == outcome
    assert verdict.values["status"] == status
    assert verdict.values["reason"] == "Some Reason"
    assert verdict.values["excerpt"] == "Some body"


@pytest.mark.parametrize("status", [status for all_of in BY_STATUS.values() for status in all_of])
def test_success_needs_a_2xx(status: int) -> None:
    gateway = Gateway(success_kind="text", success_rule="OK")
    assert (judge(gateway, Reply(status, body=b"OK")).outcome == "accepted") == (200 <= status <= 299)


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
def test_a_reply_that_broke_off_decides_nothing(status: int) -> None:
    rules = {"success_kind": "text", "success_rule": "a", "failure_kind": "text", "failure_rule": "b"}
    for gateway in (Gateway(), Gateway(**rules, later_kind="text", later_rule="c")):
        verdict = judge(gateway, Reply(status, body=b"abc", complete=False))
        assert (verdict.outcome, verdict.code) == ("ambiguous", "ambiguous_incomplete")
        assert verdict.message_id is None


ALL = Gateway(
    success_kind="text",
    success_rule="yes",
    failure_kind="text",
    failure_rule="no",
    later_kind="text",
    later_rule="busy",
)


@pytest.mark.parametrize(
    ("status", "body", "outcome", "code"),
    [
        (200, b"yes", "accepted", "accepted_rule"),
        (200, b"yes, no", "rejected", "rejected_failure_rule"),
        (200, b"yes, busy", "deferred", "deferred_later_rule"),
        (200, b"no, busy", "rejected", "rejected_failure_rule"),
        (200, b"perhaps", "rejected", "rejected_success_rule"),
        (200, b"", "rejected", "rejected_reply_empty"),
        (429, b"no", "rejected", "rejected_failure_rule"),
        (401, b"no", "rejected", "rejected_failure_rule"),
        (500, b"no", "rejected", "rejected_failure_rule"),
        (302, b"no", "rejected", "rejected_failure_rule"),
        (400, b"busy", "deferred", "deferred_later_rule"),
        (500, b"busy", "deferred", "deferred_later_rule"),
        (404, b"busy", "deferred", "deferred_later_rule"),
        (400, b"yes", "rejected", "rejected_status"),
        (500, b"yes", "ambiguous", "ambiguous_status"),
        (503, b"yes", "deferred", "deferred_status"),
    ],
)
def test_order_of_judgement(status: int, body: bytes, outcome: str, code: str) -> None:
    verdict = judge(ALL, Reply(status, body=body))
    assert (verdict.outcome, verdict.code) == (outcome, code)


@pytest.mark.parametrize("status", [200, 429, 401, 500])
def test_a_failure_rule_may_be_the_gateway_s_fault(status: int) -> None:
    gateway = Gateway(failure_kind="text", failure_rule="quota", failure_fault="gateway")
    verdict = judge(gateway, Reply(status, body=b"quota exceeded"))
    assert (verdict.outcome, verdict.code) == ("gateway_fault", "fault_failure_rule")


CUT = {"cut": True, "complete": True}


@pytest.mark.parametrize(
    ("rules", "status", "body", "outcome"),
    [
        ({}, 200, b"a", "accepted"),
        ({"success_kind": "text", "success_rule": "yes"}, 200, b"yes ...", "accepted"),
        ({"success_kind": "text", "success_rule": "yes"}, 200, b"...", "ambiguous"),
        ({"success_kind": "pattern", "success_rule": "^OK: 0;"}, 200, b"OK: 0; ...", "accepted"),
        ({"success_kind": "pattern", "success_rule": "^OK: 0;"}, 200, b"ERROR", "ambiguous"),
        # the end that this pattern found is only where we stopped
        ({"success_kind": "pattern", "success_rule": "OK$"}, 200, b"...OK", "ambiguous"),
        ({"success_kind": "pattern", "success_rule": r"OK\b"}, 200, b"...OK", "ambiguous"),
        ({"success_kind": "jmespath", "success_rule": "ok"}, 200, b'{"ok":true,', "ambiguous"),
        ({"success_kind": "jmespath", "success_rule": "ok"}, 200, b"", "ambiguous"),
        # no JSON begins so, whatever follows
        ({"success_kind": "jmespath", "success_rule": "ok"}, 200, b"<html>", "rejected"),
        # failure wins, so one that may stand beyond the cut leaves a 2xx uncertain
        ({"failure_kind": "text", "failure_rule": "no"}, 200, b"...", "ambiguous"),
        ({"failure_kind": "text", "failure_rule": "no"}, 200, b"no...", "rejected"),
        ({"failure_kind": "jmespath", "failure_rule": "error"}, 200, b'{"a":', "ambiguous"),
        ({"failure_kind": "jmespath", "failure_rule": "error"}, 200, b"<html>", "accepted"),
        ({"later_kind": "text", "later_rule": "busy"}, 200, b"...", "ambiguous"),
        (
            {"failure_kind": "text", "failure_rule": "no", "success_kind": "text", "success_rule": "yes"},
            200,
            b"yes...",
            "ambiguous",
        ),
        # these statuses say "not accepted" by themselves
        ({"failure_kind": "text", "failure_rule": "no"}, 404, b"<html>", "gateway_fault"),
        ({"failure_kind": "text", "failure_rule": "no"}, 400, b"<html>", "rejected"),
        ({"later_kind": "text", "later_rule": "busy"}, 429, b"<html>", "deferred"),
        ({"failure_kind": "text", "failure_rule": "no"}, 500, b"<html>", "ambiguous"),
    ],
)
def test_a_reply_longer_than_what_is_read(
    rules: dict[str, str], status: int, body: bytes, outcome: str
) -> None:
    assert judge(Gateway(**rules), Reply(status, body=body, **CUT)).outcome == outcome


NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        (" 120 ", 120),
        ("999999999999999999", MAX_RETRY_AFTER),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60),
        ("Sunday, 01-Mar-26 12:01:00 GMT", 60),
        ("Sun Mar  1 12:01:00 2026", 60),
        ("Sun, 01 Mar 2026 13:01:00 +0100", 60),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("\N{ARABIC-INDIC DIGIT FIVE}", None),
        ("9" * 10_000, None),
        ("Sun, 99 Mar 2026 12:01:00 GMT", None),
        ("\0", None),
    ],
)
def test_retry_after(value: str, seconds: int | None) -> None:
    assert retry_after(Reply(429, headers=(("retry-After", value),)), NOW) == seconds
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-5)))
    assert retry_after(Reply(429, headers=(("Retry-After", value),)), elsewhere) == seconds


def test_part_of_a_second_is_waited_for() -> None:
    now = NOW - timedelta(milliseconds=1)
    assert retry_after(Reply(503, headers=(("Retry-After", "Sun, 01 Mar 2026 12:00:00 GMT"),)), now) == 1


def test_no_retry_after() -> None:
    assert retry_after(Reply(429), NOW) is None
