"""Whatever a rule takes out of a reply that echoes a secret, no piece of the secret is quoted."""

import json

import pytest

from webpanel.wire.gateway import Gateway
from webpanel.wire.verdict import Reply, Verdict, judge

SECRET = "Zq7-Xw9-Kd3"  # noqa: S105 - nobody's
#: Two characters of it that stand nowhere else in what is judged.
PIECES = [SECRET[i : i + 2] for i in range(len(SECRET) - 1)]
REPLY = Reply(200, body=json.dumps({"id": "m-1", "key": SECRET, "n": 1.50}).encode())


def judged(reply: Reply = REPLY, **rules: str) -> Verdict:
    return judge(Gateway(**rules), reply, secrets=[SECRET])


def quoted(verdict: Verdict) -> str:
    """All that is stored of a verdict, but for the rule itself."""
    values = {name: value for name, value in verdict.values.items() if name != "rule"}
    return json.dumps([values, verdict.message_id], ensure_ascii=False)


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("jmespath", "key"),
        ("jmespath", "reverse(key)"),
        ("jmespath", "[reverse(key), id]"),
        ("jmespath", "abs(reverse(key))"),
        ("jmespath", "sort_by([{k: reverse(key)}], &to_number(k))"),
        ("pattern", "Zq7"),
        ("text", "Zq7-"),
    ],
)
@pytest.mark.parametrize("place", ["success", "failure", "later"])
def test_no_piece_is_quoted(place: str, kind: str, rule: str) -> None:
    said = quoted(judged(**{f"{place}_kind": kind, f"{place}_rule": rule}))
    for piece in PIECES:
        assert piece not in said
        assert piece[::-1] not in said


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("pattern", "Zq7-(..)"),
        ("pattern", "key.{7}(.)"),
        ("pattern", "(Zq)"),
        ("jmespath", "key"),
        ("jmespath", "reverse(key)"),
    ],
)
def test_no_piece_becomes_a_message_id(kind: str, rule: str) -> None:
    found = judged(message_id_kind=kind, message_id_rule=rule).message_id
    assert not set(found or "") & set(SECRET)


def test_what_stands_beside_it_is_found() -> None:
    for kind, rule in (("jmespath", "id"), ("pattern", 'id": "([^"]+)')):
        assert judged(message_id_kind=kind, message_id_rule=rule).message_id == "m-1"
    verdict = judged(success_kind="jmespath", success_rule="key && id")
    assert (verdict.outcome, verdict.values["excerpt"]) == ("accepted", '"m-1"')


def test_rules_judge_what_came() -> None:
    assert judged(success_kind="text", success_rule=SECRET).outcome == "accepted"
    assert judged(failure_kind="jmespath", failure_rule=f"key == '{SECRET}'").outcome == "rejected"
