"""Calls of the API that a developer can copy as they stand, with the panel's address and a key in place.

A room of its own because pages and terminal print the same ones, and a test executes what they print.
"""

import json
import shlex

#: Of a range that Ofcom keeps for stories: whoever runs a call as it stands reaches nobody.
TO, ALSO_TO = "+447700900123", "+447700900124"
TEXT = "Lesson cancelled"


def curl(public_url: str, key: str) -> str:
    """One line for a shell; ``public_url`` ends in ``/``."""
    body = json.dumps({"to": TO, "message": TEXT})
    words = [
        *("curl", "-sS", f"{public_url}api/v1/messages"),
        *("-H", f"Authorization: Bearer {key}", "-H", "Content-Type: application/json", "-d", body),
    ]
    return shlex.join(words)


def python(public_url: str, key: str) -> str:
    """A program that needs the package requests."""
    return f"""\
import requests

answer = requests.post(
    "{public_url}api/v1/messages",
    headers={{"Authorization": "Bearer {key}"}},
    json={{"to": "{TO}", "message": "{TEXT}"}},
    timeout=30,
)
print(answer.status_code, answer.text)
"""


def php(public_url: str, key: str) -> str:
    """A program that needs PHP's extension curl."""
    return f"""\
<?php
$request = curl_init("{public_url}api/v1/messages");
curl_setopt_array($request, [
    CURLOPT_POST => true,
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_TIMEOUT => 30,
    CURLOPT_HTTPHEADER => ["Authorization: Bearer {key}", "Content-Type: application/json"],
    CURLOPT_POSTFIELDS => json_encode(["to" => "{TO}", "message" => "{TEXT}"]),
]);
echo curl_exec($request), "\\n";
"""


def moodle_body() -> str:
    """The body parameters that are typed into Moodle's plugin: login codes are urgent and sensitive."""
    return "\n".join(
        (
            "to={{recipient}}",
            "message={{message}}",
            "wait=20",
            "priority=urgent",
            "valid_for=600",
            "sensitive=true",
        )
    )


#: What stands in the answer only when the provider accepted the message.
MOODLE_SUCCESS = '"outcome":"accepted"'
