"""What hurts later is told while it can be changed; what is fine is not."""

import dataclasses
from typing import Any

import pytest

from tests.presets import expected
from webpanel import presets
from webpanel.wire import advice, awkward, key_shape, lint
from webpanel.wire.advice import Known
from webpanel.wire.gateway import Gateway
from webpanel.words import advice as sentences

URL = "https://api.someprovider.com/v1/send"
SOUND = Gateway(url=URL, body_form="to={{recipient}}\ntext={{message}}")
RANDOM = "a8Fj29dKd02kDj38aKd0"
STRICT = Known(provider="Some Provider", errors_in_2xx=True, number_formats=("e164", "digits"))
SAID_NO = Known(failed=('{"status": "error", "message": "no"}',))


def json_body(text: str, **more: Any) -> dict[str, Any]:
    return {"body_format": "json", "body_json": text, **more}


def found(
    changes: dict[str, Any], known: Known | None = None
) -> list[tuple[str, str, int | None, int | None]]:
    told = advice.advise(dataclasses.replace(SOUND, **changes), ["token"], known)
    return [(each.code, each.field, each.line, each.column) for each in told]


# (settings, what is known, code, field, line, column)
TOLD: list[tuple[dict[str, Any], Known | None, tuple[str, str, int | None, int | None]]] = [
    ({"headers": "A: 1\nAuthorization: Bearer 12345"}, None, ("literal_becomes_secret", "headers", 2, 23)),
    ({"headers": "X-API-Key: 1", "hide_literals": False}, None, ("literal_in_clear", "headers", 1, 12)),
    (
        {"body_form": "password=x\nto={{recipient}}\nt={{message}}"},
        None,
        ("literal_becomes_secret", "body_form", 1, 10),
    ),
    (
        json_body('{"api_key": "1", "a": "{{recipient}} {{message}}"}'),
        None,
        ("literal_becomes_secret", "body_json", 1, 14),
    ),
    ({"headers": f"X-Account: {RANDOM}"}, None, ("key_by_shape", "headers", 1, 12)),
    ({"query": f"a=1\nuser={RANDOM}"}, None, ("key_by_shape", "query", 2, 6)),
    ({"url": f"https://api.someprovider.com/bot{RANDOM}/send"}, None, ("key_by_shape", "url", 1, 30)),
    (
        json_body(f'{{"x": ["{RANDOM}", "{{{{recipient}}}} {{{{message}}}}"]}}'),
        None,
        ("key_by_shape", "body_json", 1, 9),
    ),
    ({"url": "http://api.someprovider.com/"}, None, ("http_public", "url", None, None)),
    ({"url": "HTTP://203.0.112.7:8080/"}, None, ("http_public", "url", None, None)),
    ({"url": URL + "?token={{secret.token}}"}, None, ("key_in_query", "url", 1, 38)),
    ({"query": "a=1\nq={{secret.token}}"}, None, ("key_in_query", "query", 2, 1)),
    ({"auth_kind": "query", "auth_name": "key"}, None, ("key_in_query", "auth_kind", None, None)),
    ({"headers": "user-agent: Mozilla/5.0 (X11)"}, None, ("browser_user_agent", "headers", 1, 1)),
    ({"query": "a=1\nto={{recipient}}&text={{message}}&b=2"}, None, ("pairs_joined", "query", 2, 17)),
    ({"body_form": "to={{recipient}}&text={{message}}"}, None, ("pairs_joined", "body_form", 1, 17)),
    (
        {"headers": "A: b\nContent-type: application/json"},
        None,
        ("content_type_contradicts", "headers", 2, 1),
    ),
    (
        {"headers": "Content-Type: multipart/form-data", "body_format": "multipart"},
        None,
        ("content_type_contradicts", "headers", 1, 1),
    ),
    (
        json_body('"{{recipient}} {{message}}"', headers="Content-Type: application/x-www-form-urlencoded"),
        None,
        ("content_type_contradicts", "headers", 1, 1),
    ),
    (
        {
            "headers": "Content-Type: a/b",
            "body_format": "raw",
            "body_raw": "{{recipient}}{{message}}",
            "content_type": "a/c",
        },
        None,
        ("content_type_contradicts", "headers", 1, 1),
    ),
    (
        {"number_format": "national"},
        Known(provider="P", number_formats=("e164",)),
        ("number_format_forbidden", "number_format", None, None),
    ),
    ({}, Known(provider="P", errors_in_2xx=True), ("success_blank", "success_rule", None, None)),
    (
        {"success_kind": "text", "success_rule": "status"},
        SAID_NO,
        ("success_in_failed", "success_rule", None, None),
    ),
    ({"success_kind": "text", "success_rule": "id"}, None, ("success_short", "success_rule", None, None)),
    (
        {"success_kind": "text", "success_rule": " 0 "},
        Known(replies=("a 0 b", "a 0 c", "no")),
        ("success_short", "success_rule", None, None),
    ),
    ({"headers": "A: 1\nX-Text: a {{message}}"}, None, ("text_refused", "headers", 2, 11)),
    (
        json_body('[{{recipient}}, "{{message}}"]', allow_alphanumeric=True),
        None,
        ("number_refused", "body_json", 1, 2),
    ),
    (
        json_body('[{{recipient_digits}}, "{{message}}"]', allow_short_codes=True),
        None,
        ("number_refused", "body_json", 1, 2),
    ),
    (
        {"number_format": "integer", "allow_alphanumeric": True},
        None,
        ("number_refused", "number_format", None, None),
    ),
]

