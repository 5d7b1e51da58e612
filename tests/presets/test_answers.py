"""Answers become settings in which they mean the same, or are refused beside their question."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.presets import expected
from tests.wire.composing import MESSAGE_ID, RECIPIENT, USER_AGENT, Received, received
from webpanel import presets
from webpanel.presets import Answered, Preset, Question, reading
from webpanel.wire.compose import Values, compose
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Refused

#: A preset with the same text question in every place where one can stand.
EVERYWHERE = reading.read(
    """
name = "Everywhere"
checked = 2026-11-23

[[questions]]
id = "text"
label = "Text"

[[questions]]
id = "secret"
label = "Secret"
secret = true

[settings]
url = "https://provider.example/a/{{ask.text}}/b?q={{ask.text}}&to={{recipient}}"
query = '''
first={{ask.text}}
second=-{{ask.text}}-
'''
body_format = "json"
body_json = '''
{"plain": "{{ask.text}}", "between": "<{{ask.text}}>", "text": "{{message}}", "from": "{{sender}}",
 "key": "{{secret.key}}"}
'''
sender = "{{ask.text}}"

[secrets]
key = "{{ask.secret}}"
""",
    "everywhere",
)
IN_FORM = replace(
    EVERYWHERE,
    settings=replace(
        EVERYWHERE.settings,
        url="https://provider.example/?to={{recipient}}",
        headers="X-Text: -{{ask.text}}-",
        body_format="form",
        body_form="first={{ask.text}}\nsecond=-{{ask.text}}-\ntext={{message}}\nfrom={{sender}}",
    ),
)
IN_XML = replace(
    EVERYWHERE,
    settings=replace(
        EVERYWHERE.settings,
        url="https://provider.example/?to={{recipient}}",
        query="",
        body_format="xml",
        body_xml='<m a="{{ask.text}}"><t>{{ask.text}}</t>{{message}}</m>',
    ),
)
LONG = "x" * 201


def sent(answered: Answered) -> Received:
    values = Values(
        recipient=RECIPIENT,
        message="Hello",
        message_id=MESSAGE_ID,
        fresh=expected.FRESH,
        secrets=answered.secrets,
    )
    return received(compose(answered.settings, values, user_agent=USER_AGENT).raw)


def refused_fields(preset: Preset, answers: dict[str, str]) -> set[str]:
    try:
        presets.answered(preset, answers, "School")
    except Refused as refused:
        return {problem.field for problem in refused.problems}
    return set()


def codes(preset: Preset, answers: dict[str, str], name: str = "School") -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        presets.answered(preset, answers, name)
    return [(problem.field, problem.code) for problem in refused.value.problems]


def asking(**question: Any) -> Preset:
    """A preset that asks one question, in the path of its URL."""
    asked = Question(id="a", label="A", **question)
    url = "https://provider.example/{{ask.a}}?to={{recipient}}&text={{message}}"
    return Preset(
        id="asking",
        name="Asking",
        checked=date(2026, 11, 23),
        settings=Gateway(method="GET", url=url),
        questions=(asked,),
    )


#: What can be typed on one line and is no placeholder.
typed = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="{}"), min_size=1, max_size=200
).map(str.strip)
texts = typed.filter(lambda text: text not in ("", ".", ".."))


@given(texts)
@example('"quoted" & 50% \\ <tag> #1 =+: ✓')
@example("# not a note")
@example("%7B%7Brecipient%7D%7D")
@example("a\u2028b")
def test_an_answer_arrives_as_it_was_typed(text: str) -> None:
    arrived = sent(presets.answered(EVERYWHERE, {"text": text, "secret": "s"}, "School"))
    assert unquote(arrived.path.split("/")[2], errors="strict") == text
    assert arrived.query == [("q", text), ("to", "447911123456"), ("first", text), ("second", f"-{text}-")]
    body = json.loads(arrived.body)
    assert body == {"plain": text, "between": f"<{text}>", "text": "Hello", "from": text, "key": "s"}


@given(texts)
@example('"quoted" & 50% \\ <tag> #1 =+: ✓')
def test_an_answer_arrives_in_headers_and_forms(text: str) -> None:
    arrived = sent(presets.answered(IN_FORM, {"text": text, "secret": "s"}, "School"))
    assert arrived.header("X-Text") == f"-{text}-"
    form = parse_qsl(arrived.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    assert form == [("first", text), ("second", f"-{text}-"), ("text", "Hello"), ("from", text)]


def test_an_answer_arrives_in_xml() -> None:
    arrived = sent(presets.answered(IN_XML, {"text": "\"a\" 'b' <c> & ]]>", "secret": "s"}, "School"))
    assert b"&quot;a&quot; &#39;b&#39; &lt;c&gt; &amp; ]]&gt;</t>" in arrived.body


@given(typed.filter(bool))
@example("{{recipient}} {{secret.other}}")
def test_a_secret_may_hold_anything_on_one_line(secret: str) -> None:
    made = presets.answered(EVERYWHERE, {"text": "t", "secret": secret}, "School")
    assert json.loads(sent(made).body)["key"] == secret


@given(st.text(max_size=300))
def test_every_answer_is_taken_or_refused(text: str) -> None:
    for preset in (EVERYWHERE, IN_FORM, IN_XML):
        fields = refused_fields(preset, {"text": text, "secret": text})
        # Only XML has characters that it alone cannot hold.
        assert fields <= {"ask.text", "ask.secret", "body_xml"}
        assert fields or sent(presets.answered(preset, {"text": text, "secret": text}, "School"))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("", "answer_missing"),
        ("  ", "answer_missing"),
        ("{{recipient}}", "answer_braces"),
        ("a}b", "answer_braces"),
        ("one\ntwo", "answer_character"),
        ("one\rX-Evil: two", "answer_character"),
        ("nul\x00", "answer_character"),
        ("half \ud800", "answer_character"),
        ("..", "answer_dots"),
        (LONG, "setting_too_long"),
    ],
)
def test_an_answer_that_would_not_arrive_is_refused(answer: str, code: str) -> None:
    assert codes(EVERYWHERE, {"text": answer, "secret": "s"}) == [("ask.text", code)]


@pytest.mark.parametrize(
    ("name", "answers", "problem"),
    [
        ("smsglobal-rest", {"api_key": 'a"b', "api_secret": "s", "sender": "School"}, "ask.api_key"),
        ("vonage", {"api_key": "a:b", "api_secret": "s", "sender": "School"}, "ask.api_key"),
    ],
)
def test_a_credential_that_could_not_be_sent_is_refused_beside_its_question(
    name: str, answers: dict[str, str], problem: str
) -> None:
    preset = presets.catalogue(None).find(name)
    assert preset is not None
    assert [field for field, _ in codes(preset, answers)] == [problem]


def test_everything_wrong_is_told_at_once() -> None:
    assert codes(EVERYWHERE, {"text": "{"}, name=" ") == [
        ("name", "gateway_name_missing"),
        ("ask.text", "answer_braces"),
        ("ask.secret", "answer_missing"),
    ]


def test_the_gateway_knows_its_name_and_preset() -> None:
    made = presets.answered(EVERYWHERE, {"text": "t", "secret": "s"}, "  School ")
    assert (made.settings.name, made.settings.preset) == ("School", "everywhere")


@pytest.mark.parametrize("answer", ["eu", "my-host_1.2", "A" * 200])
def test_a_label(answer: str) -> None:
    made = presets.answered(asking(kind="label"), {"a": answer}, "School")
    assert made.settings.url.startswith(f"https://provider.example/{answer}?")


@pytest.mark.parametrize("answer", ["a/b", "a b", "ä", "..", "-a", "a..b", "a?b", "evil.example/", "a:1"])
def test_no_label(answer: str) -> None:
    assert codes(asking(kind="label"), {"a": answer}) == [("ask.a", "answer_label")]


def test_a_choice_is_one_of_those_offered() -> None:
    preset = asking(kind="choice", choices=(("eu", "Europe"), ("us", "America")), default="us")
    assert presets.answered(preset, {"a": "eu"}, "School").settings.url.startswith(
        "https://provider.example/eu?"
    )
    assert presets.answered(preset, {}, "School").settings.url.startswith("https://provider.example/us?")
    assert codes(preset, {"a": "Europe"}) == [("ask.a", "answer_choice")]


def at_base(answer: str) -> str:
    preset = asking(kind="url")
    settings = replace(preset.settings, url="{{ask.a}}/send?to={{recipient}}&text={{message}}")
    return presets.answered(replace(preset, settings=settings), {"a": answer}, "School").settings.url


@pytest.mark.parametrize(
    ("answer", "url"),
    [
        ("https://sms.school.example", "https://sms.school.example/send"),
        ("https://sms.school.example/", "https://sms.school.example/send"),
        (" http://10.0.0.5:8080/a%20b// ", "http://10.0.0.5:8080/a%20b/send"),
        ("http://[::1]:8080", "http://[::1]:8080/send"),
    ],
)
def test_a_base_address_stands_as_it_was_typed(answer: str, url: str) -> None:
    assert at_base(answer).partition("?")[0] == url


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("sms.school.example", "answer_url"),
        ("ftp://sms.school.example", "answer_url"),
        ("https://me:secret@sms.school.example", "answer_url"),
        ("https://sms.school.example/a b", "answer_url"),
        ("https://sms.school.example/../a", "answer_url"),
        ("https://", "answer_url"),
        ("https://sms.school.example/#top", "answer_url"),
        ("https://sms.school.example/?a=b", "answer_url_query"),
        ("https://sms.school.example/?", "answer_url_query"),
        ("https://{{recipient}}.example", "answer_braces"),
    ],
)
def test_no_base_address(answer: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        at_base(answer)
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("ask.a", code)]


OPTIONAL = reading.read(
    """
