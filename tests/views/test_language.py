"""Finds words that bypass gettext: in a made-up language every sentence has a mark; what has none, does."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from sqlalchemy import update

from tests.calling import add_gateway
from tests.conftest import signed_in
from tests.pages import Page
from tests.sending.sockets import Server, answer, unanswered_port
from tests.views.test_access import address
from tests.views.test_gateway_settings import FRAGMENT
from tests.views.test_gateway_settings import filled as example
from webpanel import gateways, words
from webpanel.models import Application, Attempt, Callback, CallbackAttempt, Event, Gateway, Message, db

ROOT = Path(__file__).parents[2]
#: A real code, so that Babel knows its plurals; nobody has translated the panel into it.
LANGUAGE = "eo"
HEADERS = {"Accept-Language": LANGUAGE}

#: What is not the panel's own words: names, numbers and texts that people made up, shown as they are.
MADE_UP = (
    "Ada",
    "Sam",
    "Springfield",
    "Dinner",
    "447911123456",
    "GB",
    "http",
    "webpanel",
    "SENT-1",
    "POST",
    "api_key",
)
#: Elements whose text is somebody's data or a machine's.
DATA = {"script", "style", "code", "pre", "time", "option", "textarea", "kbd", "samp", "bdi"}
SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-label", "data-copied", "aria-description")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """Every sentence of the package and its templates."""
    found = Catalog(locale=LANGUAGE)
    places = [
        (ROOT / "webpanel", [("**.py", "python")]),
        (ROOT / "templates", [("**.html", "jinja2")]),
    ]
    for folder, methods in places:
        for _, _, message, _, context in extract_from_dir(
            str(folder), methods, keywords={"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}
        ):
            marked = tuple(f"⟦{form}⟧" for form in message) if isinstance(message, tuple) else f"⟦{message}⟧"
            found.add(message, marked, context=context)
    return found


@pytest.fixture(scope="module")
def translations(catalog, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("translations")
    target = folder / LANGUAGE / "LC_MESSAGES"
    target.mkdir(parents=True)
    with (target / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    return folder


@pytest.fixture
def make_marked(make_app, translations):
    """Makes panels in the made-up language, each with one of everything in it."""

    def make(**settings: str):
        app = make_app(**settings)
        app.extensions["babel"].translation_directories = [str(translations)]
        furnish(app)
        return app

    return make


@pytest.fixture
def marked(make_marked):
    return make_marked()


def furnish(app) -> None:
    now = datetime.now(UTC)
    with app.app_context():
        gateway = Gateway(
            name="Springfield", url="https://sms.school.example/", created_at=now, updated_at=now
        )
        db.session.add(gateway)
        db.session.flush()
        for number, state in enumerate(words.events.STATES):
            message = Message(
                id=f"01JZZZZZZZZZZZZZZZZZZZZZ{number:02}",
                created_at=now,
                gateway_id=gateway.id,
                gateway_name=gateway.name,
                created_by="Ada",
                source="page",
                recipient="+447911123456",
                text="Dinner",
                encoding="gsm7",
                parts=1,
                country="GB",
                state=state,
                expires_at=now,
                due_at=None if state in words.events.FINAL_STATES else now,
            )
            message.events = [
                Event(at=now, code="event_accepted", values={"gateway": "Springfield"}, actor="Ada")
            ]
            message.attempts = [
                Attempt(
                    gateway_id=gateway.id,
                    number=1,
                    token=f"token-{number}",
                    started_at=now,
                    finished_at=now,
                    duration_ms=12,
                    outcome=list(words.events.OUTCOMES)[number % len(words.events.OUTCOMES)],
                    request=b"POST / HTTP/1.1\r\n\r\n",
                    reply_status=200,
                    reply_head=b"HTTP/1.1 200 OK\r\n\r\n",
                    reply_body=b"{}",
                    reply_cut=True,
                )
            ]
            db.session.add(message)
            db.session.flush()
            add_callback(
                message.id, state, list(words.callbacks.STATES)[number % len(words.callbacks.STATES)]
            )
        db.session.commit()


def add_callback(message_id: str, told: str, state: str) -> None:
    """Something that its caller is told, with a try of each kind."""
    now = datetime.now(UTC)
    callback = Callback(
        message_id=message_id,
        own=True,
        kind="json",
        site="school.example:443",
        told_state=told,
        told_at=now,
        told_duplicate=False,
        state=state,
        due_at=now if state == "waiting" else None,
        reason={"code": "callback_switched_off", "values": {}},
        attempt_count=len(words.callbacks.OUTCOMES),
        attempts=[
            CallbackAttempt(
                number=number,
                token=f"{message_id}-{number}",
                shown="https://school.example/",
                started_at=now,
                duration_ms=12,
                outcome=outcome,
                reason={"code": "callback_later", "values": {"status": 503}},
                reply=b"Dinner",
            )
            for number, outcome in enumerate(words.callbacks.OUTCOMES, 1)
        ],
    )
    db.session.add(callback)


def unmarked(text: str) -> str:
    """What of ``text`` is neither marked nor made up, nor without letters."""
    before = None
    while before != text:
        before = text
        text = re.sub(r"⟦[^⟦⟧]*⟧", " ", text)
    for word in MADE_UP:
        text = text.replace(word, " ")
    return text.strip() if re.search(r"[^\W\d_]{2,}", text) else ""


def texts(element: Element):
    """Each text that a reader gets, whole elements at a time."""
    for name in SPOKEN:
        value = element.get(name)
        # An example of what is typed into a field is no sentence.
        if value and not (element.tag == "time" and name == "title") and "{{" not in value:
            yield value
    for name, value in element.attrib.items():
        if element.get("id") == "trouble" and name.startswith("data-"):
            yield value
    if element.tag in ("input", "button") and element.get("type") in ("submit", "button"):
        yield element.get("value", "") if element.tag == "input" else ""
    if element.tag in DATA:
        return
    yield element.text or ""
    for child in element:
        yield from texts(child)
        yield child.tail or ""


def untranslated(html: str) -> list[str]:
    whole = "\x00".join(texts(Page(html).root))
    # A marked sentence may span elements: its markup was put in by its values.
    return [left for part in re.sub(r"⟦[^⟦⟧]*⟧", " ", whole).split("\x00") if (left := unmarked(part))]


def test_the_catalog_holds_every_sentence_of_the_vocabulary(catalog):
    missing = [code for code, said in words.SENTENCES.items() if said._args[0] not in catalog]
    assert not missing


def test_the_marks_are_there(marked):
    client = signed_in(marked, "Ada", "administrator")
    assert client.page("/users/", headers=HEADERS).heading == "⟦Users⟧"
    assert untranslated("<h1>⟦All ⟦good⟧⟧ Ada</h1><p title='⟦x⟧'>12</p>") == []
    assert untranslated("<h1>⟦One⟧ two</h1><p title='Three four'>⟦x⟧</p>") == ["two", "Three four"]


def test_every_page_speaks_the_reader_s_language(marked):
    client = signed_in(marked, "Ada", "administrator")
    pages = 0
    for rule in marked.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint == "static":
            continue
        for path in {address(rule), address(rule).replace("/x", "/01JZZZZZZZZZZZZZZZZZZZZZ07")}:
            response = client.get(path, headers=HEADERS)
            if response.mimetype != "text/html" or response.status_code in (302, 303):
                continue
            pages += 1
            assert untranslated(response.get_data(as_text=True)) == [], path
    assert pages > 12


@pytest.mark.parametrize("number", range(11))
def test_a_message_in_every_state_speaks_it_too(marked, number):
    client = signed_in(marked, "Sam", "sender")
    response = client.get(f"/messages/01JZZZZZZZZZZZZZZZZZZZZZ{number:02}", headers=HEADERS)
    assert response.status_code == 200
    assert untranslated(response.get_data(as_text=True)) == []


def filled(page: Page) -> dict[str, str]:
    """What a browser sends when nothing was typed: the choices that stand there, and blanks."""
    sent = {field.get("name"): "" for tag in ("input", "textarea") for field in page.all(tag)}
    for select in page.all("select"):
        options = list(select.iter("option"))
        chosen = next((option for option in options if option.get("selected") is not None), options[0])
        sent[select.get("name")] = chosen.get("value", "")
    return {name: value for name, value in sent.items() if name not in (None, "csrf_token")}


def test_what_is_refused_is_refused_in_the_reader_s_language(marked):
    client, ada = marked.test_client(), signed_in(marked, "Ada", "administrator")
    answers = [
        client.get("/login", headers=HEADERS),
        client.post("/login", data={"username": "Ada", "password": ""}, headers=HEADERS),
        client.post("/users/new", headers=HEADERS),
        ada.get("/users/new", headers=HEADERS),
        ada.post("/users/new", data={"name": ""}, headers=HEADERS),
        ada.post("/users/new", data={"name": "Sam", "role": "sender"}, headers=HEADERS),
        ada.post("/password", data={}, headers=HEADERS),
        ada.post("/settings", data={"default_country": ""}, headers=HEADERS),
        ada.post("/users/new", token=False, headers=HEADERS),
        ada.open("/settings", method="DELETE", headers=HEADERS),
        ada.post("/gateways/new", data=filled(ada.page("/gateways/new")), headers=HEADERS),
        ada.post("/send", data=filled(ada.page("/send")), headers=HEADERS),
    ]
    for response in answers:
        assert response.status_code in (200, 400, 401, 405, 422)
        assert untranslated(response.get_data(as_text=True)) == [], response.request.path


def test_an_application_speaks_it(make_marked):
    app = make_marked()
    ada, lost = signed_in(app, "Ada", "administrator"), add_gateway(app, "Dinner")
    refused = ada.post(
        "/applications/new", data={"per_minute": "many", "which_gateways": "only"}, headers=HEADERS
    )
    assert_spoken(refused, 422)
    limited = {"name": "Dinner", "which_gateways": "only", "gateways": lost}
    path = ada.post("/applications/new", data=limited, headers=HEADERS).location
    gateways.remove(app.extensions["webpanel"].store, lost, "ada")
    assert_spoken(ada.get(path, headers=HEADERS), 200, holding="⟦Every gateway")
    assert_spoken(ada.post(f"{path}/keys", data={"days": "0"}, headers=HEADERS), 422, holding="⟦Tick what")
    assert_spoken(ada.post(f"{path}/keys", data={"may_send": "y"}, headers=HEADERS), 200)
    assert_spoken(ada.get("/applications/", headers=HEADERS), 200)


def test_callbacks_speak_it(make_marked):
    app = make_marked()
    ada = signed_in(app, "Ada", "administrator")
    form = {"name": "Dinner", "callback_url": "https://me:word@school.example/"}
    assert_spoken(ada.post("/applications/new", data=form, headers=HEADERS), 422, holding="⟦Leave user name")
    form["callback_url"] = "https://school.example/"
    path = ada.post("/applications/new", data=form, headers=HEADERS).location
    assert_spoken(ada.get(path, headers=HEADERS), 200, holding="⟦Nobody has seen the secret")
    assert_spoken(ada.post(f"{path}/callbacks/secret", headers=HEADERS), 200)
    assert_spoken(ada.get(path, headers=HEADERS), 200, holding="⟦The secret was made")
    with app.app_context():
        now = datetime.now(UTC)
        db.session.execute(update(Application).values(callback_failing_since=now))
        db.session.execute(update(Callback).values(application_id=1, failure_count=1))
        db.session.commit()
        assert_spoken(ada.get(path, headers=HEADERS), 200, holding="⟦None has reached")
        db.session.execute(update(Application).values(callback_off_at=now))
        db.session.commit()
    assert_spoken(ada.get(path, headers=HEADERS), 200, holding="⟦Callbacks are switched off")
    for _ in range(2):
        ada.post(f"{path}/callbacks/on", headers=HEADERS)
        assert_spoken(ada.get(path, headers=HEADERS), 200)
    for number in range(4):
        message = f"/messages/01JZZZZZZZZZZZZZZZZZZZZZ{number:02}"
        ada.post(f"{message}/callbacks/{number + 1}/again", headers=HEADERS)
        assert_spoken(ada.get(message, headers=HEADERS), 200, holding="⟦Telling the program")


def assert_spoken(response, status: int, *, holding: str = "") -> None:
    """Every text of an answer is in the made-up language, that for the live region too."""
    html = response.get_data(as_text=True)
    assert response.status_code == status, html
    assert holding in html
    assert untranslated(html) == [], response.request.path
    assert unmarked(unquote(response.headers.get("X-Webpanel-Says", ""))) == "", response.request.path


#: With JavaScript, and without.
ASKED = [{**HEADERS, **FRAGMENT}, HEADERS]


def reply(status: str, body: bytes, head: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s Dinner\r\n%sContent-Length: %d\r\n\r\n%s" % (
        status.encode(),
        head,
        len(body),
        body,
    )


def tried(url: str = "https://sms.school.example/", **changes: str) -> dict[str, str]:
    """A form that may be tested, its name and texts made up."""
    trial = {"test_recipient": "07911 123456", "test_text": "Dinner"}
    return example(**{"name": "Ada", "url": url, "headers": "", "success_rule": "", **trial, **changes})


@pytest.mark.parametrize(
    ("data", "changes", "said"),
    [
        (reply("200", b'{"sent": true}'), {}, "⟦Test successful⟧"),
        (reply("200", b""), {}, "⟦The reply's body is empty.⟧"),
        (reply("200", b"\x89PNG\0\0"), {}, "⟦The reply is not text"),
        (reply("200", b"x" * 200_000), {}, "⟦The reply went on"),
        (reply("200", b"{}"), {"success_rule": "SENT-1"}, "⟦Test failed⟧"),
        (
            reply("200", b"SENT-1"),
            {"message_id_rule": "messages[0].id", "later_kind": "jmespath", "later_rule": "SENT"},
            "⟦Test successful⟧",
        ),
        (reply("302", b"", b"Location: /x\r\n"), {}, "⟦Test failed⟧"),
        (reply("400", b"no"), {}, "⟦Test failed⟧"),
        (reply("401", b"no"), {}, "⟦Test failed⟧"),
        (reply("429", b"no", b"Retry-After: 5\r\n"), {}, "⟦Test failed⟧"),
        (reply("500", b"no"), {}, "⟦Test failed⟧"),
        (b"", {}, "⟦no reply⟧"),
        (b"Dinner", {}, "⟦Test failed⟧"),
    ],
)
@pytest.mark.parametrize("headers", ASKED, ids=["fragment", "page"])
def test_the_tester_s_card_speaks_it(make_marked, data, changes, said, headers):
    with Server(answer(data)) as server:
        app = make_marked(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{server.port}")
        ada = signed_in(app, "Ada", "administrator")
        form = tried(f"http://127.0.0.1:{server.port}/", **changes)
        assert_spoken(ada.post("/gateways/new/test", data=form, headers=headers), 200, holding=said)


@pytest.mark.parametrize("headers", ASKED, ids=["fragment", "page"])
@pytest.mark.parametrize(
    "case",
    [
        (200, "0", "accepted", "⟦Judged again"),
        (200, "0", "failed", "⟦The same stood in"),
        (200, "1", "message_id", "⟦In this reply it is:⟧"),
        (422, "0", "reason", "⟦Neither a message id nor a reason"),
        (422, "9", "reason", "⟦This reply has no such place"),
        (404, "0", "", "⟦The reply of that test is no longer stored⟧"),
    ],
)
def test_a_click_on_a_reply_speaks_it(make_marked, case, headers):
    status, place, meaning, said = case
    with Server(answer(reply("200", b'{"sent": true, "id": "447911123456"}'))) as server:
        ada = signed_in(
            make_marked(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{server.port}"), "Ada", "administrator"
        )
        form = tried(f"http://127.0.0.1:{server.port}/")
        page = Page(ada.post("/gateways/new/test", data=form, headers=headers).text)
    tests = [each.get("value", "") for each in page.all("input") if each.get("name") == "pick_test"]
    form |= {"pick": place, "pick_meaning": meaning, "pick_test": tests[0] if meaning else ""}
    form |= {"success_kind": "jmespath", "success_rule": "sent == `true`"}
    assert_spoken(ada.post("/gateways/new/pick", data=form, headers=headers), status, holding=said)


@pytest.mark.parametrize("headers", ASKED, ids=["fragment", "page"])
def test_a_test_that_reaches_nobody_speaks_it(make_marked, headers):
    with unanswered_port() as port:
        ada = signed_in(make_marked(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{port}"), "Ada", "administrator")
        form = tried(f"http://127.0.0.1:{port}/", connect_timeout="1", timeout="1")
        response = ada.post("/gateways/new/test", data=form, headers=headers)
        assert_spoken(response, 200, holding="⟦Nothing was sent.⟧")
        form = tried("http://127.0.0.2:9/")
        assert_spoken(ada.post("/gateways/new/test", data=form, headers=headers), 200, holding="⟦no reply⟧")


@pytest.mark.parametrize("headers", ASKED, ids=["fragment", "page"])
def test_a_preview_and_what_is_not_tested_speak_it(marked, headers):
    ada = signed_in(marked, "Ada", "administrator")
    for gateway in ("new", "1"):
        preview = f"/gateways/{gateway}/preview"
        assert_spoken(ada.post(preview, data=tried(), headers=headers), 200, holding="⟦Preview⟧")
        for what in ("test", "preview"):
            for changes in (
                {"test_recipient": ""},
                {"test_recipient": "12"},
                {"test_text": ""},
                {"url": "nonsense"},
                {"auth_kind": "basic"},
                {"new_secret_name": "two words"},
                {"new_secret_name": "auth_token", "new_secret_value": "x"},
                {"new_secret_name": "key"},
                {"body_form": "to={{nobody}}"},
                {"timeout": "x", "in_flight": "x"},
                {"method": "BREW"},
            ):
                response = ada.post(f"/gateways/{gateway}/{what}", data=tried(**changes), headers=headers)
                assert_spoken(response, 422, holding="⟦")


@pytest.mark.parametrize("headers", ASKED, ids=["fragment", "page"])
def test_the_parts_of_the_settings_speak_it(marked, headers):
    ada = signed_in(marked, "Ada", "administrator")
    parts = [
        *[("country", {"default_country": code}) for code in ("44", "GB", "+1", "47")],
        *[("body", {"body_format": kind}) for kind in ("form", "json", "xml", "raw")],
        ("body", {"method": "GET"}),
        *[("auth", {"auth_kind": kind}) for kind in ("none", "basic", "bearer", "header", "query")],
        ("auth", {"auth_kind": "basic", "secret-auth_username": "Ada"}),
        *[("number", {"number_format": kind}) for kind in ("digits", "suffix")],
    ]
    for gateway in ("new", "1"):
        for part, changes in parts:
            form = tried(**changes)
            path = f"/gateways/{gateway}/shape?part={part}"
            assert_spoken(ada.post(path, data=form, headers=headers), 200, holding="⟦")
        for text in ("", "{}", "{nonsense", '{"a":1'):
            form = tried(body_format="json", body_json=text)
            path = f"/gateways/{gateway}/beautify"
            assert_spoken(ada.post(path, data=form, headers=headers), 200, holding="⟦")
            if text:
                said = ada.post("/gateways/json", data={"body_json": text}, headers=headers)
                assert_spoken(said, 200, holding="⟦")


@pytest.mark.parametrize("headers", ASKED, ids=["fragment", "page"])
def test_the_check_speaks_it(marked, headers):
    ada = signed_in(marked, "Ada", "administrator")
    for gateway in ("new", "1"):
        for changes in (
            {},
            {
                "headers": "User-Agent: Mozilla/5.0\nX-Key=1\nAuthorization: Bearer GB",
                "url": "http://api.example.com",
            },
            {"body_format": "json", "body_json": '["{{recipient}}", {{message}}]', "success_rule": "id"},
            {"auth_kind": "query", "auth_name": "http", "check_all": "1", "name": ""},
        ):
            checked = ada.post(f"/gateways/{gateway}/check", data=tried(**changes), headers=headers)
            assert_spoken(checked, 200, holding="⟦")
    assert_spoken(
        ada.post("/gateways/1/mend", data=tried(mend="GB"), headers=headers),
        200,
        holding="⟦Nothing was changed",
    )


def test_what_was_done_is_said_in_it(marked):
    ada = signed_in(marked, "Ada", "administrator")
    with marked.app_context():
        gateway = db.session.get(Gateway, 1)
        gateway.stopped_at, gateway.stopped_reason = datetime.now(UTC), {"code": "secret_missing"}
        db.session.commit()
    form = tried(headers="X-API-Key: SENT-1")
    theirs = tried(name="Springfield", version="1")
    taken = tried(name="Springfield")
    done = [
        ("/gateways/1/enabled", {"enabled": "0"}, "⟦The gateway “Springfield” is off"),
        ("/gateways/1/enabled", {"enabled": "1"}, "⟦The gateway “Springfield” is on"),
        ("/gateways/1/move", {"direction": "up"}, "⟦The gateway “Springfield” moved up"),
        ("/gateways/1/move", {"direction": "down"}, "⟦The gateway “Springfield” moved down"),
        ("/gateways/1/resume", {}, "⟦The gateway “Springfield” goes on"),
    ]
    for path, data, said in done:
        for headers in ASKED:
            answered = ada.post(path, data=data, headers=headers, follow_redirects=True)
            assert_spoken(answered, 200, holding=said)

    answered = ada.post("/gateways/new", data=form, headers=HEADERS, follow_redirects=True)
    assert_spoken(answered, 200, holding="⟦One credential was taken out")
    answered = ada.post("/gateways/1", data=theirs, headers=HEADERS, follow_redirects=True)
    assert_spoken(answered, 200, holding="was saved.⟧")
    answered = ada.post("/gateways/1", data=theirs, headers=HEADERS)
    assert_spoken(answered, 409, holding="somebody else was faster⟧")
    assert_spoken(ada.post("/gateways/new", data=taken, headers=HEADERS), 422, holding="⟦Not saved")
    # A message of it is on its way, as every state has one.
    assert_spoken(ada.post("/gateways/1/delete", headers=HEADERS), 409, holding="⟦")
    answered = ada.post("/gateways/2/delete", headers=HEADERS, follow_redirects=True)
    assert_spoken(answered, 200, holding="⟦The gateway “Ada” was deleted.⟧")
    answered = ada.post("/gateways/2", data={**form, "secret-api_key": ""}, headers=HEADERS)
    assert_spoken(answered, 409, holding="deleted meanwhile⟧")


def test_what_the_live_region_is_told_is_in_it(marked):
    ada, sam = signed_in(marked, "Ada", "administrator"), signed_in(marked, "Sam", "sender")
    headers = {**HEADERS, **FRAGMENT}
    told = [
        (ada.post("/gateways/1/enabled", token=False, headers=headers), 400),
        (sam.post("/gateways/1/enabled", headers=headers), 403),
        (ada.post("/gateways/99/enabled", headers=headers), 404),
        (ada.open("/gateways/1/enabled", method="DELETE", headers=headers), 405),
    ]
    for response, status in told:
        assert unquote(response.headers["X-Webpanel-Says"]).startswith("⟦"), status
        assert_spoken(response, status)


@pytest.mark.parametrize("headers", ASKED, ids=["fragment", "page"])
def test_a_provider_s_page_speaks_it(marked, headers):
    ada = signed_in(marked, "Ada", "administrator")
    page = "/gateways/add/provider/twilio"
    answers = {
        "name": "Ada",
        "answer-account_sid": "AC1",
        "secret-auth_token": "SENT-1",
        "answer-sender": "Ada",
    }
    trial = {"test_recipient": "07911 123456", "test_text": "Dinner"}
    assert_spoken(ada.get("/gateways/add?q=Dinner", headers=headers), 200, holding="⟦No provider here")
    previewed = ada.post(f"{page}/preview", data={**answers, **trial}, headers=headers)
    assert_spoken(previewed, 200, holding="⟦Copy as curl⟧")
    assert_spoken(ada.post(f"{page}/preview", data=answers, headers=headers), 422, holding="⟦")
    for action in ("", "/all", "/preview", "/test"):
        lacking = {**answers, "answer-account_sid": ""}
        assert_spoken(ada.post(page + action, data=lacking, headers=headers), 422, holding="⟦")
    assert_spoken(ada.post(f"{page}/all", data=answers, headers=HEADERS), 200, holding="not saved yet")
    assert_spoken(ada.post(page, data={**answers, "name": "Springfield"}, headers=HEADERS), 422, holding="⟦")


def test_a_pasted_example_speaks_it(marked):
    ada = signed_in(marked, "Ada", "administrator")
    pasting = "/gateways/add/paste"
    refused = ada.post(pasting, data={"secret_example": "Dinner"}, headers=HEADERS)
    assert_spoken(refused, 422, holding="⟦There is no request in this text.")
    command = "curl -u Ada:$KEY -d to=447911123456 -d text=Dinner https://api.twilio.com/x | Sam"
    understood = ada.post(pasting, data={"secret_example": command}, headers=HEADERS)
    assert_spoken(understood, 200, holding="⟦Which value is which?⟧")
    carried = {
        field.get("name"): field.get("value", "")
        for field in Page(understood.text).all("input")
        if field.get("name") == "carried_secret_example"
    }
    form = ada.post(pasting, data={**carried, "recipient": "", "message": ""}, headers=HEADERS)
    assert_spoken(form, 200, holding="not saved yet")


def test_news_of_a_provider_speaks_it(marked):
    ada = signed_in(marked, "Ada", "administrator")
    with marked.app_context():
        gateway = db.session.get(Gateway, 1)
        gateway.preset = "twilio"
        gateway.preset_base = {"body_format": "json", "url": "https://sms.school.example/", "timeout": 5}
        db.session.commit()
    assert_spoken(ada.get("/gateways/1", headers=HEADERS), 200, holding="has a newer version⟧")
    for action in ("put", "keep"):
        form = tried(name="Springfield", version="1", preset="twilio")
        answered = ada.post(f"/gateways/1/provider/{action}", data=form, headers=HEADERS)
        assert_spoken(answered, 200, holding="⟦")


def test_what_a_file_holds_is_told_in_it(marked):
    ada = signed_in(marked, "Ada", "administrator")
    file = (
        'format = 1\nname = "Springfield"\nurl = "https://sms.school.example/2"\ntimeout = 20\n'
        'on_ambiguous = "hold"\nallow_short_codes = true\npreset = "x"\nsecrets = ["api_key"]'
    )
    config = {"api_url": "https://sms.school.example/?a=1&amp;b=2", "success_condition": "0", "Ada": "Sam"}
    config.update(query_parameters="Ada:1\nSam\nSam=1\nSam=2", headers="api_key=1", countrycode="GB")
    row = {"name": "Sam", "gateway": "customapi", "enabled": 0, "config": json.dumps(config)}
    moodle = json.dumps([row, {**row, "gateway": "Dinner"}, {**row, "config": "{"}])
    for text, status, said in (
        (file, 200, "⟦There is a gateway with this name already⟧"),
        (moodle, 200, "⟦“Sam” was skipped"),
        (json.dumps([row, row]), 200, "⟦Each opens in a tab of its own"),
        ("", 422, "⟦There is nothing in it"),
        ("format = 1\ntimeout = 'Ada", 422, "⟦Line 2⟧"),
        ("format = 1\nAda = 1", 422, "⟦“Ada” is no setting"),
        ("[]", 422, "⟦There is no gateway of the plugin"),
    ):
        response = ada.post("/gateways/import", data={"secret_text": text}, headers=HEADERS)
        assert_spoken(response, status, holding=said)
        for field in Page(response.get_data(as_text=True)).all("input"):
            if field.get("name") == "sealed":
                for replaced in ({}, {"replace": "1"}):
                    data = {"sealed": field.get("value"), **replaced}
                    opened = ada.post("/gateways/import/open", data=data, headers=HEADERS)
                    assert_spoken(opened, 200, holding="⟦Filled in from the file")
    opened = ada.post("/gateways/import/open", data={"sealed": "x"}, headers=HEADERS)
    assert_spoken(opened, 422, holding="⟦The page stood open too long")


@pytest.mark.parametrize("headers", ASKED, ids=["fragment", "page"])
def test_kept_replies_speak_it(make_marked, headers):
    with Server(answer(reply("200", b'{"sent": true}'))) as server:
        app = make_marked(WEBPANEL_ALLOW_NETWORKS=f"127.0.0.1:{server.port}")
        ada = signed_in(app, "Ada", "administrator")
        form = tried(f"http://127.0.0.1:{server.port}/")
        tested = ada.post("/gateways/new/test", data=form, headers=headers).get_data(as_text=True)
    test = re.search(r'name="keep_shown" value="(\w+)"', tested)[1]
    sent = {**form, "keep": f"{test}:accepted", "keep_shown": test}
    for changes, status, said in (
        ({"keep_now": f"{test}:failed"}, 200, "⟦the rules say otherwise⟧"),
        ({"keep_now": f"{test}:accepted"}, 200, "⟦kept when saved⟧"),
        ({"keep_not": test}, 200, "⟦It will not be kept.⟧"),
        ({"keep_now": f"{'0' * 26}:failed"}, 422, "⟦Nothing was kept"),
    ):
        answered = ada.post("/gateways/new/keep", data={**sent, **changes}, headers=headers)
        assert_spoken(answered, status, holding=said)

    assert ada.post("/gateways/new", data=sent, headers=HEADERS).status_code == 302
    with app.app_context():
        gateway_id = db.session.scalars(db.select(Gateway.id).where(Gateway.name == "Ada")).one()
        for number, body in enumerate((b'{"sent": true}', "••••••".encode(), "••••••".encode())):
            message = db.session.scalars(db.select(Message).offset(number)).first()
            message.attempts[0].gateway_id, message.attempts[0].outcome = gateway_id, "accepted"
            message.attempts[0].reply_body, message.attempts[0].reply_cut = body, False
        db.session.commit()
    path = f"/gateways/{gateway_id}"
    changed = {**form, "version": "1", "success_rule": "SENT-1"}
    assert_spoken(ada.post(f"{path}/rejudge", data=changed, headers=headers), 200, holding="⟦1 of 1 that was")
    assert_spoken(ada.get(path, headers=HEADERS), 200, holding="⟦the rules agree⟧")
    broken = {**changed, "success_kind": "jmespath", "success_rule": "=="}
    assert_spoken(ada.post(f"{path}/rejudge", data=broken, headers=headers), 200, holding="cannot be read")
    assert_spoken(ada.post(path, data=changed, headers=HEADERS), 409, holding="⟦Save all the same⟧")
