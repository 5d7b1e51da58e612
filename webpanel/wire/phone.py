"""Recipients: read once, checked, and written in the form that a provider wants.

``phonenumbers`` knows the countries. What it would do silently (letters become keypad digits,
extensions are dropped, the first of two numbers is taken) is refused here before it is asked.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from webpanel.wire import plain_number
from webpanel.wire.gateway import NumberFormat
from webpanel.wire.problem import Problem, Refused

# The library's patterns are more than Python keeps compiled by itself, and no more than its tables hold.
phonenumbers.enable_pattern_cache()

Kind = Literal["international", "short", "alphanumeric"]

#: Longest recipient that is looked at, in characters.
MAX_LENGTH = 250
#: Shortest and longest short code, in digits.
SHORT_CODE_DIGITS = (3, 8)

_ALPHANUMERIC = re.compile(
    r"(?=[^a-z]*[a-z])[a-z0-9](?:[a-z0-9._@:-]{0,62}[a-z0-9])?", re.ASCII | re.IGNORECASE
)
#: As programs write a number: nothing in it has to be interpreted.
_PLAIN = re.compile(r"\+[1-9][0-9]{6,14}")
_EXTENSION = re.compile(
    r"[+\d\s()./-]{5,}(?:;ext=|,+|;+|#|(?:ext(?:n|ension)?|x|int|anexo|доб)[.:=]?)\s*(\d{1,7})#?",
    re.IGNORECASE,
)
# A trunk 0 as people write it behind a calling code, also of countries that have no trunk 0.
_BRACKETED_ZERO = re.compile(r"(?<=[0-9])\)?\s*\(0\)")
_SEPARATORS = re.compile(r"[\s/,;|&]+")
_PUNCTUATION = frozenset(" -.()[]/")
_LOOKALIKES = str.maketrans(
    {
        "\N{FULLWIDTH PLUS SIGN}": "+",
        "\N{MINUS SIGN}": "-",
        "\N{FULLWIDTH FULL STOP}": ".",
        "\N{FULLWIDTH LEFT PARENTHESIS}": "(",
        "\N{FULLWIDTH RIGHT PARENTHESIS}": ")",
        "\N{FULLWIDTH SOLIDUS}": "/",
        "\t": " ",
    }
)
_LENGTH_PROBLEMS = {
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "number_local_only",
    ValidationResult.TOO_SHORT: "number_too_short",
    ValidationResult.TOO_LONG: "number_too_long",
    ValidationResult.INVALID_LENGTH: "number_wrong_length",
    ValidationResult.INVALID_COUNTRY_CODE: "number_calling_code_unknown",
}
_PARSE_PROBLEMS = {
    NumberParseException.INVALID_COUNTRY_CODE: "number_calling_code_unknown",
    NumberParseException.TOO_LONG: "number_too_long",
}


@dataclass(frozen=True)
class Number:
    """A recipient that may be sent to.

    ``value`` is E.164 with its ``+``, or a short code's digits, or an alphanumeric recipient as typed.
    ``region`` (``GB``) is blank when the recipient belongs to no single one.
    """

    value: str
    kind: Kind = "international"
    region: str = ""


@dataclass(frozen=True)
class Country:
    """A default country: ``region`` (``GB``) and ``calling_code`` in digits (``44``).

    ``shared_with``: the other regions with that calling code, when only the code was given and
    ``region`` is the one it is taken to mean.
    """

    region: str
    calling_code: str
    shared_with: tuple[str, ...] = ()


def parse(
    text: str, *, region: str, allow_short_codes: bool = False, allow_alphanumeric: bool = False
) -> Number:
    """Read a recipient as a person types it.

    ``region`` (``GB``, or blank for none) is the country of numbers written without one. Digits of any
    script count as digits. A number counts when its length is possible in its country: whether it is
    in use changes faster than any table. Raises :class:`Refused` with one problem of ``recipient``.
    """
    return _plainly(text) or _parse(text, region, allow_short_codes, allow_alphanumeric)


def _plainly(text: str) -> Number | None:
    """A number that has to be interpreted in no way; None for any other."""
    if _PLAIN.fullmatch(text) and (found := plain_number.region(text[1:])) is not None:
        return Number(text, "international", found)
    return None


# One message is read for each gateway that might take it, and one recipient gets many messages.
@lru_cache(maxsize=1024)
def _parse(text: str, region: str, allow_short_codes: bool, allow_alphanumeric: bool) -> Number:
    if _PLAIN.fullmatch(text):
        return _number(_read(text, region))
    if len(text) > MAX_LENGTH:
        raise _refused("number_too_long", number=text[:20] + "…")
    typed = _plain(text)
    if not typed:
        raise _refused("number_empty")
    has_scheme = typed[:4].casefold() == "tel:"
    bare = typed[4:].strip() if has_scheme else typed
    if _several(bare, region):
        raise _refused("number_several")
    if extension := _EXTENSION.fullmatch(bare):
        raise _refused("number_extension", extension=extension[1])
    if any(char.isalpha() for char in bare):
        if not allow_alphanumeric or has_scheme:
            raise _refused("number_letters")
        if not _ALPHANUMERIC.fullmatch(bare):
            raise _refused("number_alphanumeric")
        return Number(bare, "alphanumeric")
    dialled = _dialled(bare)
    if allow_short_codes and not has_scheme and _is_short_code(dialled, region):
        return Number(dialled, "short", region)
    try:
        return _number(_read(dialled, region))
    except Refused:
        without_zero = _dialled(_BRACKETED_ZERO.sub("", bare, count=1))
        if dialled.startswith("+") and without_zero != dialled:
            return _number(_read(without_zero, region))
        raise


def stored(value: str) -> Number:
    """The recipient that a message's column holds: what :func:`parse` once made."""
    if value.startswith("+"):
        if (number := _plainly(value)) is not None:
            return number
        try:
            return _number(phonenumbers.parse(value, None))
        except NumberParseException:
            # Kept as it is: the tables of countries change under stored numbers.
            return Number(value)
    return Number(value, "short" if value.isdecimal() else "alphanumeric")


