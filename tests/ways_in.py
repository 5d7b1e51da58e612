"""Gateways that come in by the ways beside the form: a provider's file, an example, a gateway's file, Moodle.

Each brings a secret in every place that there is for one, is tried against a provider that repeats what it
got, and is worked on with every button of its page.
"""

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.canary import Canary
from tests.echo import Echo
from tests.pages import Page
from tests.planted import NUMBER
from tests.server import webpanel
from tests.views.test_gateway_settings import hidden_value
from tests.visitor import FRAGMENT, PAGE, Visitor

OUR_PAGE = PAGE | {"Sec-Fetch-Site": "same-origin"}

#: The secrets that each way brings, by the first part of the path that the provider is asked by.
BROUGHT: dict[str, tuple[Canary, ...]] = {
    "provider": (
        Canary.secret("a secret answer to a provider's question"),
        Canary.secret("the password among a provider's questions"),
    ),
    "example": (
        Canary.secret("the key of a pasted example"),
        Canary.word("the password of a pasted example"),
        Canary.secret("the token in the body of a pasted example"),
    ),
    "file": (
        Canary.secret("a secret that a file names, from the command line"),
        Canary.secret("a secret that a file names, from the environment"),
        Canary.secret("a credential typed into a file"),
    ),
    "moodle": (
        Canary.secret("the key in a header of Moodle's"),
        Canary.word("the password in an address of Moodle's"),
        Canary.secret("the token in JSON of Moodle's"),
    ),
}
_PRESET = """
name = "Echo"
checked = 2026-11-23
evidence = ["M"]
[[questions]]
id = "base"
label = "Address"
kind = "url"
[[questions]]
id = "key"
label = "Key"
secret = true
[[questions]]
id = "password"
label = "Password"
secret = true
[settings]
url = "{{ask.base}}/provider/send"
headers = "X-Access: {{secret.named}}"
auth_kind = "basic"
body_form = '''
to={{recipient}}
text={{message}}
'''
success_kind = "text"
success_rule = "SUCCESS"
[secrets]
named = "{{ask.key}}"
auth_username = "somebody"
auth_password = "{{ask.password}}"
"""


def secrets() -> dict[str, list[str]]:
    return {name: [canary.value for canary in brought] for name, brought in BROUGHT.items()}


def come_in(ada: Visitor, echo: Echo, folder: Path, seen: dict[str, bytes], env: Mapping[str, str]) -> None:
    """All of them, each saved as a gateway of its own."""
    _provider(ada, echo, folder)
    _example(ada, echo)
    _moodle(ada, echo)
    _file(ada, echo, folder, seen, env)
    for number in range(1, 1 + len(BROUGHT)):
        _worked_on(ada, number)
    _newer(ada, folder)


def _provider(ada: Visitor, echo: Echo, folder: Path) -> None:
    _own_file(folder, "accept")
    key, password = (canary.value for canary in BROUGHT["provider"])
    typed = {"answer-base": echo.url, "secret-key": key, "secret-password": password}
    tried = {"name": "By a provider", "test_recipient": NUMBER, "test_text": "Hi"}
    where = "/gateways/add/provider/echo"
    ada.get(where)
    faulty = Page(ada.post(where, {**typed, "name": ""}))
    carried = {"carried_secrets": hidden_value(faulty, "carried_secrets")}
    assert carried["carried_secrets"]
    for sent in ({**typed, "name": ""}, {**typed, **tried, "answer-base": "x"}, {**typed, **tried}):
        for action in ("/preview", "/test", "/all"):
            ada.post(where + action, sent, FRAGMENT)
            ada.post(where + action, sent)
    ada.post(where, {**typed, **tried}, OUR_PAGE, stale=True)
    ada.post(where, {"answer-base": echo.url, **carried, **tried})


