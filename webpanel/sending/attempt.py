"""One attempt: send, judge, and what of it may be written down.

A room of its own because a real send and a test are the same attempt, and only this one touches
unmasked secrets and replies.
"""

import secrets as random
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from webpanel.sending import policy
from webpanel.sending.transport import Exchange, Transport
from webpanel.wire import masking
from webpanel.wire.compose import Fresh, OutgoingRequest
from webpanel.wire.gateway import Gateway
from webpanel.wire.verdict import Reply, Verdict, retry_after

#: Names the program honestly; a gateway's headers may say otherwise.
USER_AGENT = f"webpanel/{version('webpanel')}"

#: As the column ``Message.provider_message_id``.
LONGEST_PROVIDER_ID = 200


def fresh() -> Fresh:
    """What must be new with each request."""
    return Fresh(int(time.time()), random.token_hex(16), random.token_hex(16))


@dataclass(frozen=True)
class Report:
    """How an attempt went. All of it but ``verdict`` is masked and may be stored.

    ``columns`` are those of :class:`webpanel.models.Attempt`; ``retry_after`` is in seconds.
    """

    verdict: Verdict
    columns: dict[str, Any]
    provider_message_id: str | None = None
    retry_after: float | None = None
    timed_out: bool = False


def run(
    transport: Transport, gateway: Gateway, secrets: Mapping[str, str], request: OutgoingRequest
) -> Report:
    """Send ``request`` once; blocks for the gateway's time-out at most."""
    exchange = transport.send(request, connect_timeout=gateway.connect_timeout, timeout=gateway.timeout)
    verdict = policy.assess(gateway, exchange, secrets.values())
    mask = _Mask(secrets)
    wait = None
    if verdict.outcome == "deferred" and exchange.reply is not None:
        wait = retry_after(exchange.reply, datetime.now(UTC))
    provider_id = None
    if verdict.message_id is not None:
        provider_id = mask.text(verdict.message_id)[:LONGEST_PROVIDER_ID]
    return Report(
        verdict,
        {
            "outcome": verdict.outcome,
            "reason": {"code": verdict.code, "values": mask.value(verdict.values)},
            "duration_ms": exchange.duration_ms,
            "request": masked_request(request, secrets, exchange.written) or None,
            **_reply_columns(exchange, mask),
        },
        provider_id,
        wait,
        policy.timed_out(verdict.code),
    )


def unsent(code: str) -> Report:
    """The report of an attempt that was marked, and then not made for a reason of our own."""
    return Report(
        Verdict("not_sent", code),
        {"outcome": "not_sent", "reason": {"code": code, "values": {}}, "duration_ms": 0},
    )


def withheld(report: Report, text: str) -> Report:
    """The report of a sensitive message: nothing of its exchange that could hold ``text``.

    A login code is too short to be looked for by its value, so what left and what came back is not kept
    at all.
    """
    kept = {
        name: value
        for name, value in report.columns.items()
        if name not in ("request", "reply_head", "reply_body")
    }
    kept["reason"] = {**kept["reason"], "values": _without_quotes(kept["reason"]["values"])}
    provider_id = report.provider_message_id
    if provider_id is not None and text in provider_id:
        provider_id = None
    return replace(report, columns=kept, provider_message_id=provider_id)


def _without_quotes(value: Any, name: str = "") -> Any:
    """``value`` without what the provider said; its numbers and our own rules stay."""
    match value:
        case Mapping():
            return {key: _without_quotes(each, key) for key, each in value.items()}
        case list() | tuple():
            return [_without_quotes(each, name) for each in value]
        case str() if name not in ("code", "field", "rule"):
            return masking.MASK.decode()
        case _:
            return value


def masked_request(
    request: OutgoingRequest, secrets: Mapping[str, str], written: bytes | None = None
) -> bytes:
    """The request, or what was ``written`` of it, without its secrets."""
    raw = request.raw if written is None else written
    return masking.mask(raw, spans=request.secret_spans, secrets=secrets.values())


class _Mask:
    """Hides one gateway's secrets in whatever came back."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._secrets = tuple(secrets.values())

    def data(self, data: bytes) -> bytes:
        return masking.mask(data, secrets=self._secrets)

    def text(self, text: str) -> str:
        return self.data(text.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")

    def value(self, value: Any) -> Any:
        """A JSON-able value with every text in it masked."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {key: self.value(each) for key, each in value.items()}
            case list() | tuple():
                return [self.value(each) for each in value]
            case _:
                return value


def _reply_columns(exchange: Exchange, mask: _Mask) -> dict[str, Any]:
    reply = exchange.reply
    if reply is None:
        return {}
    return {
        "reply_status": reply.status or None,
        "reply_head": mask.data(_head(reply)) if reply.status else None,
        "reply_body": mask.data(reply.body),
        "reply_cut": reply.cut,
    }


def _head(reply: Reply) -> bytes:
    """Status line and headers; the version is not kept by the transport, and all speak 1.1 or 1.0."""
    lines = [f"HTTP/1.1 {reply.status} {reply.reason}".rstrip()]
    lines.extend(f"{name}: {value}" for name, value in reply.headers)
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")
