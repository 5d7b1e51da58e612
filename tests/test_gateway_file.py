"""A gateway's file: what goes in comes out, and no credential goes in."""

import dataclasses
import re
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webpanel import gateway_file, importing
from webpanel.gateway_file import GatewayFile, dumps, exported, loads
from webpanel.wire import literals
from webpanel.wire.gateway import (
    AUTH_KINDS,
    BODY_FORMATS,
    METHODS,
    NUMBER_FORMATS,
    ON_AMBIGUOUS,
    RULE_KINDS,
    Gateway,
)
from webpanel.wire.problem import Refused

SECRET = "canary-7f3a9c"  # noqa: S105 - planted to be looked for

#: As a form stores it: any Unicode, lines ending in LF.
TEXT = st.text(st.characters(exclude_categories=["Cs"])).map(
    lambda text: text.replace("\r\n", "\n").replace("\r", "\n")
)
#: What a writer of TOML is likely to trip over.
AWKWARD = st.lists(
    st.sampled_from(
        ["'", "''", "'''", '"', '""', '"""', "\\", "\n", "\t", " ", "#", "\x00", "\x7f", "é", "{{message}}"]
    )
).map("".join)
TEMPLATE = TEXT | AWKWARD
SECONDS = st.floats(0.001, 50)


def choice(values):
    return st.sampled_from(values)


GATEWAYS = st.builds(
    Gateway,
    **{
        field.name: TEMPLATE if isinstance(field.default, str) else st.booleans()
        for field in dataclasses.fields(Gateway)
    }
    | {
        "method": choice(METHODS),
        "body_format": choice(BODY_FORMATS),
        "auth_kind": choice(AUTH_KINDS),
        "number_format": choice(NUMBER_FORMATS),
        "failure_fault": choice(("message", "gateway")),
        "on_ambiguous": choice(ON_AMBIGUOUS),
        "connect_timeout": SECONDS,
        "timeout": SECONDS,
        "in_flight": st.integers(1, 100),
        "pace": SECONDS,
        "failover_after": SECONDS,
        **{f"{rule}_kind": choice(RULE_KINDS) for rule in importing.RULES},
    },
)
NAMES = st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True), unique=True, max_size=10)


@given(GATEWAYS, NAMES)
@settings(deadline=None)
def test_what_is_written_is_read_again(gateway, names):
    leaving = exported(gateway, names)
    assert loads(dumps(gateway, names)) == leaving
    if not literals.find(gateway):
        assert leaving == GatewayFile(gateway, tuple(sorted(names)))


@given(st.sampled_from(["'", '"', "\\", "x", "é ", "\U0001f600", "{{message}}"]), st.booleans())
@settings(deadline=None)
def test_no_credential_is_written_whatever_stands_around_it(sign, hide):
    gateway = Gateway(
        url=f"https://a.example/?api_key={SECRET}",
        headers=f"X-Note: {sign}\nAuthorization: Bearer {SECRET}",
        query=f"token={SECRET}",
        body_form=f"password={SECRET}\ntext={sign}",
        body_json=f'{{"apiKey": "{SECRET}"}}',
        hide_literals=hide,
    )
    text = dumps(gateway, ["token"])
    assert SECRET not in text
    read = loads(text)
    assert read.settings.hide_literals is hide
    assert read.settings.query.startswith("token={{secret.")
    assert "token" in read.secrets
    assert len(read.secrets) > 1


