"""``python stranger.py PRINTED VENV``: asks the panel that wrote its address into the file PRINTED.

It must serve its login page and that page's style sheets, from the package installed in VENV, and know
every provider of the checkout. Run by ``wheel.sh`` in an environment that holds the panel and nothing of
the tests.
"""

import re
import sys
import time
from pathlib import Path
from urllib.parse import urljoin

import requests

import webpanel
from webpanel import presets

SECONDS = 60
CHECKOUT = Path(__file__).parents[1]


def address(printed: Path) -> str:
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        if found := re.search(r"^The panel: +(\S+)$", printed.read_text(), re.MULTILINE):
            return found[1]
        time.sleep(0.1)
    sys.exit(f"The panel printed no address:\n{printed.read_text()}")


def main() -> None:
    printed, environment = Path(sys.argv[1]), Path(sys.argv[2])
    if not Path(webpanel.__file__).is_relative_to(environment):
        sys.exit(f"webpanel was found in {webpanel.__file__}, not in {environment}")
    known = {preset.id for preset in presets.catalogue(None).presets}
    if missing := {path.stem for path in CHECKOUT.glob("webpanel/presets/*.toml")} - known:
        sys.exit(f"the wheel does not know the providers {sorted(missing)}")
    page = requests.get(address(printed), timeout=SECONDS)
    page.raise_for_status()
    sheets = re.findall(r'<link[^>]+rel="stylesheet"[^>]+href="([^"]+)"', page.text)
    if 'type="password"' not in page.text or not sheets:
        sys.exit(f"{page.url} is no login page with a style sheet")
    for sheet in sheets:
        reply = requests.get(urljoin(page.url, sheet), timeout=SECONDS)
        reply.raise_for_status()
        if not reply.headers["Content-Type"].startswith("text/css") or not reply.content.strip():
            sys.exit(f"{reply.url} is no style sheet")
    sys.stdout.write(f"{page.url} and {len(sheets)} style sheets are served by the wheel.\n")


if __name__ == "__main__":
    main()