FINE: list[tuple[dict[str, Any], Known | None]] = [
    ({}, None),
    ({}, Known(provider="P", number_formats=("digits",))),
    ({"headers": "Authorization: Bearer {{secret.token}}\nX-Key: {{secret.token}}"}, None),
    ({"headers": "X-Trace: 2025-01-01T00:00:00Z\nAccept: application/vnd.someprovider.api.v1+json"}, None),
    ({"body_form": "to={{recipient}}\ntext={{message}}\ndevice=00000000-0000-0000-d57d-f30cb6a89289"}, None),
    (
        {
            "url": "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json"
        },
        None,
    ),
    ({"url": "https://a8Fj29dKd02kDj38aKd0.api.someprovider.com/"}, None),
    *(
        ({"url": f"http://{host}/send"}, None)
        for host in (
            *("127.0.0.1", "10.1.2.3:8080", "192.168.1.5", "[::1]", "[fd00::1]", "169.254.1.1", "100.64.0.1"),
            *("localhost", "kannel", "phone.local", "sms.internal", "box.lan", "a.home.arpa", "A.LAN."),
        )
    ),
    ({"query": "key="}, None),
    ({"url": URL + "?user=school&monkeys"}, None),
    (
        {"body_form": f"to={{{{recipient}}}}\nt={{{{message}}}}\ndevice={RANDOM}", "preset": "some-provider"},
        None,
    ),
    ({"query": "api_key={{secret.token}}", "preset": "some-provider"}, None),
    ({"headers": "User-Agent: school/1.0"}, None),
    ({"headers": "Content-Type: application/x-www-form-urlencoded; charset=utf-8"}, None),
    (
        {"headers": "Content-Type: application/json", "method": "GET", "query": "a={{recipient}}{{message}}"},
        None,
    ),
    (json_body('"{{recipient}} {{message}}"', headers="Content-Type: application/vnd.api+json"), None),
    (
        {
            "body_format": "xml",
            "body_xml": "<a>{{recipient}} {{message}}</a>",
            "headers": "Content-Type: application/soap+xml",
        },
        None,
    ),
    (
        {"body_format": "raw", "body_raw": "{{recipient}} {{message}}", "headers": "Content-Type: text/csv"},
        None,
    ),
    (
        {"number_format": "national", "body_form": "to={{recipient_e164}}\nt={{message}}"},
        Known(number_formats=("e164",)),
    ),
    ({"success_kind": "text", "success_rule": '"success"'}, STRICT),
    ({"failure_kind": "text", "failure_rule": '"error"'}, STRICT),
    ({"success_kind": "text", "success_rule": "success"}, SAID_NO),
    (
        {
            "success_kind": "text",
            "success_rule": "status",
            "failure_kind": "jmespath",
            "failure_rule": "status == 'error'",
        },
        SAID_NO,
    ),
    ({"success_kind": "text", "success_rule": "OK"}, Known(failed=("ERROR: 88",))),
    ({"success_kind": "text", "success_rule": "OK"}, Known(replies=("OK: 0", "ERROR: 1", "ERROR: 2"))),
    ({"success_kind": "text", "success_rule": "OK:"}, None),
    ({"headers": "# X: {{message}}\nX-To: {{recipient}}"}, None),
    ({"allow_short_codes": True, "allow_alphanumeric": True}, None),
    (json_body('["{{recipient}}", "{{message}}"]', allow_short_codes=True, allow_alphanumeric=True), None),
    # Errors, which are told as such.
    (json_body('["{{recipient}}", {{message}}]'), None),
    ({"url": "ftp://x"}, None),
    ({"method": "FETCH", "url": "http://api.someprovider.com/"}, None),
]


