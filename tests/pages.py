"""What is true of every HTML answer of the panel, checked on each one that a test gets."""

from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, TestResponse

#: What Content-Security-Policy would stop, or lets through only because nobody looked.
INLINE_ELEMENTS = ("style",)
#: Inputs that need no label.
UNLABELLED = {"hidden", "submit", "reset", "button", "image"}


def parse(text: str) -> Element:
    """The document as a tree, without namespaces."""
    return html5lib.parse(text, treebuilder="etree", namespaceHTMLElements=False)


def words_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


class Page:
    """One HTML document, or a fragment that goes into one."""

    def __init__(self, text: str) -> None:
        self.root = parse(text)
        self.is_whole = "<html" in text[:500]

    def all(self, tag: str) -> list[Element]:
        return list(self.root.iter(tag))

    def by_id(self, wanted: str) -> Element:
        found = [element for element in self.root.iter() if element.get("id") == wanted]
        assert found, f"no element has the id {wanted!r}"
        return found[0]

    @property
    def heading(self) -> str:
        return words_of(self.all("h1")[0])

    @property
    def text(self) -> str:
        return words_of(self.root)

    @property
    def alert(self) -> str:
        """The first sentence that stands in the page as an alert."""
        alerts = [each for each in self.all("div") if each.get("role") == "alert" and not each.get("id")]
        return words_of(alerts[0])

    @property
    def said(self) -> list[str]:
        """The sentences of the page's flashes."""
        return [words_of(each) for each in self.by_id("says")]

    @property
    def csrf_token(self) -> str:
        return next(each.get("value", "") for each in self.all("input") if each.get("name") == "csrf_token")

    def faults(self) -> list[str]:
        """What is wrong with it, each as a sentence; empty for a page as it should be."""
        return [*self._frame(), *self._ids(), *self._labels(), *self._inline()]

    def _frame(self) -> list[str]:
        if not self.is_whole:
            return []
        faults = []
        titles = [words_of(title) for title in self.all("title")]
        if len(titles) != 1 or not titles[0].partition("·")[0].strip():
            faults.append(f"titles: {titles}")
        headings = [words_of(heading) for heading in self.all("h1")]
        if len(headings) != 1 or not headings[0]:
            faults.append(f"first headings: {headings}")
        if not self.all("html")[0].get("lang"):
            faults.append("no language")
        return faults

    def _ids(self) -> list[str]:
        counts = Counter(element.get("id") for element in self.root.iter() if element.get("id"))
        faults = [f"the id {name} stands {count} times" for name, count in counts.items() if count > 1]
        if self.is_whole:
            for element in self.root.iter():
                for attribute in ("for", "aria-describedby", "aria-labelledby", "aria-controls", "list"):
                    missing = [name for name in (element.get(attribute) or "").split() if name not in counts]
                    faults += [
                        f"{element.tag} {attribute} names {name}, which is not there" for name in missing
                    ]
        return faults

    def _labels(self) -> list[str]:
        labelled = {label.get("for") for label in self.all("label")}
        inside = {id(part) for label in self.all("label") for part in label.iter()}
        faults = []
        for tag in ("input", "select", "textarea"):
            for control in self.all(tag):
                if control.get("type", "text") in UNLABELLED and tag == "input":
                    continue
                named = control.get("aria-label") or control.get("aria-labelledby")
                if not named and control.get("id") not in labelled and id(control) not in inside:
                    faults.append(f"{tag} {control.get('name')} has no label")
        for tag in ("button", "a", "summary"):
            faults += [
                f"{tag} {element.attrib} says nothing"
                for element in self.all(tag)
                if not words_of(element) and not element.get("aria-label")
            ]
        return faults

    def _inline(self) -> list[str]:
        faults = [f"a {tag} element stands in the page" for tag in INLINE_ELEMENTS if self.all(tag)]
        faults += ["a script stands in the page" for script in self.all("script") if not script.get("src")]
        for element in self.root.iter():
            for name, value in element.attrib.items():
                if name == "style" or name.startswith(("on", "hx-on", "data-hx-on")):
                    faults.append(f"{element.tag} has the attribute {name}")
                if name.startswith("hx-") and ("js:" in value or "javascript:" in value):
                    faults.append(f"{element.tag} {name} holds a script")
                if name == "hx-trigger" and "[" in value:
                    faults.append(f"{element.tag} has a trigger with a filter")
                if name in ("href", "src", "action", "formaction") and "javascript:" in value:
                    faults.append(f"{element.tag} {name} holds a script")
        return faults


class CheckingClient(FlaskClient):
    """A test client that takes no page with a fault, and sends the CSRF token as a browser does.

    Paths are as pages write them, below the panel's prefix. ``token=False`` leaves the token out.
    """

    @property
    def public_url(self) -> str:
        return self.application.extensions["webpanel"].config.public_url

    def open(
        self, path: str | EnvironBuilder, *, token: bool = True, headers: Any = (), **kwargs: Any
    ) -> TestResponse:
        sent = dict(headers)
        if token and kwargs.get("method") in ("POST", "PUT", "PATCH", "DELETE"):
            sent.setdefault("X-CSRFToken", self.csrf_token())
            sent.setdefault("Referer", self.public_url)
        response = self._fetch(path, headers=sent, **kwargs)
        check(response)
        return response

    def sign_in(self, name: str, password: str, **kwargs: Any) -> TestResponse:
        data = {"username": name, "password": password}
        return self.post(self.url_for("accounts.signed_in"), data=data, **kwargs)

    def url_for(self, endpoint: str, **values: Any) -> str:
        with self.application.test_request_context(base_url=self.public_url):
            return self.application.url_for(endpoint, **values)

    def csrf_token(self) -> str:
        """A token of this client's session, from a page: the login's, or that of whoever is signed in."""
        path = self.url_for("accounts.password")
        response = self._fetch(path, method="GET", follow_redirects=True)
        return Page(response.get_data(as_text=True)).csrf_token

    def _fetch(self, path: str | EnvironBuilder, **kwargs: Any) -> TestResponse:
        if not isinstance(path, str):
            # A redirect that is followed, made by werkzeug.
            kwargs.pop("headers", None)
            return super().open(path, **kwargs)
        prefix = self.application.extensions["webpanel"].config.prefix
        kwargs.setdefault("base_url", self.public_url)
        return super().open(path.removeprefix(prefix), **kwargs)

    def page(self, path: str, **kwargs: Any) -> Page:
        response = self.get(path, **kwargs)
        assert response.status_code == 200, f"{path} answered {response.status}"
        return Page(response.get_data(as_text=True))


def check(response: TestResponse) -> None:
    """Fails for an answer whose headers or HTML are not as every one of the panel must be."""
    assert response.headers.get("Content-Security-Policy", "").startswith(
        "default-src 'none'; script-src 'self'"
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    if response.mimetype == "text/html":
        assert "no-store" in response.headers["Cache-Control"]
        text = response.get_data(as_text=True)
        if text:
            faults = Page(text).faults()
            assert not faults, f"{response.request.path}: " + "; ".join(faults)
