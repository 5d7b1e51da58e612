"""The one proxy that ``WEBPANEL_EGRESS_PROXY`` may name, and what is said to it.

What is judged when there is a proxy: the address dialled is the proxy's, and naming it in the settings
allows it. The provider's name is resolved by the proxy, which has to judge where it leads; an address
written in the URL, and ``localhost``, are judged by the panel as ever.
"""

from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlsplit

from webpanel.wire.problem import Problem, Refused

_DEFAULT_PORT = 3128


@dataclass(frozen=True)
class Proxy:
    host: str
    port: int
    #: A whole header line, or nothing.
    authorization: bytes = b""

    @classmethod
    def parse(cls, url: str) -> "Proxy":
        """Read ``http://user:password@proxy.example:3128``. Raises Refused (``egress_proxy_unreadable``)."""
        try:
            parts = urlsplit(url)
            port = parts.port or _DEFAULT_PORT
            host = parts.hostname
        except ValueError:
            host = None
        if not host or parts.scheme != "http" or parts.path.strip("/") or parts.query or parts.fragment:
            raise Refused(Problem("egress_proxy_unreadable", field="egress_proxy"))
        authorization = b""
        if parts.username is not None:
            login = unquote_to_bytes(parts.username) + b":" + unquote_to_bytes(parts.password or "")
            authorization = b"Proxy-Authorization: Basic " + b64encode(login) + b"\r\n"
        return cls(host, port, authorization)

    def tunnel(self, host: str, port: int) -> bytes:
        """The request for a tunnel to the provider, for https."""
        authority = authority_of(host, port)
        return b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n%b\r\n" % (authority, authority, self.authorization)

    def forward(self, raw: bytes, host: str, port: int) -> list[tuple[bytes, bool]]:
        """For http: ``raw`` with its target in absolute form, in pieces, and which of them are its own."""
        method, _, rest = raw.partition(b" ")
        line, end, rest = rest.partition(b"\r\n")
        return [
            (method + b" ", True),
            (b"http://" + authority_of(host, port), False),
            (line + end, True),
            (self.authorization, False),
            (rest, True),
        ]


def authority_of(host: str, port: int) -> bytes:
    """``host:port`` as it is written in a request, an IPv6 address in brackets."""
    bare = host.strip("[]")
    return f"[{bare}]:{port}".encode() if ":" in bare else f"{bare}:{port}".encode()
