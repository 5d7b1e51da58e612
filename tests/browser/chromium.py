"""The system's Chromium, started so that it talks to nobody but the panel."""

import shutil

from playwright.sync_api import Browser, Playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launched(playwright: Playwright) -> Browser:
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    path = next(filter(None, found), None)
    assert path, "Chromium is missing: run `make test`, which installs it"
    return playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
