"""Behind a real nginx under /sms/, with the path passed on and taken off, over http and https."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
import requests

from tests.pages import Page
from tests.platform.nginx import free_port, running_nginx
from tests.sending.certificates import authority, issue
from tests.server import Server, running_server

PASSWORD = "correct horse battery"  # noqa: S105 - of an account that lives as long as the test
#: Attributes that lead somewhere: by htmx, by a browser.
LEADS = ("href", "src", "action", "formaction", "hx-get", "hx-post", "hx-put", "hx-delete", "poster")


@dataclass
class Browser:
    """Follows what pages name, as a browser would, and refuses whatever leaves ``base``."""

    base: str
    session: requests.Session
    at: str = ""

    def get(self, url: str) -> Page:
        return self._read(self.session.get(self.inside(url), headers=self._referer(), timeout=30))

    def submit(self, page: Page, action: str, **typed: str) -> Page:
        """Sends the form whose address ends in ``action``, with what stands in it and what is typed."""
        (form,) = [
            form
            for form in page.all("form")
            if urlsplit(self._target(form.get("action", ""))).path.endswith(action)
        ]
        values: dict[str, str] = {}
        for field in form.iter():
            name, kind = field.get("name"), field.get("type", "")
            if not name or (kind in ("radio", "checkbox") and field.get("checked") is None):
                continue
            if field.tag == "select":
                chosen = [each for each in field.iter("option") if each.get("selected") is not None]
                options = chosen or list(field.iter("option"))
                if options:
                    values[name] = options[0].get("value", "")
            elif field.tag == "textarea":
                values[name] = field.text or ""
            elif field.tag == "input" and kind not in ("submit", "button", "image", "reset"):
                values[name] = field.get("value", "")
        unknown = typed.keys() - {field.get("name") for field in form.iter()}
        assert not unknown, f"{action} has no {unknown}"
        target = self.inside(form.get("action", ""))
        headers = {**self._referer(), "Origin": self.base.removesuffix("/sms/")}
        return self._read(self.session.post(target, data=values | typed, headers=headers, timeout=30))

    def leads(self, page: Page) -> set[str]:
        """Every address that a page names, all of them inside ``base``; not a provider's documentation."""
        ours = (element for element in page.root.iter() if "noreferrer" not in element.get("rel", ""))
        found = {element.get(name) for element in ours for name in LEADS if element.get(name)}
        return {self.inside(url) for url in found if url and not url.startswith(("#", "data:"))}

    def _target(self, url: str) -> str:
        return urldefrag(urljoin(self.at, url)).url

    def inside(self, url: str) -> str:
        target = self._target(url)
        assert target.startswith(self.base), f"{self.at} leads to {target}, outside {self.base}"
        return target

    def _referer(self) -> dict[str, str]:
        return {"Referer": self.at} if self.at else {}

    def _read(self, reply: requests.Response) -> Page:
        for step in [*reply.history, reply]:
            assert step.url.startswith(self.base), f"redirected to {step.url}"
            if location := step.headers.get("Location"):
                assert urljoin(step.url, location).startswith(self.base), location
        assert reply.status_code == 200, f"{reply.url}: {reply.status_code}\n{reply.text[:2000]}"
        self.at = reply.url
        return Page(reply.text)


@pytest.fixture(
    params=[(scheme, kept) for scheme in ("http", "https") for kept in (True, False)],
    ids=lambda param: f"{param[0]}-{'kept' if param[1] else 'stripped'}",
)
def behind(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Server, Browser]]:
    scheme, kept = request.param
    port = free_port()
    session = requests.Session()
    # Authorities that the environment names would go before the one below.
    session.trust_env = False
    pem = None
    if scheme == "https":
        trusted = authority()
        shown = issue(trusted, "127.0.0.1")
        # Writes certificate and key, as nginx wants them too.
        shown.server_context(tmp_path)
        pem = tmp_path / f"{shown.certificate.serial_number}.pem"
        (tmp_path / "authority.pem").write_bytes(trusted.pem())
        session.verify = str(tmp_path / "authority.pem")
    base = f"{scheme}://127.0.0.1:{port}/sms/"
    env = {"WEBPANEL_URL": base, "WEBPANEL_TRUSTED_PROXY": "127.0.0.1"}
    with running_server(tmp_path / "instance", env) as server:
        upstream = server.address.removesuffix("/")
        with running_nginx(tmp_path / "nginx", port, upstream if kept else f"{upstream}/", pem):
            yield server, Browser(base, session)
        server.stop()


def test_everything_works_below_the_path(behind: tuple[Server, Browser]) -> None:
    server, browser = behind
    secure = browser.base.startswith("https:")
    page = browser.submit(
        browser.get(server.setup_link), urlsplit(server.setup_link).path,
        name="Ada", password=PASSWORD, repeated=PASSWORD,
    )  # fmt: skip
    page = browser.submit(page, "/welcome", default_country="GB")
    page = browser.submit(
        browser.get(f"{browser.base}gateways/new"), "/gateways/new",
        name="School", url="https://sms.example/v1/send", body_form="to={{recipient}}\ntext={{message}}",
        success_kind="text", success_rule="sent",
    )  # fmt: skip
    page = browser.submit(
        browser.get(f"{browser.base}send"), "/sms/send", recipient="07911 123456", text="Hello",
    )  # fmt: skip
    assert "/sms/messages/" in browser.at

    for cookie in browser.session.cookies:
        assert cookie.path == "/sms", cookie
        assert cookie.secure is secure, cookie
    assert len(browser.session.cookies) == 1

    crawl(browser)

    page = browser.submit(browser.get(browser.base), "/logout")
    page = browser.get(f"{browser.base}gateways/")
    assert urlsplit(browser.at).path == "/sms/login"
    page = browser.submit(page, urlsplit(browser.at).path, username="Ada", password=PASSWORD)
    assert browser.at == f"{browser.base}gateways/"


def test_without_the_last_slash_it_is_found_too(behind: tuple[Server, Browser]) -> None:
    _, browser = behind
    reply = browser.session.get(browser.base.removesuffix("/"), timeout=30)
    assert (reply.status_code, urlsplit(reply.url).path) == (200, "/sms/login")


def crawl(browser: Browser) -> None:
    """Asks for every address that pages name, from the first one on, once."""
    seen: set[str] = set()
    waiting = {browser.base}
    kinds: set[str] = set()
    while waiting:
        url = waiting.pop()
        seen.add(url)
        reply = browser.session.get(url, headers={"Referer": browser.base}, timeout=30)
        assert reply.url.startswith(browser.base)
        if reply.status_code == 405:
            # The address of a form: it is there, and takes no GET.
            assert "POST" in reply.headers["Allow"]
            continue
        # 204: what a page asks for again and again, and what did not change.
        assert reply.status_code in (200, 204), f"{url}: {reply.status_code}"
        if reply.status_code == 204:
            continue
        kind = reply.headers["Content-Type"].partition(";")[0]
        kinds.add(kind)
        if kind == "text/html":
            browser.at = reply.url
            waiting |= browser.leads(Page(reply.text)) - seen
        elif kind == "text/css":
            browser.at = reply.url
            sheet = reply.text
            named = [part.partition(")")[0].strip("'\"") for part in sheet.split("url(")[1:]]
            waiting |= {browser.inside(name) for name in named if not name.startswith(("data:", "#"))} - seen
    assert {"text/html", "text/css", "text/javascript"} <= kinds
    assert len(seen) > 20, seen
