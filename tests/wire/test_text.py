"""Texts: what is stored, and the parts that an SMS is billed by, against tables counted by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.wire import text
from webpanel.wire.problem import Refused
from webpanel.wire.text import Measure
from webpanel.words.problems import SENTENCES

#: The default alphabet in the order of its codes, typed from 3GPP TS 23.038 section 6.2.1, a row per
#: line; the escape (1B) is left out.
DEFAULT_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
EXTENSION_TABLE = "\f^{}\\[~]|€"


def test_every_character_of_the_default_alphabet_is_one_unit() -> None:
    assert len(set(DEFAULT_ALPHABET)) == 127
    for char in DEFAULT_ALPHABET:
        assert text.measure(char) == Measure("gsm7", 1, 1, 160, 159)


def test_every_character_of_the_extension_table_is_two_units() -> None:
    for char in EXTENSION_TABLE:
        assert text.measure(char) == Measure("gsm7", 2, 1, 160, 158)


@pytest.mark.parametrize("char", "çÁ`\u2019“\u2013…\t\u00a0\u0391Ж✓\x1b\u200b")
def test_any_other_character_makes_it_ucs2(char: str) -> None:
    assert text.measure("a" + char) == Measure("ucs2", 2, 1, 70, 68)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", Measure("gsm7", 0, 1, 160, 160)),
        ("a" * 160, Measure("gsm7", 160, 1, 160, 0)),
        ("a" * 161, Measure("gsm7", 161, 2, 153, 145)),
        ("a" * 306, Measure("gsm7", 306, 2, 153, 0)),
        ("a" * 307, Measure("gsm7", 307, 3, 153, 152)),
        ("€" * 80, Measure("gsm7", 160, 1, 160, 0)),
        # 76 euro signs fill 152 septets; the 77th does not fit into the 153rd and begins the next part.
        ("€" * 81, Measure("gsm7", 162, 2, 153, 143)),
        ("a" * 152 + "€" + "a" * 151, Measure("gsm7", 305, 2, 153, 0)),
        ("a" * 152 + "€" + "a" * 152, Measure("gsm7", 306, 3, 153, 152)),
        ("a" * 151 + "€" + "a" * 153, Measure("gsm7", 306, 2, 153, 0)),
        ("a\r\nb", Measure("gsm7", 4, 1, 160, 156)),
        ("✓" * 70, Measure("ucs2", 70, 1, 70, 0)),
        ("✓" * 71, Measure("ucs2", 71, 2, 67, 63)),
        ("✓" * 134, Measure("ucs2", 134, 2, 67, 0)),
        ("✓" * 135, Measure("ucs2", 135, 3, 67, 66)),
        ("😀" * 35, Measure("ucs2", 70, 1, 70, 0)),
        # 33 pairs fill 66 of 67; the 34th is not torn.
        ("😀" * 36, Measure("ucs2", 72, 2, 67, 61)),
        ("✓" * 66 + "😀" + "✓" * 66, Measure("ucs2", 134, 3, 67, 66)),
        ("✓" * 65 + "😀" + "✓" * 67, Measure("ucs2", 134, 2, 67, 0)),
        # ó and ✓ stand in neither table
        ('Código: 123456 "ok" & 50%\nline2 ✓', Measure("ucs2", 33, 1, 70, 37)),
    ],
)
def test_parts_counted_by_hand(written: str, expected: Measure) -> None:
    assert text.measure(written) == expected


def parts_of(written: str, encoding: text.Encoding) -> list[str]:
    """The text laid into parts by another way: the longest beginning that fits, again and again."""

    def size(piece: str) -> int:
        if encoding == "ucs2":
            return len(piece.encode("utf-16-be")) // 2
        return len(piece) + sum(piece.count(char) for char in EXTENSION_TABLE)

    single, several = (160, 153) if encoding == "gsm7" else (70, 67)
    if size(written) <= single:
        return [written]
    parts = []
    while written:
        end = next(n for n in range(len(written), 0, -1) if size(written[:n]) <= several)
        parts.append(written[:end])
        written = written[end:]
    return parts


@given(st.text(alphabet=st.sampled_from("aé€[^✓😀\n"), max_size=400))
def test_parts_agree_with_another_way_of_counting(written: str) -> None:
    measured = text.measure(written)
    assert measured.encoding == ("ucs2" if set(written) & set("✓😀") else "gsm7")
    parts = parts_of(written, measured.encoding)
    assert measured.parts == len(parts)
    last = text.measure(parts[-1])
    used = last.length if last.encoding == measured.encoding else len(parts[-1].encode("utf-16-be")) // 2
    assert measured.left == measured.per_part - used


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a", "a"),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("\r\r\n\n x", "\n\n\n x"),
        (" kept \t", " kept \t"),
        ("a\u2028b\x85c", "a\u2028b\x85c"),
        ("{{recipient}}", "{{recipient}}"),
    ],
)
def test_line_ends_are_lf_and_all_else_stays(typed: str, stored: str) -> None:
    assert text.clean(typed) == stored


@pytest.mark.parametrize(
    ("typed", "code", "line", "column"),
    [
        ("", "text_empty", None, None),
        (" \r\n\t\u00a0", "text_empty", None, None),
        ("\0", "text_nul", 1, 1),
        ("ab\r\ncd\0", "text_nul", 2, 3),
        ("a\ud800", "text_surrogate", 1, 2),
        ("\n\udfffb", "text_surrogate", 2, 1),
    ],
)
def test_refused_texts(typed: str, code: str, line: int | None, column: int | None) -> None:
    with pytest.raises(Refused) as refused:
        text.clean(typed)
    (problem,) = refused.value.problems
    assert (problem.code, problem.field, problem.line, problem.column) == (code, "text", line, column)
    assert str(SENTENCES[code]) % problem.values


@given(st.text())
def test_any_text_is_the_same_but_for_line_ends_or_refused(typed: str) -> None:
    try:
        stored = text.clean(typed)
    except Refused:
        assert not typed.strip() or "\0" in typed
        return
    assert stored == "\n".join(typed.replace("\r\n", "\n").split("\r"))
    assert text.clean(stored) == stored
    assert stored.encode().decode() == stored
