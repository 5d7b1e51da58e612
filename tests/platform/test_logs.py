"""The log: plain lines, one for each event, without tokens, keys and what a request wrote."""

import subprocess
import sys

from cryptography.fernet import Fernet

SCRIPT = """
import logging, sys
import structlog
from webpanel import logs
logs.configure()
log = structlog.get_logger("webpanel.test")
token = sys.argv[1]
log.info("started", gateway=3)
log.debug("not shown")
logging.getLogger("waitress").error("Exception while serving %s", "/link/" + token + "\\nforged line")
logging.getLogger("urllib3.connectionpool").warning("Failed to parse (url=https://sms.example/%s)", token)
def fail(secret):
    raise ValueError(token)
try:
    fail("short" + "secret")
except ValueError:
    log.exception("broke", where=f"/link/{token}")
    logging.getLogger("webpanel").exception("broke again")
"""


def test_lines_are_plain_and_keep_secrets() -> None:
    token = Fernet.generate_key().decode()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, token], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert "started" in lines[0]
    assert "gateway=3" in lines[0]
    assert "forged line" in lines[1]
    assert "broke" in lines[2]
    assert "ValueError" in lines[-1]
    for private in (token, "shortsecret", "not shown", "urllib3", "sms.example", "\x1b["):
        assert private not in done.stderr
