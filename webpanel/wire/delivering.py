"""How a gateway delivers - time-outs, pace, retries, failover - and what is wrong with what was chosen.

A room of its own beside ``lint``, which judges what leaves for the provider.
"""

import re
from collections.abc import Iterator

from webpanel.wire import durations, places
from webpanel.wire.gateway import Gateway
from webpanel.wire.problem import Problem, Refused

#: Seconds: a page's own request ends after 60.
LONGEST_TIMEOUT = 50
MOST_IN_FLIGHT = 100
#: Messages a second; more than one machine sends.
LARGEST_PACE = 1000
#: Seconds a message stays with a gateway that puts it off: a day.
LONGEST_FAILOVER = 86_400


def check(gateway: Gateway) -> Iterator[Problem]:
    """What is wrong with times, numbers and choices of how it delivers."""
    # `not (a < b)` rather than `a >= b`: what is no number at all must be caught too.
    # A time to connect beyond that of the whole request is no fault: the shorter one ends both.
    for field in ("connect_timeout", "timeout"):
        if not 0 < getattr(gateway, field) <= LONGEST_TIMEOUT:
            yield Problem("timeout_range", field, values={"longest": LONGEST_TIMEOUT})
    if not 1 <= gateway.in_flight <= MOST_IN_FLIGHT:
        yield Problem("in_flight_range", "in_flight", values={"most": MOST_IN_FLIGHT})
    if not 0 <= gateway.pace <= LARGEST_PACE:
        yield Problem("pace_range", "pace", values={"most": LARGEST_PACE})
    if not 0 <= gateway.failover_after <= LONGEST_FAILOVER:
        yield Problem("failover_range", "failover_after", values={"longest": LONGEST_FAILOVER})
    for field in ("retry_delays", "urgent_retry_delays"):
        yield from _durations(getattr(gateway, field), field)
    if gateway.next_gateway and gateway.next_gateway == gateway.name:
        yield Problem("next_is_itself", "next_gateway")
    if gateway.on_ambiguous == "schedule":
        yield from _request_number(gateway)


def _request_number(gateway: Gateway) -> Iterator[Problem]:
    """Sending again as scheduled is safe only where the provider knows the request it had before."""
    name = gateway.request_number.strip()
    if not name:
        yield Problem("request_number_missing", "request_number")
        return
    holds = re.compile(
        rf"(?<![\w-]){re.escape(name)}[\"']?\s*[:=>]\s*[\"']?[^\"'<>\n]*\{{\{{\s*message_id\s*\}}\}}",
        re.IGNORECASE,
    )
    # Of a pair's line the value's place is known, of which the name stands in front.
    if not any(
        holds.search(place.text, max(0, place.text.rfind("\n", 0, place.span[0])))
        for place in places.of(gateway)
    ):
        yield Problem("request_number_unfilled", "request_number", values={"name": name})


def _durations(text: str, field: str) -> Iterator[Problem]:
    try:
        durations.read(text, field)
    except Refused as refused:
        yield from refused.problems
