"""Which gateway a message takes, and why."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sending.panel import SendingPanel, running
from webpanel.routing import Routes
from webpanel.wire import destinations, phone
from webpanel.wire.problem import Refused

URL = "http://127.0.0.1:1/v1/send"


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[SendingPanel]:
    with running(tmp_path) as panel:
        yield panel


def chosen(
    panel: SendingPanel, to: str, named: Any = None, own: int | None = None, **more: Any
) -> tuple[str, str]:
    """The gateway's name and why, or blank and the problem's code."""
    with panel.engine.connect() as connection:
        routes = Routes(connection, panel.vault, **{"panel_region": "GB", **more})
        try:
            choice = routes.choose(to, named, own)
        except Refused as refused:
            return "", refused.problems[0].code
    return choice.route.settings.name, choice.why.code


def test_the_order_of_what_decides(panel: SendingPanel) -> None:
    first = panel.gateway(URL, name="First", position=1)
    second = panel.gateway(URL, name="Second", position=2)
    panel.gateway(URL, name="Off", position=0, enabled=False)
    assert chosen(panel, "07911 123456") == ("First", "chosen_first")
    assert chosen(panel, "07911 123456", own=second) == ("Second", "chosen_application")
    assert chosen(panel, "07911 123456", named="First", own=second) == ("First", "chosen_named")
    assert chosen(panel, "07911 123456", named=str(second)) == ("Second", "chosen_named")
    assert chosen(panel, "07911 123456", named=first) == ("First", "chosen_named")
    assert chosen(panel, "07911 123456", named="Off") == ("", "gateway_disabled")
    assert chosen(panel, "07911 123456", named="None") == ("", "gateway_gone")
    assert chosen(panel, "07911 123456", named="First", allowed=[second]) == ("", "gateway_not_allowed")
    assert chosen(panel, "07911 123456", allowed=[second]) == ("Second", "chosen_first")


def test_a_limit_to_gateways_that_are_gone_leaves_none(panel: SendingPanel) -> None:
    first = panel.gateway(URL, enabled=False)
    for none in ([], [first + 1]):
        assert chosen(panel, "07911 123456", allowed=none) == ("", "no_gateway_left")
    assert chosen(panel, "07911 123456", allowed=[first]) == ("", "no_gateway")


@pytest.mark.parametrize(
    ("to", "name"),
    [
        ("+447911123456", "Britain"),
        ("07911 123456", "Britain"),
        ("+4915123456789", "Mobiles"),
        ("+493012345678", "Germany"),
        ("+33612345678", "Rest"),
        ("12", "number_too_short"),
    ],
)
def test_the_longest_match_wins(panel: SendingPanel, to: str, name: str) -> None:
    for position, (each, places) in enumerate(
        [("Rest", ""), ("Germany", "DE"), ("Mobiles", "GB, +4915"), ("Britain", "+447 GB")]
    ):
        panel.gateway(URL, name=each, position=position, destinations=places)
    assert name in chosen(panel, to)


def test_nothing_fits(panel: SendingPanel) -> None:
    assert chosen(panel, "+447911123456") == ("", "no_gateway")
    panel.gateway(URL, destinations="DE FR")
    assert chosen(panel, "+447911123456") == ("", "no_gateway_fits")


def test_the_applications_country_goes_before_the_gateways(panel: SendingPanel) -> None:
    panel.gateway(URL, default_country="DE", destinations="FR")
    assert chosen(panel, "0612345678", region="FR") == ("Generic", "chosen_destination")
    assert chosen(panel, "0612345678") == ("", "no_gateway_fits")


@pytest.mark.parametrize("text", ["XX", "Germany", "+0", "+", "1234567890123456", "D E F", "GB; DE\x00"])
def test_what_is_no_destination(text: str) -> None:
    with pytest.raises(Refused) as refused:
        destinations.read(text)
    assert {problem.code for problem in refused.value.problems} == {"destination_unknown"}


def test_a_country_holds_its_territories_and_no_others() -> None:
    britain = destinations.read("gb")
    assert britain.match(phone.Number("+447911123456", region="GG")) == 2
    assert destinations.read("US").match(phone.parse("+18765551234", region="")) is None, "Jamaica"
    assert destinations.read("").match(phone.Number("School", "alphanumeric")) == 0
    assert britain.match(phone.Number("School", "alphanumeric")) is None
