"""Kannel's delivery reports: ``dlr-url`` with its escapes filled, when ``dlr-mask`` asks for the event.

Source: Kannel's user guide, "Delivery reports" and "Parameters" (of get-url), and its
``gw/urltrans.c`` and ``gw/dlr.c``: a report goes from the phone to the sender, so ``%p`` is the phone and
``%P`` the sender, and the words of ``%k``, ``%s``, ``%a`` ... are those of the report, never of the message.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

from webpanel.callbacks import KANNEL, Request, Tell, Telling
from webpanel.wire import callback_address

KIND = "kannel"
#: All bits that a mask may have; those above 16 are about memory cards and expiry, which no state has.
MOST_MASK = 63
_MEANT = 1 | 2 | 4 | 8 | 16

_ESCAPE = re.compile(r"%(?:#[^#]*#[^#]*#|.)", re.DOTALL)
#: What is left blank: the panel knows nothing of it.
_BLANK = frozenset("BDfouvV")
#: Of the report in SMPP's words (SMPP 3.4, appendix B).
_WORDS = {
    "delivered": "DELIVRD",
    "undelivered": "UNDELIV",
    "unknown": "UNKNOWN",
}
_EXAMPLE = SimpleNamespace(
    id="0" * 26,
    state="sent",
    recipient="+10000000000",
    sender="0",
    encoding="gsm7",
    gateway_name="gateway",
    provider_message_id="0",
    reason=None,
)


def tell(url: str, mask: int) -> Tell | None:
    """Whom to tell of which events; None where nobody is."""
    meant = mask & _MEANT
    if not url or not meant:
        return None
    example = _filled(url, _escapes(_EXAMPLE, "application", "0000-00-00+00:00:00", "0", url))
    return Tell(url, KIND, meant, example)


def compose(telling: Telling) -> Request:
    """A GET. Raises Refused for an address that cannot be read once it is filled."""
    at = telling.at.astimezone(UTC)
    day, moment = f"{at:%Y-%m-%d+%H:%M:%S}", str(int(at.timestamp()))
    escapes = _escapes(telling.message, telling.application, day, moment, telling.url)
    return Request(callback_address.read(_filled(telling.url, escapes)))


def report(message: Any) -> str:
    """What a service centre would have answered; the escapes that are words take it apart."""
    state = message.state
    if word := _WORDS.get(state):
        done = "001" if state == "delivered" else "000"
        return (
            f"id:{message.provider_message_id or message.id} sub:001 dlvrd:{done} stat:{word} err:000 text:"
        )
    if KANNEL[state] == KANNEL["failed"]:
        code = message.reason["code"] if message.reason else state
        return f"NACK/{code}"
    return "ACK/"


def _filled(url: str, escapes: Callable[[str], str]) -> str:
    """Each escape once: what it becomes is not looked at again."""
    return _ESCAPE.sub(lambda found: escapes(found[0][1:]), url)


def _escapes(message: Any, service: str, day: str, moment: str, url: str) -> Callable[[str], str]:
    said = report(message)
    words = said.split()
    following = iter(words[1:])
    unicode = message.encoding == "ucs2"
    sender, phone = message.sender or "", message.recipient or ""
    values = {
        "a": "+".join(map(quote_plus, words)),
        "A": quote_plus(said),
        "b": quote_plus(said),
        "c": "2" if unicode else "0",
        "C": "UTF-8",
        "d": str(KANNEL[message.state]),
        "F": quote_plus(message.provider_message_id or ""),
        "i": quote_plus(message.gateway_name),
        "I": message.id,
        "k": quote_plus(words[0]),
        "m": "-1",
        "M": "-1",
        "n": quote_plus(service),
        "O": "08" if unicode else "00",
        "p": quote_plus(phone),
        "P": quote_plus(sender),
        "q": quote_plus(_with_plus(phone)),
        "Q": quote_plus(_with_plus(sender)),
        "R": quote_plus(url),
        "t": day,
        "T": moment,
        "%": "%",
    }

    def escape(letter: str) -> str:
        if letter in ("s", "S"):
            return _next(following, plain=letter == "S")
        if letter == "r":
            return "+".join(map(quote_plus, following))
        if letter in _BLANK or letter.startswith("#"):
            return ""
        return values.get(letter, f"%{letter}")

    return escape


def _next(words: Iterator[str], *, plain: bool) -> str:
    word = next(words, "")
    return quote_plus(word.replace("*", "~"), safe="~:/") if plain else quote_plus(word)


def _with_plus(number: str) -> str:
    return f"+{number[2:]}" if number.startswith("00") else number
