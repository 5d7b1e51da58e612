"""Finds words that bypass gettext: in a made-up language every sentence has a mark; what has none, does."""

import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

from tests.conftest import signed_in
from tests.pages import Page
from tests.views.test_access import address
from webpanel import words
from webpanel.models import Attempt, Event, Gateway, Message, db

ROOT = Path(__file__).parents[2]
#: A real code, so that Babel knows its plurals; nobody has translated the panel into it.
LANGUAGE = "eo"
HEADERS = {"Accept-Language": LANGUAGE}

#: What is not the panel's own words: names, numbers and texts that people made up, shown as they are.
MADE_UP = ("Ada", "Sam", "Springfield", "Dinner", "447911123456", "GB", "http", "webpanel", "SENT-1", "POST")
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
def marked(app, translations):
    """The panel in the made-up language, with one of everything in it."""
    app.extensions["babel"].translation_directories = [str(translations)]
    furnish(app)
    return app


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
        db.session.commit()


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


def test_what_is_refused_is_refused_in_the_reader_s_language(marked, client):
    ada = signed_in(marked, "Ada", "administrator")
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
