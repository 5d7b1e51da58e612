"""Every code of the transport has a sentence of its own, which finds its values."""

import pytest

from webpanel.sending import tls
from webpanel.words import exchanges, sentence

ADDRESS = ("address", "line", "file")
DIALLED = ("address", "port")
WRITTEN = ("host", "seconds", "received", "expected", "coding")
STAGES = ("nothing", "head", "body")

#: The values that each code comes with.
CODES: dict[str, tuple[str, ...]] = {
    **{
        f"network_{kind}{source}": ADDRESS
        for kind in ("loopback", "private", "link_local", "multicast", "metadata", "special")
        for source in ("", "_environment", "_demonstration")
    },
    "network_unreadable": ("entry",),
    "network_host_bits": ("entry", "network"),
    "network_port": ("entry",),
    "egress_proxy_unreadable": (),
    **dict.fromkeys(("dns_unknown", "dns_failed", "dns_timeout"), ("host",)),
    "connect_timeout": ("host", "port"),
    "connect_refused": DIALLED,
    "connect_unreachable": DIALLED,
    "connect_failed": (*DIALLED, "reason"),
    "proxy_unreached": ("proxy", "host"),
    "proxy_silent": ("proxy", "host"),
    "proxy_refused": ("proxy", "host", "status"),
    **dict.fromkeys((*tls._CERTIFICATE.values(), "tls_certificate", "tls_failed"), ("host", "reason")),
    **dict.fromkeys(("tls_timeout", "tls_closed", "tls_not_spoken", "tls_version"), ("host",)),
    "send_timeout": WRITTEN,
    "send_broken": WRITTEN,
    **{f"{end}_{stage}": WRITTEN for end in ("timeout", "closed", "reset") for stage in STAGES},
    "reply_not_http": WRITTEN,
    "reply_head_too_long": WRITTEN,
    "reply_length_broken": WRITTEN,
    "reply_chunk_broken": WRITTEN,
    "reply_undecodable": WRITTEN,
}


@pytest.mark.parametrize("code", CODES)
def test_a_sentence_with_its_values(code: str) -> None:
    text = sentence(code, dict.fromkeys(CODES[code], "VALUE"))
    assert text.startswith("VALUE") or text[0].isupper()
    assert text.endswith(".")


def test_no_two_codes_say_the_same() -> None:
    said = [str(exchanges.SENTENCES[code]) for code in CODES]
    assert len(set(said)) == len(said)