def write(number: Number, number_format: NumberFormat, suffix: str = "") -> str:
    """The recipient as ``number_format`` wants it.

    Short codes and alphanumeric recipients have one form only, their own; ``suffix`` follows digits
    alone. Raises :class:`Refused` when letters are to be written as an integer.
    """
    match number_format:
        case "e164":
            return e164(number)
        case "national":
            return national(number)
        case "suffix" if number.kind != "alphanumeric":
            return digits(number) + suffix
        case "integer" if number.kind == "alphanumeric":
            raise _refused("number_not_integer")
        case _:
            return digits(number)


def digits(number: Number) -> str:
    """``447911123456``."""
    return number.value.removeprefix("+")


def e164(number: Number) -> str:
    """``+447911123456``."""
    return number.value


def national(number: Number) -> str:
    """``07911123456``: the digits to dial inside the number's country, with its trunk prefix."""
    if number.kind != "international":
        return number.value
    try:
        parsed = phonenumbers.parse(number.value, None)
    except NumberParseException:
        return digits(number)
    return phonenumbers.normalize_digits_only(phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL))


def country(text: str) -> Country:
    """The default country given as a region (``GB``) or a calling code (``44``, ``+44``, ``0044``).

    Raises :class:`Refused` (``country_empty``, ``country_unknown``) with field ``default_country``.
    """
    typed = _plain(text)
    if not typed:
        raise Refused(Problem("country_empty", "default_country"))
    code = re.sub(r"[\s()]", "", typed)
    code = code.removeprefix("+").removeprefix("00")
    if re.fullmatch(r"[1-9][0-9]{0,2}", code):
        region, *others = phonenumbers.region_codes_for_country_code(int(code)) or ("001",)
        if region in phonenumbers.SUPPORTED_REGIONS:
            return Country(region, code, tuple(others))
    # UK is the one code that everybody uses for a country whose own code is another.
    region = "GB" if typed in ("UK", "uk") else typed.upper()
    if typed.isascii() and region in phonenumbers.SUPPORTED_REGIONS:
        return _country(region)
    raise Refused(Problem("country_unknown", "default_country", values={"text": typed[:40]}))


def regions() -> tuple[Country, ...]:
    """Every country that can be a default, by region."""
    return tuple(_country(region) for region in sorted(phonenumbers.SUPPORTED_REGIONS))


def _country(region: str) -> Country:
    return Country(region, str(phonenumbers.country_code_for_region(region)))


