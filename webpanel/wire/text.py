"""The text of a message: what may be sent, and the parts an SMS is billed by.

Sources: 3GPP TS 23.038 (GSM 7 bit default alphabet and its extension table), 3GPP TS 23.040
(concatenation: a header of 6 octets in each part leaves 153 septets or 67 UCS-2 characters).
"""

import re
from dataclasses import dataclass
from typing import Literal

from webpanel.wire.problem import Problem, Refused

Encoding = Literal["gsm7", "ucs2"]

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Sent as an escape and a character: two septets that stay in one part.
GSM7_EXTENSION = frozenset("\f^{}\\[~]|€")

_IN_GSM7 = GSM7 | GSM7_EXTENSION

#: Units in a message of one part, and in each part of a longer one.
PER_PART: dict[Encoding, tuple[int, int]] = {"gsm7": (160, 153), "ucs2": (70, 67)}

_SURROGATE = re.compile("[\ud800-\udfff]")
_BEYOND_BMP = 0xFFFF


@dataclass(frozen=True)
class Measure:
    """What a text costs: ``length``, ``per_part`` and ``left`` (free in the last part) count units.

    A unit is a septet in GSM-7 (extension characters take two) and a UTF-16 code unit in UCS-2.
    """

    encoding: Encoding
    length: int
    parts: int
    per_part: int
    left: int


def clean(text: str) -> str:
    """``text`` as it is stored: line ends are LF, all else as typed.

    Raises :class:`Refused` (field ``text``): ``text_empty``, ``text_nul``, ``text_surrogate``.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Refused(Problem("text_empty", "text"))
    for code, position in (("text_nul", text.find("\0")), ("text_surrogate", _first_surrogate(text))):
        if position >= 0:
            line = text.count("\n", 0, position) + 1
            raise Refused(Problem(code, "text", line=line, column=position - text.rfind("\n", 0, position)))
    return text


def measure(text: str) -> Measure:
    """Encoding, length and parts of ``text`` as an SMS; the empty text is one part."""
    used_signs = set(text)
    if used_signs <= GSM7:
        return _evenly("gsm7", len(text))
    encoding: Encoding = "gsm7" if used_signs <= _IN_GSM7 else "ucs2"
    single, several = PER_PART[encoding]
    sizes = {char: _units(char, encoding) for char in used_signs}
    units = [sizes[char] for char in text]
    length = sum(units)
    if length <= single:
        return Measure(encoding, length, 1, single, single - length)
    parts, used = 1, 0
    for size in units:
        if used + size > several:
            parts, used = parts + 1, 0
        used += size
    return Measure(encoding, length, parts, several, several - used)


def _evenly(encoding: Encoding, length: int) -> Measure:
    """Of a text in which every character is one unit."""
    single, several = PER_PART[encoding]
    if length <= single:
        return Measure(encoding, length, 1, single, single - length)
    parts = -(-length // several)
    return Measure(encoding, length, parts, several, parts * several - length)


def _units(char: str, encoding: Encoding) -> int:
    if encoding == "gsm7":
        return 2 if char in GSM7_EXTENSION else 1
    return 2 if ord(char) > _BEYOND_BMP else 1


def _first_surrogate(text: str) -> int:
    found = _SURROGATE.search(text)
    return found.start() if found else -1
