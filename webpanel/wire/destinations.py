"""Where messages may go: a list of countries and prefixes, and how closely a number fits it.

``GB, +4915, 33``: a country is two letters, a prefix is the beginning of a number with its country
code. A country stands for the territories that are dialled like it and belong to it, too.
"""

import re
from dataclasses import dataclass

from webpanel.wire import phone
from webpanel.wire.phone import Number
from webpanel.wire.problem import Problem, Refused

#: Territories whose numbers ``phonenumbers`` tells from those of the country that they are dialled with.
_TERRITORIES = {
    "AU": frozenset({"CC", "CX"}),
    "FI": frozenset({"AX"}),
    "GB": frozenset({"GG", "IM", "JE"}),
    "IT": frozenset({"VA"}),
    "NO": frozenset({"SJ"}),
}
_SEPARATORS = re.compile(r"[\s,;]+")
_PREFIX = re.compile(r"\+?([1-9][0-9]{0,14})", re.ASCII)
_REGION = re.compile(r"[A-Za-z]{2}", re.ASCII)


@dataclass(frozen=True)
class Destinations:
    """``regions`` (``GB``) and ``prefixes`` (digits with the country code); both empty: anywhere."""

    regions: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()

    @property
    def anywhere(self) -> bool:
        return not self.regions and not self.prefixes

    def match(self, number: Number) -> int | None:
        """How many digits of ``number`` fit, the more the closer; 0 for anywhere, None when none do."""
        if self.anywhere:
            return 0
        digits = number.value.removeprefix("+") if number.kind == "international" else ""
        lengths = [len(prefix) for prefix in self.prefixes if digits.startswith(prefix)]
        lengths.extend(
            len(phone.country(region).calling_code)
            for region in self.regions
            if number.region == region or number.region in _TERRITORIES.get(region, ())
        )
        return max(lengths, default=None)


def read(text: str, field: str = "destinations") -> Destinations:
    """Raises :class:`Refused` with a problem of ``field`` for each entry that is neither."""
    regions, prefixes, problems = set(), [], []
    for entry in filter(None, _SEPARATORS.split(text)):
        if prefix := _PREFIX.fullmatch(entry):
            prefixes.append(prefix[1])
        elif _REGION.fullmatch(entry) and _is_country(entry):
            regions.add(entry.upper())
        else:
            problems.append(Problem("destination_unknown", field, values={"text": entry[:40]}))
    if problems:
        raise Refused(*problems)
    return Destinations(frozenset(regions), tuple(prefixes))


def _is_country(text: str) -> bool:
    try:
        phone.country(text)
    except Refused:
        return False
    return True
