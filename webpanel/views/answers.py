"""What every answer has in common: its headers, how htmx is told something, and the error pages."""

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import quote, urlsplit

import structlog
from flask import Flask, Response, current_app, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as BaseResponse

from webpanel.config import Config
from webpanel.store import StoreUnavailable
from webpanel.views.assets import is_current
from webpanel.views.limits import limiter

#: On every answer: the panel's script shows no page without it, such as that of a proxy in front.
OURS = "X-Webpanel"
#: A sentence (percent-encoded UTF-8) for the page's live region, in place of anything to swap in.
SAYS = "X-Webpanel-Says"

#: Parts of a field's name of which nothing is written into a page again.
_NEVER_REPEATED = ("password", "present", "repeated", "secret")
#: Fields of a form that are written into a page again; the largest form of ours has not half as many.
_MOST_REPEATED = 200

#: Status -> title and sentence. Others are worded as 500, or as 400.
_ERRORS = {
    400: (_l("That was not understood"), _l("The browser sent something that the panel cannot read.")),
    403: (
        _l("Not for this account"),
        _l("Your account may send and see messages. Ask an administrator for anything else."),
    ),
    404: (_l("Not here"), _l("There is no such page. It may have been deleted.")),
    405: (_l("Not that way"), _l("This address cannot be used like that. Go back and try again.")),
    413: (_l("Too much at once"), _l("That is more than the panel takes at once. Make it shorter.")),
    429: (_l("Too many attempts"), _l("Signing in failed too often.")),
    500: (
        _l("Something went wrong in the panel"),
        _l("Try again. If it happens again, the panel's log says more."),
    ),
    503: (
        _l("It could not be stored"),
        _l("Nothing was changed. The disk may be full, or the database busy; try again in a moment."),
    ),
}

#: Whether a path is no page, and what answers a status with its headers there.
Belongs = Callable[[str], bool]
InPlace = Callable[[int, Mapping[str, str]], Response]

log = structlog.get_logger(__name__)


def from_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def arrange(app: Flask, config: Config, elsewhere: Mapping[Belongs, InPlace] = MappingProxyType({})) -> None:
    """Headers on every answer of ``app``, and a page for every error.

    ``elsewhere``: for paths that are no pages, what is answered in place of an error page.
    """
    app.extensions["webpanel.elsewhere"] = elsewhere
    framing = " ".join(config.frame_ancestors) or "'none'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {framing}"
    )

    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        OURS: "1",
    }
    if not config.frame_ancestors:
        headers["X-Frame-Options"] = "DENY"
    if config.scheme == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"

    @app.after_request
    def _headers(response: Response) -> Response:
        # update: a view may not weaken them by accident.
        response.headers.update(headers)
        if request.endpoint == "static" and response.status_code < 400:  # noqa: PLR2004 - HTTP's
            for_good = "public, max-age=31536000, immutable"
            response.headers["Cache-Control"] = for_good if is_current(request) else "no-cache"
        else:
            response.headers["Cache-Control"] = "no-store"
            if _elsewhere() is None:
                response.vary.add("HX-Request-Type")
        return _for_htmx(response)

    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, lambda _error: expired(400))
    app.register_error_handler(StoreUnavailable, lambda _error: _error_page(503))
    app.register_error_handler(SecurityError, lambda _error: _wrong_host(config))


def expired(status: int) -> tuple[str, int] | Response:
    """A form that was sent without a login (401), or with a token that holds no more (400).

    What was typed stands in the page, to be sent again, but only when it came from a page of ours:
    another site must not put words into anybody's mouth.
    """
    if from_htmx():
        return _said(
            status,
            _("This page stood open for too long, so nothing was done. Copy what you typed, then reload it."),
        )
    fields: list[tuple[str, str]] = []
    typed = list(request.form.items(multi=True))
    if len(typed) <= _MOST_REPEATED and _same_origin():
        fields = [
            (name, value)
            for name, value in typed
            if name != "csrf_token" and not any(part in name for part in _NEVER_REPEATED)
        ]
    left_out = any(
        value and any(part in name for part in _NEVER_REPEATED) for name, value in request.form.items()
    )
    page = render_template(
        "shell/expired.html",
        fields=fields,
        left_out=left_out,
        target=request.script_root + request.full_path.rstrip("?"),
        signed_out=status == 401,  # noqa: PLR2004 - the status is the name
    )
    return page, status


def _same_origin() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    sent_from = request.headers.get("Origin") or request.referrer or ""
    parts = urlsplit(sent_from)
    return f"{parts.scheme}://{parts.netloc}/" == request.host_url


def _for_htmx(response: Response) -> Response:
    """A redirect is for the browser: htmx's own would put the whole page into the fragment's place."""
    if from_htmx() and response.location and 300 <= response.status_code < 400:  # noqa: PLR2004 - HTTP's
        response.headers["HX-Redirect"] = response.location
        del response.headers["Location"]
        response.status_code = 200
        response.set_data(b"")
    return response


def _http_error(error: HTTPException) -> BaseResponse | tuple[str, int] | Response:
    if error.response is None and (error.code or 0) >= 400 and (answer := _elsewhere()):  # noqa: PLR2004 - HTTP's
        return answer(error.code or 500, {k: v for k, v in error.get_headers() if k == "Allow"})
    if error.response is not None or error.code is None or error.code < 400:  # noqa: PLR2004 - HTTP's
        return error.get_response()
    if isinstance(error, RateLimitExceeded):
        return _too_many()
    response = _error_page(error.code)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _elsewhere() -> InPlace | None:
    found = current_app.extensions["webpanel.elsewhere"].items()
    return next((answer for belongs, answer in found if belongs(request.path)), None)


def _too_many() -> Response:
    breached = next((limit for limit in limiter.current_limits if limit.breached), None)
    seconds = max(1, round(breached.reset_at - time.time())) if breached else 900
    minutes = -(-seconds // 60)
    wait = ngettext("Try again in one minute.", "Try again in %(num)d minutes.", minutes)
    response = _error_page(429, f"{_ERRORS[429][1]} {wait}")
    response.headers["Retry-After"] = str(seconds)
    return response


def _error_page(status: int, sentence: str = "") -> Response:
    known = status if status in _ERRORS else 500 if status >= 500 else 400  # noqa: PLR2004 - HTTP's
    title, usual = _ERRORS[known]
    sentence = sentence or str(usual)
    if from_htmx():
        return _said(status, sentence)
    try:
        page = render_template("shell/error.html", status=status, heading=title, sentence=sentence)
    except Exception:
        # The layout asks who is signed in, and it may be the database that broke.
        log.exception("error_page_broke", status=status)
        return Response(f"{title}. {sentence}\n", status, content_type="text/plain; charset=utf-8")
    return Response(page, status, content_type="text/html; charset=utf-8")


def _said(status: int, sentence: str) -> Response:
    return Response("", status, {SAYS: quote(sentence)}, content_type="text/html; charset=utf-8")


def _wrong_host(config: Config) -> Response:
    # No page of ours: without a trusted host there are no links to put into it.
    said = _(
        "This panel is reached at %(url)s. Behind a proxy, the proxy must pass the host's name on, and "
        "WEBPANEL_URL must name it.",
        url=config.public_url,
    )
    return Response(said + "\n", 400, content_type="text/plain; charset=utf-8")
