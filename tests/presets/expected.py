"""What each preset's request must be: ``expected/<id>.toml``, written from the provider's facts alone.

A file has one case or more::

    [[cases]]
    title = "a number as sender"

    [cases.answers]                 # by question; what is not given is the question's default
    sender = "+15005550006"

    [cases.request]
    method = "POST"
    url = "https://api.provider.example/messages"   # without its query
    query = [["to", "+447911123456"]]   # none when absent
    form = [["Body", "<text>"]]     # or json = {...}, or body = "..."; none when absent

    [cases.request.headers]         # those that must be there, with just this value
    Authorization = "Bearer not-a-real-token"

``<text>`` is :data:`TEXT`, inside a value too. All numbers are +447911123456 in the provider's form. Of
SMSGlobal's signature, time and nonce are those of :data:`FRESH`.

Replies beyond those of the preset itself, where there are such::

    [[judged]]
    title = "too busy"
    status = 200
    body = '{"status": "busy"}'
    outcome = "deferred"            # a class of webpanel.wire.verdict.Outcome
"""

import tomllib
from pathlib import Path
from typing import Any

from webpanel.wire.compose import Fresh

FOLDER = Path(__file__).parent / "expected"
#: The try-out text: accent, quotes, ampersand, percent, line break, a sign beyond Latin.
TEXT = 'Código: 123456 "ok" & 50%\nline2 ✓'
FRESH = Fresh(1_790_000_000, "0123456789abcdef0123456789abcdef", "b" * 32)

Case = dict[str, Any]


def read(preset: str) -> dict[str, Any]:
    with (FOLDER / f"{preset}.toml").open("rb") as stream:
        return with_text(tomllib.load(stream))


def with_text(value: Any) -> Any:
    """``value`` with the try-out text in the place of ``<text>``."""
    match value:
        case str():
            return value.replace("<text>", TEXT)
        case list():
            return [with_text(each) for each in value]
        case dict():
            return {key: with_text(each) for key, each in value.items()}
        case _:
            return value


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def cases() -> list[tuple[str, Case]]:
    """Each case with its preset's id."""
    return [(name, case) for name in names() for case in read(name)["cases"]]
