"""One configuration of the Moodle plugin as a gateway's settings, and what had to become different.

What the plugin did silently or wrongly is told, with what becomes of it; what it did well is done alike.
"""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from webpanel.wire import lint, literals, phone
from webpanel.wire import url as urls
from webpanel.wire.gateway import METHODS, Gateway
from webpanel.wire.moodle import body, lines
from webpanel.wire.pairs import readable
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.template import NAMES, PLACEHOLDER, Placeholder, problem_at, unknown

#: Characters of a gateway's name.
LONGEST_NAME = 100
#: Of one gateway; nobody reads more.
MOST_CHANGES = 60
_SHOWN = 60
#: What is read from a configuration; whatever else stands in it is told by its name.
_KEYS = (
    *("api_url", "request_type", "headers", "query_parameters", "success_condition", "countrycode"),
    *("body_type", "post_body_parameters", "json_body", "raw_body"),
)
#: Of the form that Moodle saved, and of its row: nothing that a gateway needs.
_OF_THE_FORM = ("id", "name", "gateway", "enabled", "priority", "returnurl", "saveandreturn", "sesskey")
_TEMPLATES = ("url", "headers", "query", "body_form", "body_json", "body_xml", "body_raw")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|#0?39);")
_QUERY_NAME = re.compile(r"[?&]([^=&#]+)")
_USER = re.compile(r"(?P<scheme>\s*https?://)(?P<user>[^/?#@:]*)(?::(?P<password>[^/?#@]*))?@", re.IGNORECASE)
#: A word that a refusal may hold too: "not successful".
_WORD = re.compile(r"[A-Za-z]{1,20}")


@dataclass(frozen=True)
class Imported:
    """A gateway as it was meant; its credentials stand in ``secrets``, each under its name."""

    settings: Gateway
    secrets: dict[str, str] = field(repr=False)
    #: What is different now, and why: of the fields in which it is, by line.
    changes: tuple[Problem, ...]
    #: Whether Moodle sent by it.
    enabled: bool = True


@dataclass
class _Work:
    """A translation under way."""

    settings: Gateway
    secrets: dict[str, str] = field(default_factory=dict)
    changes: list[Problem] = field(default_factory=list)

    def put(self, **settings: Any) -> None:
        self.settings = replace(self.settings, **settings)

    def take(self, name: str, mended: tuple[str, list[Problem]]) -> None:
        self.put(**{name: mended[0]})
        self.changes += mended[1]


def translated(config: Mapping[str, Any], name: str, *, enabled: bool) -> Imported:
    """What ``config`` (the plugin's own keys) means here."""
    found = {key: _text(config.get(key)) for key in _KEYS}
    url = found["api_url"].strip()
    work = _Work(Gateway(name=name[:LONGEST_NAME] or _host(url), url=url))
    _left_out(work, config)
    _address(work)
    _method(work, found["request_type"])
    work.take("headers", lines.mended(found["headers"], "headers", ":"))
    work.take("query", lines.mended(found["query_parameters"], "query", "="))
    _query_of_its_own(work)
    typed = body.Typed(
        found["body_type"], found["post_body_parameters"], found["json_body"], found["raw_body"]
    )
    work.settings, changes = body.translated(work.settings, typed)
    work.changes += changes
    for field_name in _TEMPLATES:
        _placeholders(work, field_name)
    _condition(work, found["success_condition"])
    _country(work, found["countrycode"])
    _user_agent(work)
    settings, secrets = literals.extract(work.settings, ())
    return Imported(settings, {**work.secrets, **secrets}, tuple(work.changes[:MOST_CHANGES]), enabled)


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return _indented(json.dumps(value, ensure_ascii=False))
    if value is None or isinstance(value, bool):
        return ""
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def _indented(text: str) -> str:
    """JSON for a person to read, unless its depth would make very much of it."""
    try:
        return lint.beautify(text)
    except Refused:
        return text


def _host(url: str) -> str:
    try:
        return urls.read(url).host[:LONGEST_NAME]
    except Refused:
        return "Moodle"


