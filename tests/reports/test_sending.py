"""The address for reports in the requests that leave, and nowhere else."""

from pathlib import Path

from tests.reports.panel import FIELDS
from tests.sending.panel import running
from tests.sending.sockets import Peer, Server
from webpanel.sending import tester
from webpanel.wire.gateway import Gateway

ACCEPTED = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"sent": true}'
BASE = "https://www.school.example/sms/reports/"


def test_each_message_brings_the_address_along_and_no_page_shows_it(tmp_path: Path) -> None:
    def serve(peer: Peer) -> None:
        peer.request()
        peer.send(ACCEPTED)

    with Server(serve) as server, running(tmp_path) as panel:
        panel.delivery.report_to(lambda token: f"{BASE}{token}")
        gateway_id = panel.gateway(
            f"http://127.0.0.1:{server.port}/",
            body_form="to={{recipient}}\ncallback={{report_url}}",
            **FIELDS,
        )
        own = panel.gateway(
            f"http://127.0.0.1:{server.port}/",
            name="Own",
            body_form="to={{recipient}}\ncallback={{report_url}}",
            report_id_kind="address",
            report_status_kind="field",
            report_status_rule="status",
        )
        message_id, other = panel.accept(gateway_id), panel.accept(own)
        panel.deliver(gateway_id)
        panel.deliver(own)
        asked = b"\n".join(server.requests)
        token = panel.gateway_row(gateway_id).report_token or ""
        encoded = BASE.replace(":", "%3A").replace("/", "%2F")
        assert f"callback={encoded}{token}".encode() in asked
        assert f"{panel.gateway_row(own).report_token}%2F{other}".encode() in asked
        kept = panel.attempts(message_id)[0].request or b""
        assert encoded.encode() in kept
        assert token.encode() not in kept


def test_without_a_public_address_the_field_is_blank() -> None:
    settings = Gateway(url="https://sms.town.example", body_form="to={{recipient}}\ncallback={{report_url}}")
    given = {"to": "+447911123456", "text": "Hello", "panel_country": "GB"}
    assert tester.preview(settings, {}, **given).shown.endswith("&callback=")
    with_one = tester.preview(settings, {}, **given, report_address=f"{BASE}token")
    assert with_one.shown.endswith("%2Freports%2Ftoken")
