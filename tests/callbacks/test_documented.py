"""The receiver of the documentation, run as it is printed, beside a real panel."""

import os
import re
import subprocess
import sys
from pathlib import Path

import requests

from tests.instances import LOOPBACK, furnish, opened
from tests.sending.counting import OK, CountingProvider
from tests.sending.panel import eventually
from tests.sending.sockets import unanswered_port
from tests.server import running_server
from webpanel import callbacks

API = Path(__file__).parents[2] / "docs" / "api.md"


def test_the_receiver_runs_as_printed(tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", API.read_text(encoding="utf-8"), re.DOTALL)
    with unanswered_port() as found:
        port = found
    folder = tmp_path / "instance"
    with CountingProvider(OK) as provider:
        key = furnish(folder, provider.url)
        with opened(folder) as app:
            parts = app.extensions["webpanel"]
            secret = callbacks.new_secret(parts.store, parts.vault, 1)
        assert secret
        receiver = subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            with running_server(folder, LOOPBACK) as server:
                body = {
                    "to": "+447700900123",
                    "message": "Hello",
                    "callback_url": f"http://127.0.0.1:{port}/",
                }
                headers = {"Authorization": f"Bearer {key}"}
                message = requests.post(
                    f"{server.url}api/v1/messages", json=body, headers=headers, timeout=20
                ).json()
                assert receiver.stdout is not None
                line = eventually(receiver.stdout.readline)
                assert line == f"{message['id']} accepted\n"
                forged = requests.post(f"http://127.0.0.1:{port}/", json={}, timeout=20)
                assert forged.status_code == 401, "nobody signed it"
        finally:
            receiver.kill()
            receiver.wait()
            receiver.stdout.close()
