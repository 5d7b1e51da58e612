"""Who calls, and where: what is believed of a proxy's headers."""

from pathlib import Path

import pytest

from webpanel.config import Config
from webpanel.front import Front

SCHOOL = "https://www.school.example/sms/"


def seen(settings: dict[str, str], **environ: str) -> dict[str, str]:
    """What the application behind is told."""
    told: dict[str, str] = {}

    def application(environ, _start_response):
        told.update(environ)
        return []

    config = Config.load(settings, Path("/nowhere"))
    Front(application, config)({"wsgi.url_scheme": "http", **environ}, lambda *_: None)
    return told


@pytest.mark.parametrize(
    ("proxy", "peer", "forwarded", "caller"),
    [
        ("10.0.0.1", "10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "10.0.0.1", "203.0.113.9, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "10.0.0.1", "192.0.2.7,", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:DB8:0::1", "2001:db8::2", "2001:db8::2"),
        ("10.0.0.1", "10.0.0.2", "192.0.2.7", "10.0.0.2"),
        ("", "10.0.0.1", "192.0.2.7", "10.0.0.1"),
        ("", "127.0.0.1", "192.0.2.7", "127.0.0.1"),
    ],
)
def test_only_the_named_proxy_tells_who_calls(proxy, peer, forwarded, caller):
    told = seen({"WEBPANEL_TRUSTED_PROXY": proxy}, REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert told["REMOTE_ADDR"] == caller


def test_nothing_else_is_believed_even_of_the_proxy():
    forwarded = {
        "HTTP_FORWARDED": "host=evil.example",
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_PREFIX": "/evil",
        "HTTP_X_REAL_IP": "203.0.113.9",
    }
    told = seen({"WEBPANEL_TRUSTED_PROXY": "10.0.0.1"}, REMOTE_ADDR="10.0.0.1", **forwarded)
    assert not forwarded.keys() & told.keys()
    assert told["wsgi.url_scheme"] == "http"


@pytest.mark.parametrize(
    ("url", "host", "scheme", "told"),
    [
        (SCHOOL, "www.school.example", "https", "www.school.example"),
        (SCHOOL, "WWW.SCHOOL.EXAMPLE:443", "https", "www.school.example"),
        ("https://www.school.example:8443/", "www.school.example", "https", "www.school.example:8443"),
        (SCHOOL, "evil.example", "https", "evil.example"),
        ("", "127.0.0.1:8000", "http", "127.0.0.1:8000"),
    ],
)
def test_scheme_and_host_are_those_of_the_settings(url, host, scheme, told):
    found = seen({"WEBPANEL_URL": url}, HTTP_HOST=host)
    assert (found["wsgi.url_scheme"], found["HTTP_HOST"]) == (scheme, told)
