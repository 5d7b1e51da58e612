"""Who may see what: nobody anything, but for what is listed here."""

import time
from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit

from flask import Flask, Request, abort, current_app, redirect, request, session, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_security import current_user
from werkzeug.wrappers import Response

from webpanel.accounts import ADMINISTRATOR, SENDER
from webpanel.views import answers

#: A session is written anew no more often than this.
REFRESH_SECONDS = 600

#: Bytes of a request by somebody who is not signed in: names, passwords, or a form that came too late.
LARGEST_SIGNED_OUT = 64 * 1024

#: Signs that stand in an address as they are; escapes that were there stay, too.
_IN_ADDRESS = "/%:@!$&'()*+,;=~-._"

#: Endpoints that need no login.
PUBLIC = frozenset(
    {
        "static",
        "accounts.login",
        "accounts.signed_in",
        "accounts.link",
        "accounts.redeemed",
        "api_public.openapi_json",
        "probes.healthz",
        "probes.readyz",
        # Asks for a token by itself, or for being called on this machine.
        "probes.figures",
    }
)
#: What senders may use beside administrators: blueprints, and endpoints of others.
SENDER_BLUEPRINTS = frozenset({"messages"})
SENDER_ENDPOINTS = frozenset(
    {"shell.home", "accounts.logout", "accounts.password", "accounts.password_changed"}
)


class Sessions(SecureCookieSessionInterface):
    """The sessions of people; ``are_programs`` names the paths where nobody has one."""

    def __init__(self, are_programs: Callable[[str], bool]) -> None:
        self._are_programs = are_programs

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return None if self._are_programs(request.path) else super().open_session(app, request)


def guard(app: Flask) -> None:
    """Put every endpoint of ``app``, also those of later, behind login and role."""
    app.before_request(_check)


def roles_for(endpoint: str, blueprint: str | None) -> frozenset[str]:
    """The roles that may use an endpoint; meaningless for the public ones."""
    if endpoint in SENDER_ENDPOINTS or blueprint in SENDER_BLUEPRINTS:
        return frozenset({ADMINISTRATOR, SENDER})
    return frozenset({ADMINISTRATOR})


def _check() -> Response | tuple[str, int] | None:
    if request.blueprint in current_app.extensions["webpanel"].keyed:
        # Programs: each request brings its key, and the blueprint asks for it.
        return None
    if request.endpoint is None or request.endpoint in PUBLIC:
        request.max_content_length = LARGEST_SIGNED_OUT
        return None
    if not current_user.is_authenticated:
        request.max_content_length = LARGEST_SIGNED_OUT
        return _sign_in_first()
    if not any(current_user.has_role(role) for role in roles_for(request.endpoint, request.blueprint)):
        abort(403)
    _stay()
    return None


def _stay() -> None:
    """Count a person's time anew when a page is opened; what a page asks for by itself counts nothing."""
    if not answers.from_htmx() and time.time() - session.get("seen", 0) > REFRESH_SECONDS:
        session["seen"] = int(time.time())


def _sign_in_first() -> Response | tuple[str, int]:
    """The login page, with the way back to the page that was asked for."""
    if answers.from_htmx():
        # Back to the page, not to the fragment that it wanted.
        response = current_app.make_response(("", 401))
        response.headers["HX-Redirect"] = _login_url(request.headers.get("HX-Current-URL", ""))
        return response
    if request.method in ("GET", "HEAD"):
        return redirect(_login_url(request.full_path if request.query_string else request.path, inside=True))
    return answers.expired(401)


def _login_url(back: str, *, inside: bool = False) -> str:
    """``back`` is a path inside the panel, or an address of it as the browser sees it."""
    path = request.script_root + back if inside else own_path(back)
    home = url_for("shell.home")
    return url_for("accounts.login", next=path) if path and path != home else url_for("accounts.login")


def own_path(url: str) -> str:
    """The path and query of ``url`` when it leads into this panel, otherwise blank."""
    # Browsers read a backslash as a slash, and drop line ends and tabs; no address of ours has any.
    if not url or url.startswith("//") or "\\" in url or any(ord(char) < ord("!") for char in url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if (parts.scheme or parts.netloc) and f"{parts.scheme}://{parts.netloc}/" != request.host_url:
        return ""
    # A segment of dots leads up, out of the panel's own path, however it is written.
    leads_up = any(unquote(segment) in (".", "..") for segment in parts.path.split("/"))
    if leads_up or not parts.path.startswith(url_for("shell.home")) or parts.path.startswith("//"):
        return ""
    query = quote(parts.query, safe=_IN_ADDRESS + "?")
    return quote(parts.path, safe=_IN_ADDRESS) + (f"?{query}" if query else "")
