"""What a change of rules makes of replies that are known: examples and real ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.wire.gateway import Gateway
from webpanel.wire.masked import is_certain
from webpanel.wire.masking import MASK
from webpanel.wire.rejudging import (
    MOST_NAMED,
    Difference,
    Example,
    Shift,
    difference,
    flips,
    same_judgement,
    standing,
    stored,
)
from webpanel.wire.rules import Body, Rule
from webpanel.wire.verdict import Reply

HIDDEN = MASK.decode()


def reply(body: str, status: int = 200, *, cut: bool = False, complete: bool = True) -> Reply:
    return Reply(status, body=body.encode(), cut=cut, complete=complete)


def accepted_when(rule: str, kind: str = "text", **more: str) -> Gateway:
    return Gateway(success_kind=kind, success_rule=rule, **more)


def test_a_stored_reply_is_read_back():
    head = b"HTTP/1.1 302 Found it\r\nLocation: /login\r\ncontent-type: text/html; charset=utf-8\r\nstrange"
    found = stored(302, head, b"<p>", cut=True)
    assert (found.status, found.reason, found.cut, found.complete) == (302, "Found it", True, True)
    assert found.header("Location") == "/login"
    assert found.header("Content-Type") == "text/html; charset=utf-8"
    assert stored(200, b"", b"") == Reply(200)
    assert stored(200, b"HTTP/1.1 200", b"").reason == ""


@pytest.mark.parametrize(
    ("means", "found", "agrees"),
    [
        ("accepted", reply("OK 1"), True),
        ("accepted", reply("NO 1"), False),
        ("accepted", reply("OK 1", 500), False),
        ("failed", reply("NO 1"), True),
        ("failed", reply("OK 1", 500), True),
        ("failed", reply("busy", 503), True),
        ("failed", reply("OK 1"), False),
        ("accepted", reply("NO 1", cut=True), None),
        ("failed", reply("NO 1", cut=True), None),
        ("failed", reply("OK 1", cut=True), False),
        ("accepted", reply(f"{HIDDEN} is your key"), None),
        ("accepted", reply(f"OK {HIDDEN}"), True),
    ],
)
def test_what_rules_make_of_an_example(means, found, agrees):
    assert standing(accepted_when("OK"), Example("1", means, found)).agrees is agrees


def test_why_an_example_cannot_be_judged():
    assert standing(accepted_when("OK"), Example("1", "failed", reply("x", cut=True))).unsure == "cut"
    assert standing(accepted_when("OK"), Example("1", "failed", reply(HIDDEN))).unsure == "masked"
    assert standing(accepted_when("OK"), Example("1", "failed", reply("x"))).unsure is None


OK, NO = Example("ok", "accepted", reply("OK 1")), Example("no", "failed", reply("NO 1"))


def test_a_change_that_contradicts_an_example_flips_it():
    before, after = accepted_when("OK"), accepted_when("NO")
    assert flips(before, before, [OK, NO]) == ()
    found = flips(before, after, [OK, NO])
    assert [flip.example.key for flip in found] == ["ok", "no"]
    assert [(flip.before.verdict.outcome, flip.after.verdict.outcome) for flip in found] == [
        ("accepted", "rejected"),
        ("rejected", "accepted"),
    ]


def test_what_was_contradicted_before_does_not_flip():
    wrong = Example("1", "accepted", reply("NO 1"))
    assert flips(accepted_when("OK"), accepted_when("OK 1"), [wrong]) == ()
    [new] = flips(None, accepted_when("OK"), [OK, NO, wrong])
    assert (new.example, new.before) == (wrong, None)


def test_real_replies_are_counted_by_what_changes():
    before, after = accepted_when("OK"), accepted_when("OK 1", failure_kind="text", failure_rule="bad")
    replies = [
        ("a", reply("OK 1")),
        ("b", reply("OK 2")),
        ("c", reply("OK 3")),
        ("d", reply("NO")),
        ("e", reply("OK 1 bad")),
        ("f", reply("OK 1", 500)),
        ("g", reply("OK", cut=True)),
        ("h", reply(f"OK 1 {HIDDEN}")),
        ("i", reply(f"OK 1 {HIDDEN} bad")),
        ("j", reply("OK 2", complete=False)),
    ]
    found = difference(before, after, replies)
    # Where the failure's text is not found in what is left of it, it may have stood behind the mask.
    assert (found.judged, found.masked, found.cut) == (8, 1, 1)
    assert found.shifts == (Shift("accepted", "rejected", 4, ("b", "c", "e", "i")),)


def test_each_change_of_class_is_told_apart_and_a_few_are_named():
    before = accepted_when("OK", later_kind="text", later_rule="busy")
    after = accepted_when("OK 1", failure_kind="text", failure_rule="busy", failure_fault="gateway")
    found = difference(before, after, [("b", reply("busy")), *((str(n), reply("OK 2")) for n in range(9))])
    assert [(shift.before, shift.after, shift.count) for shift in found.shifts] == [
        ("accepted", "rejected", 9),
        ("deferred", "gateway_fault", 1),
    ]
    assert found.shifts[0].keys == tuple("01234")[:MOST_NAMED]


@pytest.mark.parametrize(
    ("kind", "rule", "body", "certain"),
    [
        ("text", "OK", f"OK {HIDDEN}", True),
        ("text", "OK", f"{HIDDEN}", False),
        ("text", HIDDEN[:3], f"OK {HIDDEN}", False),
        ("pattern", "^OK", f"OK {HIDDEN}", False),
        ("pattern", "^OK", "OK", True),
        ("jmespath", "sent", f'{{"sent": true, "key": "{HIDDEN}"}}', True),
        ("jmespath", "nothing", f'{{"sent": true, "key": "{HIDDEN}"}}', True),
        ("jmespath", "status == 'ok'", f'{{"status": "ok", "key": ["{HIDDEN}"]}}', True),
        # A text is behind the mask, whichever it is.
        ("jmespath", "key", f'{{"key": "{HIDDEN}"}}', True),
        ("jmespath", "!key", f'{{"key": "{HIDDEN}"}}', True),
        ("jmespath", "key == `1`", f'{{"key": "{HIDDEN}"}}', True),
        ("jmespath", "key == ''", f'{{"key": "{HIDDEN}"}}', True),
        ("jmespath", "key == 'abc'", f'{{"key": "{HIDDEN}"}}', False),
        ("jmespath", "'abc' != key", f'{{"key": "{HIDDEN}"}}', False),
        ("jmespath", "key < 'abc'", f'{{"key": "{HIDDEN}"}}', False),
        ("jmespath", "keys[?@ == 'abc']", f'{{"keys": ["1", "{HIDDEN}"]}}', False),
        ("jmespath", "keys[0] == '1'", f'{{"keys": ["1", "{HIDDEN}"]}}', True),
        ("jmespath", 'keys == `["1", "2"]`', f'{{"keys": ["1", "{HIDDEN}"]}}', False),
        ("jmespath", "contains(key, 'abc')", f'{{"key": "{HIDDEN}"}}', False),
        ("jmespath", "contains('abcdef', key)", f'{{"key": "{HIDDEN}"}}', False),
        ("jmespath", "type(key) == 'string'", f'{{"key": "{HIDDEN}"}}', True),
        ("jmespath", "sent", f'{{"sent": true, "{HIDDEN}": 1}}', False),
        ("jmespath", "sent", f'{{"sent": {HIDDEN}}}', False),
        ("jmespath", "sent", f"no json {HIDDEN}", False),
    ],
)
def test_a_mask_matters_only_where_a_rule_looks(kind, rule, body, certain):
    assert is_certain(Rule(kind, rule), Body(body.encode(), "application/json")) is certain


def test_a_mask_that_cannot_be_read_matters():
    body = Body(b"\xe9 OK " + MASK, "text/plain; charset=iso-8859-1")
    assert not is_certain(Rule("text", "OK"), body)


def test_only_rules_that_are_looked_at_can_be_kept_from_judging():
    gateway = accepted_when("OK", failure_kind="text", failure_rule="bad")
    refused = Example("1", "failed", reply(f"bad {HIDDEN}"))
    assert standing(gateway, refused).agrees is True
    # A status that is no 2xx asks for no success rule.
    plain = accepted_when("OK")
    assert standing(plain, Example("1", "failed", reply(HIDDEN, 404))).agrees is True


def test_settings_that_judge_alike():
    assert same_judgement(accepted_when("OK"), accepted_when("OK", url="https://x.example/", reason_rule="y"))
    assert not same_judgement(accepted_when("OK"), accepted_when("OK", failure_fault="gateway"))


TEXTS = st.sampled_from(["OK", "NO", "1", "", '{"a": "OK"}', HIDDEN, f'{{"a": "{HIDDEN}", "b": "OK"}}'])
RULES = st.one_of(
    st.tuples(st.just("text"), st.sampled_from(["OK", "NO", "1"])),
    st.tuples(st.just("jmespath"), st.sampled_from(["a", "a == 'OK'", "b == 'OK'", "contains(a, 'O')", "!"])),
    st.tuples(st.just("pattern"), st.sampled_from(["^O", "N|1", "("])),
    st.just(("blank", "")),
)


@st.composite
def gateways(draw):
    success, failure, later = draw(RULES), draw(RULES), draw(RULES)
    return Gateway(
        success_kind=success[0],
        success_rule=success[1],
        failure_kind=failure[0],
        failure_rule=failure[1],
        failure_fault=draw(st.sampled_from(["message", "gateway"])),
        later_kind=later[0],
        later_rule=later[1],
    )


REPLIES = st.builds(
    lambda body, status, cut: reply(body, status, cut=cut),
    st.lists(TEXTS, max_size=3).map(" ".join),
    st.sampled_from([200, 202, 302, 401, 404, 429, 500]),
    st.booleans(),
)
EXAMPLES = st.lists(st.builds(Example, st.text(max_size=3), st.sampled_from(["accepted", "failed"]), REPLIES))


@given(gateways(), st.lists(REPLIES), EXAMPLES)
def test_the_same_rules_make_no_difference(gateway, replies, examples):
    assert flips(gateway, gateway, examples) == ()
    found = difference(gateway, gateway, [(str(n), each) for n, each in enumerate(replies)])
    assert found == Difference(found.judged, found.masked, found.cut)
    assert found.judged + found.masked + found.cut == len(replies)


@given(gateways(), gateways(), EXAMPLES, st.lists(REPLIES))
def test_there_and_back_are_each_other_s_mirror(one, other, examples, replies):
    there, back = flips(one, other, examples), flips(other, one, examples)
    sure = [e for e in examples if None not in (standing(one, e).agrees, standing(other, e).agrees)]
    changed = [e for e in sure if standing(one, e).agrees != standing(other, e).agrees]
    flipped = [flip.example for flip in (*there, *back) if flip.example in sure]
    assert sorted(map(id, flipped)) == sorted(map(id, changed))
    real = [(str(n), each) for n, each in enumerate(replies)]
    forth, home = difference(one, other, real), difference(other, one, real)
    assert (forth.judged, forth.masked + forth.cut) == (home.judged, home.masked + home.cut)
    assert {(s.before, s.after, s.count) for s in forth.shifts} == {
        (s.after, s.before, s.count) for s in home.shifts
    }


@given(gateways(), st.sampled_from(["OK", "NO", "1", "xyz OK", ' "', "secret"]), st.lists(TEXTS, min_size=1))
def test_a_certain_verdict_is_that_of_the_reply_as_it_came(gateway, secret, texts):
    masked = " ".join(texts)
    came = masked.replace(HIDDEN, secret.replace('"', r"\""))
    found = standing(gateway, Example("1", "accepted", reply(masked)))
    if found.agrees is not None:
        assert (
            standing(gateway, Example("1", "accepted", reply(came))).verdict.outcome == found.verdict.outcome
        )
