"""Delivery reports on a gateway's page: their address, what came, and setting them up by a click."""

import re
from typing import Any

import pytest

from tests.conftest import MakeApp, signed_in
from tests.pages import CheckingClient, Page, words_of
from tests.reports.panel import NUMBER, ReportingPanel
from webpanel import accounts
from webpanel.models import Gateway, db

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
UNMAPPED = {
    "report_id_kind": "blank",
    "report_id_rule": "",
    "report_status_kind": "blank",
    "report_status_rule": "",
    "report_words": "",
}
BODY = b'{"results": [{"messageId": "p-1", "status": {"groupName": "DELIVERED", "id": 5}}]}'


@pytest.fixture
def ada(panel: ReportingPanel) -> CheckingClient:
    return signed_in(panel.app, "ada", accounts.ADMINISTRATOR)


def form_of(page: Page) -> dict[str, Any]:
    """The settings form as a browser sends it."""
    found: dict[str, Any] = {}
    form = page.by_id("gateway-form")
    for each in form.iter("input"):
        kind, name = each.get("type", "text"), each.get("name")
        if name and (kind not in ("radio", "checkbox") or each.get("checked") is not None):
            found[name] = each.get("value", "")
    for each in form.iter("textarea"):
        found[each.get("name", "")] = "".join(each.itertext()).removeprefix("\n")
    for each in form.iter("select"):
        chosen = [o for o in each.iter("option") if o.get("selected") is not None] or list(
            each.iter("option")
        )
        found[each.get("name", "")] = chosen[0].get("value", "")
    return found


def opened(client: CheckingClient, gateway_id: int) -> Page:
    return Page(client.get(f"/gateways/{gateway_id}").get_data(as_text=True))


def settings(panel: ReportingPanel, gateway_id: int) -> Any:
    with panel.app.app_context():
        return db.session.get_one(Gateway, gateway_id).settings()


def place(page: Page, text: str) -> str:
    return next(each.get("value", "") for each in page.all("button") if words_of(each) == text)


def test_the_address_stands_on_the_page_to_be_copied(panel: ReportingPanel, ada: CheckingClient) -> None:
    gateway_id = panel.gateway()
    page = opened(ada, gateway_id)
    address = page.by_id("report-address").get("value")
    assert address == "http://127.0.0.1:8000" + panel.path(gateway_id)
    assert "Only this machine reaches that address" in page.text
    assert "None has come yet" in page.text


def test_a_panel_with_a_public_address_shows_that(make_app: MakeApp) -> None:
    panel = ReportingPanel(make_app(WEBPANEL_URL="https://www.school.example/sms/"))
    ada = signed_in(panel.app, "ada", accounts.ADMINISTRATOR)
    gateway_id = panel.gateway()
    page = opened(ada, gateway_id)
    assert page.by_id("report-address").get("value") == (
        "https://www.school.example/sms" + panel.path(gateway_id)
    )
    assert "Only this machine" not in page.text


def test_a_gateway_that_was_never_saved_has_no_address_yet(ada: CheckingClient) -> None:
    page = Page(ada.get("/gateways/new").get_data(as_text=True))
    assert "Once the gateway is saved, its address for reports stands here." in page.text


@pytest.mark.parametrize("headers", [{}, PARTIAL])
def test_a_new_address_loses_nothing_that_was_typed(
    panel: ReportingPanel, ada: CheckingClient, headers: dict[str, str]
) -> None:
    gateway_id = panel.gateway()
    before = panel.path(gateway_id)
    form = {**form_of(opened(ada, gateway_id)), "report_answer": "typed, not saved"}
    response = ada.post(f"/gateways/{gateway_id}/report-address", data=form, headers=headers)
    page = Page(response.get_data(as_text=True))
    assert response.status_code == 200
    assert panel.path(gateway_id) != before
    assert page.by_id("report-address").get("value", "").endswith(panel.path(gateway_id))
    assert page.by_id("report_answer").get("value") == "typed, not saved"
    assert settings(panel, gateway_id).report_answer == ""


