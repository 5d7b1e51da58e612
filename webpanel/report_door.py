"""The addresses to which providers report. Each gateway has one, and who knows it needs no key.

A room of its own: pages have sessions, and the doors have applications; here comes a provider, whose
request is hostile text until the gateway's settings have made something of it.
"""

import hmac
import threading
from collections.abc import Mapping
from typing import Any

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy import bindparam, select

from webpanel.models import Gateway
from webpanel.prepared import Prepared
from webpanel.sending import questions, reports
from webpanel.sending.reports import Received
from webpanel.services import services
from webpanel.store import StoreUnavailable
from webpanel.vault import Unreadable
from webpanel.wire import masking, report, report_signature, rules
from webpanel.wire.gateway import Gateway as Settings
from webpanel.wire.report import Incoming, Reading, Told
from webpanel.wire.report_signature import Signed

#: What every address here begins with, behind the panel's own.
PATH = "reports/"
#: Bytes of a report that are read, and that are kept to be shown.
LARGEST, KEPT = 1_000_000, 65_536
#: Characters of a query, of a content type and of a challenge.
LONGEST_QUERY, LONGEST_TYPE, LONGEST_CHALLENGE = 4_000, 200, 200
#: As the column ``ReportReceived.message_id``: as long as an id of ours.
LONGEST_ID = 26

#: Reports that are read at a time: a burst of them must leave the processor to those who send.
AT_ONCE = 4

_gateway = Gateway.__table__
_SETTINGS = [_gateway.c[name] for name in Settings.__dataclass_fields__]
_BY_TOKEN = Prepared(select(_gateway.c.id, *_SETTINGS).where(_gateway.c.report_token == bindparam("token")))
_turn = threading.BoundedSemaphore(AT_ONCE)

log = structlog.get_logger(__name__)

bp = Blueprint("reports", __name__)


def address(public_url: str, token: str | None) -> str:
    """Where the gateway with that token is reported to; ``public_url`` ends with a slash, or is blank."""
    return f"{public_url}{PATH}{token}" if public_url and token else ""


@bp.route(f"/{PATH}<token>", methods=["GET", "POST"], endpoint="of_gateway")
@bp.route(f"/{PATH}<token>/<message_id>", methods=["GET", "POST"], endpoint="of_message")
def take(token: str, message_id: str = "") -> Response:
    """One request of a provider. Answered as soon as what it reports is on disk."""
    request.max_content_length = LARGEST
    with _turn, services().store.engine.connect() as connection:
        row = _BY_TOKEN.first(connection, {"token": token})
        ciphertexts = questions.ciphertexts(connection, row.id) if row else {}
    if row is None:
        abort(404)
    if request.method == "HEAD":
        return _plain("")
    if request.method == "GET" and request.args.get("hub.mode") == "subscribe":
        return _handshake(token)
    if request.method == "GET" and not request.query_string and not message_id:
        # Somebody looks whether it is there; no report is as empty as that.
        return _plain("Delivery reports are taken at this address. Give it to the provider.\n")
    # Before its turn: a slow sender must hold up nobody.
    body = request.get_data(cache=False)
    with _turn:
        return _taken(row, ciphertexts, body, message_id)


def _taken(row: Any, ciphertexts: Mapping[str, bytes], body: bytes, message_id: str) -> Response:
    """Read, store and answer one request to the gateway of ``row``."""
    settings = Settings(**{name: getattr(row, name) for name in Settings.__dataclass_fields__})
    incoming = Incoming(
        query=request.query_string.decode("utf-8", "replace"),
        body=body,
        content_type=request.headers.get("Content-Type", ""),
        message_id=message_id,
    )
    secrets = _opened(ciphertexts)
    refused = _refused(settings, secrets, incoming)
    reading = Reading(trouble=refused) if refused else report.read(settings, incoming)
    if not _holds_any(incoming, secrets):
        secrets = {}
    told = tuple(_hidden(each, secrets) for each in reading.told) if secrets else reading.told
    _store(Received(row.id, _columns(incoming, secrets, reading), told))
    if refused:
        log.warning("report_refused", gateway=settings.name, why=refused, caller=request.remote_addr)
        return _plain("The signature is not that of this gateway's provider.\n", 403)
    return _plain(settings.report_answer)


