"""Masking: no secret of six characters or more survives, however it is echoed."""

import base64
import html
import json
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from webpanel.wire.masking import MASK, mask

Echo = Callable[[str], str]


def percent_all(text: str, template: str = "%{:02X}") -> str:
    return "".join(template.format(byte) for byte in text.encode())


#: How a provider may spell a secret in what it answers: as text, which is then sent as UTF-8.
ECHOES: dict[str, Echo] = {
    "raw": str,
    "percent, upper case": lambda s: urllib.parse.quote(s, safe=""),
    "percent, lower case": lambda s: "".join(
        c if len(c) == 1 else c.lower() for c in [urllib.parse.quote(char, safe="") for char in s]
    ),
    "percent, slash and tilde kept": urllib.parse.quote,
    "percent, every byte": percent_all,
    "percent, every byte, lower case": lambda s: percent_all(s, "%{:02x}"),
    "percent, as JavaScript's encodeURI": lambda s: urllib.parse.quote(s, safe=";,/?:@&=+$-_.!~*'()#"),
    "form": urllib.parse.quote_plus,
    "JSON, ASCII": lambda s: json.dumps(s)[1:-1],
    "JSON, Unicode": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "JSON, slashes escaped as PHP does": lambda s: json.dumps(s)[1:-1].replace("/", "\\/"),
    "JSON, upper case": lambda s: "".join(rf"\u{unit:04X}" for unit in utf16(s)),
    "JSON, lower case": lambda s: "".join(rf"\u{unit:04x}" for unit in utf16(s)),
    "JSON, signs escaped as PHP's JSON_HEX does": lambda s: (
        json.dumps(s)[1:-1].replace("&", r"\u0026").replace("<", r"\u003C").replace("'", r"\u0027")
    ),
    "HTML": html.escape,
    "HTML, as Jinja": lambda s: (
        html.escape(s, quote=False).replace('"', "&#34;").replace("'", "&#39;").replace(">", "&gt;")
    ),
    "HTML, decimal": lambda s: "".join(f"&#{ord(char)};" for char in s),
    "HTML, hexadecimal": lambda s: "".join(f"&#x{ord(char):X};" for char in s),
    "HTML, decimal with zeros": lambda s: "".join(f"&#{ord(char):07d};" for char in s),
    "HTML, &apos;": lambda s: html.escape(s).replace("&#x27;", "&apos;"),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64, for URLs": lambda s: base64.urlsafe_b64encode(s.encode()).decode().rstrip("="),
    "base64, of a user and it": lambda s: base64.b64encode(b"user:" + s.encode()).decode(),
    "base64, of it and a password": lambda s: base64.b64encode(s.encode() + b":pass").decode(),
    "base64, in the middle": lambda s: base64.b64encode(b"AC1:" + s.encode() + b"+").decode(),
    "base64, for URLs, after one byte": lambda s: base64.urlsafe_b64encode(b"\xff" + s.encode()).decode(),
    "base64, in lines": lambda s: base64.encodebytes(b"a" * 60 + s.encode()).decode(),
    "base64, in a query": lambda s: urllib.parse.quote(base64.b64encode(s.encode()).decode(), safe=""),
    "base64, in JSON as PHP": lambda s: base64.b64encode(s.encode()).decode().replace("/", "\\/"),
    "HTML around JSON": lambda s: html.escape(json.dumps(s)[1:-1]),
    "JSON around HTML": lambda s: json.dumps(html.escape(s))[1:-1],
    "percent, twice": lambda s: urllib.parse.quote(urllib.parse.quote(s, safe=""), safe=""),
    "JSON in JSON": lambda s: json.dumps(json.dumps(s, ensure_ascii=False)[1:-1], ensure_ascii=False)[1:-1],
}


def utf16(text: str) -> list[int]:
    content = text.encode("utf-16-be")
    return [int.from_bytes(content[i : i + 2]) for i in range(0, len(content), 2)]


#: No mask sign (a secret made of those masks itself), and no surrogates (which no secret can hold).
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="•")
SECRETS = st.one_of(
    st.text(CHARACTERS, min_size=6, max_size=70),
    st.text(st.sampled_from("abAB01+/=%&<>\"'\\ \n;#u€é"), min_size=6, max_size=30),
    st.text(st.sampled_from("%25&#x41;\\u00"), min_size=6, max_size=30),
)
AROUND = st.text(st.sampled_from("aA0%\\&;\"'<= +/u#x25€\n"), max_size=12)


@pytest.mark.parametrize("name", ECHOES)
@settings(max_examples=100, deadline=None)
@given(SECRETS, AROUND, AROUND)
@example("p@ss w/\"ö✓&<>'%+\\é😀", "key=", ";")
@example("aaaaaa", "aa", "aaa")
def test_no_echo_survives(name: str, secret: str, before: str, after: str) -> None:
    echo = ECHOES[name](secret)
    # What the surroundings alone hold is no echo.
    assume(echo not in before and echo not in after)
    data = (before + echo + after).encode()
    masked = mask(data, secrets=[secret])
    assert MASK in masked
    assert echo.encode() not in masked
    assert secret.encode() not in masked


