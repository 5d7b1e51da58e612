"""Each provider that ships: its request field by field, and what its rules make of its replies."""

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.presets import expected
from tests.wire.composing import MESSAGE_ID, RECIPIENT, USER_AGENT, received
from webpanel import presets
from webpanel.presets import ExampleReply, Preset
from webpanel.wire import lint
from webpanel.wire.compose import Values, compose
from webpanel.wire.gateway import Gateway
from webpanel.wire.verdict import Outcome, Reply, Verdict, judge

CATALOGUE = presets.catalogue(None)
CASES = expected.cases()
REPLIES = [(preset, reply) for preset in CATALOGUE.presets for reply in preset.replies]
JUDGED = [(name, case) for name in expected.names() for case in expected.read(name).get("judged", ())]


def test_every_file_that_ships_can_be_used() -> None:
    assert CATALOGUE.faults == ()
    files = {path.stem for path in Path(presets.__file__).parent.glob("*.toml")}
    assert {preset.id for preset in CATALOGUE.presets} == files


def test_every_preset_says_what_its_request_must_be() -> None:
    assert expected.names() == sorted(preset.id for preset in CATALOGUE.presets)


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['title']}" for name, case in CASES])
def test_the_request_is_the_providers(name: str, case: expected.Case) -> None:
    preset = CATALOGUE.find(name)
    assert preset is not None
    made = presets.answered(preset, case["answers"], "School")
    assert lint.check(made.settings, made.secrets) == ()
    assert lint.unplaced(made.settings) == ()
    values = Values(
        recipient=RECIPIENT,
        message=expected.TEXT,
        message_id=MESSAGE_ID,
        fresh=expected.FRESH,
        secrets=made.secrets,
    )
    request = compose(made.settings, values, user_agent=USER_AGENT)
    arrived = received(request.raw)
    wanted = case["request"]

    assert set(case["answers"]) <= {question.id for question in preset.questions}
    assert arrived.method == wanted["method"]
    address = urlsplit(request.url)
    assert f"{address.scheme}://{address.netloc}{address.path}" == wanted["url"]
    assert arrived.query == [tuple(pair) for pair in wanted.get("query", [])]
    for header, value in wanted.get("headers", {}).items():
        assert arrived.header(header) == value, header
    _check_body(arrived.body, wanted)


def _check_body(body: bytes, wanted: expected.Case) -> None:
    if "form" in wanted:
        form = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
        assert form == [tuple(pair) for pair in wanted["form"]]
    elif "json" in wanted:
        assert json.loads(body) == wanted["json"]
    else:
        assert body == wanted.get("body", "").encode()


def judged(settings: Gateway, status: int, content_type: str, body: str) -> Verdict:
    headers = (("Content-Type", content_type),)
    return judge(settings, Reply(status, headers=headers, body=body.encode()))


@pytest.mark.parametrize(
    ("preset", "reply"), REPLIES, ids=[f"{preset.id}: {reply.title}" for preset, reply in REPLIES]
)
def test_the_rules_make_of_a_reply_what_it_means(preset: Preset, reply: ExampleReply) -> None:
    verdict = judged(preset.settings, reply.status, reply.content_type, reply.body)
    assert (verdict.outcome == "accepted") == (reply.means == "accepted"), verdict
    if reply.means == "accepted":
        assert verdict.message_id == (reply.message_id or None)
    else:
        assert verdict.outcome != "ambiguous"
        assert reply.reason in verdict.values["excerpt"]


@pytest.mark.parametrize(("name", "case"), JUDGED, ids=[f"{name}: {case['title']}" for name, case in JUDGED])
def test_the_rules_make_of_other_replies_what_they_mean(name: str, case: expected.Case) -> None:
    preset = CATALOGUE.find(name)
    assert preset is not None
    wanted: Outcome = case["outcome"]
    content_type = case.get("content_type", "application/json")
    assert judged(preset.settings, case["status"], content_type, case["body"]).outcome == wanted


@pytest.mark.parametrize("preset", CATALOGUE.presets, ids=lambda preset: preset.id)
def test_a_preset_tells_all_that_a_choice_needs(preset: Preset) -> None:
    meanings = {reply.means for reply in preset.replies}
    assert meanings == {"accepted", "failed"}
    assert any(reply.message_id for reply in preset.replies) == (preset.settings.message_id_kind != "blank")
    assert any(reply.reason for reply in preset.replies if reply.means == "failed")
    assert preset.settings.reason_kind != "blank"
    trapped = any(reply.means == "failed" and reply.status < 300 for reply in preset.replies)
    assert trapped == preset.errors_in_2xx
    assert preset.settings.success_kind != "blank" or not preset.errors_in_2xx
    assert preset.evidence
    if set(preset.evidence) <= {"X", "M"}:
        assert not preset.verified
    if preset.hosts:
        assert CATALOGUE.for_gateway(Gateway(url=f"https://{preset.hosts[0]}/")) is not None


@pytest.mark.parametrize("preset", CATALOGUE.presets, ids=lambda preset: preset.id)
def test_whatever_is_a_credential_is_asked_as_one(preset: Preset) -> None:
    words = ("token", "password", "secret", "key")
    for question in preset.questions:
        named = any(word in question.id.split("_") for word in words)
        assert question.secret or not named, f"{question.id} would be shown to everybody"
        assert question.where or question.kind in ("choice", "url"), (
            f"{question.id} does not say where it is found"
        )
