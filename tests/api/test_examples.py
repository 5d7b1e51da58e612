"""The examples of the reference page, executed exactly as they are printed."""

import html
import json
import os
import re
import subprocess
from pathlib import Path

from tests.api.test_openapi import openapi
from tests.conftest import PASSWORD
from tests.instances import furnish
from tests.server import running_server
from tests.visitor import Visitor

#: What an answer of each must hold.
EXPECTED = {
    "sendMessage": '"state":"sent","outcome":"accepted"',
    "listMessages": '"messages":[]',
    "sendBatch": '"accepted":2',
    "showMessage": '"state":"sent"',
    "cancelMessage": '"code":"not_cancellable"',
    "listGateways": '"health":"ok"',
    "sendByAddress": '"outcome":"accepted"',
    "openApi": '"openapi": "3.1.0"',
}


def test_examples_run_as_printed(tmp_path: Path) -> None:
    key = furnish(tmp_path / "instance", "http://127.0.0.1:1/", test_state="sent", door_get=True)
    assert EXPECTED.keys() == {each.name for each in openapi.ENDPOINTS}
    with running_server(tmp_path / "instance") as server:
        ada = Visitor("ada", server.url, {})
        ada.get(server.setup_link)
        form = {"name": "ada", "password": PASSWORD, "repeated": PASSWORD}
        ada.post(server.setup_link, form)
        page = ada.get("/api/reference")
        examples = dict(re.findall(r'<pre class="call example" id="example-(\w+)"[^>]*>(.*?)</pre>', page))
        assert examples.keys() == EXPECTED.keys()
        env = {**os.environ, "KEY": key, "ID": ""}
        for name, expected in EXPECTED.items():
            call = ["bash", "-c", html.unescape(examples[name])]
            done = subprocess.run(
                call,
                env=env,
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            assert expected in done.stdout, name
            if name == "sendMessage":
                env["ID"] = json.loads(done.stdout)["id"]
