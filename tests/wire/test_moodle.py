"""The Moodle plugin's configuration as gateways: what it did wrongly is told and mended."""

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel import words
from webpanel.wire import lint, moodle
from webpanel.wire.problem import Refused

KEY = "canary-5b1e"
CONFIG = {
    "api_url": "https://api.someprovider.com/v1/send",
    "request_type": "POST",
    "body_type": "form",
    "headers": "User-Agent: School/1",
    "query_parameters": "",
    "post_body_parameters": "to={{recipient}}\r\ntext={{message}}",
    "json_body": "",
    "success_condition": '{"sent": true}',
    "countrycode": "44",
}


def imported(**config: str) -> moodle.Imported:
    return moodle.read(json.dumps({**CONFIG, **config})).gateways[0]


def told(found: moodle.Imported) -> list[tuple[str, str, int | None]]:
    return [(change.code, change.field, change.line) for change in found.changes]


def test_what_the_plugin_did_well_is_taken_over_and_not_told():
    found = imported(
        headers=f"# ours\r\nAuthorization: Bearer {KEY}\r\n\r\nUser-Agent: School/1",
        query_parameters="lang=en",
        body_type="json",
        json_body='{"to": {{recipient}}, "text": "{{message}}"}',
    )
    settings = found.settings
    assert found.changes == ()
    assert found.secrets == {"authorization": KEY}
    assert settings.name == "api.someprovider.com"
    assert settings.method == "POST"
    assert (
        settings.headers == "# ours\nAuthorization: Bearer {{secret.authorization}}\n\nUser-Agent: School/1"
    )
    assert settings.query == "lang=en"
    assert (settings.body_format, settings.body_json) == (
        "json",
        '{"to": {{recipient}}, "text": "{{message}}"}',
    )
    assert settings.body_form == "to={{recipient}}\ntext={{message}}"
    assert (settings.success_kind, settings.success_rule) == ("text", '{"sent": true}')
    assert (settings.default_country, settings.number_format) == ("GB", "digits")
    assert lint.check(settings, found.secrets) == ()