def is_ours(path: str) -> bool:
    return path.startswith(f"/{PATH}")


def of_status(status: int, headers: Mapping[str, str]) -> Response:
    """In place of an error page."""
    response = _plain(f"{status}\n", status)
    response.headers.update(headers)
    return response


@bp.errorhandler(StoreUnavailable)
def _not_stored(_error: StoreUnavailable) -> Response:
    # Not 200: the provider must report it once more.
    return of_status(503, {"Retry-After": "10"})


def _handshake(token: str) -> Response:
    """Meta's question whether the address is ours; its verify token is the address's own last part."""
    given = request.args.get("hub.verify_token", "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode("utf-8", "replace")):
        return of_status(403, {})
    return _plain(request.args.get("hub.challenge", "")[:LONGEST_CHALLENGE])


def _opened(ciphertexts: Mapping[str, bytes]) -> dict[str, str]:
    """The secrets that can be read; a report is not turned away for one of another purpose."""
    found = {}
    for name, ciphertext in ciphertexts.items():
        try:
            found[name] = services().vault.decrypt(ciphertext)
        except Unreadable:
            log.warning("report_secret_unreadable", secret=name)
    return found


def _refused(settings: Settings, secrets: Mapping[str, str], incoming: Incoming) -> str:
    """The code of why the report is not believed; blank when it is."""
    if settings.report_sign == "none":
        return ""
    secret = secrets.get(settings.report_secret, "")
    if not secret:
        return "report_secret_missing"
    header = report_signature.HEADERS.get(settings.report_sign, settings.report_header)
    query = request.query_string.decode("ascii", "replace")
    # As the provider knows the address, whatever a proxy made of it.
    url = services().config.public_url + request.path.removeprefix("/") + (f"?{query}" if query else "")
    signed = Signed(url, incoming.body, incoming.form)
    given = request.headers.get(header, "") if header else ""
    return "" if report_signature.holds(settings.report_sign, secret, given, signed) else "report_signature"


def _columns(incoming: Incoming, secrets: Mapping[str, str], reading: Reading) -> dict[str, Any]:
    def masked(data: bytes) -> bytes:
        return masking.mask(data, secrets=secrets.values())

    trouble = {"code": reading.trouble, "values": dict(reading.values)} if reading.trouble else None
    content_type = masked(incoming.content_type[: 2 * LONGEST_TYPE].encode("utf-8", "replace"))
    return {
        "method": request.method,
        "message_id": _printable(incoming.message_id)[:LONGEST_ID],
        "query": masked(incoming.query[: 2 * LONGEST_QUERY].encode("utf-8", "replace"))[:LONGEST_QUERY],
        "content_type": _printable(content_type.decode("utf-8", "replace"))[:LONGEST_TYPE],
        "body": masked(incoming.body[: 2 * KEPT])[:KEPT],
        "cut": len(incoming.body) > KEPT,
        "trouble": trouble,
    }


def _holds_any(incoming: Incoming, secrets: Mapping[str, str]) -> bool:
    """Whether any secret stands in it, in any spelling; one look in place of one for each part."""
    parts = (incoming.query.encode("utf-8", "replace"), incoming.content_type.encode("utf-8", "replace"))
    whole = b"\n".join([*parts, incoming.body])
    return masking.mask(whole, secrets=secrets.values()) != whole


def _hidden(told: Told, secrets: Mapping[str, str]) -> Told:
    """As :mod:`webpanel.sending.attempt` stored the message's id: without what a secret spells."""
    id_, word = (
        masking.mask(text.encode("utf-8", "replace"), secrets=secrets.values()).decode("utf-8", "replace")
        for text in (told.id, told.word)
    )
    return Told(id_[: rules.MAX_MESSAGE_ID], word[: report.LONGEST_WORD], told.meaning)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _store(received: Received) -> None:
    changed = services().store.write_together(reports.take, received)
    for message_id in changed:
        services().waiting.ended(message_id)
    if changed:
        services().callbacks.ring()


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
