"""What every journey does: a panel beside the demonstration provider, and its first administrator."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.provider import Provider
from tests.server import Server, running_server

PASSWORD = "four words nobody knows"  # noqa: S105 - of a user that lives for one test


@dataclass(frozen=True)
class Panel:
    server: Server
    provider: Provider

    @property
    def url(self) -> str:
        return self.server.url

    def create_administrator(self, page: Page, country: str = "GB") -> None:
        """By the printed link, in the browser; ends on the first page after the first question."""
        page.goto(self.server.setup_link)
        page.get_by_label("Your name").fill("Ada")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("once more").fill(PASSWORD)
        page.get_by_role("button", name="Create and sign in").click()
        page.get_by_label("country").fill(country)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("navigation", name="Main")).to_be_visible()


@contextmanager
def started(folder: Path, provider: Provider) -> Iterator[Panel]:
    """A fresh panel that may send to ``provider``, and nowhere else."""
    env = {"WEBPANEL_ALLOW_NETWORKS": f"127.0.0.1:{provider.port}"}
    with running_server(folder / "instance", env) as server:
        yield Panel(server, provider)
