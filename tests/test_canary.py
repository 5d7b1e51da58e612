"""No secret shows: each is planted, used in every way that there is, and then looked for everywhere."""

import html
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from tests.canary import Canary, leaks
from tests.echo import MODES, Echo
from tests.pages import Page
from tests.planted import NUMBER, TYPED, canaries, form, kept
from tests.receiver import Answer, Receiver
from tests.sending.sockets import unanswered_port
from tests.server import Server, running_server, webpanel
from tests.views.test_gateway_settings import filled, hidden_value
from tests.visitor import FRAGMENT, PAGE, Visitor
from tests.wire.test_masking import ECHOES
from webpanel.doors import twilio_sids

#: What a browser says of a form that it sends from a page of the panel.
OUR_PAGE = PAGE | {"Sec-Fetch-Site": "same-origin"}
#: Seconds for a message to be tried.
PATIENCE = 20

LOGIN, WRONG, CHANGED = (Canary.word(name) for name in ("the login's password", "a wrong one", "a new one"))
SAM = Canary.word("another user's password")


@pytest.fixture
def echo() -> Iterator[Echo]:
    echo = Echo({name: [canary.value for canary in canaries(name)] for name in TYPED})
    with echo.server:
        yield echo


def test_no_secret_shows_anywhere(app: Flask, tmp_path: Path, echo: Echo) -> None:
    folder: Path = tmp_path / "panel"
    seen: dict[str, bytes] = {}
    with unanswered_port() as port, Receiver() as receiver:
        allowed = f"127.0.0.1:{echo.server.port}, 127.0.0.1:{port}, {receiver.site}"
        env = {"WEBPANEL_ALLOW_NETWORKS": allowed}
        with running_server(folder, env) as server:
            ada, sam = (Visitor(name, server.url, seen) for name in ("ada", "sam"))
            planted = [*accounts(server, ada, sam), *faulty_forms(ada), *added_ways(ada)]
            gateways(ada, echo, port)
            messages(ada, sam, echo, folder)
            planted += application(ada, server, receiver, folder)
            walk(app, ada, folder)
            walk(app, sam, folder)
            keep_files(folder, seen, "while it runs")
            server.stop()
            seen["output"] = server.output.encode()
        words = ("send", "--gateway", "Gateway basic", "--to", NUMBER, "--message", "Hello")
        done = webpanel(folder, *words, env=env)
        seen["terminal"] = f"{done.stdout}{done.stderr}".encode()
        with running_server(folder, env) as server:
            ada = Visitor("ada", server.url, seen)
            enter(ada, LOGIN)
            walk(app, ada, folder)
            server.stop()
            seen["second output"] = server.output.encode()
    keep_files(folder, seen, "afterwards")

    used = [canary for name in TYPED for canary in canaries(name)]
    assert len(leaks(used, {"what the provider got": b"".join(echo.server.requests)})) == len(used)
    assert len(leaks(used, {"what it answered": b"".join(echo.answers)})) == len(used)
    planted += [LOGIN, WRONG, CHANGED, SAM, *used]
    for name in ("secret.key", "session.key"):
        planted.append(Canary(name, (folder / name).read_text().strip(), (f"file {name}",)))
    found = leaks(planted, seen)
    assert not found, "\n".join(found)


def test_every_spelling_of_a_planted_secret_is_found() -> None:
    for canary in (canary for name in TYPED for canary in canaries(name)):
        for spelling, echo in ECHOES.items():
            assert leaks([canary], {"a page": echo(canary.value).encode()}), spelling
            assert leaks([canary], {"a page": html.escape(echo(canary.value)).encode()}), spelling
        assert not leaks([canary], {"a page": b"nothing"})


def accounts(server: Server, ada: Visitor, sam: Visitor) -> list[Canary]:
    """Both people sign in by their links, badly and well; returns the links' tokens."""
    link = server.setup_link
    ada.get(link)
    ada.post(link, {"name": "ada", "password": LOGIN.value, "repeated": WRONG.value})
    ada.post(link, {"name": "ada", "password": LOGIN.value, "repeated": LOGIN.value})
    ada.post("/welcome", {"default_country": "GB"})
    page = Page(ada.post("/users/new", {"name": "sam", "role": "sender"}))
    other = page.by_id("link").get("value", "")
    sam.get(other)
    sam.post(other, {"password": SAM.value, "repeated": SAM.value})
    sam.get(other)
    page = Page(ada.post("/users/new", {"name": "eve", "role": "sender"}))
    unused = page.by_id("link").get("value", "")
    for present, new in ((WRONG, CHANGED), (LOGIN, CHANGED), (CHANGED, LOGIN)):
        typed = {"present": present.value, "password": new.value, "repeated": new.value}
        ada.post("/password", typed)
    # A page that stood open for too long gives back what was typed, but for this.
    ada.post("/password", typed, OUR_PAGE, stale=True)
    ada.post("/logout", {})
    ada.post("/password", typed, OUR_PAGE)
    ada.post("/login", {"username": "ada", "password": LOGIN.value}, OUR_PAGE, stale=True)
    enter(ada, WRONG)
    enter(ada, LOGIN)
    return [
        told_once("the first link", link, "output", "ada"),
        told_once("a user's link", other, "ada, POST /users/new", "sam"),
        told_once("a link that nobody used", unused, "ada, POST /users/new", "eve"),
    ]


