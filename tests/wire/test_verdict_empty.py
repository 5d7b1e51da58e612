"""A reply with nothing in its body: said to be empty, whatever a condition asks for, and never quoted."""

import pytest

from tests.wire.verdicts import said
from webpanel.wire.gateway import Gateway
from webpanel.words import exchanges, sentence

ASKING = {"text": '"sent": true', "pattern": "^OK: 0;", "jmespath": "status=='success'"}
BLANK = [b"", b"\r\n", b" \t ", b"\xef\xbb\xbf", "\N{NO-BREAK SPACE}".encode()]


@pytest.mark.parametrize("kind", ASKING)
@pytest.mark.parametrize("status", [200, 202, 204])
@pytest.mark.parametrize("body", BLANK[:-1])
def test_no_condition_on_the_success_holds(kind: str, status: int, body: bytes) -> None:
    verdict = said(Gateway(success_kind=kind, success_rule=ASKING[kind]), body, status)
    assert (verdict.outcome, verdict.code) == ("rejected", "rejected_reply_empty")
    assert sentence(verdict.code, verdict.values) == (
        f"The provider answered {status} with an empty reply, so the success condition {ASKING[kind]} cannot "
        "hold."
    )


@pytest.mark.parametrize("status", [200, 204])
def test_without_a_condition_the_status_counts(status: int) -> None:
    verdict = said(Gateway(), b"", status)
    assert (verdict.outcome, verdict.code) == ("accepted", "accepted_status")


@pytest.mark.parametrize(
    ("gateway", "status", "code"),
    [
        (Gateway(success_kind="pattern", success_rule=r"^\s*$"), 204, "accepted_rule"),
        (Gateway(success_kind="pattern", success_rule=r"^\s*$"), 200, "accepted_rule"),
        (Gateway(failure_kind="pattern", failure_rule=r"^\s*$"), 200, "rejected_failure_rule"),
        (
            Gateway(failure_kind="pattern", failure_rule=r"^\s*$", failure_fault="gateway"),
            200,
            "fault_failure_rule",
        ),
        (Gateway(later_kind="pattern", later_rule=r"^\s*$"), 200, "deferred_later_rule"),
        (Gateway(), 400, "rejected_status"),
    ],
)
@pytest.mark.parametrize("body", BLANK[:-1])
def test_what_is_decided_on_nothing_says_so(gateway: Gateway, status: int, code: str, body: bytes) -> None:
    verdict = said(gateway, body, status)
    assert verdict.code == code
    words = sentence(verdict.code, verdict.values)
    assert words.endswith(".")
    assert "empty reply" in words


@pytest.mark.parametrize("kind", ASKING)
@pytest.mark.parametrize("status", [200, 204, 302, 304, 400, 401, 402, 404, 405, 415, 429, 500, 503])
@pytest.mark.parametrize("body", BLANK)
def test_no_colon_stands_before_nothing(kind: str, status: int, body: bytes) -> None:
    for field in ("success", "failure", "later"):
        for rule in (ASKING[kind], r"^\s*$"):
            verdict = said(Gateway(**{f"{field}_kind": kind, f"{field}_rule": rule}), body, status)
            words = sentence(verdict.code, verdict.values).strip()
            assert not words.endswith(":"), words


def test_a_sentence_for_nothing_has_one_for_something() -> None:
    assert set(exchanges.NOTHING_QUOTED) <= set(exchanges.SENTENCES)
