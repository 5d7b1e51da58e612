"""A panel with a gateway whose provider reports, and messages in any state."""

import itertools
from typing import Any

from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from webpanel import gateways
from webpanel.models import Attempt, Event, Gateway, Message, ReportReceived, ReportWaiting
from webpanel.services import Services
from webpanel.store import from_now
from webpanel.wire.gateway import Gateway as Settings
from webpanel.words.events import FINAL_STATES

NUMBER = "+447911123456"

WORDS = "delivered = delivered\nfailed = undelivered\nsent = under way\nread = ignore"

#: How the gateway of these tests reads its reports.
FIELDS = {
    "report_id_kind": "field",
    "report_id_rule": "id",
    "report_status_kind": "field",
    "report_status_rule": "status",
    "report_words": WORDS,
}


class ReportingPanel:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self.parts: Services = app.extensions["webpanel"]
        self._numbers = itertools.count()
        self._names = itertools.count()

    def gateway(self, secrets: dict[str, str] | None = None, **settings: Any) -> int:
        wanted = Settings(
            name=f"Town SMS {next(self._names)}",
            url="https://sms.town.example/send",
            body_form="to={{recipient}}\ntext={{message}}",
            **{**FIELDS, **settings},
        )
        return gateways.create(self.parts.store, self.parts.vault, wanted, secrets or {}, "ada")

    def path(self, gateway_id: int) -> str:
        with Session(self.parts.store.engine) as session:
            return f"/reports/{session.get_one(Gateway, gateway_id).report_token}"

    def message(self, gateway_id: int | None, state: str = "sent", **columns: Any) -> str:
        """A message of one attempt; ``provider_message_id`` unless told otherwise is ``p-`` and its id."""
        message_id = f"01M85000{next(self._numbers):018d}"
        row = {
            "id": message_id,
            "created_at": from_now(-60),
            "expires_at": from_now(3600),
            "due_at": from_now(600) if state in ("queued", "scheduled") else None,
            "final_at": from_now(-30) if state in FINAL_STATES else None,
            "gateway_id": gateway_id,
            "gateway_name": "Town SMS",
            "created_by": "ada",
            "source": "page",
            "recipient": NUMBER,
            "text": "Hello",
            "encoding": "gsm7",
            "parts": 1,
            "state": state,
            "attempt_count": 1,
            "provider_message_id": f"p-{message_id}",
            **columns,
        }
        attempt = {
            "message_id": message_id,
            "gateway_id": gateway_id,
            "number": 1,
            "started_at": from_now(-40),
            "token": message_id,
            "outcome": "accepted",
        }

        def group(connection: Any) -> None:
            connection.execute(insert(Message.__table__).values(row))
            if row["attempt_count"]:
                connection.execute(insert(Attempt.__table__).values(attempt))

        self.parts.store.write(group)
        return message_id

    def report(self, gateway_id: int, **fields: str) -> TestResponse:
        return self.app.test_client().post(self.path(gateway_id), data=fields, token=False)

    def row(self, message_id: str) -> Message:
        with Session(self.parts.store.engine, expire_on_commit=False) as session:
            return session.get_one(Message, message_id)

    def state(self, message_id: str) -> str:
        return self.row(message_id).state

    def events(self, message_id: str) -> list[str]:
        with Session(self.parts.store.engine) as session:
            found = select(Event.code).filter_by(message_id=message_id).order_by(Event.id)
            return list(session.scalars(found))

    def received(self, gateway_id: int) -> list[ReportReceived]:
        """The newest last."""
        with Session(self.parts.store.engine, expire_on_commit=False) as session:
            found = select(ReportReceived).filter_by(gateway_id=gateway_id).order_by(ReportReceived.id)
            return list(session.scalars(found))

    def waiting(self) -> list[str]:
        with Session(self.parts.store.engine) as session:
            return list(session.scalars(select(ReportWaiting.named).order_by(ReportWaiting.id)))

    def settle(self) -> int:
        return self.parts.sender.delivery.settle_reports(everything=True)
