"""The pages of the doors: their examples run as printed, and they name all that the doors answer."""

import html
import os
import re
import string
import subprocess
import sys
from pathlib import Path

from tests.conftest import PASSWORD
from tests.instances import furnish
from tests.pages import CheckingClient
from tests.server import running_server
from tests.visitor import Visitor
from webpanel.doors import kannel, kannel_reports, twilio_errors, twilio_sids

EXPECTED = {
    "kannel": "0: Accepted for delivery",
    "kannel-form": "0: Accepted for delivery",
    "twilio-python": " sent",
    "twilio-curl": '"status":"sent"',
}


def test_examples_run_as_printed(tmp_path: Path) -> None:
    doors = {"door_kannel": True, "door_twilio": True}
    key = furnish(tmp_path / "instance", "http://127.0.0.1:1/", test_state="sent", **doors)
    env = {
        **os.environ,
        "KEY": key,
        "TWILIO_ACCOUNT_SID": twilio_sids.account_sid(key),
        "TWILIO_AUTH_TOKEN": key,
    }
    with running_server(tmp_path / "instance") as server:
        ada = Visitor("ada", server.url, {})
        ada.get(server.setup_link)
        ada.post(server.setup_link, {"name": "ada", "password": PASSWORD, "repeated": PASSWORD})
        page = ada.get("/api/kannel") + ada.get("/api/twilio")
        found = re.findall(
            r'<pre class="call example" id="example-([\w-]+)"[^>]*>(.*?)</pre>', page, re.DOTALL
        )
        examples = {name: html.unescape(example) for name, example in found}
        assert examples.keys() == EXPECTED.keys()
        for name, expected in EXPECTED.items():
            program = [sys.executable, "-c"] if name.endswith("python") else ["bash", "-c"]
            done = subprocess.run(
                [*program, examples[name]], env=env, capture_output=True, text=True, timeout=60, check=True
            )
            assert expected in done.stdout, name


def test_every_answer_stands_on_the_page(administrator: CheckingClient) -> None:
    of_kannel = html.unescape(administrator.get("/api/kannel").text)
    texts = {text for _status, text in (*kannel._ANSWERS.values(), *kannel._SPECIAL.values())}
    texts |= {text for _status, text in kannel._FAILED.values()} | {kannel.ACCEPTED}
    for text in texts:
        # Several fields share one line there: what is refused is named beside it.
        assert text.removesuffix(" field misformed, rejected") in of_kannel, text
    for letter in kannel_letters():
        assert f"<code>%{letter}</code>" in of_kannel, letter
    of_twilio = administrator.get("/api/twilio").text
    codes = {value for value in vars(twilio_errors).values() if isinstance(value, int)}
    assert len(codes) > 15
    for code in codes:
        assert f"<code>{code}</code>" in of_twilio, code


def kannel_letters() -> set[str]:
    """Every escape that the door fills."""
    escape = kannel_reports._escapes(kannel_reports._EXAMPLE, "", "", "", "")
    letters = set(string.ascii_letters + "%")
    return {letter for letter in letters if letter == "%" or escape(letter) != f"%{letter}"}


def test_the_key_page_tells_what_to_type(administrator: CheckingClient) -> None:
    form = {"name": "Old program", "door_kannel": "y", "door_twilio": "y"}
    place = administrator.post("/applications/new", data=form).location
    page = administrator.post(f"{place}/keys", data={"may_send": "y", "may_read": "y", "days": "0"}).text
    key = re.search(r"smsgw_[0-9a-f]{16}_[0-9a-f]{64}", page)[0]
    assert f'value="{twilio_sids.account_sid(key)}"' in page
    assert "/cgi-bin/sendsms" in page
    assert twilio_sids.account_sid(key) in administrator.get(place).text, "beside the key, from then on"
