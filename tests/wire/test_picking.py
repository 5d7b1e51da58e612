"""From a click to a rule: it says of this very reply what was meant, and of another one it does not."""

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webpanel.wire import clickable, picking, rules
from webpanel.wire.body import number_text, parse_json
from webpanel.wire.clickable import Clickable, Path
from webpanel.wire.expression import is_number
from webpanel.wire.masking import MASK
from webpanel.wire.picking import Meaning
from webpanel.wire.problem import Refused
from webpanel.wire.rules import Body

SMSGLOBAL = "OK: 0; Sent queued message ID: 04b4a8d4a5a02176 SMSGlobalMsgID:6613115713715266"
XML = '<?xml version="1.0"?><r><status code="1">OK</status><id>4711</id><error>No such thing</error></r>'
LINES = "id: 12345678\r\nstatus: sent\r\nleft=12"

#: Any JSON that a provider could send, spelled as Python spells it.
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["it's", '"', "`", "\\", "\\'", "a`\\`b", "", " ", 'x == "y"', "SM0123456789", "\ud800"]
    )
)
names = st.text(max_size=6) | st.sampled_from(["sid", "message-id", 'a"b', "a`b", "@", "0", "\\", "\ud800"])
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


def read(text: str) -> Clickable:
    found = clickable.read(Body(text.encode()))
    assert found
    return found


def place_of(reply: Clickable, shown: str) -> int:
    [number] = [
        number for number, place in enumerate(reply.places) if reply.text[place.start : place.end] == shown
    ]
    return number


def picked(text: str, shown: str, meaning: Meaning) -> tuple[str, str]:
    reply = read(text)
    made = picking.rule(reply, place_of(reply, shown), meaning)
    return made.kind, made.text


def refusal(text: str, shown: str, meaning: Meaning) -> str:
    with pytest.raises(Refused) as refused:
        picked(text, shown, meaning)
    [problem] = refused.value.problems
    return problem.code


@pytest.mark.parametrize(
    ("text", "shown", "meaning", "rule"),
    [
        ('{"sent": true}', "true", "accepted", "sent == `true`"),
        ('{"sent": false}', "false", "failed", "sent == `false`"),
        ('{"result": {"sent": true}}', "true", "accepted", "result.sent == `true`"),
        ('{"status": "success"}', '"success"', "accepted", "status == 'success'"),
        ('{"messages": [{"status": "0"}]}', '"0"', "accepted", "messages[0].status == '0'"),
        ('{"messages": [{"message-id": "x"}]}', '"x"', "message_id", 'messages[0]."message-id"'),
        ('[[1], [{"a": 2}]]', "2", "failed", "[1][0].a == `2`"),
        ('{"error": null}', "null", "accepted", "error == `null`"),
        ('{"errors": []}', "[]", "accepted", "errors == `[]`"),
        ('{"errors": { }}', "{ }", "accepted", "errors == `{}`"),
        ('{"code": 131030}', "131030", "failed", "code == `131030`"),
        ('{"cost": 1.50}', "1.50", "failed", "cost == `1.50`"),
        ('{"text": "it\'s"}', '"it\'s"', "failed", 'text == `"it\'s"`'),
        (r'{"text": "a\nb"}', r'"a\nb"', "failed", r'text == `"a\nb"`'),
        ('{"text": "a`b"}', '"a`b"', "failed", "text == 'a`b'"),
        (r'{"text": "a`\\"}', r'"a`\\"', "failed", r'text == `"a\u0060\\"`'),
        ('{"error": {"message": "No such number"}}', '"No such number"', "reason", "error.message"),
        ('{"Größe": "klein"}', '"klein"', "failed", "\"Größe\" == 'klein'"),
        # What changes from reply to reply is asked for, never asked to be the same.
        ('{"sid": "SM04b4a8d4a5a02176"}', '"SM04b4a8d4a5a02176"', "accepted", "sid"),
        ('{"id": 6613115713715266123}', "6613115713715266123", "accepted", "id"),
        # However short it is, when it is called an id.
        ('{"id": "demo-1", "ok": 1}', '"demo-1"', "accepted", "id"),
        ('{"results": [{"messageId": "m-88"}]}', '"m-88"', "accepted", "results[0].messageId"),
        ('{"message_id": 17}', "17", "accepted", "message_id"),
        ('{"valid": "yes"}', '"yes"', "accepted", "valid == 'yes'"),
        ('{"id": ""}', '""', "accepted", "id == ''"),
        ('{"to": "+447911123456"}', '"+447911123456"', "accepted", "to"),
        ('"queued"', '"queued"', "accepted", "@ == 'queued'"),
        ("17", "17", "message_id", "@"),
        ('{"a": 1, "a": 2}', "2", "accepted", "a == `2`"),
    ],
)
def test_json(text, shown, meaning, rule):
    assert picked(text, shown, meaning) == ("jmespath", rule)


