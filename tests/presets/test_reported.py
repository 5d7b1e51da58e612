"""What the providers' documented delivery reports are to the presets, and what the requests ask for."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.wire.composing import MESSAGE_ID, RECIPIENT, USER_AGENT, received
from webpanel import presets
from webpanel.wire import lint, report
from webpanel.wire.compose import UNSENT, Values, compose
from webpanel.wire.report import Incoming

CATALOGUE = presets.catalogue(None)
CASES = tomllib.loads((Path(__file__).parent / "reported.toml").read_text(encoding="utf-8"))["cases"]
ADDRESS = "https://www.school.example/sms/reports/token"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
#: Those whose request carries the address -> the field that does.
BRINGS_ADDRESS = {
    "twilio": "StatusCallback",
    "twilio-whatsapp": "StatusCallback",
    "vonage": "callback",
    "plivo": "url",
    "telnyx": "webhook_url",
    "messagebird": "reportUrl",
    "sinch": "callback_url",
    "46elks": "whendelivered",
}
#: An answer to each question that has no default, by its kind.
ANSWERS = {"url": "https://provider.example", "text": "x1", "label": "x1"}


def name_of(case: dict[str, Any]) -> str:
    return f"{case['preset']} {case.get('title', '')}{case['told'][0][1] if case['told'] else ''}"


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_documented_report_is_read(case: dict[str, Any]) -> None:
    preset = CATALOGUE.find(case["preset"])
    assert preset is not None
    body, content_type = case.get("form", ""), FORM
    if "json" in case:
        body, content_type = case["json"], JSON
    incoming = Incoming(
        query=case.get("query", ""),
        body=body.encode(),
        content_type=content_type if body else "",
        message_id=case.get("address", ""),
    )
    reading = report.read(preset.settings, incoming)
    assert [[each.id, each.word, each.meaning] for each in reading.told] == case["told"]
    assert (reading.trouble == "") == bool(case["told"])


def test_every_preset_that_reads_reports_is_tried_and_says_where_its_address_goes() -> None:
    reading = {each.id for each in CATALOGUE.presets if report.is_mapped(each.settings)}
    assert reading == {case["preset"] for case in CASES}
    assert {each.id for each in CATALOGUE.presets if each.reports_where} == reading


@pytest.mark.parametrize(("preset_id", "field"), BRINGS_ADDRESS.items())
def test_the_request_brings_the_address_along_when_there_is_one(preset_id: str, field: str) -> None:
    preset = CATALOGUE.find(preset_id)
    assert preset is not None
    answers = {each.id: each.default or ANSWERS.get(each.kind, "") for each in preset.questions}
    answers |= {each.id: next(iter(dict(each.choices))) for each in preset.questions if each.choices}
    for reports, address in ((True, ADDRESS), (False, "")):
        made = presets.answered(preset, answers, "School", reports=reports)
        assert lint.check(made.settings, made.secrets) == ()
        values = Values(
            recipient=RECIPIENT,
            message="Hello",
            message_id=MESSAGE_ID,
            fresh=UNSENT,
            report_url=address,
            secrets=made.secrets,
        )
        body = received(compose(made.settings, values, user_agent=USER_AGENT).raw).body.decode()
        assert (f'"{field}"' in body or f"{field}=" in body) == reports
        assert ("www.school.example" in body) == reports


def test_others_ask_for_no_address_in_their_requests() -> None:
    asking = {
        each.id
        for each in CATALOGUE.presets
        if "{{report_url}}" in each.settings.body_form + each.settings.body_json + each.settings.query
    }
    assert asking == BRINGS_ADDRESS.keys()


def test_a_signature_is_asked_for_only_with_its_secret() -> None:
    preset = CATALOGUE.find("whatsapp-cloud-text")
    assert preset is not None
    answers = {"phone_number_id": "1", "access_token": "not-a-real-token"}
    without = presets.answered(preset, answers, "School").settings
    assert (without.report_sign, without.report_secret) == ("none", "")
    made = presets.answered(preset, {**answers, "app_secret": "not-a-real-secret"}, "School")
    assert (made.settings.report_sign, made.settings.report_secret) == ("meta", "app_secret")
    assert made.secrets["app_secret"] == "not-a-real-secret"  # noqa: S105 - it says so itself