def test_a_file_reads_well():
    gateway = Gateway(
        name="School",
        url="https://api.someprovider.com/v1/send",
        headers="X-API-Key: {{secret.api_key}}\nX-Region: eu",
        body_format="json",
        body_json='{\n  "to": "{{recipient}}",\n  "text": "{{message}}"\n}',
        success_kind="text",
        success_rule='{"sent": true}',
        timeout=12.5,
    )
    assert dumps(gateway, ["api_key"]).splitlines()[1:] == [
        "format = 1",
        'name = "School"',
        'url = "https://api.someprovider.com/v1/send"',
        'headers = """',
        "X-API-Key: {{secret.api_key}}",
        'X-Region: eu"""',
        'body_format = "json"',
        "body_json = '''",
        "{",
        '  "to": "{{recipient}}",',
        '  "text": "{{message}}"',
        "}'''",
        'success_kind = "text"',
        "success_rule = '{\"sent\": true}'",
        "timeout = 12.5",
        "secrets = [",
        '    "api_key",',
        "]",
    ]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "file_not_a_gateway", None),
        ("name = 'A'", "file_not_a_gateway", None),
        ("format = 2", "file_format_unknown", None),
        ("format = true", "file_format_unknown", None),
        ("format = '1'", "file_format_unknown", None),
        ("format = 1\nname = 'A", "file_toml", 2),
        ("format = 1\nname 'A'\n", "file_toml", 2),
        ("format = 1\nname = 'A'\nname = 'B'", "file_toml", 3),
        ("format = 1\nbody_json = '''\n{\n", "file_toml", 3),
        ("format = 1\nbody_jsn = '{}'", "setting_misspelt", None),
        ("format = 1\ncolour = 'red'", "setting_unknown", None),
        ("format = 1\n[settings]\nname = 'A'", "setting_unknown", None),
        ("format = 1\nname = 1", "setting_type", None),
        ("format = 1\nin_flight = 1.5", "setting_type", None),
        ("format = 1\nin_flight = true", "setting_type", None),
        ("format = 1\nhide_literals = 1", "setting_type", None),
        ("format = 1\ntimeout = nan", "setting_type", None),
        ("format = 1\ntimeout = 1e999", "setting_type", None),
        (f"format = 1\ntimeout = 0x{'f' * 5000}", "setting_type", None),
        (f"format = 1\nin_flight = 0x{'f' * 5000}", "setting_type", None),
        (f"format = 1\ntimeout = {'9' * 5000}", "file_toml", 2),
        ("format = 1\nname = 2026-11-23", "setting_type", None),
        ("format = 1\nsecrets = 'a'", "file_secrets", None),
        ("format = 1\nsecrets = [1]", "file_secrets", None),
        ("format = 1\nsecrets = ['a b']", "file_secret_name", None),
        (f"format = 1\nsecrets = {[f's{n}' for n in range(51)]}", "secrets_too_many", None),
        (f"format = 1\nname = {'[' * 5000}", "file_not_a_gateway", None),
        ("format = 1\n" + "a." * 5000 + "a = 1", "file_not_a_gateway", None),
        ("format = 1\n" + "".join(f"setting{n} = 1\n" for n in range(101)), "file_not_a_gateway", None),
        ("format = 1\n" + "n" * 65 + " = 1", "file_not_a_gateway", None),
        ("\x00", "file_toml", 1),
    ],
)
def test_what_is_no_gateway_s_file_is_refused_with_the_place(text, code, line):
    with pytest.raises(Refused) as refused:
        loads(text)
    problem = refused.value.problems[0]
    assert (problem.code, problem.line) == (code, line)


@given(st.text())
@settings(deadline=None)
def test_nothing_that_is_read_raises_anything_else(text):
    for each in (text, "format = 1\n" + text, "format = 1\nname = " + text):
        with suppress(Refused):
            loads(each)


@given(st.binary())
@settings(deadline=None)
def test_whatever_is_uploaded_is_read_or_refused(data):
    for each in (data, b'{"api_url": ' + data, b"[" + data):
        with suppress(Refused):
            importing.read(each)


@pytest.mark.parametrize(
    "text",
    [
        '"""' * 20_000,
        '"""\\"' * 20_000,
        "'''" * 20_000,
        "a." * 30_000,
        "[" * 60_000,
        "a = {" * 12_000,
        "a" * 65_000,
        "\n" * 65_000,
        "format = 1\nname = '" + "x" * 65_000,
    ],
    ids=lambda text: text[:12],
)
def test_what_is_long_is_read_or_refused_soon(text):
    began = time.monotonic()
    with pytest.raises(Refused):
        loads(text)
    assert time.monotonic() - began < 2


def test_each_setting_stands_in_the_documentation():
    page = (Path(__file__).parents[1] / "docs" / "files.md").read_text(encoding="utf-8")
    rows = "".join(row.split("|")[1] for row in page.splitlines() if row.startswith("| `"))
    named = re.findall(r"`([a-z_]+)`", rows)
    assert {field.name for field in dataclasses.fields(Gateway)} | {"format", "secrets"} <= set(named)


def test_the_longest_gateway_fits_into_a_file():
    longest = dict.fromkeys(
        ("headers", "query", "body_form", "body_json", "body_xml", "body_raw"), '{"😀' * 16384
    )
    text = dumps(Gateway(**longest), [])
    assert len(text.encode()) <= gateway_file.LONGEST
    assert loads(text).settings == Gateway(**longest)