@pytest.mark.parametrize(("changes", "known", "told"), TOLD, ids=str)
def test_what_hurts_is_told_with_its_place(changes, known, told):
    assert told in found(changes, known)


@pytest.mark.parametrize(("changes", "known"), FINE, ids=str)
def test_what_is_fine_is_not(changes, known):
    assert found(changes, known) == []


def test_every_piece_of_advice_is_tried_and_worded():
    tried = {told[0] for *_, told in TOLD}
    assert tried == set(sentences._ADVICE)


def test_a_secret_is_named_as_none_is_yet():
    settings = dataclasses.replace(SOUND, headers="Key: a\nToken: b\nX-Key: a\nAuth-Token: {{secret.token}}")
    named = [(found.value, name) for found, name in advice.credentials(settings, ["token"])]
    assert named == [("a", "key"), ("b", "token_2"), ("a", "key")]


def test_of_many_credentials_only_so_many_are_told():
    headers = "\n".join(f"Key-{count}: {count}" for count in range(500))
    assert len(found({"headers": headers})) == advice.MOST_LITERALS


@pytest.mark.parametrize(
    "word",
    [
        RANDOM,
        "9f86d081884c7d659a2feaa0c55ad015",
        "sk-live-4eC39HqLyjWDarjtT1zdp7dc",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
    ],
)
def test_a_random_word_is_a_key(word: str):
    assert key_shape.is_key(word)


@pytest.mark.parametrize(
    "word",
    [
        "",
        RANDOM[:19],
        "447911123456447911123456",
        "application/json",
        "internationalisation",
        "transactional-message-v2",
        "AC0123456789abcdef0123456789abcdef",
    ],
)
def test_a_word_that_somebody_made_up_is_none(word: str):
    assert not key_shape.is_key(word)


def test_the_awkward_texts_are_those_of_the_promise():
    together = "".join(awkward.TEXTS.values())
    assert all(sign in together for sign in ('"', "'", "\\", "\n", "👍", "{{message}}", "&", "+"))
    assert len(awkward.TEXTS["long"]) == 1600


@pytest.mark.parametrize(("name", "case"), expected.cases(), ids=str)
def test_what_a_provider_s_file_makes_needs_no_advice(name: str, case: expected.Case):
    preset = presets.catalogue(None).find(name)
    made = presets.answered(preset, case["answers"], "School")
    known = Known(preset.name, preset.errors_in_2xx, preset.number_formats)
    # Whether a server of one's own speaks https is nothing that a file can know.
    told = {each.code for each in advice.advise(made.settings, made.secrets, known)}
    assert told <= ({"http_public"} if made.settings.url.startswith("http:") else set())


def test_a_form_that_takes_every_awkward_text_has_no_errors_either():
    assert lint.check(SOUND, []) == ()