#: What stands in the configuration -> what is told of it (code, field, line) -> what stands there now.
FAULTS = {
    "a query in the URL beside query parameters": (
        {"api_url": CONFIG["api_url"] + "?from=School&x=1", "query_parameters": "lang=en"},
        ("moodle_query_joined", "url", None),
        {"url": CONFIG["api_url"] + "?from=School&x=1", "query": "lang=en"},
    ),
    "the condition 0": (
        {"success_condition": "0"},
        ("moodle_condition_zero", "success_rule", None),
        {"success_kind": "text", "success_rule": "0"},
    ),
    "a condition that a refusal holds too": (
        {"success_condition": "success"},
        ("moodle_condition_word", "success_rule", None),
        {"success_rule": "success"},
    ),
    "a country's letters": (
        {"countrycode": "de"},
        ("moodle_country_ignored", "default_country", None),
        {"default_country": "DE"},
    ),
    "a code of none": (
        {"countrycode": "999"},
        ("moodle_country_unknown", "default_country", None),
        {"default_country": ""},
    ),
    "an unknown request type": (
        {"request_type": "SEND", "post_body_parameters": ""},
        ("moodle_method", "method", None),
        {"method": "GET"},
    ),
    "the body of a GET": (
        {"request_type": "get"},
        ("moodle_body_unsent", "method", None),
        {"method": "GET", "body_form": "to={{recipient}}\ntext={{message}}"},
    ),
    "the body of a DELETE": (
        {"request_type": "DELETE"},
        ("moodle_body_unsent", "method", None),
        {"method": "DELETE"},
    ),
    "another letter in a placeholder": (
        {"post_body_parameters": "to={{Recipient}}\ntext={{message}}"},
        ("moodle_placeholder", "body_form", 1),
        {"body_form": "to={{recipient}}\ntext={{message}}"},
    ),
    "a slip in a placeholder": (
        {"post_body_parameters": "to={{recipient}}\ntext={{mesage}}"},
        ("moodle_placeholder", "body_form", 2),
        {"body_form": "to={{recipient}}\ntext={{message}}"},
    ),
    "a header with an equals sign": (
        {"headers": "User-Agent: School/1\nX-Region=eu"},
        ("moodle_header_equals", "headers", 2),
        {"headers": "User-Agent: School/1\nX-Region: eu"},
    ),
    "a query parameter with a colon": (
        {"query_parameters": "a=1\nlang:en"},
        ("moodle_parameter_colon", "query", 2),
        {"query": "a=1\nlang=en"},
    ),
    "a line without either": (
        {"query_parameters": "a=1\nlang\nb=2"},
        ("moodle_line_left_out", "query", 2),
        {"query": "a=1\n\nb=2"},
    ),
    "a header that is the panel's": (
        {"headers": "Content-Length: 5\nUser-Agent: School/1"},
        ("moodle_header_ours", "headers", 1),
        {"headers": "\nUser-Agent: School/1"},
    ),
    "a header twice that stands once": (
        {"headers": "User-Agent: a\nX-A: 1\nuser-agent: b"},
        ("moodle_header_once", "headers", 3),
        {"headers": "\nX-A: 1\nuser-agent: b"},
    ),
    "a parameter twice": (
        {"post_body_parameters": "to[]={{recipient}}\nto[]=1\ntext={{message}}"},
        ("moodle_repeated", "body_form", 2),
        {"body_form": "to[]={{recipient}}\nto[]=1\ntext={{message}}"},
    ),
    "no User-Agent": (
        {"headers": "X-Region: eu"},
        ("moodle_user_agent", "headers", None),
        {"headers": "X-Region: eu"},
    ),
    "entities in the address": (
        {"api_url": CONFIG["api_url"] + "?a=1&amp;b=2"},
        ("moodle_entities", "url", None),
        {"url": CONFIG["api_url"] + "?a=1&b=2"},
    ),
    "entities in the condition": (
        {"success_condition": "{&quot;sent&quot;: true}"},
        ("moodle_entities", "success_rule", None),
        {"success_rule": '{"sent": true}'},
    ),
    "entities in a JSON body": (
        {"body_type": "json", "json_body": "{&quot;to&quot;:&quot;{{recipient}}&quot;}"},
        ("moodle_entities", "body_json", None),
        {"body_json": '{"to":"{{recipient}}"}'},
    ),
    "a JSON body cut at a tag": (
        {"body_type": "json", "json_body": '{"to":"{{recipient}}","if":"1'},
        ("moodle_json_broken", "body_json", None),
        {"body_json": '{"to":"{{recipient}}","if":"1'},
    ),
    "raw JSON": (
        {"body_type": "raw", "json_body": '{"text": "{{message}}"}'},
        ("moodle_raw_json", "body_json", None),
        {"body_format": "json", "body_json": '{"text": "{{message}}"}', "body_raw": ""},
    ),
    "raw XML": (
        {"body_type": "raw", "raw_body": "<sms to='{{recipient}}'>{{message}}</sms>"},
        ("moodle_raw_xml", "body_xml", None),
        {"body_format": "xml", "body_xml": "<sms to='{{recipient}}'>{{message}}</sms>"},
    ),
    "a raw form": (
        {"body_type": "raw", "raw_body": "to=+{{recipient}}&from=My+School%21&text={{message}}"},
        ("moodle_raw_form", "body_form", None),
        {"body_format": "form", "body_form": "to=+{{recipient}}\nfrom=My School!\ntext={{message}}"},
    ),
    "raw text": (
        {"body_type": "raw", "raw_body": "TO {{recipient}}\nTEXT {{message}}"},
        ("moodle_raw", "body_raw", None),
        {"body_format": "raw", "body_raw": "TO {{recipient}}\nTEXT {{message}}"},
    ),
    "raw text of a type that says otherwise": (
        {
            "headers": "User-Agent: School/1\nContent-Type: text/plain",
            "body_type": "raw",
            "raw_body": '{"text": "{{message}}"}',
        },
        ("moodle_raw_typed", "body_raw", None),
        {"body_format": "raw", "body_raw": '{"text": "{{message}}"}'},
    ),
    "a body format that nobody knows": (
        {"body_type": "soap"},
        ("moodle_body_kind", "body_format", None),
        {"body_format": "form"},
    ),
    "something that nothing corresponds to": (
        {"test_number": "1234567890"},
        ("moodle_left_out", "", None),
        {},
    ),
}


