"""Numbers in their E.164 form: told by one look as the library tells them, or not at all."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from webpanel.wire import plain_number

CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def told_by_the_library(digits: str) -> str | None:
    """The region of a number of this E.164 form with a possible length; None for any other."""
    try:
        parsed = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return None
    written = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    if written != f"+{digits}" or not phonenumbers.is_possible_number(parsed):
        return None
    region = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(
        parsed.country_code
    )
    return region if region in phonenumbers.SUPPORTED_REGIONS else ""


def examples(region: str) -> set[str]:
    kinds = PhoneNumberType.values()
    found = (phonenumbers.example_number_for_type(region, kind) for kind in kinds)
    return {phonenumbers.format_number(each, PhoneNumberFormat.E164)[1:] for each in found if each}


@given(st.sampled_from(CODES), st.text("0123456789", min_size=1, max_size=14))
def test_what_is_told_is_what_the_library_tells(code: int, national: str) -> None:
    digits = f"{code}{national}"
    assert plain_number.region(digits) in (None, told_by_the_library(digits))


@pytest.mark.parametrize("region", REGIONS)
def test_the_numbers_of_a_region_and_those_near_them(region: str) -> None:
    for digits in examples(region):
        for last in "0123456789":
            near = digits[:-1] + last
            assert plain_number.region(near) in (None, told_by_the_library(near))
            for place in range(len(str(phonenumbers.country_code_for_region(region))), len(digits)):
                other = digits[:place] + last + digits[place + 1 :]
                assert plain_number.region(other) in (None, told_by_the_library(other))


def test_mobile_numbers_are_told_nearly_everywhere() -> None:
    mobiles = {}
    for region in REGIONS:
        if number := phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE):
            mobiles[region] = phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:]
    untold = [region for region, digits in mobiles.items() if plain_number.region(digits) is None]
    assert len(untold) < len(mobiles) / 20


@pytest.mark.parametrize(
    ("digits", "region"),
    [
        ("447911123456", "GG"),
        ("447400123456", "GB"),
        ("4915123456789", "DE"),
        ("80012345678", ""),
        # A trunk 0, and one that belongs to the number: the library reads both.
        ("4407400123456", None),
        ("390612345678", None),
        ("44740012", None),
        ("999123456789", None),
        ("1", None),
    ],
)
def test_a_few_that_are_known(digits: str, region: str | None) -> None:
    assert plain_number.region(digits) == region
