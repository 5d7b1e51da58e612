"""Rules as an administrator types them: what is refused when the form is saved."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webpanel.wire.gateway import Gateway
from webpanel.wire.rules import MAX_RULE
from webpanel.wire.verdict import Reply, check_rule, judge
from webpanel.words.problems import SENTENCES


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("blank", ""),
        ("blank", "left over from another kind ("),
        ("text", "0"),
        ("text", '{"sent": true}'),
        ("jmespath", "sid && error_code==`null`"),
        ("jmespath", "status == 'success'"),
        ("jmespath", "messages[0].\"message-id\" == 'a'"),
        ("jmespath", '"message-id" != "other-id"'),
        ("jmespath", 'a == "b".c'),
        ("jmespath", "length(messages[?status!='0'])==`0`"),
        ("jmespath", "max_by(people, &age).name"),
        ("jmespath", "a[1:2] | {x: a, y: [b, c]}"),
        ("jmespath", "a ==\n'b'"),
        ("jmespath", "!(a.b) && !a[0] && !a[*].b || !a || b.c"),
        ("pattern", "^OK: 0;"),
        ("pattern", r"SMSGlobalMsgID:\s*(\d+)"),
    ],
)
def test_good_conditions(kind: str, rule: str) -> None:
    assert check_rule(kind, rule, "success_rule") is None


@pytest.mark.parametrize(
    ("kind", "rule", "code", "place"),
    [
        ("regex", "a", "rule_kind", (None, None)),
        ("text", "", "rule_empty", (None, None)),
        ("jmespath", " \n", "rule_empty", (None, None)),
        ("pattern", "", "rule_empty", (None, None)),
        ("text", "a" * (MAX_RULE + 1), "rule_too_long", (None, None)),
        ("jmespath", "status = 'success'", "rule_jmespath", (1, 8)),
        ("jmespath", "status == 200", "rule_jmespath", (1, 11)),
        ("jmespath", "a ==\n b c", "rule_jmespath", (2, 4)),
        ("jmespath", "messages[", "rule_jmespath_end", (1, 10)),
        ("jmespath", "a == 'b", "rule_jmespath", (1, 6)),
        ("jmespath", 'status == "success"', "rule_jmespath_quotes", (1, 8)),
        *(
            ("jmespath", rule, "rule_jmespath_not", (None, None))
            for rule in ("!a.b", "a && !list[0].error", "a[?!b.c]", "!a.*", "!a[?b]", "!a[]", "!a.[b]")
        ),
        ("jmespath", 'a && status!="ok"', "rule_jmespath_quotes", (1, 12)),
        ("jmespath", "lenght(a)", "rule_jmespath_function", (None, None)),
        ("jmespath", "a && foo[?starts(@, 'b')]", "rule_jmespath_function", (None, None)),
        ("jmespath", "(" * 1500, "rule_jmespath_unusable", (None, None)),
        ("pattern", "(abc", "rule_pattern", (None, None)),
        ("pattern", "a(?=b)", "rule_pattern", (None, None)),
        ("pattern", "x{2000}", "rule_pattern", (None, None)),
        ("pattern", r"(?i)[\pL\d]{1,200}=", "rule_pattern", (None, None)),
        ("pattern", "\ud800", "rule_pattern", (None, None)),
    ],
)
def test_bad_conditions(kind: str, rule: str, code: str, place: tuple[int | None, int | None]) -> None:
    for field in ("success_rule", "failure_rule", "later_rule"):
        problem = check_rule(kind, rule, field)
        assert problem is not None
        assert (problem.code, problem.field, (problem.line, problem.column)) == (code, field, place)
        assert str(SENTENCES[code]) % problem.values


def test_what_is_near_the_fault_is_told() -> None:
    problem = check_rule("jmespath", "status = 'success'", "success_rule")
    assert problem is not None
    assert problem.values == {"near": "= 'success'"}


def test_a_message_id_is_a_value() -> None:
    field = "message_id_rule"
    assert check_rule("jmespath", "messages[0].id", field) is None
    assert check_rule("pattern", r"ID: (\d+)", field) is None
    assert check_rule("blank", "", field) is None
    problems = [check_rule(kind, rule, field) for kind, rule in (("pattern", r"ID: \d+"), ("text", "ID"))]
    assert [problem and problem.code for problem in problems] == ["rule_pattern_group", "rule_kind"]
    assert check_rule("pattern", r"ID: \d+", "success_rule") is None


@settings(max_examples=300)
@given(
    st.sampled_from(["text", "jmespath", "pattern"]),
    st.one_of(st.text(), st.text(st.sampled_from("ab.[]*?&|!=<>'`\"@(){},:$^\\+0 \n"))),
)
def test_what_is_saved_can_be_applied(kind: str, rule: str) -> None:
    problem = check_rule(kind, rule, "success_rule")
    if problem is not None:
        assert str(SENTENCES[problem.code]) % problem.values
        return
    for body in (b'{"a": [1, {"b": "x"}], "b": 0}', b"ab"):
        verdict = judge(Gateway(success_kind=kind, success_rule=rule), Reply(200, body=body))
        assert verdict.code != "rejected_rule_unusable"
