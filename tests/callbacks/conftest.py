"""A panel whose callers are told by hand: a test says when."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.calling import Caller, add_application, add_gateway
from tests.conftest import MakeApp
from tests.receiver import Receiver
from webpanel import callbacks
from webpanel.models import Application, Callback, CallbackAttempt, Message, db
from webpanel.services import Services
from webpanel.store import from_now

#: Seconds for what is under way to end.
PATIENCE = 15


@dataclass
class Panel:
    app: Flask

    @property
    def parts(self) -> Services:
        return self.app.extensions["webpanel"]

    def caller(self, **terms: Any) -> Caller:
        """An application in test mode: its messages end at once, and are told."""
        return Caller(self.app, add_application(self.app, **{"test_state": "sent", **terms}))

    def secret(self, application_id: int = 1) -> str:
        secret = callbacks.new_secret(self.parts.store, self.parts.vault, application_id)
        assert secret
        return secret

    def tell(self) -> int:
        """Everything that is due, to its end; returns how many were told, or tried."""
        count = 0
        while begun := self.parts.callbacks.tell_due():
            count += begun
            assert self.parts.callbacks.settle(PATIENCE)
        return count

    def callbacks(self) -> list[Callback]:
        return self._all(select(Callback).order_by(Callback.id))

    def attempts(self) -> list[CallbackAttempt]:
        return self._all(select(CallbackAttempt).order_by(CallbackAttempt.id))

    def application(self) -> Application:
        return self._all(select(Application))[0]

    def message(self) -> Message:
        return self._all(select(Message).order_by(Message.id))[0]

    def change(self, model: type, *conditions: Any, **columns: Any) -> None:
        self.parts.store.write(lambda c: c.execute(update(model).where(*conditions).values(columns)))

    def make_due(self) -> None:
        """What waits for another try has waited for long enough."""
        self.change(Callback, Callback.due_at.is_not(None), due_at=from_now(-1))

    def _all(self, wanted: Any) -> list[Any]:
        with self.app.app_context():
            return list(db.session.scalars(wanted).all())


@pytest.fixture
def panel(make_app: MakeApp) -> Iterator[Panel]:
    app = make_app(WEBPANEL_ALLOW_NETWORKS="127.0.0.0/8")
    add_gateway(app)
    yield Panel(app)
    app.extensions["webpanel"].callbacks.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening
