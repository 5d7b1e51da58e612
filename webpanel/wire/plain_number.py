"""Numbers as programs write them, ``+447911123456``: looked up in the tables of ``phonenumbers`` directly.

A room of its own beside ``phone`` for the sake of speed alone. The library's own search for prefixes,
extensions and other spellings takes ten times as long, which is half the time of accepting a batch. What
cannot be told by one look is left to the library; where something is told, it is what the library tells.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata

#: Digits of a country calling code.
_CALLING_CODE = range(1, 4)

#: The kinds of numbers that tell the regions of one calling code apart, as ``phonenumbers`` does.
_KINDS = (
    *("premium_rate", "toll_free", "shared_cost", "voip", "personal_number"),
    *("pager", "uan", "voicemail", "fixed_line", "mobile"),
)


@dataclass(frozen=True)
class _Region:
    """``leading`` tells its numbers by their first digits; otherwise ``patterns``, by their length."""

    name: str
    leading: re.Pattern[str] | None
    patterns: dict[int, re.Pattern[str]]

    def has(self, national: str) -> bool:
        if self.leading is not None:
            return self.leading.match(national) is not None
        pattern = self.patterns.get(len(national))
        return pattern is not None and pattern.fullmatch(national) is not None


@dataclass(frozen=True)
class _Plan:
    """The numbers behind a calling code: their lengths, what is dialled before them, where they are."""

    lengths: frozenset[int]
    prefix: re.Pattern[str] | None
    regions: Sequence[_Region]


def region(digits: str) -> str | None:
    """The region (``GB``, blank for none) of the number whose E.164 form is ``+`` and these ASCII digits.

    None where that is not its form, its length is not possible, or only the library can tell.
    """
    for length in _CALLING_CODE:
        if (plan := _plan(digits[:length])) is not None:
            return _region(plan, digits[length:])
    return None


def _region(plan: _Plan, national: str) -> str | None:
    if len(national) not in plan.lengths or national.startswith("0"):
        return None
    if plan.prefix is not None and plan.prefix.match(national):
        return None
    if len(plan.regions) == 1:
        return plan.regions[0].name
    # What belongs to no region counts as the first one's.
    return next((each.name for each in plan.regions if each.has(national)), plan.regions[0].name)


@cache
def _plan(code: str) -> _Plan | None:
    """Of a calling code, or None for digits that are none."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code))
    if regions is None:
        return None
    main = PhoneMetadata.metadata_for_region_or_calling_code(int(code), regions[0])
    prefix = main.national_prefix_for_parsing
    return _Plan(
        frozenset(main.general_desc.possible_length),
        re.compile(prefix) if prefix else None,
        [_read(name) for name in regions],
    )


def _read(name: str) -> _Region:
    metadata = PhoneMetadata.metadata_for_region(name, None)
    if metadata is None:
        # "001", of numbers that belong to no country.
        return _Region("", None, {})
    leading = metadata.leading_digits
    general = metadata.general_desc
    by_length: dict[int, list[str]] = {}
    for kind in _KINDS:
        described = getattr(metadata, kind)
        if described is not None and described.national_number_pattern:
            for length in described.possible_length or general.possible_length:
                by_length.setdefault(length, []).append(described.national_number_pattern)
    return _Region(
        name,
        re.compile(leading) if leading else None,
        {
            length: re.compile(rf"(?=(?:{general.national_number_pattern})\Z)(?:{'|'.join(patterns)})")
            for length, patterns in by_length.items()
            if length in general.possible_length
        },
    )
