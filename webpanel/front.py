"""What stands between the server and the application: where browsers think they are, and who calls.

A room of its own because it works on WSGI, before there is a Flask request. Only one thing is ever
believed from a header of a proxy: the caller's address, and only from the one proxy that the settings
name. Scheme, host and path come from the settings.
"""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from webpanel.config import Config

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

#: Headers by which proxies tell what is not believed from them, or from anybody else.
_FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)

#: What programs that watch the panel ask for, by whatever name they reach the machine.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
#: Whether a request was made on this very machine, past every proxy; a key of the environment.
DIRECT = "webpanel.direct"
#: Names by which a machine calls itself.
_OWN_NAMES = ("localhost", "127.0.0.1", "::1")


class Front:
    """WSGI middleware that puts the panel's public address and the caller's own into the request."""

    def __init__(self, app: WsgiApp, config: Config) -> None:
        self._app = app
        self._proxy = plain_address(config.trusted_proxy)
        public = urlsplit(config.url)
        self._scheme, self._host, self._name = public.scheme, public.netloc, public.hostname

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ[DIRECT] = _is_direct(environ)
        caller = self._caller(environ)
        if caller:
            environ["REMOTE_ADDR"] = caller
        for header in _FORWARDED:
            environ.pop(header, None)
        # A watcher knows only the machine; what it is answered holds no link.
        is_probe = environ.get("PATH_INFO", "") in PROBES
        if self._name:
            environ["wsgi.url_scheme"] = self._scheme
            # Proxies pass the name with or without its port; what links and the CSRF check compare
            # with is the public one. Another name stays as it is, and is refused as not trusted.
            if is_probe or _name(environ.get("HTTP_HOST", "")) == self._name:
                environ["HTTP_HOST"] = self._host
        elif is_probe:
            environ["HTTP_HOST"] = _OWN_NAMES[0]
        return self._app(environ, start_response)

    def _caller(self, environ: Environ) -> str:
        """The address that the trusted proxy saw, blank when the request did not come from it."""
        if not self._proxy or plain_address(environ.get("REMOTE_ADDR", "")) != self._proxy:
            return ""
        # The last one is what the proxy itself added; whatever stands before it anybody may have sent.
        return plain_address(environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip())


def _is_direct(environ: Environ) -> bool:
    """Nobody in between: a proxy on this machine tells of its caller, or names the public host."""
    peer = plain_address(environ.get("REMOTE_ADDR", ""))
    if not peer or not ipaddress.ip_address(peer).is_loopback:
        return False
    if "HTTP_VIA" in environ or any(header in environ for header in _FORWARDED):
        return False
    return _name(environ.get("HTTP_HOST", "")) in _OWN_NAMES


def plain_address(text: str) -> str:
    """``text`` as an address in its one short form, IPv4 also when wrapped in IPv6; blank for none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
