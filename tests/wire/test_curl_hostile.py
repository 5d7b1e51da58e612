"""Examples that nobody writes by mistake: they are read, or refused, in a moment and in little memory."""

import time
import tracemalloc
from contextlib import suppress

import pytest

from webpanel.wire import curl
from webpanel.wire.example import LONGEST
from webpanel.wire.problem import Refused
from webpanel.wire.proposals import MOST

#: Seconds of the processor: many times what it takes, and far less than what has no bound.
SOON = 4
XML = "curl -H 'Content-Type: text/xml' https://a.example/ -d '"
RAW = "POST / HTTP/1.1\nHost: a.example\n"
JSON = "curl https://a.example/ --json '"


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (XML + "<", "a"),
        (XML, "<a b='"),
        (XML, "<a b"),
        ("https://a.example/?", "?"),
        (RAW + "Content-Type: application/json\n\n", '\\"'),
        (RAW + "Content-Type: multipart/form-data; boundary=x\n\n--x", "content-disposition:"),
        (RAW, "x\n"),
        ("curl -", "s"),
        ("curl -", "k"),
    ],
)
def test_it_takes_linear_time(start: str, piece: str) -> None:
    text = (start + piece * LONGEST)[:LONGEST]
    begun = time.process_time()
    with suppress(Refused):
        curl.read(text)
    assert time.process_time() - begun < SOON


@pytest.mark.parametrize(
    "body",
    [
        '{"' + "k" * 30_000 + '":[' + ",".join(["1"] * 17_000) + "]}",
        ('{"%s":' % ("k" * 300)) * 90 + "1" + "}" * 90,
        ('{"%s":' % ("k" * 300)) * 90 + "[" + ",".join(["1"] * 17_000) + "]" + "}" * 90,
    ],
    ids=["one long name", "long names", "many below long names"],
)
def test_many_values_below_long_names_stay_small(body: str) -> None:
    tracemalloc.start()
    begun = time.process_time()
    example = curl.read(f"{JSON}{body}'")
    took = time.process_time() - begun
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 3 * SOON
    assert peak < 100_000_000
    assert sum(len(each.path) for each in example.candidates) < 1_000_000


def test_of_very_many_values_the_first_are_offered_and_the_proposed() -> None:
    many = ",".join(f'"v{number}": 1' for number in range(4000))
    example = curl.read(f'{JSON}{{{many}, "to": "447911123456", "text": "Hello you"}}\'')
    assert len(example.candidates) == MOST + 2
    assert [each.path for each in example.candidates if each.proposed] == ["to", "text"]
