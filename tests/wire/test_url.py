"""URLs: taken apart as typed, filled by segment, refused with the place."""

import pytest

from webpanel.wire import url as urls
from webpanel.wire.problem import Refused


@pytest.mark.parametrize(
    ("typed", "scheme", "host", "port", "authority"),
    [
        ("https://API.SomeProvider.com/v1", "https", "api.someprovider.com", 443, "api.someprovider.com"),
        ("  HTTP://localhost:8080 ", "http", "localhost", 8080, "localhost:8080"),
        ("https://h:443/", "https", "h", 443, "h"),
        ("http://h:443/", "http", "h", 443, "h:443"),
        ("http://192.0.2.1?a=b", "http", "192.0.2.1", 80, "192.0.2.1"),
        ("http://[2001:DB8::1]:8080/", "http", "2001:db8::1", 8080, "[2001:db8::1]:8080"),
        ("https://bücher.example/", "https", "xn--bcher-kva.example", 443, "xn--bcher-kva.example"),
        ("http://my_container:1/", "http", "my_container", 1, "my_container:1"),
        ("https://api.example./", "https", "api.example.", 443, "api.example."),
    ],
)
def test_address(typed: str, scheme: str, host: str, port: int, authority: str) -> None:
    url = urls.read(typed)
    assert (url.scheme, url.host, url.port, url.authority) == (scheme, host, port, authority)


@pytest.mark.parametrize(
    ("typed", "code", "column"),
    [
        ("", "url_missing", 1),
        (" \n", "url_missing", 1),
        ("api.someprovider.com/v1", "url_scheme", 1),
        ("ftp://host/", "url_scheme", 1),
        ("javascript://host/", "url_scheme", 1),
        ("://host/", "url_scheme", 1),
        ("{{secret.base}}/v1", "url_placeholder_in_address", 1),
        ("{{sender}}://h/", "url_placeholder_in_address", 1),
        ("https://{{secret.h}}.example/", "url_placeholder_in_address", 9),
        ("https://h:{{recipient}}/", "url_placeholder_in_address", 11),
        ("https://user:password@h/", "url_user", 9),
        ("https://user@h/", "url_user", 9),
        ("https:///v1", "url_host_missing", 9),
        ("https://a..b/", "url_host", 9),
        ("https://-a.b/", "url_host", 9),
        ("https://a%2Eb/", "url_host", 9),
        (f"https://{'a' * 64}/", "url_host", 9),
        ("https://[::1/", "url_host", 9),
        ("https://[fe80::1%25eth0]/", "url_host", 9),
        ("https://[::1]x/", "url_host", 9),
        ("https://straße.example/", "url_host_not_ascii", 9),
        ("https://h:/", "url_port", 11),
        ("https://h:0/", "url_port", 11),
        ("https://h:65536/", "url_port", 11),
        ("https://h:٣/", "url_port", 11),
        ("https://h/a b", "url_character", 12),
        ("https://h/a\u00a0b", "url_character", 12),
        ("https://h/a\\b", "url_character", 12),
        ("https://h/a\x00b", "url_character", 12),
        ("https://h/a\ud800b", "url_character", 12),
        ("https://h/100%/b", "url_percent", 14),
        ("https://h/{{message}}%2", "url_percent", 22),
        ("https://h/?a=%zz", "url_percent", 14),
        ("https://h/Accounts/{AccountSid}/Messages", "url_brace", 20),
        ("https://h/a/../b", "path_dots", 13),
        ("https://h/a/%2e%2E", "path_dots", 13),
        ("https://h/?to=+{{ recipient_e164 }}", "url_plus", 15),
        ("https://h/?a=b#c", "url_fragment", 15),
        ("https://h/{{message}}#c", "url_fragment", 22),
    ],
)
def test_refused(typed: str, code: str, column: int) -> None:
    with pytest.raises(Refused) as refused:
        urls.read(typed)
    problem = refused.value.problems[0]
    assert (problem.code, problem.field, problem.line, problem.column) == (code, "url", 1, column)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        urls.read("ftp://h/a b/%/..#x")
    assert [problem.code for problem in refused.value.problems] == [
        *("url_scheme", "url_character", "url_percent", "path_dots", "url_fragment"),
    ]


@pytest.mark.parametrize(
    ("typed", "path", "query"),
    [
        ("https://h", "/", ""),
        ("https://h?", "/", ""),
        ("https://h/a%20b/{{message}}/é;x=1", "/a%20b/%2F%25%20%3F/%C3%A9;x=1", ""),
        ("https://h/?a=%20b+c&to[]={{message}}&é/?", "/", "a=%20b+c&to%5B%5D=%2F%25%20%3F&%C3%A9/?"),
        ("https://h//a//", "//a//", ""),
        ("https://h/bot{{ message }}:x/", "/bot%2F%25%20%3F:x/", ""),
    ],
)
def test_filled(typed: str, path: str, query: str) -> None:
    url, values = urls.read(typed), {"message": "/% ?"}
    assert urls.path(url, values).text == path
    assert urls.query(url, values).text == query


@pytest.mark.parametrize(
    ("template", "message"),
    [("/a/{{message}}/b", ".."), ("/{{message}}", "."), ("/.{{message}}", "."), ("/%2E{{message}}", ".")],
)
def test_a_value_cannot_climb(template: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        urls.path(urls.read("https://h" + template), {"message": message})
    assert [(problem.code, problem.field) for problem in refused.value.problems] == [("path_dots", "message")]
