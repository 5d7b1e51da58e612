"""A panel with one gateway, and the 20,000 messages that benchmarks let wait for it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.calling import add_application, add_gateway
from tests.instances import opened
from webpanel import panel

WAITING = 20_000
#: Of one request of the API.
BATCH = 10_000


def set_up(folder: Path, url: str, in_flight: int) -> str:
    """An instance whose gateway sends to a quick provider; returns the key of an application."""
    with opened(folder) as app:
        panel.set_country(app.extensions["webpanel"].store, "GB")
        add_gateway(
            app,
            url=url,
            headers="X-Message: {{message_id}}",
            in_flight=in_flight,
            success_kind="jmespath",
            success_rule="sent",
            message_id_kind="jmespath",
            message_id_rule="id",
        )
        return add_application(app)


def batches(**more: Any) -> Iterator[str]:
    """The bodies of the requests that hand in :data:`WAITING` messages, each with ``more``."""
    for start in range(0, WAITING, BATCH):
        each = [
            {"to": f"+4479{11_000_000 + number}", "message": f"Lesson {number} is off", **more}
            for number in range(start, start + BATCH)
        ]
        yield json.dumps({"messages": each})