def _left_out(work: _Work, config: Mapping[str, Any]) -> None:
    """Names only: nobody knows what their values are."""
    empty: tuple[Any, ...] = (None, "", [], {})
    known = (*_KEYS, *_OF_THE_FORM)
    names = [key[:_SHOWN] for key, value in config.items() if key not in known and value not in empty]
    if names:
        work.changes.append(Problem("moodle_left_out", values={"names": ", ".join(names[:20])}))


def _address(work: _Work) -> None:
    url = work.settings.url
    if _ENTITY.search(url):
        work.changes.append(Problem("moodle_entities", "url"))
        url = _plain(url)
    if user := _USER.match(url):
        work.changes.append(Problem("moodle_url_user", "url"))
        work.secrets.update(
            auth_username=unquote(user["user"]) or "-", auth_password=unquote(user["password"] or "") or "-"
        )
        work.put(auth_kind="basic")
        url = user["scheme"].lstrip() + url[user.end() :]
    work.put(url=url)


def _plain(text: str) -> str:
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def _method(work: _Work, typed: str) -> None:
    method = typed.strip().upper() or "GET"
    if method not in METHODS:
        work.changes.append(Problem("moodle_method", "method", values={"typed": typed.strip()[:_SHOWN]}))
        method = "GET"
    work.put(method=method)


def _query_of_its_own(work: _Work) -> None:
    """The plugin dropped it as soon as there were query parameters; here both are sent."""
    names = _QUERY_NAME.findall(work.settings.url)
    if names and readable(work.settings.query, "query", "=")[0]:
        told = ", ".join(unquote(name)[:_SHOWN] for name in names[:10])
        work.changes.append(Problem("moodle_query_joined", "url", values={"names": told}))


def _placeholders(work: _Work, field_name: str) -> None:
    """Those that the plugin did not know for a letter's sake, and sent as they stood."""
    text = getattr(work.settings, field_name)
    pieces, done = [], 0
    for found in PLACEHOLDER.finditer(text):
        if meant := _meant(found[1]):
            if len(work.changes) < MOST_CHANGES:
                values = {"typed": found[0][:_SHOWN], "meant": meant}
                change = problem_at(text, found.start(), "moodle_placeholder", field_name, **values)
                work.changes.append(change)
            pieces += [text[done : found.start()], meant]
            done = found.end()
    work.put(**{field_name: "".join(pieces) + text[done:]})


def _meant(name: str) -> str:
    """The plugin's placeholder that was probably meant; blank for one that is right, or nobody knows."""
    if name in NAMES:
        return ""
    meant = unknown(Placeholder(name, 0, 0, 1, 1), "", ()).values.get("meant")
    return f"{{{{{meant}}}}}" if meant in ("recipient", "message") else ""


def _condition(work: _Work, typed: str) -> None:
    if not typed.strip():
        return
    condition = _plain(typed)
    if condition != typed:
        work.changes.append(Problem("moodle_entities", "success_rule"))
    if condition.strip() == "0":
        work.changes.append(Problem("moodle_condition_zero", "success_rule"))
    elif _WORD.fullmatch(condition.strip()):
        told = {"word": condition.strip()}
        work.changes.append(Problem("moodle_condition_word", "success_rule", values=told))
    work.put(success_kind="text", success_rule=condition)


def _country(work: _Work, typed: str) -> None:
    code = typed.strip()
    if not code or code == "0":
        return
    told = {"typed": code[:_SHOWN]}
    try:
        country = phone.country(code)
    except Refused:
        work.changes.append(Problem("moodle_country_unknown", "default_country", values=told))
        return
    work.put(default_country=country.region)
    if not code.isdigit():
        told.update(region=country.region, code=country.calling_code)
        work.changes.append(Problem("moodle_country_ignored", "default_country", values=told))


def _user_agent(work: _Work) -> None:
    """The plugin named itself a browser."""
    named = (pair.key.lower() for pair in readable(work.settings.headers, "headers", ":")[0])
    if "user-agent" not in named:
        work.changes.append(Problem("moodle_user_agent", "headers"))
