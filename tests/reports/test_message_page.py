"""A message's page while its provider may still report, and after."""

import pytest

from tests.conftest import signed_in
from tests.pages import CheckingClient, Page
from tests.reports.panel import ReportingPanel
from webpanel import accounts
from webpanel.api import calls
from webpanel.store import from_now

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
HOUR = 3600


@pytest.fixture
def ada(panel: ReportingPanel) -> CheckingClient:
    return signed_in(panel.app, "ada", accounts.ADMINISTRATOR)


def opened(client: CheckingClient, message_id: str) -> Page:
    return Page(client.get(f"/messages/{message_id}").get_data(as_text=True))


def test_the_page_goes_on_looking_while_a_report_may_come(panel: ReportingPanel, ada: CheckingClient) -> None:
    gateway_id = panel.gateway()
    message_id = panel.message(gateway_id)
    progress = opened(ada, message_id).by_id("progress")
    assert progress.get("hx-trigger") == "every 3s"
    assert "The provider may still report whether it arrived." in opened(ada, message_id).text
    address = progress.get("hx-get", "")
    assert ada.get(address, headers=PARTIAL).status_code == 204
    panel.report(gateway_id, id=f"p-{message_id}", status="delivered")
    response = ada.get(address, headers=PARTIAL)
    fragment = Page(response.get_data(as_text=True))
    assert response.status_code == 200
    assert fragment.by_id("progress").get("hx-trigger") is None
    assert "The provider reports that it arrived." in fragment.text
    assert "The provider's word for it: delivered." in fragment.text
    assert "The provider reports that it arrived (delivered)." in fragment.text


def test_it_looks_seldom_when_some_time_has_passed(panel: ReportingPanel, ada: CheckingClient) -> None:
    message_id = panel.message(panel.gateway(), final_at=from_now(-HOUR))
    assert opened(ada, message_id).by_id("progress").get("hx-trigger") == "every 30s"


def test_without_one_for_three_days_it_says_so(panel: ReportingPanel, ada: CheckingClient) -> None:
    message_id = panel.message(panel.gateway(), final_at=from_now(-73 * HOUR))
    page = opened(ada, message_id)
    assert "No delivery report has come for 72 hours, so nobody knows whether it arrived." in page.text
    assert page.by_id("progress").get("hx-trigger") is None
    assert panel.state(message_id) == "sent"


@pytest.mark.parametrize("state", ["failed", "unknown", "delivered", "undelivered", "expired", "cancelled"])
def test_other_states_wait_for_none(panel: ReportingPanel, ada: CheckingClient, state: str) -> None:
    message_id = panel.message(panel.gateway(), state)
    assert opened(ada, message_id).by_id("progress").get("hx-trigger") is None


def test_a_gateway_without_a_mapping_promises_no_report(panel: ReportingPanel, ada: CheckingClient) -> None:
    gateway_id = panel.gateway(report_id_kind="blank", report_id_rule="")
    message_id = panel.message(gateway_id, final_at=from_now(-100 * HOUR))
    page = opened(ada, message_id)
    assert page.by_id("progress").get("hx-trigger") is None
    assert "72 hours" not in page.text


def test_programs_are_told_what_became_of_it(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway()
    for word, state, outcome in (("delivered", "delivered", "accepted"), ("failed", "undelivered", "failed")):
        message_id = panel.message(gateway_id)
        panel.report(gateway_id, id=f"p-{message_id}", status=word)
        with panel.app.test_request_context():
            said = calls.described(panel.row(message_id))
        assert (said["state"], said["outcome"]) == (state, outcome)
        assert said["reason"] == {"code": "reported", "detail": f"The provider's word for it: {word}."}