def test_clicks_on_json_set_reports_up(panel: ReportingPanel, ada: CheckingClient) -> None:
    gateway_id = panel.gateway(**UNMAPPED)
    message_id = panel.message(gateway_id, provider_message_id="p-1")
    headers = {"Content-Type": "application/json"}
    client = panel.app.test_client()
    client.post(panel.path(gateway_id), data=BODY, headers=headers, token=False)
    page = opened(ada, gateway_id)
    assert "It was kept and not read" in page.text
    for text, meaning in (("“p-1”", "id"), ("“DELIVERED”", "delivered")):
        form = form_of(page) | {
            "report_pick": place(page, text.replace("“", '"').replace("”", '"')),
            "report_meaning": meaning,
        }
        response = ada.post(f"/gateways/{gateway_id}/report-pick", data=form)
        assert response.status_code == 200
        page = Page(response.get_data(as_text=True))
        # After the id comes the status.
        assert form_of(page)["report_meaning"] == "delivered"
    assert page.by_id("report_id_rule").get("value") == "results[].messageId"
    assert page.by_id("report_status_rule").get("value") == "results[].status.groupName"
    assert words_of(page.by_id("report_words")) == "DELIVERED = delivered"
    saved = ada.post(f"/gateways/{gateway_id}", data=form_of(page))
    assert saved.status_code == 302, Page(saved.get_data(as_text=True)).text
    client.post(panel.path(gateway_id), data=BODY, headers=headers, token=False)
    assert panel.state(message_id) == "delivered"


def test_clicks_on_a_form_set_reports_up(panel: ReportingPanel, ada: CheckingClient) -> None:
    gateway_id = panel.gateway(**UNMAPPED)
    panel.report(gateway_id, MessageSid="SM1", MessageStatus="delivered")
    page = opened(ada, gateway_id)
    for text, meaning in (("SM1", "id"), ("delivered", "under way"), ("delivered", "delivered")):
        form = form_of(page) | {"report_pick": place(page, text), "report_meaning": meaning}
        response = ada.post(f"/gateways/{gateway_id}/report-pick", data=form, headers=PARTIAL)
        fragment = Page(response.get_data(as_text=True))
        found = {
            name: fragment.by_id(name) for name in ("report_id_rule", "report_status_rule", "report_words")
        }
        # As htmx does: the section takes its place in the page.
        form_values = {
            "report_id_kind": "field",
            "report_status_kind": "field",
            "report_id_rule": found["report_id_rule"].get("value", ""),
            "report_status_rule": found["report_status_rule"].get("value", ""),
            "report_words": "".join(found["report_words"].itertext()).strip("\n"),
        }
        for name, value in form_values.items():
            control = page.by_id(name)
            if control.tag == "textarea":
                control.text = value
            elif control.tag == "input":
                control.set("value", value)
            else:
                for option in control.iter("option"):
                    option.attrib.pop("selected", None)
                    if option.get("value") == value:
                        option.set("selected", "")
    assert form_values["report_id_rule"] == "MessageSid"
    assert form_values["report_status_rule"] == "MessageStatus"
    assert form_values["report_words"] == "delivered = delivered"
    assert ada.post(f"/gateways/{gateway_id}", data=form_of(page)).status_code == 302
    assert settings(panel, gateway_id).report_id_kind == "field"


@pytest.mark.parametrize(
    ("pick", "meaning", "said"),
    [
        ("9999:0", "id", "This report is not kept any more"),
        ("x", "id", "This report is not kept any more"),
        ("{id}:999", "id", ""),
        ("{id}:-1", "id", ""),
        ("{id}:0", "nonsense", ""),
    ],
)
def test_a_click_on_what_is_not_there_says_so(
    panel: ReportingPanel, ada: CheckingClient, pick: str, meaning: str, said: str
) -> None:
    gateway_id = panel.gateway()
    panel.report(gateway_id, a="b")
    (kept,) = panel.received(gateway_id)
    form = form_of(opened(ada, gateway_id)) | {
        "report_pick": pick.format(id=kept.id),
        "report_meaning": meaning,
    }
    response = ada.post(f"/gateways/{gateway_id}/report-pick", data=form, headers=PARTIAL)
    assert response.status_code == 422
    assert said in Page(response.get_data(as_text=True)).text