def told_once(name: str, link: str, where: str, who: str) -> Canary:
    """A link's token: it stands where it was told, and at the link itself."""
    path = urlsplit(link).path
    return Canary(name, path.rpartition("/")[2], (where, f"{who}, GET {path}", f"{who}, POST {path}"))


def enter(visitor: Visitor, password: Canary) -> None:
    visitor.get("/login")
    visitor.post("/login", {"username": visitor.name, "password": password.value})


def added_ways(ada: Visitor) -> list[Canary]:
    """What a pasted example and a provider's page hold is carried on, and never shown."""
    pasted = [Canary.word(f"{name} of a pasted example") for name in ("the key", "the password", "the token")]
    key, password, token = (canary.value for canary in pasted)
    example = (
        f"curl -u user:{password} -H 'X-API-Key: {key}' -d 'access_token={token}&to=447911123456&text=Hi' "
        "https://api.someprovider.com/v1/send"
    )
    ada.get("/gateways/add/paste")
    page = Page(ada.post("/gateways/add/paste", {"secret_example": example}))
    carried = {"carried_secret_example": hidden_value(page, "carried_secret_example")}
    chosen = {"recipient": page.by_id("recipient")[0].get("value", ""), "message": ""}
    form = Page(ada.post("/gateways/add/paste", {**carried, **chosen}))
    assert hidden_value(form, "carried_secrets")
    ada.post("/gateways/add/paste", {**carried, **chosen}, OUR_PAGE, stale=True)
    ada.post("/gateways/add/paste", {"secret_example": example}, OUR_PAGE, stale=True)

    token = Canary.secret("the token of a provider's page")
    answers = {"answer-account_sid": "AC1", "answer-sender": "School", "secret-auth_token": token.value}
    tried = {"name": "From a provider", "test_recipient": NUMBER, "test_text": "Hi"}
    ada.post("/gateways/add/provider/twilio", {**answers, "name": ""})
    for action, headers in (("/preview", FRAGMENT), ("/preview", PAGE), ("/all", PAGE)):
        ada.post(f"/gateways/add/provider/twilio{action}", answers, headers)
        ada.post(f"/gateways/add/provider/twilio{action}", {**answers, **tried}, headers)
    return [*pasted, token]


def faulty_forms(ada: Visitor) -> list[Canary]:
    """What is typed into a form that comes back is carried on, and never shown."""
    fields = ("secret-auth_username", "secret-auth_password", "secret-auth_token", "new_secret_value")
    carried = {field: Canary.secret(f"{field} of a faulty form") for field in fields}
    secrets = {field: canary.value for field, canary in carried.items()}
    faulty = filled(name="", headers="", url="nonsense", **{"new_secret_name": "new", **secrets})
    ada.get("/gateways/new")
    sealed = hidden_value(Page(ada.post("/gateways/new", faulty)), "carried_secrets")
    assert sealed
    again = {**faulty, **dict.fromkeys(fields, ""), "carried_secrets": sealed, "new_secret_name": ""}
    unnamed = {**faulty, "new_secret_name": "no name"}
    for typed in (faulty, again, unnamed):
        ada.post("/gateways/new", typed)
        ada.post("/gateways/new", typed, OUR_PAGE, stale=True)
        ada.post("/gateways/json", typed, FRAGMENT)
        for part in ("body", "auth", "number", "country"):
            ada.post(f"/gateways/new/shape?part={part}", typed, FRAGMENT)
        for action in ("shape", "beautify", "preview", "test"):
            ada.post(f"/gateways/new/{action}", typed)
            ada.post(f"/gateways/new/{action}", typed, FRAGMENT)
    return list(carried.values())


def gateways(ada: Visitor, echo: Echo, closed_port: int) -> None:
    """Each is tried before it is saved, saved, and tried in everything that a provider may do."""
    for number, name in enumerate(TYPED, 1):
        new = form(name, echo.url)
        for action in ("preview", "test"):
            ada.post(f"/gateways/new/{action}", new, FRAGMENT)
        ada.post("/gateways/new", new)
        stored = kept(name, echo.url, Page(ada.get(f"/gateways/{number}")))
        ada.post(f"/gateways/{number}/preview", stored)
        for echo.mode in MODES:
            if echo.mode != "hang" or number == 1:
                ada.post(f"/gateways/{number}/test", stored, FRAGMENT)
        echo.mode = "accept"
        ada.post(f"/gateways/{number}/test", stored)
        retyped = {field: text for field, text in new.items() if "secret" in field}
        for changes in (
            {"url": f"http://127.0.0.1:{closed_port}/{name}"},
            {"url": f"http://127.0.0.2/{name}"},
            {"url": "nonsense"},
            {"version": "0"},
        ):
            typed = {**stored, **retyped, **changes}
            ada.post(f"/gateways/{number}/test", typed, FRAGMENT)
            ada.post(f"/gateways/{number}", {**typed, "version": "0"})


