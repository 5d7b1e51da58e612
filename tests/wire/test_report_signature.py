"""Signatures of delivery reports, beside the official library's and the vectors of their makers."""

import base64
import hashlib
import hmac
import json

import pytest
from twilio.request_validator import RequestValidator

from webpanel.wire.report_signature import Signed, holds

TOKEN = "12345"  # noqa: S105 - of Twilio's own example
URL = "https://www.school.example/sms/reports/abc"
FORM = (("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("To", "+447911123456"), ("Empty", ""))
BODY = b"MessageSid=SM1&MessageStatus=delivered&To=%2B447911123456&Empty="


@pytest.mark.parametrize(
    "url",
    [
        URL,
        URL + "?a=1&b=%20",
        "https://www.school.example:8443/reports/abc",
        "http://127.0.0.1:8000/reports/abc",
        "https://[2001:db8::1]/reports/abc",
    ],
)
def test_what_twilio_signs_holds(url: str) -> None:
    given = RequestValidator(TOKEN).compute_signature(url, dict(FORM))
    signed = Signed(url, BODY, FORM)
    assert holds("twilio", TOKEN, given, signed)
    assert not holds("twilio", TOKEN + "6", given, signed)
    assert not holds("twilio", TOKEN, given, Signed(url, BODY, (*FORM, ("ErrorCode", "1"))))
    assert not holds("twilio", TOKEN, "", signed)
    assert not holds("twilio", TOKEN, "\N{SNOWMAN}", signed)


def test_twilio_signs_with_the_usual_port_or_without() -> None:
    with_port = URL.replace(".example/", ".example:443/")
    given = RequestValidator(TOKEN).compute_signature(with_port, dict(FORM))
    assert holds("twilio", TOKEN, given, Signed(URL, BODY, FORM))


def test_twilio_signs_a_body_that_is_no_form_by_its_hash() -> None:
    body = '{"a": "b"}'
    url = f"{URL}?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    given = RequestValidator(TOKEN).compute_signature(url, {})
    assert RequestValidator(TOKEN).validate(url, body, given)
    assert holds("twilio", TOKEN, given, Signed(url, body.encode()))
    assert not holds("twilio", TOKEN, given, Signed(url, b"{}"))


def test_twilio_documents_this_vector() -> None:
    # "Webhooks Security", the example of a call.
    url = "https://example.com/myapp.php?foo=1&bar=2"
    form = (
        ("Digits", "1234"),
        ("To", "+18005551212"),
        ("From", "+14158675310"),
        ("Caller", "+14158675310"),
        ("CallSid", "CA1234567890ABCDE"),
    )
    given = "L/OH5YylLD5NRKLltdqwSvS0BnU="
    assert RequestValidator(TOKEN).compute_signature(url, dict(form)) == given
    assert holds("twilio", TOKEN, given, Signed(url, b"", form))


def test_what_meta_signs_holds() -> None:
    body = json.dumps({"entry": [{"text": "ä"}]}).encode()
    given = "sha256=" + hmac.new(b"app secret", body, hashlib.sha256).hexdigest()
    assert holds("meta", "app secret", given, Signed(URL, body))
    assert not holds("meta", "app secret", given, Signed(URL, body + b" "))
    assert not holds("meta", "another", given, Signed(URL, body))
    assert not holds("meta", "app secret", given.removeprefix("sha256="), Signed(URL, body))
    assert not holds("meta", "app secret", base64.b64encode(given.encode()).decode(), Signed(URL, body))


def test_rfc_4231_by_way_of_meta() -> None:
    # Test case 2: key "Jefe".
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert holds("meta", "Jefe", f"sha256={digest}", Signed(URL, b"what do ya want for nothing?"))


def test_a_secret_in_a_header() -> None:
    assert holds("header", "s3cret", "s3cret", Signed(URL))
    assert not holds("header", "s3cret", "S3cret", Signed(URL))
    assert not holds("header", "s3cret", "", Signed(URL))
    assert holds("none", "", "", Signed(URL))