@pytest.mark.parametrize(
    ("text", "shown", "meaning", "rule"),
    [
        (SMSGLOBAL, "OK", "accepted", r"^OK\b"),
        (SMSGLOBAL, "0", "accepted", r"^OK:\s*0\b"),
        (SMSGLOBAL, "04b4a8d4a5a02176", "message_id", r"\bID:\s*([\w-]+)"),
        (SMSGLOBAL, "6613115713715266", "message_id", r"\bSMSGlobalMsgID:\s*(\d+)"),
        (SMSGLOBAL, "6613115713715266", "accepted", r"\bSMSGlobalMsgID:\s*\d+"),
        ("ERROR: 402 Invalid number.", "ERROR", "failed", r"^ERROR\b"),
        ("ERROR: 402 Invalid number.", "402", "failed", r"^ERROR:\s*402\b"),
        # The next refusal has another code.
        ("ERROR: 402 Invalid number.", "Invalid", "reason", r"\bERROR:\s*\d+\s+(.+)"),
        ("1701|447911123456|b2e4-11aa", "1701", "accepted", r"^1701\b"),
        ("1701|447911123456|b2e4-11aa", "b2e4-11aa", "message_id", r"\b1701\|\s*\d+\|\s*([\w-]+)"),
        ("  Accepted\n", "Accepted", "accepted", r"^\s+Accepted\b"),
        ("OK OK", "OK", "accepted", None),
        (LINES, "sent", "accepted", r"\bstatus:\s*sent\b"),
        (LINES, "12345678", "message_id", r"\bid:\s*(\d+)"),
        (LINES, "12", "message_id", r"\bleft=\s*(\d+)"),
        (XML, "OK", "accepted", r"<status[^>]*>\s*OK\b"),
        (XML, "4711", "message_id", r"<id>\s*(\d+)"),
        (XML, "No", "reason", r"<error>\s*([^<]+)"),
        ("Größe: klein", "klein", "failed", r"^Größe:\s*klein\b"),
        ("fertig: Größe", "Größe", "failed", r"^fertig:\s*Größe\b"),
        ("done ✓", "✓", "accepted", r"^done\s+✓"),
    ],
)
def test_text(text, shown, meaning, rule):
    if rule is None:
        reply = read(text)
        assert [picking.rule(reply, n, meaning).text for n in (0, 1)] == [r"^OK\b", r"^OK\s+OK\b"]
    else:
        assert picked(text, shown, meaning) == ("pattern", rule)


def test_of_words_that_stand_there_twice_the_one_is_meant_that_was_clicked_on():
    text = "Today at nine status: sent, and later status: sent"
    reply = read(text)
    second = max(n for n, place in enumerate(reply.places) if text[place.start : place.end] == "sent")
    assert picking.rule(reply, second, "accepted").text == r"\blater\s+status:\s*sent\b"
    many = read("sent " * 20)
    assert picking.rule(many, 19, "accepted").text == r"\bsent\s+sent\b"


@pytest.mark.parametrize("shown", ["true", "null", "[]", '" "', '""'])
@pytest.mark.parametrize("meaning", picking.PLACES)
def test_what_is_no_text_and_no_number_is_no_id_and_no_reason(shown, meaning):
    assert refusal(f'{{"a": {shown}}}', shown, meaning) == "pick_no_value"


@pytest.mark.parametrize("number", [-1, 1, 500])
def test_a_place_that_is_not_there(number):
    with pytest.raises(Refused):
        picking.rule(read("true"), number, "accepted")


