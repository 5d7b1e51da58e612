"""What is shown of a text that was not understood holds no credential."""

import pytest

from webpanel.wire import curl
from webpanel.wire.glimpse import LONGEST, glimpse

SECRET = "Zq7xK2mPw9Lr4Tn8"  # noqa: S105 - made up


@pytest.mark.parametrize(
    "text",
    [
        f"| curl -H 'Authorization: Bearer {SECRET}' https://b.example/",
        f"| curl -u user:{SECRET} https://b.example/",
        f"| curl --user 'user:{SECRET}' https://b.example/",
        f"wget https://user:{SECRET}@b.example/x",
        f"api_key={SECRET}",
        f'"token": "{SECRET}"',
        f"X-Api-Key {SECRET}",
        f"password:{SECRET},x",
        f"sk_{SECRET}{SECRET}",
        "a" * 50 + f" key={SECRET}",
    ],
)
def test_what_may_be_a_credential_is_hidden(text):
    assert SECRET[:6] not in glimpse(text)


@pytest.mark.parametrize(
    "text", ["jq .messages", "--output file.txt", "see https://b.example/docs?page=2", "x" * LONGEST]
)
def test_the_rest_is_shown(text):
    assert glimpse(text) == text


def test_it_is_one_short_line():
    assert glimpse("a\n b" + "c" * 100) == "a b" + "c" * (LONGEST - 3) + "…"


@pytest.mark.parametrize(
    "rest",
    [
        f"| curl -u me:{SECRET} https://b.example/",
        f"--what={SECRET}",
        f"-Zb{SECRET}",
        f"stray-{'x' * 48}{SECRET}",
        f"| tee {'x' * 45} {SECRET}",
    ],
)
def test_notes_quote_no_secret(rest):
    example = curl.read(f"curl -H 'X-API-Key: {SECRET}' -d to=447911123456 https://a.example/send {rest}")
    assert example.left_out
    assert SECRET[:6] not in str(example.left_out)
