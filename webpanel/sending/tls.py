"""Whom to trust, and what a failed TLS handshake means for the person who reads about it."""

import ssl
from pathlib import Path

import certifi

from webpanel.wire.problem import Problem

# OpenSSL's verification results (x509_vfy.h) that have words of their own.
_CERTIFICATE = {
    9: "tls_not_yet_valid",
    10: "tls_expired",
    18: "tls_self_signed",
    19: "tls_unknown_issuer",
    2: "tls_unknown_issuer",
    20: "tls_unknown_issuer",
    21: "tls_unknown_issuer",
    23: "tls_revoked",
    62: "tls_wrong_host",
    64: "tls_wrong_host",
}
_NOT_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
    "HTTPS_PROXY_REQUEST",
)
_VERSION = ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "WRONG_SSL_VERSION", "VERSION_TOO_LOW")


def trust_context(trust: str | Path | None) -> ssl.SSLContext:
    """A client's context. ``trust`` names a bundle of authorities that alone are believed; None: the
    system's together with Mozilla's, so that an institution's own authority and a bare container both work.

    Raises OSError when the bundle cannot be read.
    """
    if trust is not None:
        context = ssl.create_default_context(cafile=str(trust))
    else:
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


def handshake_problem(error: Exception, host: str) -> Problem:
    """The code for what a handshake with ``host`` raised; values: host, reason (OpenSSL's words, no stop)."""
    if isinstance(error, ssl.SSLCertVerificationError):
        code = _CERTIFICATE.get(error.verify_code, "tls_certificate")
        return Problem(code, values={"host": host, "reason": error.verify_message.rstrip(".")})
    if isinstance(error, TimeoutError):
        return Problem("tls_timeout", values={"host": host})
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError)):
        return Problem("tls_closed", values={"host": host})
    reason = getattr(error, "reason", None) or str(error)
    if reason in _NOT_TLS:
        return Problem("tls_not_spoken", values={"host": host})
    if reason in _VERSION:
        return Problem("tls_version", values={"host": host})
    return Problem("tls_failed", values={"host": host, "reason": reason.replace("_", " ").lower()})
