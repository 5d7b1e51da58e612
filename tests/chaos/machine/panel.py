"""The parts of a panel that take in and send, with the machine's clock and network, and their rows.

The tables are a real SQLite file; it lasts for many runs, each of which finds it empty.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.fernet import Fernet
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from tests.chaos.machine.clock import Clocks
from tests.chaos.machine.network import Flight, Killed, Network
from webpanel import applications, gateways, models
from webpanel.api.callbacks import compose
from webpanel.application_terms import Terms
from webpanel.applications import Grant, KeyTerms
from webpanel.callbacks import Deliverer, ledger
from webpanel.callbacks.deliverer import Send
from webpanel.models import db
from webpanel.sending.delivery import Delivery
from webpanel.sending.ledger import Claim
from webpanel.sending.questions import Loaded
from webpanel.store import Store, configure
from webpanel.vault import Vault
from webpanel.wire.gateway import Gateway as Settings

#: Seconds of a lease, and until what is not certain is sent once more; as a panel has them.
LEASE, RESEND_AFTER = 60.0, 60.0

TIMEOUT = 30.0

#: No limits.
_FREE = {"per_minute": 0, "parts_per_day": 0, "parts_per_month": 0, "per_recipient_hour": 0}

#: Made once, and found by every run.
_LASTS = frozenset({"application", "application_key"})


class Message(NamedTuple):
    """Times in milliseconds since 1970, as stored."""

    id: str
    state: str
    gateway_id: int | None
    expires_at: int
    lease_token: str | None
    lease_until: int | None
    possible_duplicate: int
    attempt_count: int
    test: int
    application_id: int | None


class Gateway(NamedTuple):
    id: int
    name: str
    version: int
    enabled: int
    stopped_at: int | None
    held_at: int | None
    paused_until: int | None
    failing_since: int | None
    next_gateway: str
    pace: float
    on_ambiguous: str


class Callback(NamedTuple):
    id: int
    message_id: str
    application_id: int | None
    state: str
    told_state: str
    due_at: int | None
    lease_token: str | None
    lease_until: int | None
    attempt_count: int
    failure_count: int


class Tables:
    """One file, one engine (which remembers how to say each statement), and a second way to look."""

    def __init__(self, folder: Path) -> None:
        file = folder / "webpanel.sqlite"
        self.engine = configure(create_engine(f"sqlite:///{file}"))

        @event.listens_for(self.engine, "connect")
        def _connect(connection: Any, _record: Any) -> None:
            # Nobody pulls this machine's plug; what a kill leaves is the affair of the other chaos tests.
            with closing(connection.cursor()) as cursor:
                cursor.execute("PRAGMA synchronous = OFF")

        self.clocks = Clocks(self.engine)
        db.metadata.create_all(self.engine)
        self.grants = self._grants()
        self._look = sqlite3.connect(file, isolation_level=None, check_same_thread=False)

    def close(self) -> None:
        self._look.close()
        self.engine.dispose()

    def empty(self) -> None:
        with self.engine.begin() as connection:
            for table in reversed(db.metadata.sorted_tables):
                if table.name not in _LASTS:
                    connection.execute(table.delete())
            connection.execute(
                db.metadata.tables["application"]
                .update()
                .values(callback_failing_since=None, callback_off_at=None, callback_secret=None)
            )

    def messages(self) -> list[Message]:
        rows = self._look.execute(f"SELECT {', '.join(Message._fields)} FROM message ORDER BY id")  # noqa: S608 - our own names
        return [Message(*row) for row in rows]

    def message(self, message_id: str) -> Message:
        return next(each for each in self.messages() if each.id == message_id)

    def gateways(self) -> dict[int, Gateway]:
        rows = self._look.execute(f"SELECT {', '.join(Gateway._fields)} FROM gateway ORDER BY id")  # noqa: S608 - as above
        return {row[0]: Gateway(*row) for row in rows}

    def marked(self, token: str) -> tuple[Any, ...] | None:
        """Message, number, beginning and end of the attempt under ``token``."""
        found = self._look.execute(
            "SELECT message_id, number, started_at, finished_at FROM attempt WHERE token = ?", (token,)
        )
        return found.fetchone()

    def uncertain(self) -> dict[str, list[int | None]]:
        """Message -> the gateways of its attempts of which the panel does not know how they went."""
        found: dict[str, list[int | None]] = {}
        rows = "SELECT message_id, gateway_id FROM attempt WHERE outcome = 'ambiguous'"
        for message_id, gateway_id in self._look.execute(rows):
            found.setdefault(message_id, []).append(gateway_id)
        return found

    def callbacks(self) -> dict[str, str]:
        """Message -> the state that its caller was, or is to be, told last."""
        return dict(self._look.execute("SELECT message_id, told_state FROM callback ORDER BY id"))

    def callback_rows(self) -> dict[int, Callback]:
        rows = self._look.execute(f"SELECT {', '.join(Callback._fields)} FROM callback ORDER BY id")  # noqa: S608 - as above
        return {row[0]: Callback(*row) for row in rows}

    def telling(self, token: str | None) -> tuple[Any, ...] | None:
        """Callback, number and end of the attempt to tell under ``token``."""
        found = self._look.execute(
            "SELECT callback_id, number, finished_at FROM callback_attempt WHERE token = ?", (token,)
        )
        return found.fetchone()

    def switched_off(self) -> set[int]:
        """The applications that are told nothing any more."""
        rows = self._look.execute("SELECT id FROM application WHERE callback_off_at IS NOT NULL")
        return {row[0] for row in rows}

    def _grants(self) -> dict[str, Grant]:
        """Two programs: one that sends, and one in test mode."""
        store = Store(self.engine)
        grants = {}
        for name, test_state in (("school", ""), ("tester", "delivered")):
            terms = Terms(name, **_FREE, test_state=test_state, callback_url=f"https://{name}.example/told")
            application_id = applications.add(store, terms, "ada")
            key = applications.add_key(store, application_id, KeyTerms(), "ada")
            grant = applications.recognise(store, key)
            assert grant is not None
            grants[name] = grant
        store.close()
        return grants


class Process:
    """One process of the panel, without its threads: what it claimed, and what it has on its way."""

    def __init__(self, store: Store, vault: Vault, network: Network, tell: Send) -> None:
        self._parts = store, vault, network, tell
        self.begin()

    def begin(self) -> None:
        """A new one, that knows of nothing which the one before had in hand."""
        store, vault, network, tell = self._parts
        self.delivery = Delivery(store, vault, network, lease=LEASE, resend_after=RESEND_AFTER)  # type: ignore[arg-type]
        self.claims = self.delivery._claims
        self.deliverer = Deliverer(store, vault, tell, {"json": compose}, lease=LEASE)
        self.hand: list[tuple[Loaded, Claim]] = []
        self.flights: list[Flight] = []

    def take(self, gateway_id: int, limit: int) -> None:
        loaded = self.claims.load(gateway_id)
        if loaded is not None:
            self.hand += [(loaded, claim) for claim in self.claims.take(loaded, limit)]

    def send(self, place: int) -> Flight | None:
        """Send what it has in hand there; None when nothing left."""
        loaded, claim = self.hand.pop(place)
        flight = Flight(self.claims, loaded, claim)
        if not flight.start():
            return None
        self.flights.append(flight)
        return flight

    def tell(self, site: str, limit: int) -> None:
        """Tell callers what is due at ``site``, one after the other; the first answer may be its end."""
        store, deliverer = self._parts[0], self.deliverer
        for claim in store.write(lambda c: ledger.claim(c, site, limit, deliverer._lease)):
            try:
                deliverer._tell(claim)
            except Killed:
                return

    def give_back(self) -> None:
        if self.hand:
            self.claims.give_back([claim for _, claim in self.hand])
            self.hand = []


class Panel:
    """The parts of one run. ``left`` is called with each request that leaves; ``tell`` takes callbacks."""

    def __init__(self, tables: Tables, left: Callable[[Flight, float], None], tell: Send) -> None:
        tables.empty()
        self.tables = tables
        self.store = Store(tables.engine)
        self.vault = Vault([Fernet.generate_key()])
        network = Network(left)
        self.processes = [Process(self.store, self.vault, network, tell) for _ in range(2)]

    def close(self) -> None:
        self.store.close()

    @property
    def flights(self) -> list[Flight]:
        return [flight for process in self.processes for flight in process.flights]

    def add_gateway(self, number: int, **settings: Any) -> int:
        named = Settings(
            name=f"Gateway {number}",
            url=f"http://{number}.example/send",
            headers="X-Message: {{message_id}}",
            body_form="to={{recipient}}\ntext={{message}}",
            success_kind="text",
            success_rule='"sent": true',
            message_id_kind="jmespath",
            message_id_rule="id",
            timeout=TIMEOUT,
            **settings,
        )
        return gateways.create(self.store, self.vault, named, {}, "ada")

    def settings(self, gateway_id: int) -> tuple[int, Settings]:
        """Version and settings, as a form finds them."""
        with Session(self.tables.engine) as session:
            row = session.get_one(models.Gateway, gateway_id)
            return row.version, row.settings()

    def message(self, message_id: str) -> models.Message:
        """The message as a page has it."""
        with Session(self.tables.engine, expire_on_commit=False) as session:
            return session.get_one(models.Message, message_id)
