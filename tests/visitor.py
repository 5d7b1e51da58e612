"""A browser without a screen that keeps everything it is answered."""

import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import requests

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
PAGE = {"Accept": "text/html"}
PATIENCE = 30

_TOKEN = re.compile(r'name="csrf_token"(?: type="hidden")? value="([^"]+)"')


class Visitor:
    """``seen`` takes each answer, headers and body, by its place: ``ada, GET /users/ (200, 7)``."""

    def __init__(self, name: str, base: str, seen: dict[str, bytes]) -> None:
        self.name, self.base, self.seen = name, base, seen
        self._session = requests.Session()
        self._session.trust_env = False
        self._token = ""

    def get(self, path: str, headers: dict[str, str] = PAGE) -> str:
        return self._kept(self._session.get(urljoin(self.base, path), headers=headers, timeout=PATIENCE))

    def post(
        self, path: str, form: Mapping[str, str], headers: dict[str, str] = PAGE, *, stale: bool = False
    ) -> str:
        """Sends ``form`` with the CSRF token of the last page that had one, or with a ``stale`` one."""
        data = {"csrf_token": "stale" if stale else self._token, **form}
        target = urljoin(self.base, path)
        return self._kept(self._session.post(target, data=data, headers=headers, timeout=PATIENCE))

    def _kept(self, reply: requests.Response) -> str:
        for step in (*reply.history, reply):
            head = "\n".join(f"{name}: {value}" for name, value in step.headers.items())
            address = urlsplit(step.url)
            path = address._replace(scheme="", netloc="").geturl()
            place = f"{self.name}, {step.request.method} {path} ({step.status_code}, {len(self.seen)})"
            self.seen[place] = head.encode() + b"\n\n" + step.content
        assert reply.status_code < 500, f"{reply.request.method} {reply.url}: {reply.status_code}"
        if token := _TOKEN.search(reply.text):
            self._token = token[1]
        return reply.text
