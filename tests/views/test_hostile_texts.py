"""Whatever people and providers write is text on a page: no element, no attribute, no address, no header."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from tests.conftest import signed_in
from tests.pages import Page
from tests.sending.sockets import Server, answer
from tests.views.test_access import address
from tests.views.test_gateway_settings import EXAMPLE, FRAGMENT, filled
from webpanel import accounts, words
from webpanel.models import Attempt, Event, Gateway, Message, db

#: Leaves a quoted value, a tag, a text area, a title, a comment and a script; opens what would be seen.
MARKUP = (
    """'"`></textarea></title></script>--><pwn pwn="1" onclick=pwn hx-get=//pwn.example>{{7*191}}${pwn}"""
)
MESSAGE = "01M85000000000000000000001"
REASON = {
    "code": "rejected_failure_rule",
    "values": {"status": 400, "reason": MARKUP, "excerpt": MARKUP, "rule": MARKUP, "kind": "text"},
}


def assert_harmless(response) -> None:
    text = response.get_data(as_text=True)
    # Nothing computes what stands in braces.
    assert "1337" not in text
    for name, value in response.headers:
        assert "\n" not in value, name
        assert name.lower() != "pwn"
    if response.mimetype != "text/html":
        if response.headers.get("Content-Disposition", "").startswith("attachment;"):
            return
        plain = ("text/plain", "text/css", "text/javascript", "image/svg+xml")
        json = ("application/json", "application/problem+json")
        assert response.mimetype in plain + json or not text
        return
    for element in Page(text).root.iter():
        assert element.tag != "pwn"
        for name, value in element.attrib.items():
            assert name not in ("pwn", "onclick"), element.attrib
            if name in ("href", "src", "action", "formaction") or (name.startswith("hx-") and "//" in value):
                assert not urlsplit(value).netloc, (element.tag, name, value)


@pytest.fixture
def hostile(app):
    """A panel in which every text is a trap."""
    now = datetime.now(UTC)
    texts = {
        name: MARKUP[:length]
        for name, column in Gateway.__table__.c.items()
        if column.type.python_type is str and (length := column.type.length or len(MARKUP)) > 50
    }
    with app.app_context():
        kinds = {f"{rule}_kind": "text" for rule in ("success", "failure", "later")}
        gateway = Gateway(
            **{**texts, **kinds, "url": f"https://a.example/{MARKUP}"},
            created_at=now,
            updated_at=now,
            stopped_at=now,
            stopped_reason=REASON,
        )
        db.session.add(gateway)
        db.session.flush()
        message = Message(
            id=MESSAGE,
            created_at=now,
            gateway_id=gateway.id,
            gateway_name=MARKUP[:100],
            created_by=MARKUP[:64],
            source="page",
            recipient=MARKUP[:64],
            text=MARKUP,
            sender=MARKUP,
            encoding="gsm7",
            parts=1,
            state="failed",
            expires_at=now,
            attempt_count=1,
            provider_message_id=MARKUP,
            reason=REASON,
        )
        values = {"gateway": MARKUP, "reason": REASON, "message_id": MARKUP, "seconds": 5, "attempts": 1}
        message.events = [
            Event(at=now, code=code, values=values, actor=MARKUP[:64]) for code in words.events.SENTENCES
        ]
        message.attempts = [
            Attempt(
                gateway_id=gateway.id,
                number=1,
                token="t",  # noqa: S106 - no secret
                started_at=now,
                finished_at=now,
                duration_ms=1,
                outcome="rejected",
                reason=REASON,
                request=MARKUP.encode(),
                reply_status=400,
                reply_head=f"HTTP/1.1 400 {MARKUP}\r\nX-{MARKUP}: {MARKUP}".encode(),
                reply_body=MARKUP.encode(),
            )
        ]
        db.session.add(message)
        db.session.commit()
    return app


def test_every_page_shows_it_as_text(hostile, administrator):
    shown = 0
    for rule in hostile.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint == "static":
            continue
        path = address(rule).replace("/x", f"/{MESSAGE}")
        for headers in ({}, FRAGMENT):
            response = administrator.get(path, headers=headers)
            # Nothing sends in a test, and that is what the probe is there to say.
            assert response.status_code < 500 or rule.endpoint == "probes.readyz"
            assert_harmless(response)
            shown += "pwn" in response.text
    assert shown > 8