def _example(ada: Visitor, echo: Echo) -> None:
    key, password, token = (canary.value for canary in BROUGHT["example"])
    body = json.dumps({"to": "447911123456", "text": "Hi there", "access_token": token})
    words = (
        "curl",
        "-u",
        f"me:{password}",
        "-H",
        f"X-API-Key: {key}",
        "--json",
        body,
        f"{echo.url}/example/send",
    )
    example = shlex.join(words)
    also = (
        f"{example} | curl -H {shlex.quote(f'X-Auth: {key}')} --what={password}",
        f"curl -u me:{password} -H",
        f"POST /send\nX-API-Key: {key}\n\n{body}",
        f"Ask with the key: {key}",
    )
    where = "/gateways/add/paste"
    for text in (*also, "x" * 70_000 + key):
        ada.post(where, {"secret_example": text})
    page = Page(ada.post(where, {"secret_example": example}))
    carried = {"carried_secret_example": hidden_value(page, "carried_secret_example")}
    chosen = {name: _chosen(page, name) for name in ("recipient", "message")}
    ada.post(where, {**carried, "recipient": "url:0-1", "message": ""})
    ada.post(where, {**carried, **chosen}, OUR_PAGE, stale=True)
    ada.post(where, {"secret_example": example}, OUR_PAGE, stale=True)
    _saved(ada, Page(ada.post(where, {**carried, **chosen})), "By an example")


def _moodle(ada: Visitor, echo: Echo) -> None:
    key, password, token = (canary.value for canary in BROUGHT["moodle"])
    config = {
        "api_url": f"http://me:{quote(password)}@{echo.url.partition('//')[2]}/moodle/send?a=b",
        "request_type": "POST",
        "body_type": "json",
        "headers": f"X-API-Key: {key}\nX-API-Key= {key}\nnonsense {key}",
        "query_parameters": "",
        "json_body": json.dumps({"to": "{{recipient}}", "text": "{{message}}", "token": token}),
        "success_condition": "accept",
        "countrycode": "44",
    }
    rows = json.dumps(
        [{"name": "By Moodle", "gateway": "smsgateway_customapi", "config": json.dumps(config)}]
    )
    _imported(ada, rows, "By Moodle")
    for broken in (rows[:-1], json.dumps({"config": rows}), json.dumps({**config, "api_url": "nonsense"})):
        ada.post("/gateways/import", {"secret_text": broken})


def _file(ada: Visitor, echo: Echo, folder: Path, seen: dict[str, bytes], env: Mapping[str, str]) -> None:
    given, environment, typed = (canary.value for canary in BROUGHT["file"])
    text = "\n".join(
        (
            "format = 1",
            'name = "By a file"',
            f'url = "{echo.url}/file/send?apikey={quote_plus(typed)}"',
            'headers = "X-Access: {{secret.given}}"',
            'auth_kind = "bearer"',
            "body_form = 'to={{recipient}}'",
            "query = 'text={{message}}'",
            'success_kind = "text"',
            'success_rule = "accept"',
            'secrets = ["given", "auth_token"]',
        )
    )
    path = folder.parent / "gateway.toml"
    path.write_text(text + "\n")
    broken = folder.parent / "broken.toml"
    broken.write_text(f"{text}\nsuccess_rul = {given}")
    environ = {**env, "WEBPANEL_SECRET_AUTH_TOKEN": environment}
    option = ("--secret", f"given={given}")
    for number, words in enumerate(
        (
            ("check", str(path)),
            ("check", str(broken)),
            ("import", str(path)),
            ("import", str(path), "--secret", given),
            ("import", str(path), *option),
            ("import", str(path), *option),
            ("import", str(path), *option, "--replace"),
            ("export", "By a file"),
            ("list",),
        )
    ):
        done = webpanel(folder, "gateway", *words, env=environ)
        seen[f"terminal, {words[0]} {number}"] = f"{done.stdout}{done.stderr}".encode()
    assert b"By a file" in seen["terminal, list 8"]
    for changed in (text, text.replace("/file/send", "/file/other"), broken.read_text()):
        _imported(ada, changed, "")