@pytest.mark.parametrize(("config", "change", "settings"), FAULTS.values(), ids=FAULTS)
def test_what_the_plugin_got_wrong_is_told_and_what_stands_there_now(config, change, settings):
    found = imported(**config)
    assert told(found) == [change]
    assert {name: getattr(found.settings, name) for name in settings} == settings
    for each in found.changes:
        assert words.sentence(each.code, each.values)


def test_user_name_and_password_in_the_address_become_secrets():
    found = imported(api_url=f"https://ada:{KEY}%40x@api.someprovider.com/v1/send")
    assert told(found) == [("moodle_url_user", "url", None)]
    assert found.settings.url == CONFIG["api_url"]
    assert found.settings.auth_kind == "basic"
    assert found.secrets == {"auth_username": "ada", "auth_password": f"{KEY}@x"}
    assert lint.check(found.settings, found.secrets) == ()


def test_credentials_become_secrets_and_are_in_no_word_that_is_told():
    found = imported(
        api_url=f"{CONFIG['api_url']}?api_key={KEY}&a=1&amp;b=2",
        headers=f"Authorization=Bearer {KEY}\nX-Secret {KEY}\nX-Token: {KEY}\nX-Token: {KEY}",
        query_parameters=f"token:{KEY}\ntoken={KEY}",
        post_body_parameters=f"password={KEY}\nto={{{{recipient}}}}\ntext={{{{message}}}}",
        json_body=json.dumps({"apikey": KEY}),
        test_key=KEY,
    )
    assert set(found.secrets.values()) == {KEY}
    assert KEY not in repr(found)
    assert all(KEY not in words.sentence(each.code, each.values) for each in found.changes)


ROW = {
    "id": "1",
    "name": " School ",
    "gateway": r"smsgateway_customapi\gateway",
    "enabled": "1",
    "config": json.dumps(CONFIG),
}


@pytest.mark.parametrize(
    "data",
    [
        ROW,
        [ROW],
        {**ROW, "config": CONFIG},
        {"mdl_sms_gateways": [ROW]},
        [
            {"type": "header", "version": "5.2.1", "comment": "Export to JSON plugin for PHPMyAdmin"},
            {"type": "database", "name": "moodle"},
            {"type": "table", "name": "mdl_sms_gateways", "database": "moodle", "data": [ROW]},
        ],
        {"select * from mdl_sms_gateways": [ROW]},
    ],
    ids=["a row", "rows", "an object", "a table", "phpMyAdmin", "DBeaver"],
)
def test_every_wrapping_is_taken_off(data):
    (found,) = moodle.read("\N{BYTE ORDER MARK}" + json.dumps(data)).gateways
    assert (found.settings.name, found.settings.url, found.enabled) == ("School", CONFIG["api_url"], True)


@pytest.mark.parametrize("text", [json.dumps(CONFIG), json.dumps(json.dumps(CONFIG)), json.dumps([CONFIG])])
def test_a_configuration_alone_is_called_by_its_host(text):
    assert moodle.read(text).gateways[0].settings.name == "api.someprovider.com"