def test_reports_of_another_gateway_cannot_be_clicked_on(panel: ReportingPanel, ada: CheckingClient) -> None:
    gateway_id, other = panel.gateway(), panel.gateway()
    panel.report(other, a="b")
    (kept,) = panel.received(other)
    form = form_of(opened(ada, gateway_id)) | {"report_pick": f"{kept.id}:0", "report_meaning": "id"}
    assert ada.post(f"/gateways/{gateway_id}/report-pick", data=form).status_code == 422


def test_what_comes_is_text_on_the_page(panel: ReportingPanel, ada: CheckingClient) -> None:
    gateway_id = panel.gateway()
    hostile = "<script>alert(1)</script>\x1b\u202e\x00"
    client = panel.app.test_client()
    client.post(
        panel.path(gateway_id), data={"id": hostile, "status": hostile, hostile: "x" * 9000}, token=False
    )
    client.post(panel.path(gateway_id), data=hostile.encode(), content_type="text/plain", token=False)
    client.post(panel.path(gateway_id), data=b"\xff\x00" * 40_000, content_type="image/png", token=False)
    text = ada.get(f"/gateways/{gateway_id}").get_data(as_text=True)
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "It went on; the panel keeps no more of it." in text


def test_refused_reports_are_shown_as_refused(panel: ReportingPanel, ada: CheckingClient) -> None:
    gateway_id = panel.gateway({"hook": "the secret"}, report_sign="twilio", report_secret="hook")  # noqa: S106
    panel.report(gateway_id, id="x", status="delivered")
    page = opened(ada, gateway_id)
    assert "Refused: its signature is not the one that the secret makes." in page.text
    assert any(words_of(each) == "refused" for each in page.all("span"))


def test_a_wrong_table_is_told_beside_its_field_and_nothing_typed_is_lost(
    panel: ReportingPanel, ada: CheckingClient
) -> None:
    gateway_id = panel.gateway()
    typed = "delivered = delivered\nfailed = broken"
    form = form_of(opened(ada, gateway_id)) | {"report_words": typed}
    response = ada.post(f"/gateways/{gateway_id}", data=form)
    page = Page(response.get_data(as_text=True))
    assert response.status_code == 422
    assert words_of(page.by_id("report_words-error")) == (
        "Line 2, column 10: Behind the equals sign stands one of these: delivered, undelivered, under way, "
        "ignore."
    )
    assert "".join(page.by_id("report_words").itertext()).strip("\n") == typed


def test_the_fields_of_a_signature_show_with_it(panel: ReportingPanel, ada: CheckingClient) -> None:
    gateway_id = panel.gateway()
    form = form_of(opened(ada, gateway_id)) | {"report_sign": "header"}
    response = ada.post(f"/gateways/{gateway_id}/shape?part=reports", data=form, headers=PARTIAL)
    fragment = response.get_data(as_text=True)
    assert not re.search(r'<div class="row setting" hidden>\s*<label[^>]*for="report_header"', fragment)
    response = ada.post(
        f"/gateways/{gateway_id}/shape?part=reports", data=form | {"report_sign": "meta"}, headers=PARTIAL
    )
    fragment = response.get_data(as_text=True)
    assert re.search(r'<div class="row setting" hidden>\s*<label[^>]*for="report_header"', fragment)
    token = panel.path(gateway_id).removeprefix("/reports/")
    assert Page(fragment).by_id("report-verify").get("value") == token


def test_the_check_says_that_nobody_can_report_here(panel: ReportingPanel, ada: CheckingClient) -> None:
    gateway_id = panel.gateway()
    form = form_of(opened(ada, gateway_id)) | {
        "body_form": "to={{recipient}}\ntext={{message}}\ncallback={{report_url}}",
        "report_sign": "twilio",
        "report_secret": "gone",
    }
    response = ada.post(f"/gateways/{gateway_id}/check", data=form, headers=PARTIAL)
    said = Page(response.get_data(as_text=True)).text
    assert "{{report_url}} stays empty" in said
    assert "There is no secret called “gone”" in said
    assert NUMBER not in said
