"""A panel with callers before it and a counting provider behind it, which outlive its processes."""

import random
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import ColumnElement, create_engine, func, select

from tests.calling import add_application, add_gateway
from tests.chaos.callers import Callers
from tests.chaos.points import Point
from tests.chaos.reckoning import FIGURES, Figures, reckon
from tests.chaos.reporter import Reporter
from tests.instances import LOOPBACK, opened
from tests.receiver import Receiver
from tests.sending.counting import OK, Answer, CountingProvider
from tests.sending.panel import eventually
from tests.server import Server, running_server
from webpanel import panel
from webpanel.models import Callback, Gateway, Message, ReportWaiting

#: The shortest lease there is, so that what a kill left behind is taken up soon.
LEASE = 5
SETTINGS = {**LOOPBACK, "WEBPANEL_LEASE_SECONDS": str(LEASE), "WEBPANEL_RESEND_AFTER_SECONDS": "1"}

#: The share of replies that get lost anyhow.
CUT = 0.02

#: Seconds in which a process comes to its point, and in which all is over in the end.
PATIENCE = 120

#: How the provider reports: our own id in the address, its word in a form.
REPORTS = {
    "report_id_kind": "address",
    "report_status_kind": "field",
    "report_status_rule": "s",
    "report_words": "DONE = delivered",
}

LAUNCHER = "tests.chaos.panel"


@dataclass
class World:
    folder: Path
    provider: CountingProvider
    callers: Callers
    reporter: Reporter
    record: Path
    chance: random.Random
    #: Seconds that the provider takes for a request.
    slow: float
    kills: int = 0
    _settings: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))

    @property
    def database(self) -> Path:
        return self.folder / "webpanel.sqlite"

    def _at(self, url: str) -> None:
        """Where the panel is now, for all who call it; blank while there is none."""
        self.callers.use(url)
        self.reporter.url = url

    def kill_at(self, point: Point, nth: int) -> None:
        """A panel under load that dies when it comes to ``point`` for the ``nth`` time."""
        env = {**self._settings, "CHAOS_POINT": point.name, "CHAOS_NTH": str(nth)}
        with running_server(self.folder, env, module=LAUNCHER, mortal=True) as server:
            self._at(server.url)
            try:
                status = server.ended(PATIENCE)
            except subprocess.TimeoutExpired:
                raise AssertionError(f"it did not come to “{point.name}”:\n{server.output}") from None
            assert status == -signal.SIGKILL, server.output
            self._at("")
        self.kills += 1

    def kill_at_random(self) -> None:
        """A panel under load that is killed somewhere on its way."""
        with self.serving() as server:
            moment = self.provider.total + self.chance.randint(1, 40)
            eventually(lambda: self.provider.total >= moment, PATIENCE)
            time.sleep(self.chance.random() * 3 * self.slow)
            server.kill()
            self._at("")
        self.kills += 1

    @contextmanager
    def serving(self, **env: str) -> Iterator[Server]:
        """A panel that is called as long as the block lasts."""
        with running_server(self.folder, {**self._settings, **env}, module=LAUNCHER) as server:
            self._at(server.url)
            yield server
            self._at("")

    def settle(self, patience: float = PATIENCE) -> None:
        """While a panel serves: let callers end, and wait until every message is final, and told."""
        self.callers.finish()
        assert self.callers.wrong == []
        eventually(lambda: self.moving() == 0 and self.reporter.idle and self.untold() == 0, patience)

    def moving(self) -> int:
        return self._count(Message.final_at.is_(None))

    def untold(self) -> int:
        """Callbacks that were not told yet, and reports that wait for their message."""
        return self._count(Callback.state != "told") + self._count(ReportWaiting.id.is_not(None))

    def _count(self, condition: ColumnElement[bool]) -> int:
        engine = create_engine(f"sqlite:///{self.database}")
        try:
            with engine.connect() as connection:
                return connection.execute(select(func.count()).where(condition)).scalar_one()
        finally:
            engine.dispose()

    def reckon(self, name: str) -> Figures:
        """After the last panel ended. The figures are kept under ``name``."""
        accepted = set(self.callers.accepted.values())
        assert len(accepted) == len(self.callers.accepted), "two requests never share a message"
        FIGURES[name] = reckon(
            self.database, self.record, accepted, reported=self.reporter.taken, kills=self.kills
        )
        return FIGURES[name]


@contextmanager
def world(
    folder: Path, *, slow: float = 0.01, in_flight: int = 4, timeout: float = 2.0, calling: int = 4
) -> Iterator[World]:
    seed = secrets.randbelow(1_000_000)
    print(f"seed {seed}")  # noqa: T201 - to repeat a failure; pytest shows it then only
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    record = folder / "seen"
    record.touch()

    def answer(message_id: str, _body: bytes) -> Answer:
        time.sleep(slow)
        if chance.random() < 0.3 and calling:
            # Before the answer: a report may overtake it.
            reporter.report(message_id)
        return Answer(cut=True) if chance.random() < CUT else OK

    with CountingProvider(answer, record) as provider, Receiver() as receiver:
        key, token = furnish(folder / "instance", provider.url, in_flight=in_flight, timeout=timeout)
        with Reporter(token) as reporter, Callers(key, receiver.url, threads=calling) as callers:
            yield World(folder / "instance", provider, callers, reporter, record, chance, slow)


def furnish(folder: Path, url: str, **settings: float) -> tuple[str, str]:
    """One gateway, and an application; returns the key of the one and the report token of the other."""
    with opened(folder) as app:
        store = app.extensions["webpanel"].store
        panel.set_country(store, "GB")
        add_gateway(app, url=url, headers="X-Message: {{message_id}}", **REPORTS, **settings)
        with store.engine.connect() as connection:
            token = connection.execute(select(Gateway.report_token)).scalar_one()
        return add_application(app), token
