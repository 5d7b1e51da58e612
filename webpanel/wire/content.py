"""What somebody wants sent by a gateway: number and text, read and checked together.

A room of its own because intake and tester read them alike, and neither knows of the other.
"""

from dataclasses import dataclass

from webpanel.wire import phone, text
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem, Refused


@dataclass(frozen=True)
class Content:
    """``text`` is as it is stored (line ends LF)."""

    recipient: phone.Number
    text: str
    measure: text.Measure


def read(gateway: Gateway, to: str, typed: str, panel_country: str) -> Content:
    """Number and text as a person or a program gave them.

    ``panel_country`` (``GB``, or blank) counts where the gateway has no default country of its own.
    Raises :class:`Refused` with the problems of both (fields ``recipient`` and ``text``).
    """
    problems: list[Problem] = []
    number, cleaned = None, ""
    try:
        number = recipient(gateway, to, gateway.default_country or panel_country)
    except Refused as refused:
        problems.extend(refused.problems)
    try:
        cleaned = text.clean(typed)
    except Refused as refused:
        problems.extend(refused.problems)
    if problems or number is None:
        raise Refused(*problems)
    return Content(number, cleaned, text.measure(cleaned))


def recipient(gateway: Gateway, to: str, region: str) -> phone.Number:
    """The number ``to`` as ``gateway`` allows it; ``region`` counts where it names no country."""
    return phone.parse(
        to,
        region=region,
        allow_short_codes=gateway.allow_short_codes,
        allow_alphanumeric=gateway.allow_alphanumeric,
    )