@pytest.mark.usefixtures("hostile")
def test_every_form_gives_it_back_as_text(administrator):
    typed = {**dict.fromkeys(EXAMPLE, MARKUP), "success_kind": "text", "method": "POST"}
    for path in (
        "/new",
        "/new/shape?part=body",
        "/new/beautify",
        "/new/check",
        "/new/mend",
        "/new/preview",
        "/new/test",
        "/1",
        "/1/test",
    ):
        for headers in ({}, FRAGMENT):
            response = administrator.post(f"/gateways{path}", data=typed, headers=headers)
            assert response.status_code in (200, 422)
            assert_harmless(response)
    forms = {
        "/send": ("gateway", "recipient", "text", "once"),
        "/users/new": ("name", "role"),
        "/welcome": ("default_country",),
        "/settings": ("default_country",),
        "/password": ("present", "password", "repeated"),
        "/gateways/json": ("body_json",),
        "/send/parts": ("text",),
        f"/messages/{MESSAGE}/resend": ("once",),
    }
    for path, fields in forms.items():
        for sent in (True, False):
            response = administrator.post(
                path,
                data=dict.fromkeys((*fields, MARKUP), MARKUP),
                token=sent,
                headers={"Sec-Fetch-Site": "same-origin"},
            )
            assert response.status_code < 500, path
            assert_harmless(response)


@pytest.mark.usefixtures("hostile")
def test_every_address_gives_it_back_as_text(administrator, client):
    asked = dict.fromkeys(("state", "gateway", "number", "since", "until", "text", "zone"), MARKUP)
    for headers in ({}, FRAGMENT):
        for query in (asked, {"text": MARKUP}, {"before": MARKUP}, {"after": MARKUP}, {"seen": MARKUP}):
            assert_harmless(administrator.get("/messages", query_string=query, headers=headers))
        for path in (f"/{MARKUP}", f"/messages/{MARKUP}", f"/link/{MARKUP}", f"/gateways/{MARKUP}"):
            assert_harmless(administrator.get(path, headers=headers))
    for back in (MARKUP, f"/messages?text={MARKUP}", "/messages?x=%0d%0aSet-Cookie:%20pwn=1", "/\r\npwn: 1"):
        assert_harmless(client.get("/login", query_string={"next": back}))
        response = client.get("/messages", headers={"HX-Request": "true", "HX-Current-URL": quoted(back)})
        assert_harmless(response)
        assert urlsplit(response.headers["HX-Redirect"]).netloc == ""
        assert_harmless(administrator.get("/login", query_string={"next": back}))


def quoted(text: str) -> str:
    """What fits into a header's line."""
    return "http://127.0.0.1:8000/" + text.replace("\r", "").replace("\n", "").lstrip("/")


@pytest.mark.usefixtures("hostile")
def test_a_query_stays_a_value(administrator):
    for text in ("' OR 1=1 --", "%", "_", "\\", "'; DROP TABLE message; --", "\0"):
        for name in ("text", "before", "after", "number", "gateway", "state"):
            response = administrator.get("/messages", query_string={name: text})
            assert response.status_code in (200, 422)
    found = administrator.get("/messages", query_string={"text": "' OR 1=1 --"})
    assert MESSAGE not in found.text
    assert MESSAGE in administrator.get("/messages", query_string={"text": MARKUP}).text


def test_what_a_provider_answers_is_text_on_the_card(make_app):
    head = f"HTTP/1.1 400 {MARKUP}\r\nX-Pwn: {MARKUP}\r\nLocation: javascript:pwn\r\nContent-Type: text/html"
    with Server(answer(f"{head}\r\nContent-Length: {len(MARKUP)}\r\n\r\n{MARKUP}".encode())) as server:
        app = make_app(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{server.port}")
        ada = signed_in(app, "ada", accounts.ADMINISTRATOR)
        form = filled(
            url=f"http://127.0.0.1:{server.port}/", test_recipient="+447911123456", test_text=MARKUP
        )
        for headers in (FRAGMENT, {}):
            response = ada.post("/gateways/new/test", data=form, headers=headers)
            assert response.status_code == 200
            assert_harmless(response)
            assert "pwn" in response.text