@given(secrets=st.lists(SECRETS, min_size=1, max_size=4), pieces=st.lists(AROUND, min_size=1, max_size=5))
@settings(max_examples=300, deadline=None)
def test_secrets_beside_and_inside_each_other(secrets: list[str], pieces: list[str]) -> None:
    secrets = [*secrets, secrets[0] + secrets[-1], secrets[0][:-1] + "x"]
    data = "".join(piece + "".join(secrets) for piece in pieces).encode()
    masked = mask(data, secrets=secrets)
    for secret in secrets:
        assert secret.encode() not in masked


def test_overlapping_occurrences_leave_nothing() -> None:
    assert mask(b"<aaaaaaaaaa>", secrets=["aaaaaa"]) == b"<" + MASK + b">"
    assert mask(b"abcabcabcabc", secrets=["abcabc"]) == MASK
    assert mask(b"onetwothree", secrets=["onetwo", "twothree"]) == MASK
    assert mask(b"the-long-secret", secrets=["long-secret", "secret", "the-lo"]) == MASK


def test_basic_pair_of_two_secrets() -> None:
    pair = base64.b64encode(b"AC0123456789abcdef:t0ken-t0ken-t0ken")
    masked = mask(b"Authorization: Basic " + pair, secrets=["AC0123456789abcdef", "t0ken-t0ken-t0ken"])
    assert masked.startswith(b"Authorization: Basic " + MASK)
    # Between them stands the colon, of which one base64 character at most is nobody's.
    assert len(masked.replace(MASK, b"").removeprefix(b"Authorization: Basic ").rstrip(b"=")) <= 1


@given(st.binary(max_size=60), st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=6))
@example(b"abcde", [(0, 2), (3, 5)])
@example(b"abcde", [(0, 2), (2, 5)])
def test_spans_are_hidden_and_nothing_else_is(data: bytes, spans: list[tuple[int, int]]) -> None:
    hidden = {i for start, end in spans for i in range(max(start, 0), min(end, len(data)))}
    expected = b""
    for i in range(len(data)):
        if i not in hidden:
            expected += data[i : i + 1]
        elif i - 1 not in hidden:
            expected += MASK
    assert mask(data, spans=spans) == expected


def test_spans_hide_short_secrets_which_values_alone_do_not() -> None:
    assert mask(b"pin=1234&x=1234", spans=[(4, 8)], secrets=["1234", ""]) == b"pin=" + MASK + b"&x=1234"


def test_a_span_that_touches_a_find_makes_one_mask() -> None:
    assert mask(b"key: Bearer s3cr3t-key!", spans=[(5, 14)], secrets=["s3cr3t-key"]) == b"key: " + MASK + b"!"


@given(SECRETS, AROUND, st.integers(6, 70), st.sampled_from(["raw", "HTML, decimal", "base64"]))
@settings(max_examples=300, deadline=None)
def test_data_that_ends_inside_a_secret(secret: str, before: str, kept: int, name: str) -> None:
    """A reply is cut at 64 KB, wherever that is."""
    beginning = ECHOES[name](secret[:kept])
    if name == "base64":
        # Of a cut base64 text the last character says little.
        beginning = beginning.rstrip("=")[:-1]
        assume(len(beginning) >= 8)
    masked = mask((before + beginning).encode(), secrets=[secret])
    assert masked.endswith(MASK)


@given(st.binary(max_size=2000), st.lists(SECRETS, max_size=3))
@settings(max_examples=200, deadline=None)
def test_what_holds_no_secret_stays_as_it_is(data: bytes, secrets: list[str]) -> None:
    assume(not any(secret[:6].encode() in data for secret in secrets))
    assert mask(data) == data
    assert mask(data, secrets=["k1-" + "0" * 40]) == data


def test_latin_1_and_utf_16_echoes() -> None:
    secret = "".join(("gehe\u00efm", "-wachtwoord"))
    for encoding in ("latin-1", "utf-16-le", "utf-16-be", "utf-16"):
        content = f"key={secret};".encode(encoding)
        masked = mask(content, secrets=[secret])
        assert secret.encode(encoding).removeprefix(b"\xff\xfe") not in masked
        assert MASK in masked


@pytest.mark.parametrize("length", [6, 47, 48, 49, 53, 54, 95, 96, 97, 200])
@pytest.mark.parametrize("name", ["raw", "HTML, decimal", "percent, every byte"])
def test_a_secret_of_any_length_is_hidden_to_its_last_character(name: str, length: int) -> None:
    secret = "".join(chr(0x100 + i) for i in range(length))
    assert mask(ECHOES[name](secret).encode(), secrets=[secret]) == MASK


def test_the_short_rest_of_a_long_secret_is_no_secret_by_itself() -> None:
    assert mask(b"x, y, z", secrets=["0" * 48 + "y"]) == b"x, y, z"


def test_a_long_secret_and_a_large_reply_take_bounded_time() -> None:
    """A private key, echoed whole, and every beginning of it again and again."""
    secret = "".join(f"{i:x}/+" for i in range(700))
    body = (secret.encode() + secret[:47].encode() * 2000)[:65536]
    masked = mask(body, secrets=[secret, "b" * 40])
    assert masked.startswith(MASK)
    assert secret[:60].encode() not in masked
