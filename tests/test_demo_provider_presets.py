"""The providers' files against the demonstration provider: request, reply and rules together."""

import dataclasses
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from tests.played import serving
from tests.presets import expected
from tests.wire.composing import MESSAGE_ID, RECIPIENT, USER_AGENT
from webpanel import presets
from webpanel.demo_provider.inbox import Inbox, Mode
from webpanel.demo_provider.server import KEYS, Server
from webpanel.presets import Answered
from webpanel.wire.compose import Fresh, Values, compose
from webpanel.wire.verdict import Outcome, Reply, Verdict, judge

CATALOGUE = presets.catalogue(None)
PLAYED = (
    "twilio",
    "twilio-whatsapp",
    "whatsapp-cloud-text",
    "whatsapp-cloud-template",
    "waziper",
    "zender-sms",
    "zender-whatsapp",
    "smsglobal-http",
    "smsglobal-rest",
)
#: What the one signed provider's requests are signed with here.
SIGNED = dict(zip(("auth_key", "auth_secret"), next(iter(KEYS.items())), strict=True))


@pytest.fixture(scope="module")
def program() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def demo(program: Server) -> Server:
    program.inbox = Inbox()
    return program


def made(demo: Server, name: str) -> Answered:
    """The gateway that the file makes of the first case's answers, pointed at the demonstration provider."""
    preset = CATALOGUE.find(name)
    assert preset is not None
    answered = presets.answered(preset, expected.read(name)["cases"][0]["answers"], "School")
    address = urlsplit(answered.settings.url)
    url = answered.settings.url.replace(f"{address.scheme}://{address.netloc}", demo.url)
    if name == "waziper":
        # Its case lies below a folder, which the demonstration provider has not.
        url = f"{demo.url}/api/send"
    settings = dataclasses.replace(answered.settings, url=url)
    secrets = answered.secrets | SIGNED if settings.auth_kind == "mac" else answered.secrets
    return Answered(settings, secrets)


def sent(gateway: Answered, nonce: str) -> Verdict:
    values = Values(
        recipient=RECIPIENT,
        message=expected.TEXT,
        message_id=MESSAGE_ID,
        fresh=Fresh(1_790_000_000, nonce, "b" * 32),
        secrets=gateway.secrets,
    )
    request = compose(gateway.settings, values, user_agent=USER_AGENT)
    headers = {name.decode(): value.decode() for name, value in request.headers}
    got = requests.request(request.method, request.url, data=request.body, headers=headers, timeout=10)
    return judge(
        gateway.settings, Reply(got.status_code, got.reason, tuple(got.headers.items()), got.content)
    )


@pytest.mark.parametrize("name", PLAYED)
def test_a_good_request_is_accepted_and_shown_on_the_phone(demo: Server, name: str) -> None:
    verdict = sent(made(demo, name), "n1")
    (got,) = demo.inbox.state()[2]
    assert (verdict.outcome, verdict.message_id) == ("accepted", got.id), verdict
    assert got.played
    assert got.delivered
    assert got.text == expected.TEXT


@pytest.mark.parametrize("name", PLAYED)
@pytest.mark.parametrize(
    ("mode", "outcome"),
    [
        ("refuse400", "rejected"),
        ("error200", "rejected"),
        ("later429", "deferred"),
        ("fail500", "ambiguous"),
    ],
)
def test_whatever_is_no_success_is_none(demo: Server, name: str, mode: Mode, outcome: Outcome) -> None:
    demo.inbox.set_mode(mode)
    verdict = sent(made(demo, name), "n2")
    assert verdict.outcome == outcome, verdict
    assert not demo.inbox.state()[2][0].delivered