def application(ada: Visitor, server: Server, receiver: Receiver, folder: Path) -> list[Canary]:
    """A program with a key, which stands in the answer that made it and nowhere else.

    It is told what became of its messages, and answers with all that it knows.
    """
    ada.get("/applications/new")
    form = {"name": "Moodle", "priority": "1", "gateway_id": "0", "test_state": "failed", "door_twilio": "y"}
    ada.post("/applications/new", form)
    refused = Canary.word("a password in an application's address")
    ada.post(
        "/applications/new", {**form, "name": "x", "callback_url": f"https://me:{refused.value}@x.example/"}
    )
    made = ada.post("/applications/1/keys", {"may_send": "y", "days": "0"})
    key = re.search(r"smsgw_[0-9a-f]{16}_([0-9a-f]{64})", made)
    assert key
    made = ada.post("/applications/1/callbacks/secret", {})
    secret = re.search(r"whsec_([\w+/=]+)", html.unescape(made))
    assert secret
    password, token = (Canary.word(f"the {name} of a callback") for name in ("password", "token"))
    receiver.answers = lambda told: Answer(
        500, f"{told.path} {told.headers} {secret[0]} {password.value} {token.value}".encode()
    )
    url = f"{receiver.url}?token={token.value}".replace("://", f"://me:{password.value}@")
    call = {"to": NUMBER, "message": "Hello", "callback_url": url}
    headers = {"Authorization": f"Bearer {key[0]}"}
    told = requests.post(f"{server.url}api/v1/messages", json=call, headers=headers, timeout=20)
    ada.seen["the API's answer"] = told.content
    sid = twilio_sids.account_sid(key[0])
    form = {"To": NUMBER, "Body": "Hello", "StatusCallback": url}
    place = f"{server.url}2010-04-01/Accounts/{sid}/Messages.json"
    told = requests.post(place, data=form, auth=(sid, key[0]), timeout=20)
    ada.seen["Twilio's answer"] = told.content
    ends = time.monotonic() + PATIENCE
    while rows(folder, "SELECT count(*) FROM callback WHERE failure_count > 0") != ["2"]:
        assert time.monotonic() < ends, "nobody is told"
        time.sleep(0.01)
    return [
        *(password, token, refused),
        Canary("an application's key", key[1], ("ada, POST /applications/1/keys",)),
        Canary("its callbacks' secret", secret[1], ("ada, POST /applications/1/callbacks/secret",)),
    ]


def messages(ada: Visitor, sam: Visitor, echo: Echo, folder: Path) -> None:
    """Each gateway sends, and its provider says more than it should."""
    moving = "SELECT count(*) FROM message WHERE attempt_count = 0 OR state = 'sending'"
    for number in range(1, len(TYPED) + 1):
        for echo.mode in ("accept", "refuse", "unclear", "break", "later", "fault"):
            ada.post(f"/gateways/{number}/resume", {})
            once = hidden_value(Page(sam.get("/send")), "once")
            sam.post("/send", {"gateway": str(number), "recipient": NUMBER, "text": "Hello", "once": once})
            ends = time.monotonic() + PATIENCE
            while rows(folder, moving) != ["0"]:
                assert time.monotonic() < ends, f"gateway {number} sends nothing that is to {echo.mode}"
                time.sleep(0.01)
            ada.get("/gateways/")
            ada.get("/gateways/", FRAGMENT)
            ada.get(f"/gateways/{number}")


def walk(app: Flask, visitor: Visitor, folder: Path) -> None:
    """Every address of the panel, of everything that there is, as a page and as a fragment."""
    known = {
        "gateway_id": rows(folder, "SELECT id FROM gateway"),
        "message_id": rows(folder, "SELECT id FROM message"),
        "application_id": rows(folder, "SELECT id FROM application"),
        "key_id": rows(folder, "SELECT id FROM application_key"),
        "preset_id": ["twilio", "smsglobal-rest"],
        "number": ["1", "2"],
        "part": ["request", "reply"],
        "token": ["none"],
        "filename": ["panel.css"],
        "account_sid": [f"AC{'0' * 32}"],
        "sid": [f"SM{'0' * 32}"],
    }
    for rule in app.url_map.iter_rules():
        paths = [rule.rule] if "GET" in rule.methods else []
        for name in rule.arguments:
            part = re.compile(rf"<(?:[^<>]*:)?{name}>")
            paths = [part.sub(value, path) for path in paths for value in known[name]]
        for path in paths:
            visitor.get(path)
            # What is plain text is no fragment.
            if "part" not in rule.arguments:
                visitor.get(path, FRAGMENT)


def keep_files(folder: Path, seen: dict[str, bytes], when: str) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            seen[f"file {path.relative_to(folder)} {when}"] = path.read_bytes()


def rows(folder: Path, query: str) -> list[str]:
    """The first column of what a query of the panel's database finds."""
    with closing(sqlite3.connect(f"file:{folder / 'webpanel.sqlite'}?mode=ro", uri=True)) as connection:
        return [str(row[0]) for row in connection.execute(query)]
