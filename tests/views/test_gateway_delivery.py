"""The section Delivery of the settings page: pace, retries, who takes over, and the named profiles."""

import pytest
from sqlalchemy import select

from tests.pages import Page, words_of
from tests.views.test_gateway_settings import filled, shown, value
from webpanel.models import Gateway, db


@pytest.fixture
def settings_of(app):
    """The settings of a stored gateway, by its name."""

    def read(name: str):
        with app.app_context():
            return db.session.scalars(select(Gateway).where(Gateway.name == name)).one().settings()

    return read


def made(administrator, name: str, **changes: str) -> str:
    """The page of a new gateway."""
    return administrator.post("/gateways/new", data=filled(name=name, **changes)).location


def test_what_is_typed_is_kept(administrator, settings_of):
    made(administrator, "Second")
    changes = {
        "next_gateway": "Second",
        "pace": "0,2",
        "in_flight": "100",
        "on_ambiguous": "schedule",
        "request_number": "reference",
        "body_form": "to={{recipient}}\ntext={{message}}\nreference={{message_id}}",
        "retry_delays": "5 s, 1 min",
        "urgent_retry_delays": "2 s",
        "failover_after": "60",
    }
    page = administrator.page(made(administrator, "First", **changes))
    stored = settings_of("First")
    assert (stored.pace, stored.in_flight, stored.failover_after) == (0.2, 100, 60)
    assert (stored.on_ambiguous, stored.request_number) == ("schedule", "reference")
    assert (stored.retry_delays, stored.urgent_retry_delays) == ("5 s, 1 min", "2 s")
    assert stored.next_gateway == "Second"
    assert value(page, "next_gateway") == "Second"


@pytest.mark.parametrize(
    ("profile", "filled_in"),
    [("codes", ("resend", "10")), ("notices", ("resend", "300")), ("careful", ("hold", "300"))],
)
@pytest.mark.parametrize("fragment", [False, True])
def test_a_profile_fills_in_its_fields_and_saves_nothing(
    administrator, settings_of, profile, filled_in, fragment
):
    location = made(administrator, "School", failover_after="7")
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"} if fragment else {}
    sent = filled(name="School", failover_after="7", pace="3", profile=profile)
    answer = administrator.post(f"{location}/shape?part=delivery", data=sent, headers=headers)
    page = Page(answer.get_data(as_text=True))
    assert (value(page, "on_ambiguous"), value(page, "failover_after")) == filled_in
    assert value(page, "pace") == "3"
    pressed = [b for b in page.all("button") if b.get("aria-pressed") == "true"]
    assert [b.get("value") for b in pressed] == [profile]
    assert settings_of("School").failover_after == 7


def test_settings_of_one_s_own_are_no_profile(administrator):
    page = administrator.page(made(administrator, "School", retry_delays="1 s"))
    assert not [b for b in page.all("button") if b.get("aria-pressed") == "true"]
    assert "Settings of your own" in words_of(page.by_id("profile-help"))


def test_a_gateway_cannot_take_over_from_itself(administrator):
    first = made(administrator, "First")
    page = administrator.page(first)
    assert [o.get("value") for o in page.by_id("next_gateway").iter("option")] == [""]
    answer = administrator.post("/gateways/new", data=filled(name="A", next_gateway="A"))
    assert answer.status_code == 422
    refused = Page(answer.get_data(as_text=True))
    assert "cannot take over from itself" in words_of(refused.by_id("next_gateway-error"))


def test_who_takes_over_is_renamed_and_forgotten_with_its_gateway(administrator, settings_of):
    second = made(administrator, "Second")
    made(administrator, "First", next_gateway="Second")
    administrator.post(second, data=filled(name="Zweites", version="1"))
    assert settings_of("First").next_gateway == "Zweites"
    administrator.post(f"{second}/delete", data={})
    assert settings_of("First").next_gateway == ""


def test_a_gateway_of_another_panel_is_kept_and_told(administrator, settings_of):
    """An imported file may name one that is not here: nothing that it says is lost unseen."""
    location = made(administrator, "School", next_gateway="Elsewhere")
    page = administrator.page(location)
    assert value(page, "next_gateway") == "Elsewhere"
    assert "Elsewhere (not in this panel)" in words_of(page.by_id("next_gateway"))
    assert settings_of("School").next_gateway == "Elsewhere"


@pytest.mark.parametrize("choice", ["resend", "hold", "schedule"])
def test_the_request_s_number_is_asked_for_where_it_counts(administrator, choice):
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    sent = filled(on_ambiguous=choice, request_number="Idempotency-Key")
    answer = administrator.post("/gateways/new/shape?part=uncertain", data=sent, headers=headers)
    page = Page(answer.text)
    assert shown(page, "request_number") == (choice == "schedule")
    assert value(page, "request_number") == "Idempotency-Key"