name = "Optional"
checked = 2026-11-23

[[questions]]
id = "sender"
label = "From"
optional = true

[[questions]]
id = "key"
label = "Key"
optional = true
secret = true

[settings]
url = "https://provider.example/"
headers = "X-Key: {{secret.key}}"
body_format = "json"
body_json = '''
{
  "from": "{{sender}}",
  "text": "{{message}}",
  "to": "{{recipient}}"
}
'''
sender = "{{ask.sender}}"

[secrets]
key = "{{ask.key}}"
""",
    "optional",
)


def test_what_is_not_answered_leaves_its_line() -> None:
    made = presets.answered(OPTIONAL, {"sender": " ", "key": ""}, "School")
    assert made.secrets == {}
    arrived = sent(made)
    assert json.loads(arrived.body) == {"text": "Hello", "to": "447911123456"}
    assert "X-Key" not in dict(arrived.headers)


def test_what_is_answered_stays() -> None:
    made = presets.answered(OPTIONAL, {"sender": "School", "key": "k"}, "School")
    arrived = sent(made)
    assert json.loads(arrived.body) == {"from": "School", "text": "Hello", "to": "447911123456"}
    assert arrived.header("X-Key") == "k"


def test_a_question_that_depends_on_a_choice_is_needed_with_it_alone() -> None:
    zender = presets.catalogue(None).find("zender-sms")
    assert zender is not None
    answers = {"base": "https://sms.school.example", "secret": "s"}
    assert codes(zender, {**answers, "mode": "devices"}) == [("ask.device", "answer_missing")]
    assert codes(zender, {**answers, "mode": "credits"}) == [("ask.gateway", "answer_missing")]
    made = presets.answered(zender, {**answers, "mode": "credits", "gateway": "3", "device": "{"}, "School")
    assert "device" not in made.settings.body_form