def _imported(ada: Visitor, text: str, name: str) -> None:
    """Through the page; saved when it has a new ``name``."""
    page = Page(ada.post("/gateways/import", {"secret_text": text}))
    ada.post("/gateways/import", {"secret_text": text[: len(text) // 2]})
    ada.post("/gateways/import", {"secret_text": text}, OUR_PAGE, stale=True)
    sealed = {element.get("value", "") for element in page.all("input") if element.get("name") == "sealed"}
    for each in sealed:
        opened = Page(ada.post("/gateways/import/open", {"sealed": each}))
        ada.post("/gateways/import/open", {"sealed": each, "replace": "1"})
        ada.post("/gateways/import/open", {"sealed": each[:-3]})
        if name:
            _saved(ada, opened, name)


def _saved(ada: Visitor, page: Page, name: str) -> None:
    """The unsaved form of ``page``: refused, tried and then saved."""
    form = filled_in(page)
    assert form["carried_secrets"]
    form |= {"name": name, "success_kind": "text", "success_rule": "accept", "timeout": "1"}
    form |= {"test_recipient": NUMBER, "test_text": "Hi"}
    for action in ("check", "preview", "test", "rejudge", "mend", "shape"):
        ada.post(f"/gateways/new/{action}", form, FRAGMENT)
    for wrong in ({"url": "nonsense"}, {"name": ""}):
        ada.post("/gateways/new", {**form, **wrong})
    ada.post("/gateways/new", form)


def _worked_on(ada: Visitor, number: int) -> None:
    """Every button of the saved gateway's page."""
    where = f"/gateways/{number}"
    form = filled_in(Page(ada.get(where))) | {"test_recipient": NUMBER, "test_text": "Hi", "timeout": "1"}
    trial = ada.post(f"{where}/test", form, FRAGMENT)
    [test] = set(re.findall(r'name="pick_test" value="([^"]+)"', trial))
    for headers in (FRAGMENT, PAGE):
        for action in ("check", "preview", "rejudge", "mend"):
            ada.post(f"{where}/{action}", form, headers)
        for place in ("0", "1", "7", "9999"):
            for meaning in ("accepted", "failed", "message_id", "reason", "x"):
                picked = {"pick": place, "pick_test": test, "pick_meaning": meaning}
                ada.post(f"{where}/pick", {**form, **picked}, headers)
        for means in ("failed", "accepted"):
            ada.post(f"{where}/keep", {**form, "keep_now": f"{test}:{means}", "keep_shown": test}, headers)
    asked = ada.post(where, {**form, "keep": f"{test}:failed"})
    assert 'name="confirmed"' in asked
    ada.post(where, {**form, "keep": f"{test}:accepted"})
    form = filled_in(Page(ada.get(where))) | {"success_rule": "never", "version": "0"}
    ada.post(where, form)
    ada.post(f"{where}/rejudge", form, FRAGMENT)
    ada.get(f"{where}/export")


def _newer(ada: Visitor, folder: Path) -> None:
    """The provider's file says something else than when the gateway was made."""
    _own_file(folder, "sent")
    form = filled_in(Page(ada.get("/gateways/1")))
    ada.post("/gateways/1/provider/put", form)
    ada.post("/gateways/1/provider/keep", form)


def _own_file(folder: Path, success: str) -> None:
    (folder / "presets").mkdir(mode=0o700, exist_ok=True)
    (folder / "presets" / "echo.toml").write_text(_PRESET.replace("SUCCESS", success))


def _chosen(page: Page, name: str) -> str:
    options = list(page.by_id(name).iter("option"))
    return next(each.get("value", "") for each in options if each.get("selected") is not None)


def filled_in(page: Page) -> dict[str, str]:
    """What a browser would send of the gateway's form as it stands, without what has no name."""
    form = page.by_id("gateway-form")
    found = {}
    for field in form.iter():
        name = field.get("name", "")
        if not name or name == "csrf_token":
            continue
        if field.tag == "textarea":
            found[name] = "".join(field.itertext()).removeprefix("\n")
        elif field.tag == "select":
            found[name] = _chosen_in(field)
        elif field.tag == "input" and (
            field.get("type") not in ("checkbox", "radio") or field.get("checked") is not None
        ):
            found[name] = field.get("value", "")
    return found


def _chosen_in(field: object) -> str:
    options = list(field.iter("option"))
    chosen = [each.get("value", "") for each in options if each.get("selected") is not None]
    return (chosen or [options[0].get("value", "")])[0]
