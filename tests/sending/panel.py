"""The parts of a panel that send, on a real SQLite file, without pages."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Engine, create_engine, select, update
from sqlalchemy.orm import Session

from webpanel import intake
from webpanel.models import Attempt, Event, Gateway, Message, Secret, db
from webpanel.sending.delivery import AGAIN, Delivery
from webpanel.sending.networks import Networks
from webpanel.sending.transport import Transport
from webpanel.store import Store, configure, now
from webpanel.vault import Vault

#: Seconds that a condition is waited for at most.
PATIENCE = 15

NUMBER = "+447911123456"


def open_engine(path: Path) -> Engine:
    url = f"sqlite:///{path}"
    empty = create_engine(url)
    with empty.begin() as connection:
        # Twenty durable commits for the tables alone would be most of a test's time.
        connection.exec_driver_sql("PRAGMA synchronous = OFF")
        db.metadata.create_all(connection)
    empty.dispose()
    return configure(create_engine(url))


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def eventually(condition: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """What ``condition`` returns once it is true; fails when it never is."""
    ends = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.01)
    return found


@dataclass
class SendingPanel:
    engine: Engine
    store: Store
    vault: Vault
    transport: Transport
    delivery: Delivery
    #: The gateways that intake rang for, in order.
    rings: list[int] = field(default_factory=list)

    def gateway(self, url: str, *, secrets: dict[str, str] | None = None, **columns: Any) -> int:
        row = {
            "name": "Generic",
            "url": url,
            "headers": "X-Message: {{message_id}}",
            "body_form": "to={{recipient}}\ntext={{message}}",
            "success_kind": "text",
            "success_rule": '"sent": true',
            "timeout": 5.0,
            **columns,
        }
        with Session(self.engine) as session:
            at = now(session.connection())
            gateway = Gateway(created_at=at, updated_at=at, **row)
            for name, value in (secrets or {}).items():
                gateway.secrets.append(Secret(name=name, ciphertext=self.vault.encrypt(value)))
            session.add(gateway)
            session.commit()
            return gateway.id

    def accept(self, gateway_id: int, text: str = "Hello", **facts: Any) -> str:
        with Session(self.engine) as session:
            return intake.accept(
                self.store,
                vault=self.vault,
                gateway=session.get_one(Gateway, gateway_id),
                **{
                    "ring": self.rings.append,
                    "panel_country": "GB",
                    "to": NUMBER,
                    "text": text,
                    "actor": "ada",
                    "source": "page",
                    "lifetime_hours": 24,
                    **facts,
                },
            )

    def message(self, message_id: str) -> Message:
        with Session(self.engine, expire_on_commit=False) as session:
            return session.get_one(Message, message_id)

    def attempts(self, message_id: str) -> list[Attempt]:
        with Session(self.engine, expire_on_commit=False) as session:
            found = select(Attempt).filter_by(message_id=message_id).order_by(Attempt.number)
            return list(session.scalars(found))

    def events(self, message_id: str) -> list[str]:
        with Session(self.engine) as session:
            found = select(Event.code).filter_by(message_id=message_id).order_by(Event.id)
            return list(session.scalars(found))

    def gateway_row(self, gateway_id: int) -> Gateway:
        with Session(self.engine, expire_on_commit=False) as session:
            return session.get_one(Gateway, gateway_id)

    def change(self, model: type[Message] | type[Gateway], key: Any, **columns: Any) -> None:
        self.store.write(
            lambda connection: connection.execute(update(model).where(model.id == key).values(columns))
        )

    def states(self) -> list[str]:
        with Session(self.engine) as session:
            return list(session.scalars(select(Message.state).order_by(Message.id)))

    def deliver(self, gateway_id: int) -> datetime | None:
        """Drains, as a sender calls them, until nothing is due soon; returns what the last one returned."""
        ends = time.monotonic() + PATIENCE
        while True:
            again = self.delivery.drain(gateway_id)
            assert self.delivery.settle(PATIENCE)
            if again is None or again > datetime.now(UTC) + timedelta(seconds=2 * AGAIN):
                return again
            assert time.monotonic() < ends, "it is due again and again"

    def another_process(self, **delays: float) -> Delivery:
        """A delivery that holds none of this one's claims, as after a restart or on another machine."""
        return Delivery(
            self.store, self.vault, self.transport, **{"lease": 5.0, "resend_after": 60.0, **delays}
        )


@contextmanager
def running(folder: Path, *, transport: Transport | None = None, **delays: float) -> Iterator[SendingPanel]:
    engine = open_engine(folder / "webpanel.sqlite")
    store = Store(engine)
    vault = Vault([Fernet.generate_key()])
    transport = transport or Transport(Networks.parse("127.0.0.1"))
    delivery = Delivery(store, vault, transport, **{"lease": 5.0, "resend_after": 60.0, **delays})
    try:
        yield SendingPanel(engine, store, vault, transport, delivery)
    finally:
        delivery.stop()
        transport.close()
        store.close()
        engine.dispose()


def facts(row: Any, *names: str) -> dict[str, Any]:
    """Some of a row's columns, to compare at once."""
    return {name: getattr(row, name) for name in names}
