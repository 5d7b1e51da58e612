"""Bytes from the network as text that can be looked at without being fooled.

Beside the views because the tester's card and the message's page show the same bytes.
"""

import re
import unicodedata

#: Left as they are: every other control, format or private character is named in brackets.
_PLAIN = "\n\t"
_LINE_END = re.compile(r"\r\n")


def visible(data: bytes | str) -> str:
    """Text with each invisible character made visible, lines ending in LF.

    Control characters become their pictures (``␛``), bytes that are no UTF-8 ``\\xff``, and whatever
    turns or hides text (bidirectional marks, zero widths, byte-order marks) its number: ``⟨U+202E⟩``.
    """
    text = data if isinstance(data, str) else data.decode("utf-8", "backslashreplace")
    return "".join(_shown(char) for char in _LINE_END.sub("\n", text))


def _shown(char: str) -> str:
    if char in _PLAIN or char.isprintable():
        return char
    code = ord(char)
    if code < 0x20:  # noqa: PLR2004 - C0, whose pictures begin at U+2400
        return chr(0x2400 + code)
    if code == 0x7F:  # noqa: PLR2004 - DEL
        return "␡"
    if unicodedata.category(char) == "Zs":
        return char
    return f"⟨U+{code:04X}⟩"
