"""Whatever a provider answers is text on the card: bounded, and with nothing hidden in it."""

import json

import pytest

from webpanel.views.gateways.card import BYTES_SHOWN, SHOWN, body

LIMIT = 64 * 1024


@pytest.mark.parametrize(
    ("data", "indented"),
    [
        (b'{"sent":true,"id":12345678901234567890}', '{\n  "sent": true,\n  "id": 12345678901234567890\n}'),
        (b'\xef\xbb\xbf{"a":1}', '{\n  "a": 1\n}'),
        (b'{"a":1.10,"a":2}', '{\n  "a": 1.10,\n  "a": 2\n}'),
        (b"{'a': 1}", ""),
        (b'{"a": NaN}', ""),
        (b"OK", ""),
        (b"", ""),
        (b'{"cut": "of', ""),
    ],
)
def test_json_is_indented_and_nothing_of_it_changes(data, indented):
    shown = body(data)
    assert shown.indented == indented
    assert not shown.binary


def test_text_is_shown_as_it_came_with_what_hides_in_it():
    shown = body("<script>alert(1)</script>\r\n\x1b[31m\u202ered".encode())
    assert shown.raw == "<script>alert(1)</script>\n␛[31m⟨U+202E⟩red"


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0\0", bytes(range(128, 256)) * 8, b"\x01\x02\x03\x04"]
)
def test_what_is_no_text_is_listed(data):
    shown = body(data)
    assert shown.binary
    assert shown.length == len(data)
    first = shown.raw.splitlines()[0]
    assert first.startswith(f"00000000  {data[:4].hex(' ')}")
    assert len(shown.raw.splitlines()) <= BYTES_SHOWN // 16


def test_latin_1_is_text():
    shown = body("Café crème, à bientôt".encode("latin-1"))
    assert not shown.binary
    assert "Caf\\xe9" in shown.raw


@pytest.mark.parametrize(
    "data",
    [
        b"x" * LIMIT,
        b"[" * LIMIT,
        b"[" * (LIMIT // 2) + b"]" * (LIMIT // 2),
        json.dumps([{"a": [n]} for n in range(5000)]).encode()[:LIMIT],
        "\u202e".encode() * (LIMIT // 3),
        b'{"a":' * 90 + b"1" + b"}" * 90,
    ],
)
def test_the_largest_reply_stays_small_on_the_page(data):
    shown = body(data)
    assert len(shown.raw) <= SHOWN
    assert len(shown.indented) <= SHOWN
    assert shown.shortened == (len(data) > SHOWN)
