"""Preview and test of a gateway as it stands in a form, saved or not.

A test is a real send without queue, retry or other gateway: the same request, transport, rules and
masking, recorded as a message marked ``test`` before the connection opens.
"""

import dataclasses
import secrets as random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, insert, select
from ulid import ULID

from webpanel import models
from webpanel.sending import attempt, ledger, policy
from webpanel.sending.transport import Transport
from webpanel.store import Store, from_now, now
from webpanel.wire import content
from webpanel.wire.compose import OutgoingRequest, Values, compose
from webpanel.wire.content import Content
from webpanel.wire.gateway import Gateway
from webpanel.wire.report import url_for

#: Stands for the message's id in a preview: as long as a real one, and plainly none.
PREVIEW_ID = "0" * 26

_gateway = models.Gateway.__table__
_message = models.Message.__table__


@dataclass(frozen=True)
class Preview:
    """A request that was composed and not sent; ``shown`` is all of it, without its secrets."""

    request: OutgoingRequest
    shown: str


def preview(  # noqa: PLR0913 - a gateway, what is sent and where it is reported, each by name
    gateway: Gateway,
    secrets: Mapping[str, str],
    *,
    to: str,
    text: str,
    panel_country: str,
    report_address: str = "",
) -> Preview:
    """The exact request for a number and a text; ``report_address`` is the gateway's.

    Raises Refused (``recipient``, ``text``, a setting).
    """
    wanted = content.read(gateway, to, text, panel_country)
    request = _composed(gateway, secrets, wanted, PREVIEW_ID, report_address)
    shown = attempt.masked_request(request, secrets)
    return Preview(request, shown.decode("utf-8", "replace"))


def run(  # noqa: PLR0913 - the parts of a panel, a gateway, who and what, each by name
    store: Store,
    transport: Transport,
    gateway: Gateway,
    secrets: Mapping[str, str],
    *,
    to: str,
    text: str,
    panel_country: str,
    actor: str,
    gateway_id: int | None,
    lease: float,
    report_address: str = "",
) -> str:
    """Send one test; returns the id of its message, which is final (``sent``, ``failed``, ``unknown``).

    Blocks for the gateway's time-out at most. ``gateway_id`` is the saved gateway that the settings
    belong to, if any; ``lease`` in seconds; ``report_address`` is where its provider reports.
    Raises Refused when nothing can be composed: then nothing was sent. Raises StoreUnavailable: then either
    nothing was sent, or the message stands recorded and becomes ``unknown``.
    """
    wanted = content.read(gateway, to, text, panel_country)
    message_id = str(ULID())
    request = _composed(gateway, secrets, wanted, message_id, report_address)
    token = random.token_hex(16)
    # Afterwards the sweep calls it uncertain: this process is gone by then.
    lasts = gateway.timeout + lease

    def record(connection: Connection) -> None:
        present = now(connection)
        connection.execute(
            insert(_message).values(
                id=message_id,
                created_at=present,
                # Null when it was deleted while somebody had its form open.
                gateway_id=select(_gateway.c.id).where(_gateway.c.id == gateway_id).scalar_subquery(),
                gateway_name=gateway.name,
                test=True,
                test_settings=dataclasses.asdict(gateway),
                created_by=actor,
                source="test",
                recipient=wanted.recipient.value,
                text=wanted.text,
                sender=gateway.sender,
                encoding=wanted.measure.encoding,
                parts=wanted.measure.parts,
                country=wanted.recipient.region,
                state="sending",
                expires_at=present + timedelta(seconds=lasts),
                lease_token=token,
                lease_until=from_now(lasts),
                attempt_count=1,
            )
        )
        ledger.begin(connection, message_id, None, 1, token)
        ledger.note(connection, message_id, "event_test", {"gateway": gateway.name}, actor)

    asked = time.monotonic()
    store.write(record)
    if time.monotonic() - asked < lease:
        # Who reads the message's page need not know where reports are believed.
        hidden = {**secrets, "": report_address.rpartition("/")[2]}
        report = attempt.run(transport, gateway, hidden, request)
    else:
        report = attempt.unsent("marked_too_long_ago")
    step = policy.after_test(report.verdict)
    store.insist(
        lambda connection: ledger.finish(connection, ledger.Held(message_id, token), report, step),
        asked + lasts - time.monotonic(),
    )
    return message_id


def _composed(
    gateway: Gateway, secrets: Mapping[str, str], wanted: Content, message_id: str, report_address: str
) -> OutgoingRequest:
    values = Values(
        recipient=wanted.recipient,
        message=wanted.text,
        message_id=message_id,
        fresh=attempt.fresh(),
        sender=gateway.sender,
        secrets=secrets,
        report_url=url_for(gateway, report_address, message_id),
    )
    return compose(gateway, values, user_agent=attempt.USER_AGENT)
