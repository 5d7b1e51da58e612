"""No expression makes more of a reply than memory and patience hold."""

import json
import time

import pytest

from webpanel.wire.expression import DEEPEST, HEAVIEST, RAISED, TooMuch, search
from webpanel.wire.gateway import Gateway
from webpanel.wire.rules import MAX_RULE, check_rule
from webpanel.wire.verdict import Reply, judge

#: Seconds: many times what it takes, and far less than what has no bound.
SOON = 10
NUMBERS = list(range(11_000))
BOMBS = {
    "shares": "|".join(["[@,@]"] * 300),
    "shares in objects": "|".join(["{a:@,b:@}"] * 150),
    "writes what is shared": "|".join(["[@,@]"] * 200) + "|to_string(@)",
    "compares what is shared": "|".join(["[@,@]"] * 100) + "|[0]==[[1]]",
    "doubles a list": "|".join(["[@,@][]"] * 200),
    "doubles a text": "to_string(@)|" + "|".join(["join('',[@,@])"] * 100),
    "joins by a text": "join(to_string(@),[*].to_string(@))",
    "copies a list": "[" + ",".join("@" * 990) + "]|[]",
    "visits for ever": "[*].[" + ",".join("@" * 900) + "]",
    "maps": "map(&[" + ",".join("@" * 900) + "],@)",
    "nests": "|".join(["[@]"] * 490),
    "nests in a literal": "`" + "[" * 990 + "]" * 990 + "`",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_an_expression_ends(bomb: str) -> None:
    rule = BOMBS[bomb]
    assert len(rule) <= MAX_RULE
    started = time.monotonic()
    check_rule("jmespath", rule, "success_rule")
    with pytest.raises(RAISED):
        search(rule, NUMBERS)
    reply = Reply(200, body=json.dumps(NUMBERS).encode())
    kinds = {f"{name}_kind": "jmespath" for name in ("success", "failure", "later", "message_id")}
    rules = {f"{name}_rule": rule for name in ("success", "failure", "later", "message_id")}
    assert judge(Gateway(**kinds, **rules), reply).outcome == "rejected"
    assert time.monotonic() - started < SOON


def test_what_people_mean_is_far_below() -> None:
    entries = [{"id": f"m-{number}", "status": {"name": "sent", "code": 0}} for number in range(1000)]
    found = search(
        "messages[?status.name=='sent' && status.code==`0`].{id: id, all: status}|[].id",
        {"messages": entries},
    )
    assert found == [entry["id"] for entry in entries]
    assert search("join(', ', messages[*].id)", {"messages": entries}).startswith("m-0, m-1")


def test_the_bounds() -> None:
    assert len(search("to_string(@)", "x" * HEAVIEST)) == HEAVIEST
    with pytest.raises(TooMuch):
        search("@", "x" * (HEAVIEST + 1))
    deep: list = []
    for _ in range(DEEPEST - 1):
        deep = [deep]
    assert search("@", deep) == deep
    with pytest.raises(TooMuch):
        search("[@]", deep)
