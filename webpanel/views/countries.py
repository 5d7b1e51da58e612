"""Countries as a person names them, in the reader's language: for a field's suggestions and its answer."""

from functools import lru_cache

from babel import Locale

from webpanel.wire import phone
from webpanel.wire.phone import Country


def listed(locale: Locale) -> list[str]:
    """Every country that can be the default one, by name: ``United Kingdom (GB, +44)``."""
    return sorted(_shown(str(locale)).values())


def shown(region: str, locale: Locale) -> str:
    """One country as :func:`listed` writes it; blank for none."""
    return _shown(str(locale)).get(region, region)


def read(typed: str, locale: Locale) -> Country:
    """A country by its name, as listed, or as ``phone.country`` reads it. Raises Refused."""
    wanted = typed.strip().casefold()
    for country in phone.regions():
        name = locale.territories.get(country.region, "")
        if wanted and wanted in (name.casefold(), shown(country.region, locale).casefold()):
            return country
    return phone.country(typed)


@lru_cache(maxsize=8)
def _shown(locale: str) -> dict[str, str]:
    names = Locale.parse(locale).territories
    return {
        region: f"{names.get(region, region)} ({region}, +{country.calling_code})"
        for country in phone.regions()
        for region in (country.region,)
    }