def _refused(code: str, **values: str) -> Refused:
    return Refused(Problem(code, "recipient", values=values))


def _plain(text: str) -> str:
    """``text`` with ASCII digits and punctuation for their look-alikes, without invisible characters."""
    if text.isascii():
        return text.strip().replace("\t", " ").strip()
    plain = []
    for char in text.strip().translate(_LOOKALIKES):
        category = unicodedata.category(char)
        if category == "Nd":
            plain.append(str(unicodedata.decimal(char)))
        elif category == "Pd":
            plain.append("-")
        elif category == "Zs":
            plain.append(" ")
        elif category != "Cf":
            plain.append(char)
    return "".join(plain).strip()


def _dialled(bare: str) -> str:
    """``bare`` as digits, with ``+`` in front where it had one."""
    dialled = ""
    for char in bare:
        if char.isdecimal() or (char == "+" and not dialled):
            dialled += char
        elif char not in _PUNCTUATION:
            raise _refused("number_character", character=char)
    if not dialled.strip("+"):
        raise _refused("number_empty")
    return dialled


def _several(bare: str, region: str) -> bool:
    """Whether two whole numbers stand in ``bare``, which together make no possible number."""
    if bare.count("+") > 1:
        return True
    gaps = list(_SEPARATORS.finditer(bare))
    if not gaps:
        return False
    if _is_possible(_only_digits(bare), region) and not re.search(r"[,;|&\n]", bare):
        return False
    return any(
        _is_possible(_only_digits(bare[: gap.start()]), region)
        and _is_possible(_only_digits(bare[gap.end() :]), region)
        for gap in gaps
    )


def _only_digits(text: str) -> str:
    return re.sub(r"[^+0-9]", "", text)


def _is_possible(dialled: str, region: str) -> bool:
    try:
        _read(dialled, region)
    except Refused:
        return False
    return True


def _is_short_code(dialled: str, region: str) -> bool:
    shortest, longest = SHORT_CODE_DIGITS
    if not (shortest <= len(dialled) <= longest) or dialled[0] in "+0":
        return False
    try:
        return not phonenumbers.is_valid_number(phonenumbers.parse(dialled, region or None))
    except NumberParseException:
        return True


def _read(dialled: str, region: str) -> phonenumbers.PhoneNumber:
    """The possible number that ``dialled`` (digits, perhaps with ``+``) means in ``region``."""
    if not dialled.startswith("+"):
        code = phonenumbers.country_code_for_region(region) if region else 0
        if code and dialled.startswith(str(code)) and (known := _valid("+" + dialled)):
            return known
        if not region:
            if known := _valid("+" + dialled.removeprefix("00")) if dialled.startswith("00") else None:
                return known
            raise _refused("number_needs_country")
    try:
        number = phonenumbers.parse(dialled, region or None)
    except NumberParseException as error:
        problem = _PARSE_PROBLEMS.get(error.error_type, "number_too_short")
    else:
        problem = _LENGTH_PROBLEMS.get(phonenumbers.is_possible_number_with_reason(number), "")
        if not problem:
            _refuse_two_ways(dialled, number)
            return number
    # Where 00 is not the prefix for calls abroad, people still write it; no such country has
    # national numbers that begin so.
    if dialled.startswith("00") and (known := _valid("+" + dialled[2:])):
        return known
    if dialled.isdecimal() and _valid("+" + dialled):
        raise _refused("number_needs_plus", number=dialled)
    raise _refused(problem, number=dialled)


def _refuse_two_ways(dialled: str, number: phonenumbers.PhoneNumber) -> None:
    """Refuse digits that are no number in use of their own country, but one of another.

    Programs write such digits for a number abroad; sent as they stand, it would reach somebody else.
    """
    if dialled[0] in "+0" or phonenumbers.is_valid_number(number) or not _valid("+" + dialled):
        return
    here = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if here != "+" + dialled:
        raise _refused("number_two_ways", number=dialled, here=here, abroad="+" + dialled)


def _valid(dialled: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(dialled, None)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _number(parsed: phonenumbers.PhoneNumber) -> Number:
    region = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(
        parsed.country_code or 0
    )
    value = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return Number(value, "international", region if region in phonenumbers.SUPPORTED_REGIONS else "")
