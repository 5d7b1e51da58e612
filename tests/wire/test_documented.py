"""What docs/placeholders.md shows leaving is what leaves."""

from pathlib import Path
from typing import Any

import pytest

from tests.wire.composing import request

PAGE = (Path(__file__).parents[2] / "docs" / "placeholders.md").read_text(encoding="utf-8")
TEXT = 'Tea & "cake"\n50% ✓'


@pytest.mark.parametrize(
    ("settings", "typed"),
    [
        ({"method": "GET", "url": "https://api.someprovider.com/send?text={{message}}"}, "url"),
        ({"method": "GET", "query": "text={{message}}"}, "query"),
        ({"body_form": "text={{message}}"}, "body_form"),
        ({"body_format": "json", "body_json": '{"text": "{{message}}"}'}, "body_json"),
        ({"body_format": "xml", "body_xml": "<text>{{message}}</text>"}, "body_xml"),
    ],
)
def test_the_table_of_escaping(settings: dict[str, Any], typed: str) -> None:
    made = request(settings, TEXT)
    left = made.body.decode() if made.body else made.target.decode().partition("?")[2]
    assert f"`{settings[typed]}`" in PAGE
    for line in left.split("\n"):
        assert f"{line}`" in PAGE


@pytest.mark.parametrize("body", ['{"to": {{recipient_digits}}}', '{"to": {{recipient}}}'])
def test_the_number_without_quotation_marks(body: str) -> None:
    sent = request({"body_format": "json", "body_json": body}).body
    assert sent
    assert f"`{sent.decode()}`" in PAGE
