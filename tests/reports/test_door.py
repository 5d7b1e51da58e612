"""The address to which a provider reports: what it lets in, keeps and answers."""

import hashlib
import hmac
import json

import pytest
from sqlalchemy import update
from twilio.request_validator import RequestValidator

from tests.conftest import MakeApp
from tests.reports.panel import ReportingPanel
from webpanel import gateways
from webpanel.models import Gateway
from webpanel.sending import reports
from webpanel.store import StoreUnavailable

MEGABYTE = 1_000_000


def test_a_report_turns_a_sent_message_to_delivered(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway()
    message_id = panel.message(gateway_id)
    response = panel.report(gateway_id, id=f"p-{message_id}", status="delivered")
    assert (response.status_code, response.get_data()) == (200, b"")
    assert "Set-Cookie" not in response.headers
    row = panel.row(message_id)
    assert row.state == "delivered"
    assert row.reason == {"code": "reported", "values": {"word": "delivered"}}
    assert panel.events(message_id) == ["event_reported_delivered"]
    (kept,) = panel.received(gateway_id)
    assert kept.told == [[f"p-{message_id}", "delivered", "delivered", "applied"]]
    assert kept.trouble is None


def test_a_query_is_read_as_a_form_is(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway(report_answer="OK")
    message_id = panel.message(gateway_id)
    path = f"{panel.path(gateway_id)}?id=p-{message_id}&status=failed"
    response = panel.app.test_client().get(path)
    assert (response.status_code, response.get_data(as_text=True)) == (200, "OK")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert panel.state(message_id) == "undelivered"


def test_our_own_id_in_the_address(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway(report_id_kind="address", report_id_rule="")
    message_id = panel.message(gateway_id, "unknown", provider_message_id=None)
    client = panel.app.test_client()
    path = f"{panel.path(gateway_id)}/{message_id}?status=delivered"
    assert client.get(path).status_code == 200
    assert panel.state(message_id) == "delivered"


def test_a_head_changes_nothing(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway()
    message_id = panel.message(gateway_id)
    path = f"{panel.path(gateway_id)}?id=p-{message_id}&status=delivered"
    assert panel.app.test_client().head(path).status_code == 200
    assert panel.state(message_id) == "sent"
    assert panel.received(gateway_id) == []


def test_a_wrong_address_is_not_there(panel: ReportingPanel) -> None:
    client = panel.app.test_client()
    for path in ("/reports/x", "/reports/x/y", "/reports/", f"/reports/{'a' * 5000}", "/reports/%00"):
        for method in ("GET", "POST"):
            response = client.open(path, method=method, token=False)
            assert response.status_code == 404
            assert response.mimetype == "text/plain"
            assert "Set-Cookie" not in response.headers


def test_a_new_address_ends_the_old_one(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway()
    old = panel.path(gateway_id)
    gateways.renew_report_token(panel.parts.store, gateway_id)
    assert panel.path(gateway_id) != old
    client = panel.app.test_client()
    assert client.post(old, token=False).status_code == 404
    assert client.post(panel.path(gateway_id), token=False).status_code == 200


def test_another_way_of_asking_is_refused(panel: ReportingPanel) -> None:
    response = panel.app.test_client().put(panel.path(panel.gateway()), token=False)
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


def test_a_megabyte_is_read_and_more_is_not(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway(
        report_id_kind="jmespath", report_id_rule="id", report_status_kind="jmespath", report_status_rule="s"
    )
    message_id = panel.message(gateway_id)
    report = json.dumps({"id": f"p-{message_id}", "s": "delivered", "rest": ""}).encode()
    padded = report.replace(b'"rest": "', b'"rest": "' + b"x" * (MEGABYTE - len(report)))
    client = panel.app.test_client()
    assert client.post(panel.path(gateway_id), data=padded + b" ", token=False).status_code == 413
    assert panel.received(gateway_id) == []
    assert client.post(panel.path(gateway_id), data=padded, token=False).status_code == 200
    (kept,) = panel.received(gateway_id)
    assert len(kept.body) == 65_536
    assert kept.cut
    assert panel.state(message_id) == "delivered"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"id": "\\u0000", "s": "\\ud800"}',
        b"\xff\xfe\x00\xd8" * 10,
        b'{"id": ' + b"9" * 100_000 + b"}",
        b"\x00" * 1000,
        b'{"id": "<script>alert(1)</script>", "s": "\x1b[31m"}',
    ],
)
def test_hostile_bodies_are_kept_and_change_nothing(panel: ReportingPanel, body: bytes) -> None:
    gateway_id = panel.gateway(
        report_id_kind="jmespath", report_id_rule="id", report_status_kind="jmespath", report_status_rule="s"
    )
    message_id = panel.message(gateway_id)
    headers = {"Content-Type": "application/json\x7f; charset=utf-7" + "x" * 500}
    response = panel.app.test_client().post(
        panel.path(gateway_id) + "?a=%00%ff", data=body, headers=headers, token=False
    )
    assert response.status_code == 200
    (kept,) = panel.received(gateway_id)
    assert kept.body == body[:65_536]
    assert len(kept.content_type) == 200
    assert panel.state(message_id) == "sent"


def test_a_look_at_the_address_is_no_report(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway()
    seen = panel.app.test_client().get(panel.path(gateway_id))
    assert (seen.status_code, seen.mimetype) == (200, "text/plain")
    assert "Delivery reports are taken at this address." in seen.text
    assert panel.received(gateway_id) == []
    panel.app.test_client().get(panel.path(gateway_id) + "?a=b")
    assert len(panel.received(gateway_id)) == 1


def test_the_last_twenty_requests_are_kept(panel: ReportingPanel) -> None:
    gateway_id, other = panel.gateway(), panel.gateway()
    panel.report(other, id="x", status="delivered")
    for number in range(25):
        panel.report(gateway_id, id=f"x{number}", status="delivered")
    assert [each.told[0][0] for each in panel.received(gateway_id)] == [f"x{n}" for n in range(5, 25)]
    assert len(panel.received(other)) == 1


def test_secrets_of_the_gateway_are_masked(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway({"auth_password": "correct-horse"})
    path = panel.path(gateway_id) + "?a=correct-horse"
    data = {"id": "correct-horse", "status": "correct%2Dhorse", "rest": "correct-horse"}
    panel.app.test_client().post(path, data=data, token=False)
    (kept,) = panel.received(gateway_id)
    assert b"horse" not in kept.body + kept.query
    assert "horse" not in json.dumps(kept.told)


def test_without_a_mapping_a_report_is_kept_to_be_looked_at(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway(report_id_kind="blank", report_status_kind="blank")
    assert panel.report(gateway_id, id="x", status="y").status_code == 200
    (kept,) = panel.received(gateway_id)
    assert kept.trouble["code"] == "report_unmapped"


def test_unknown_words_are_shown_and_change_nothing(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway()
    message_id = panel.message(gateway_id)
    panel.report(gateway_id, id=f"p-{message_id}", status="BOUNCED")
    panel.report(gateway_id, id=f"p-{message_id}", status="read")
    assert panel.state(message_id) == "sent"
    assert panel.events(message_id) == []
    assert panel.waiting() == []
    assert [each.told[0][2:] for each in panel.received(gateway_id)] == [
        [None, "unread"],
        ["ignore", "unchanged"],
    ]


def test_twilio_signs_its_reports(make_app: MakeApp) -> None:
    panel = ReportingPanel(make_app(WEBPANEL_URL="https://www.school.example/sms/"))
    secret = {"auth_password": "twilio auth token"}
    gateway_id = panel.gateway(secret, report_sign="twilio", report_secret="auth_password")  # noqa: S106 - a name
    message_id = panel.message(gateway_id)
    form = {"id": f"p-{message_id}", "status": "delivered"}
    path = panel.path(gateway_id)
    url = f"https://www.school.example/sms{path}?x=1%20"
    given = RequestValidator(secret["auth_password"]).compute_signature(url, form)
    client = panel.app.test_client()
    for wrong in ({}, {"X-Twilio-Signature": given[:-2] + "x="}):
        refused = client.post(path + "?x=1%20", data=form, headers=wrong, token=False)
        assert refused.status_code == 403
        assert panel.state(message_id) == "sent"
        assert panel.received(gateway_id)[-1].trouble["code"] == "report_signature"
    headers = {"X-Twilio-Signature": given}
    assert client.post(path + "?x=1%20", data=form, headers=headers, token=False).status_code == 200
    assert panel.state(message_id) == "delivered"


def test_meta_signs_its_reports_and_asks_first(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway(
        {"app_secret": "meta app secret"},
        report_sign="meta",
        report_secret="app_secret",  # noqa: S106 - a name
        report_id_kind="jmespath",
        report_id_rule="entry[].id",
        report_status_kind="jmespath",
        report_status_rule="entry[].status",
    )
    message_id = panel.message(gateway_id)
    client, path = panel.app.test_client(), panel.path(gateway_id)
    token = path.removeprefix("/reports/")
    asked = f"{path}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    assert client.get(asked + "wrong").status_code == 403
    answered = client.get(asked + token)
    assert (answered.status_code, answered.get_data(as_text=True)) == (200, "1158201444")
    hostile = client.get(asked + token + "&hub.challenge=" + "<b>" * 500)
    assert hostile.mimetype == "text/plain"
    assert len(hostile.get_data()) <= 200

    body = json.dumps({"entry": [{"id": f"p-{message_id}", "status": "delivered"}]}).encode()
    digest = hmac.new(b"meta app secret", body, hashlib.sha256).hexdigest()
    assert client.post(path, data=body, token=False).status_code == 403
    headers = {"X-Hub-Signature-256": f"sha256={digest}"}
    assert client.post(path, data=body + b" ", headers=headers, token=False).status_code == 403
    assert panel.state(message_id) == "sent"
    assert client.post(path, data=body, headers=headers, token=False).status_code == 200
    assert panel.state(message_id) == "delivered"


def test_a_header_may_hold_the_secret(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway(
        {"hook": "a shared secret"},
        report_sign="header",
        report_secret="hook",  # noqa: S106 - a name
        report_header="X-Hook",
    )
    client, path = panel.app.test_client(), panel.path(gateway_id)
    assert client.post(path, headers={"X-Hook": "another"}, token=False).status_code == 403
    assert client.post(path, headers={"X-Hook": "a shared secret"}, token=False).status_code == 200


def test_without_its_secret_every_report_is_refused(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway(report_sign="twilio", report_secret="gone")  # noqa: S106 - a name
    assert panel.report(gateway_id, id="x", status="delivered").status_code == 403
    assert panel.received(gateway_id)[0].trouble["code"] == "report_secret_missing"


def test_what_cannot_be_stored_is_reported_once_more(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway()
    message_id = panel.message(gateway_id)
    path = panel.path(gateway_id)
    panel.parts.store.close()
    response = panel.app.test_client().post(
        path, data={"id": f"p-{message_id}", "status": "delivered"}, token=False
    )
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "10"
    with pytest.raises(StoreUnavailable):
        panel.parts.store.write(lambda _connection: None)


def test_the_address_stands_in_no_log(panel: ReportingPanel, capsys: pytest.CaptureFixture[str]) -> None:
    gateway_id = panel.gateway(report_sign="twilio", report_secret="gone")  # noqa: S106 - a name
    panel.report(gateway_id, id="x", status="delivered")
    token = panel.path(gateway_id).removeprefix("/reports/")
    output = capsys.readouterr()
    assert "report_refused" in output.out + output.err
    assert token not in output.out + output.err


def test_a_gateway_that_goes_takes_its_reports_along(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway()
    panel.report(gateway_id, id="x", status="delivered")
    gateways.remove(panel.parts.store, gateway_id, "ada")
    assert panel.received(gateway_id) == []
    assert panel.waiting() == []


def test_every_gateway_has_an_address_of_its_own(panel: ReportingPanel) -> None:
    paths = {panel.path(panel.gateway()) for _ in range(3)}
    assert len(paths) == 3
    assert all(len(path) == len("/reports/") + 43 for path in paths)


def test_very_many_that_nobody_knows_are_bounded(
    panel: ReportingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "MOST_WAITING", 5)
    gateway_id = panel.gateway()
    for number in range(8):
        panel.report(gateway_id, id=f"x{number}", status="delivered")
    panel.settle()
    assert panel.waiting() == ["x3", "x4", "x5", "x6", "x7"]


def test_a_disabled_gateway_is_still_reported_to(panel: ReportingPanel) -> None:
    gateway_id = panel.gateway()
    message_id = panel.message(gateway_id)
    panel.parts.store.write(
        lambda connection: connection.execute(
            update(Gateway.__table__).where(Gateway.__table__.c.id == gateway_id).values(enabled=False)
        )
    )
    panel.report(gateway_id, id=f"p-{message_id}", status="delivered")
    assert panel.state(message_id) == "delivered"
