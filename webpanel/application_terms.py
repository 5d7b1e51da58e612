"""What an application may do, and what is wrong with terms that cannot be.

A room of its own because requests ask for the terms and only ``applications`` stores them.
"""

from dataclasses import dataclass, replace

from webpanel.usage import Limits
from webpanel.wire import callback_address, destinations, phone
from webpanel.wire.problem import Problem, Refused

#: By their number in the tables: 0 is urgent.
PRIORITIES = ("urgent", "normal", "bulk")
#: States in which the messages of a test may end.
TEST_STATES = ("sent", "delivered", "undelivered", "failed", "unknown", "expired")

LONGEST_NAME = 64
LONGEST_SENDER = 200
MOST_LIMIT = 1_000_000_000
MOST_VALID_FOR = 720 * 3600


@dataclass(frozen=True)
class Terms:
    """What an application may do, as an administrator types it; the names of the table's columns.

    A limit of 0 is none; a new application has low ones. ``gateways``: None is all of them, and an id
    stays when its gateway is deleted, so that a limit to gateways that are gone lets none be used.
    """

    name: str = ""
    enabled: bool = True
    gateways: tuple[int, ...] | None = None
    countries: str = ""
    per_minute: int = 30
    parts_per_day: int = 200
    parts_per_month: int = 2000
    per_recipient_hour: int = 10
    most_parts: int = 4
    test_state: str = ""
    priority: int = 1
    valid_for: int = 0
    sensitive: bool = False
    sender: str = ""
    country: str = ""
    gateway_id: int | None = None
    door_get: bool = False
    door_kannel: bool = False
    door_twilio: bool = False
    #: Where it is told what became of its messages, where a call names no address of its own.
    callback_url: str = ""

    @property
    def limits(self) -> Limits:
        return Limits(self.per_minute, self.per_recipient_hour, self.parts_per_day, self.parts_per_month)


def faults(wanted: Terms) -> list[Problem]:
    """A problem for every field that cannot be."""
    problems: list[Problem] = []
    if not wanted.name.strip():
        problems.append(Problem("application_name_missing", "name"))
    elif len(wanted.name) > LONGEST_NAME or not wanted.name.isprintable():
        problems.append(Problem("application_name", "name", values={"longest": LONGEST_NAME}))
    if wanted.gateways == ():
        problems.append(Problem("gateways_none", "gateways"))
    if wanted.gateways and wanted.gateway_id is not None and wanted.gateway_id not in wanted.gateways:
        problems.append(Problem("gateway_not_allowed", "gateway_id"))
    try:
        destinations.read(wanted.countries, "countries")
    except Refused as refused:
        problems.extend(refused.problems)
    if wanted.country:
        try:
            phone.country(wanted.country)
        except Refused as refused:
            problems.extend(replace(problem, field="country") for problem in refused.problems)
    problems.extend(
        Problem("limit_range", field, values={"most": MOST_LIMIT})
        for field in ("per_minute", "parts_per_day", "parts_per_month", "per_recipient_hour", "most_parts")
        if not 0 <= getattr(wanted, field) <= MOST_LIMIT
    )
    if not 0 <= wanted.valid_for <= MOST_VALID_FOR:
        problems.append(Problem("valid_for_range", "valid_for", values={"most": MOST_VALID_FOR}))
    if wanted.test_state and wanted.test_state not in TEST_STATES:
        problems.append(Problem("choice_not_offered", "test_state"))
    if not 0 <= wanted.priority < len(PRIORITIES):
        problems.append(Problem("choice_not_offered", "priority"))
    if len(wanted.sender) > LONGEST_SENDER or not (wanted.sender.isprintable()):
        problems.append(Problem("sender_unusable", "sender", values={"longest": LONGEST_SENDER}))
    if wanted.callback_url:
        problems.extend(_faults_of_address(wanted.callback_url))
    return problems


def _faults_of_address(url: str) -> list[Problem]:
    """Everybody who may see the form reads it, so it is one without credentials."""
    try:
        address = callback_address.read(url)
    except Refused as refused:
        return list(refused.problems)
    if address.holds_credentials:
        return [Problem("callback_url_credentials", callback_address.FIELD)]
    return []
