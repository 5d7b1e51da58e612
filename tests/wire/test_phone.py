"""Recipients: what is read, what is refused and why, and how a number is written."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webpanel.wire import phone
from webpanel.wire.phone import Country, Number
from webpanel.wire.problem import Refused
from webpanel.words.problems import SENTENCES


def code_of(text: str, region: str, **allowed: bool) -> str:
    with pytest.raises(Refused) as refused:
        phone.parse(text, region=region, **allowed)
    (problem,) = refused.value.problems
    assert problem.field == "recipient"
    assert str(SENTENCES[problem.code]) % problem.values
    return problem.code


@pytest.mark.parametrize(
    "text",
    [
        "07911 123456",
        "+44 (0)7911 123456",
        "0044 7911 123456",
        "447911123456",
        "tel:+44-7911-123456",
        "TEL: +44 7911 123456",
        "  +44 7911 123456\t",
        "+44 07911 123456",
        "(07911) 123-456",
        "07911.123.456",
        "07911/123456",
        "(+44) 7911 123456",
        "44 (0) 7911 123456",
        "7911123456",
        # no-break space, narrow no-break space, non-breaking hyphen, en dash, minus
        "07911\u00a0123\u202f456",
        "07911\u2011123\u2013456",
        "07911\u2212123456",
        # as copied out of an address book: direction marks around it
        "\u202a+44 7911 123456\u202c",
        "\u200e07911\u200b123456",
        # digits of other scripts are digits: Arabic-Indic, Persian, Devanagari, full width
        "٠٧٩١١ ١٢٣٤٥٦",
        "۰۷۹۱۱ ۱۲۳۴۵۶",
        "०७९११ १२३४५६",
        "\uff0b\uff14\uff14\uff17\uff19\uff11\uff11\uff11\uff12\uff13\uff14\uff15\uff16",
    ],
)
def test_the_same_number_in_gb(text: str) -> None:
    number = phone.parse(text, region="GB")
    assert (number.value, number.kind) == ("+447911123456", "international")


@pytest.mark.parametrize(
    ("text", "region", "value"),
    [
        # begins with the default country's calling code, and + in front makes a valid number
        ("4915112345678", "DE", "+4915112345678"),
        ("49 151 12345678", "DE", "+4915112345678"),
        ("393471234567", "IT", "+393471234567"),
        ("12015550123", "US", "+12015550123"),
        ("79123456789", "RU", "+79123456789"),
        # ... or does not, and it is a national number
        ("3931234567", "IT", "+393931234567"),
        ("9123456789", "IN", "+919123456789"),
        # another country's code needs its +
        ("+4915112345678", "GB", "+4915112345678"),
        ("004915112345678", "GB", "+4915112345678"),
        # 00 is no prefix for calls abroad there, but nothing else begins so
        ("0044 7911 123456", "US", "+447911123456"),
        ("0044 7911 123456", "", "+447911123456"),
        ("011 44 7911 123456", "US", "+447911123456"),
        ("+39 (0)6 12345678", "IT", "+390612345678"),
        ("8 912 345-67-89", "RU", "+79123456789"),
        ("030/123456", "DE", "+4930123456"),
        ("0176 / 12345678", "DE", "+4917612345678"),
        ("011 15-2345-6789", "AR", "+5491123456789"),
        ("+800 12345678", "GB", "+80012345678"),
        # possible is enough: this one is in no range that the tables know
        ("07000 000000", "GB", "+447000000000"),
        # a trunk 0 in brackets, in a country that has none
        ("+34 (0)612 345 678", "ES", "+34612345678"),
    ],
)
def test_numbers_of_many_countries(text: str, region: str, value: str) -> None:
    assert phone.parse(text, region=region).value == value


@pytest.mark.parametrize(
    ("text", "region", "code"),
    [
        ("", "GB", "number_empty"),
        (" \t\u200b", "GB", "number_empty"),
        ("tel:", "GB", "number_empty"),
        ("+", "GB", "number_empty"),
        ("()", "GB", "number_empty"),
        ("letters", "GB", "number_letters"),
        ("0800 FLOWERS", "GB", "number_letters"),
        ("+44 7911 12345O", "GB", "number_letters"),
        ("07911 123456 or so", "GB", "number_letters"),
        ("whatsapp:+447911123456", "GB", "number_letters"),
        ("07911 12345\N{FULLWIDTH LATIN CAPITAL LETTER A}", "GB", "number_letters"),
        ("07911 123456 x12", "GB", "number_extension"),
        ("07911 123456 ext. 12", "GB", "number_extension"),
        ("07911123456,12", "GB", "number_extension"),
        ("07911123456#12", "GB", "number_extension"),
        ("tel:+44-7911-123456;ext=12", "GB", "number_extension"),
        ("tel:7911123456;phone-context=+44", "GB", "number_letters"),
        ("+447911123456 +447911123457", "GB", "number_several"),
        ("07911 123456 07911 123457", "GB", "number_several"),
        ("+447911+447911123457", "GB", "number_several"),
        ("07911123456,07911123457", "GB", "number_several"),
        ("07911 123456; 07911 123457", "GB", "number_several"),
        ("07911123456/07911123457", "GB", "number_several"),
        ("07911123456\n07911123457", "GB", "number_several"),
        ("0791112345607911123457", "GB", "number_too_long"),
        ("1" * 251, "GB", "number_too_long"),
        ("07911 123456!", "GB", "number_character"),
        ("*100*07911123456", "GB", "number_character"),
        ("44+7911123456", "GB", "number_character"),
        ("07911²123456", "GB", "number_character"),
        ("07911123456\x00", "GB", "number_character"),
        ("5", "GB", "number_too_short"),
        ("+44 79", "GB", "number_too_short"),
        ("123456", "GB", "number_local_only"),
        # Digits of a number abroad, which would reach somebody else at home.
        ("4520123456", "GB", "number_two_ways"),
        ("3546112345", "GB", "number_two_ways"),
        ("4915112345678", "GB", "number_needs_plus"),
        ("33612345678", "GB", "number_needs_plus"),
        ("253-0000", "US", "number_local_only"),
        ("+44 7911 123456 7", "GB", "number_too_long"),
        ("+999 12345678", "GB", "number_calling_code_unknown"),
        ("07911 123456", "", "number_needs_country"),
        ("60777", "GB", "number_local_only"),
    ],
)
def test_what_is_refused(text: str, region: str, code: str) -> None:
    assert code_of(text, region) == code


def test_a_gateway_may_allow_short_codes() -> None:
    allowed = {"allow_short_codes": True}
    assert phone.parse("60777", region="GB", **allowed) == Number("60777", "short", "GB")
    assert phone.parse("٦٠٧٧٧", region="GB", **allowed) == Number("60777", "short", "GB")
    # Five digits are a possible number in Germany, but nobody's.
    assert phone.parse("72975", region="DE", **allowed).kind == "short"
    assert phone.parse("60777", region="", **allowed) == Number("60777", "short", "")
    # A whole number stays one.
    assert phone.parse("32123456", region="DK", **allowed).value == "+4532123456"
    assert phone.parse("07911 123456", region="GB", **allowed).value == "+447911123456"
    assert code_of("12", "GB", **allowed) == "number_too_short"
    assert code_of("060", "GB", **allowed) == "number_too_short"
    assert code_of("tel:60777", "GB", **allowed) == "number_local_only"


def test_a_gateway_may_allow_alphanumeric_recipients() -> None:
    allowed = {"allow_alphanumeric": True}
    for text in ("parents-2b", "120363041234567890@g.us", "a", "a" * 64, "group:7"):
        assert phone.parse(text, region="GB", **allowed) == Number(text, "alphanumeric")
    assert phone.parse("07911 123456", region="GB", **allowed).kind == "international"
    for text in ("two words", "a" * 65, "-a", "a\r\nX: 1", "élise", "a&b"):
        assert code_of(text, "GB", **allowed) in {"number_alphanumeric", "number_letters"}
    # What is plainly a number with something about it is not taken for a name.
    assert code_of("07911 123456 x12", "GB", **allowed) == "number_extension"
    assert code_of("tel:+44791112345O", "GB", **allowed) == "number_letters"


FORMATS = ("digits", "e164", "national", "integer", "suffix")


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (
            Number("+447911123456"),
            ("447911123456", "+447911123456", "07911123456", "447911123456", "447911123456@c.us"),
        ),
        (
            Number("+12015550123"),
            ("12015550123", "+12015550123", "2015550123", "12015550123", "12015550123@c.us"),
        ),
        (Number("60777", "short"), ("60777", "60777", "60777", "60777", "60777@c.us")),
        (Number("7@g.us", "alphanumeric"), ("7@g.us", "7@g.us", "7@g.us", None, "7@g.us")),
    ],
)
def test_writing(number: Number, written: tuple[str | None, ...]) -> None:
    for number_format, expected in zip(FORMATS, written, strict=True):
        if expected is None:
            with pytest.raises(Refused, match="number_not_integer"):
                phone.write(number, number_format)
        else:
            assert phone.write(number, number_format, "@c.us") == expected
    assert phone.digits(number) == written[0]
    assert phone.e164(number) == written[1]
    assert phone.national(number) == written[2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GB", Country("GB", "44")),
        (" gb ", Country("GB", "44")),
        ("UK", Country("GB", "44")),
        ("44", Country("GB", "44", ("GG", "IM", "JE"))),
        ("+44", Country("GB", "44", ("GG", "IM", "JE"))),
        ("0044", Country("GB", "44", ("GG", "IM", "JE"))),
        ("٤٤", Country("GB", "44", ("GG", "IM", "JE"))),
        ("7", Country("RU", "7", ("KZ",))),
        ("49", Country("DE", "49")),
        ("KZ", Country("KZ", "7")),
        ("JE", Country("JE", "44")),
    ],
)
def test_default_country(text: str, expected: Country) -> None:
    assert phone.country(text) == expected


def test_calling_code_one_means_the_united_states() -> None:
    country = phone.country("+1")
    assert country.region == "US"
    assert {"CA", "JM", "PR"} <= set(country.shared_with)


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "country_empty"), ("  ", "country_empty"), ("XX", "country_unknown"), ("999", "country_unknown")]
    + [(text, "country_unknown") for text in ("800", "Great Britain", "4 4 4 4", "0", "00", "-44", "ß")],
)
def test_no_default_country(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        phone.country(text)
    (problem,) = refused.value.problems
    assert (problem.code, problem.field) == (code, "default_country")
    assert str(SENTENCES[code]) % problem.values


def test_regions_for_a_select() -> None:
    regions = phone.regions()
    assert Country("GB", "44") in regions
    assert [country.region for country in regions] == sorted(phonenumbers.SUPPORTED_REGIONS)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_country_s_own_mobile_number_is_read_in_each_of_its_forms(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        example = phonenumbers.example_number(region)
    forms = phonenumbers.PhoneNumberFormat
    e164 = phonenumbers.format_number(example, forms.E164)
    for form in (forms.E164, forms.INTERNATIONAL, forms.RFC3966, forms.NATIONAL):
        assert phone.parse(phonenumbers.format_number(example, form), region=region).value == e164
    assert phone.parse(e164.removeprefix("+"), region=region).value == e164
    read = phone.stored(e164)
    assert read == phone.parse(e164, region="")
    assert phone.parse(phone.national(read), region=region).value == e164


@given(st.text(), st.sampled_from(["", "GB", "DE", "US"]), st.booleans(), st.booleans())
def test_any_text_is_read_or_refused_and_what_is_stored_reads_the_same(
    text: str, region: str, short: bool, alphanumeric: bool
) -> None:
    try:
        number = phone.parse(text, region=region, allow_short_codes=short, allow_alphanumeric=alphanumeric)
    except Refused:
        return
    again = phone.stored(number.value)
    assert (again.value, again.kind) == (number.value, number.kind)
    assert number.value.isascii()
    assert len(number.value) <= 64


@given(st.text(alphabet="+0123456789 -()/,;x#", max_size=30), st.sampled_from(["", "GB", "DE", "IT"]))
def test_digits_that_are_taken_are_all_taken(text: str, region: str) -> None:
    """No digit of the subscriber's part is dropped, as an extension's or a second number's would be."""
    try:
        number = phone.parse(text, region=region)
    except Refused:
        return
    typed = "".join(char for char in text if char.isdigit())
    subscriber = phone.digits(number).removeprefix(str(phonenumbers.parse(number.value).country_code))
    assert typed.endswith(subscriber)


def test_stored_keeps_what_the_tables_of_countries_no_longer_know() -> None:
    assert phone.stored("+99912345678") == Number("+99912345678")
    assert phone.national(phone.stored("+99912345678")) == "99912345678"
