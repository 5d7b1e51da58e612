"""What a provider answers is shown as it is, and cannot hide or turn anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.views.visible import visible


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"HTTP/1.1 200 OK\r\nX: 1\r\n\r\nok\n", "HTTP/1.1 200 OK\nX: 1\n\nok\n"),
        (b"a\x00b\x1b[31mred\x7f", "a␀b␛[31mred␡"),
        (b"lone\rreturn\ttab", "lone␍return\ttab"),
        (b"\xff\xfe not text", "\\xff\\xfe not text"),
        ("Grüße 你好 👋".encode(), "Grüße 你好 👋"),
        ("pay \u202eevil\u200b\ufeff\x85".encode(), "pay ⟨U+202E⟩evil⟨U+200B⟩⟨U+FEFF⟩⟨U+0085⟩"),
        ("no\u00a0break".encode(), "no\u00a0break"),
    ],
)
def test_shows(raw: bytes, shown: str) -> None:
    assert visible(raw) == shown


@given(st.binary())
def test_nothing_invisible_is_left(raw: bytes) -> None:
    assert all(char.isprintable() or char.isspace() for char in visible(raw))