def test_a_value_whose_rule_would_be_too_long():
    path = ".".join(["name" * 30] * 20)
    text = "{" + "".join(f'"{name}": {{' for name in path.split(".")) + '"a": 1' + "}" * 21
    assert refusal(text, "1", "accepted") == "pick_too_long"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        json.dumps({"key": MASK.decode()}, ensure_ascii=False),
        json.dumps({MASK.decode(): 1}, ensure_ascii=False),
        f"{MASK.decode()}",
        f"x{MASK.decode()}y",
        "1e400",
        "[" * 101 + "]" * 101,
        json.dumps("x" * 600),
        '{"a": {"b": 1}, "a": {}}'.replace("{}", json.dumps("x" * 600)),
    ],
)
def test_nothing_to_click_on(text):
    assert clickable.read(Body(text.encode())) is None


def test_a_cut_reply():
    assert clickable.read(Body(b'{"sent": true, "a', cut=True)) is None
    cut = clickable.read(Body(b"OK: mes", cut=True))
    assert cut
    assert [each.text for each in cut.pieces if each.number is not None] == ["OK"]


def test_large_replies_are_bounded():
    reply = read(json.dumps([{"id": number} for number in range(6000)]))
    assert len(reply.places) == clickable.MOST_PLACES
    assert sum(len(each.text) for each in reply.pieces) < clickable.MOST_SHOWN + 100
    assert reply.shortened
    text = read("word, " * 10_000)
    assert len(text.places) == clickable.MOST_PLACES
    assert sum(len(each.text) for each in text.pieces) == clickable.MOST_SHOWN


@pytest.mark.parametrize("text", ["." * 65_000, "a." * 32_000, "<" * 65_000, "a" * 65_000, "a b" * 21_000])
def test_long_replies_take_linear_time(text):
    reply = clickable.read(Body(text.encode()))
    if reply:
        for meaning in picking.RULES:
            with contextlib.suppress(Refused):
                picking.rule(reply, len(reply.places) - 1, meaning)


def changed(tree: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    tree = copy.deepcopy(tree)
    inner = tree
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return tree


@settings(max_examples=300, deadline=None)
@given(trees, st.integers(0, 4) | st.none())
def test_every_leaf_makes_rules_that_are_true_of_it_alone(tree, indent):
    text = json.dumps(tree, indent=indent)
    body = Body(text.encode())
    reply = clickable.read(body)
    if reply is None:
        assert not text.strip("[]{}")
        return
    for number, place in enumerate(reply.places):
        for meaning in ("accepted", "failed"):
            made = picking.rule(reply, number, meaning)
            assert rules.check_rule(made.kind, made.text, "success_rule") is None
            assert made.text.isprintable()
            assert rules.apply(made, body).holds, made
            # What is null or empty becomes another value, all else becomes null.
            is_empty = place.value in (None, False, "", [], {}) and not is_number(place.value)
            other = "another" if is_empty else None
            elsewhere = Body(json.dumps(changed(parse_json(text), place.path, other)).encode())
            assert not rules.apply(made, elsewhere).holds, made
        for meaning in picking.PLACES:
            try:
                made = picking.rule(reply, number, meaning)
            except Refused:
                assert not is_number(place.value)
                assert not isinstance(place.value, str) or not place.value.strip()
            else:
                assert rules.check_rule(made.kind, made.text, f"{meaning}_rule") is None
                told = number_text(place.value) if is_number(place.value) else place.value.strip()
                assert rules.told(made, body) == told


@settings(max_examples=300, deadline=None)
@given(trees)
def test_the_pieces_are_the_reply(tree):
    text = json.dumps(tree)
    reply = clickable.read(Body(text.encode()))
    if reply:
        assert parse_json("".join(each.text for each in reply.pieces)) == tree


_words = st.text(st.sampled_from("aZé1 0-:;=|<>/.\n\t\"'(\u202e•"), max_size=40)


@settings(max_examples=500, deadline=None)
@given(_words)
def test_every_word_makes_rules_that_are_true_of_it(text):
    body = Body(text.encode())
    reply = clickable.read(body)
    if reply is None or reply.is_json:
        return
    assert "".join(each.text for each in reply.pieces) == text
    for number, place in enumerate(reply.places):
        word = text[place.start : place.end]
        made = picking.rule(reply, number, "accepted")
        assert rules.check_rule(made.kind, made.text, "success_rule") is None
        assert rules.apply(made, body).holds, made
        if text.count(word) == 1:
            without = Body((text[: place.start] + "?" + text[place.end :]).encode())
            assert not rules.apply(made, without).holds, made
        for meaning in picking.PLACES:
            try:
                made = picking.rule(reply, number, meaning)
            except Refused:
                continue
            told = rules.told(made, body)
            assert told == word if meaning == "message_id" else told.startswith(word)