def test_many_are_read_in_their_order_and_others_are_named():
    rows = [
        {**ROW, "name": "First", "enabled": 0},
        {**ROW, "name": "Amazon", "gateway": r"smsgateway_aws\gateway", "config": "{}"},
        {**ROW, "name": "Broken", "config": "{"},
        {**ROW, "name": "Second"},
    ]
    found = moodle.read(json.dumps(rows))
    assert [(each.settings.name, each.enabled) for each in found.gateways] == [
        ("First", False),
        ("Second", True),
    ]
    assert [(each.code, each.values["name"]) for each in found.skipped] == [
        ("moodle_other_gateway", "Amazon"),
        ("moodle_config_broken", "Broken"),
    ]


def nested(depth: int, width: int) -> list:
    """A list of ``width`` numbers inside so many lists."""
    found: list = [1] * width
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize("depth", [5, 90, 300, 960])
def test_what_is_nested_does_not_grow(depth):
    text = (
        f'{{"api_url": "https://a.example/", "json_body": {"[" * depth + "1," * 20_000 + "1" + "]" * depth}}}'
    )
    with contextlib.suppress(Refused):
        [found] = moodle.read(text).gateways
        assert len(found.settings.body_json) <= 4 * len(text)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("{", "moodle_json", 1),
        ('[\n{"api_url": }]', "moodle_json", 2),
        ("[]", "moodle_nothing", None),
        ("7", "moodle_nothing", None),
        ('{"name": "x"}', "moodle_nothing", None),
        ("[" * 60_000, "moodle_nothing", None),
        ("9" * 5000, "moodle_nothing", None),
        (json.dumps({**ROW, "gateway": "smsgateway_aws"}), "moodle_other_gateway", None),
        (json.dumps({**ROW, "config": "7"}), "moodle_config_broken", None),
        (json.dumps({**CONFIG, "headers": "token:x\n" * 100_000}), "moodle_config_long", None),
        (json.dumps({**CONFIG, "json_body": nested(5, 100_000)}), "moodle_config_long", None),
    ],
)
def test_what_is_no_configuration_is_refused(text, code, line):
    with pytest.raises(Refused) as refused:
        moodle.read(text)
    problem = refused.value.problems[0]
    assert (problem.code, problem.line) == (code, line)
    assert words.sentence(problem.code, problem.values)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inside: (
        st.lists(inside) | st.dictionaries(st.sampled_from([*CONFIG, "config", "gateway"]), inside)
    ),
    max_leaves=12,
)


@given(JSON, st.dictionaries(st.sampled_from(sorted(CONFIG)), JSON))
def test_whatever_stands_there_is_read_or_refused(data, config):
    for each in (data, config, {**CONFIG, **config}, {**ROW, "config": config}):
        try:
            found = moodle.read(json.dumps(each))
        except Refused:
            continue
        for gateway in found.gateways:
            lint.check(gateway.settings, gateway.secrets)
            for change in gateway.changes:
                words.sentence(change.code, change.values)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("headers", "a\n" * 32_000),
        ("headers", "a: b\n" * 13_000),
        ("query_parameters", "=" * 65_000),
        ("post_body_parameters", "".join(f"{{{{m{n}}}}}" for n in range(5_500))),
        ("json_body", "{{message}}" * 5_900),
        ("json_body", "&quot;" * 10_900),
        ("raw_body", "a=" + "&b=" * 20_000),
        ("raw_body", "a={{" * 16_000),
        ("raw_body", "<" * 65_000),
        ("api_url", "https://a.example/?" + "a&" * 32_000),
        ("api_url", "http://" + "@" * 65_000),
        ("success_condition", "&amp;" * 13_000),
        ("countrycode", "4" * 65_000),
    ],
)
def test_what_is_long_is_read_soon(field, text):
    began = time.monotonic()
    body_type = "raw" if field == "raw_body" else "json"
    found = imported(**{"body_type": body_type, field: text})
    assert time.monotonic() - began < 5
    assert len(found.changes) <= 60
