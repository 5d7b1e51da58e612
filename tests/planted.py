"""Gateways with a secret in every place that there is for one, as an administrator types them."""

import json
from urllib.parse import quote_plus

from tests.canary import Canary
from tests.pages import Page
from tests.views.test_gateway_settings import filled, hidden_value

NUMBER = "+447911123456"

#: What the form of each gateway types: a canary wherever there is a place for a secret.
TYPED: dict[str, dict[str, Canary | str]] = {
    "basic": {
        "auth_kind": "basic",
        "secret-auth_username": Canary.secret("user name"),
        "secret-auth_password": Canary.secret("password"),
        "success_rule": "sent",
        "message_id_kind": "pattern",
        "message_id_rule": r"id=(\S+)",
    },
    "bearer": {
        "auth_kind": "bearer",
        "secret-auth_token": Canary.secret("bearer token"),
        "new_secret_name": "named",
        "new_secret_value": Canary.secret("named secret in JSON"),
        "body_format": "json",
        "body_json": '{"to": "{{recipient}}", "text": "{{message}}", "key": "{{secret.named}}"}',
        "success_kind": "jmespath",
        "success_rule": "sent",
    },
    "header": {
        "auth_kind": "header",
        "auth_name": "X-Access",
        "auth_prefix": "App ",
        "secret-auth_token": Canary.secret("token in a header"),
        "new_secret_name": "named",
        "new_secret_value": Canary.secret("named secret in XML"),
        "body_format": "xml",
        "body_xml": "<sms key='{{secret.named}}'>{{recipient}} {{message}}</sms>",
        "failure_kind": "pattern",
        "failure_rule": "fault: id=.*",
        "failure_fault": "gateway",
    },
    "query": {
        "auth_kind": "query",
        "auth_name": "token",
        "secret-auth_token": Canary.secret("token in the query"),
        "method": "GET",
        "query": "destination={{recipient}}\r\ntext={{message}}",
        "later_rule": "later: id=",
    },
    "typed": {
        "url": Canary.secret("key typed into the URL"),
        "headers": Canary.secret("Authorization typed as a header"),
        "body_format": "json",
        "body_json": Canary.secret("password typed into JSON"),
    },
}


def written(field: str, typed: Canary | str, url: str) -> str:
    """A field's text: what is typed, or the canary as somebody would copy it there."""
    if isinstance(typed, str):
        return typed
    match field:
        case "url":
            return f"{url}?apikey={quote_plus(typed.value)}"
        case "headers":
            return f"Authorization: Custom {typed.value}"
        case "body_json":
            return json.dumps({"to": "{{recipient}}", "text": "{{message}}", "password": typed.value})
    return typed.value


def form(name: str, provider: str, **changes: str) -> dict[str, str]:
    url = f"{provider}/{name}/send"
    fields = {
        "name": f"Gateway {name}",
        "url": url,
        "headers": "",
        "success_rule": "",
        "test_recipient": NUMBER,
        "test_text": "Hello",
        "timeout": "1",
    }
    typed = {field: written(field, value, url) for field, value in TYPED[name].items()}
    return filled(**{**fields, **typed, **changes})


def canaries(name: str) -> tuple[Canary, ...]:
    return tuple(value for value in TYPED[name].values() if isinstance(value, Canary))


def kept(name: str, provider: str, page: Page, **changes: str) -> dict[str, str]:
    """The form of a saved gateway: its secrets are not typed again."""
    shown = {field: page.by_id(field) for field in ("url", "headers", "body_json")}
    texts = {
        field: element.get("value") if element.tag == "input" else "".join(element.itertext())
        for field, element in shown.items()
    }
    secrets = {field: "" for field in TYPED[name] if field.startswith(("secret-", "new_secret_"))}
    return form(name, provider, **{**texts, **secrets, "version": hidden_value(page, "version"), **changes})
