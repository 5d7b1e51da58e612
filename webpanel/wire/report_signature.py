"""Whether a delivery report comes from who has the gateway's secret.

Sources: Twilio, "Webhooks Security" (the address, then each field's name and value in order of the names,
HMAC-SHA1, base64; of a body that is no form its SHA-256 stands in the query as ``bodySHA256``); Meta,
"Validating Payloads" (``sha256=`` and the HMAC-SHA256 of the body in hexadecimal digits).
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from webpanel.wire.gateway import ReportSign

#: The header that carries the signature.
HEADERS: dict[ReportSign, str] = {"twilio": "X-Twilio-Signature", "meta": "X-Hub-Signature-256"}

_HTTPS, _HTTP = 443, 80


@dataclass(frozen=True)
class Signed:
    """What a signature is made over; ``url`` is the whole public address, with its query."""

    url: str
    body: bytes = b""
    #: Names and values of a form; none of another body.
    form: tuple[tuple[str, str], ...] = ()


def holds(sign: ReportSign, secret: str, given: str, signed: Signed) -> bool:
    """Whether ``given``, the value of the header, is what the secret makes of the report."""
    match sign:
        case "none":
            return True
        case "twilio":
            return _twilio(secret, given, signed)
        case "meta":
            made = hmac.new(secret.encode(), signed.body, hashlib.sha256).hexdigest()
            return _same(given, f"sha256={made}")
        case _:
            return _same(given, secret)


def _twilio(secret: str, given: str, signed: Signed) -> bool:
    query = parse_qs(urlsplit(signed.url).query)
    if "bodySHA256" in query and not signed.form:
        if not _same(query["bodySHA256"][0], hashlib.sha256(signed.body).hexdigest()):
            return False
        fields = ""
    else:
        fields = "".join(name + value for name, value in sorted(set(signed.form)))
    return any(_same(given, _made(secret, url + fields)) for url in _with_and_without_port(signed.url))


def _made(secret: str, text: str) -> str:
    digest = hmac.new(secret.encode(), text.encode("utf-8", "surrogateescape"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _with_and_without_port(url: str) -> tuple[str, str]:
    """Twilio signs the address with the scheme's usual port or without it, by the kind of its server."""
    parts = urlsplit(url)
    port = _HTTPS if parts.scheme == "https" else _HTTP
    if parts.port is None:
        other = parts._replace(netloc=f"{parts.netloc}:{port}")
    else:
        other = parts._replace(netloc=parts.netloc.rpartition(":")[0])
    return url, other.geturl()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
