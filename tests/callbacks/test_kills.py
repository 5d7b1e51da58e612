"""Killed again and again while it tells, the panel tells everything, and what it tells stays the same."""

import random
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from tests.calling import Caller
from tests.instances import LOOPBACK, furnish, opened
from tests.pages import CheckingClient
from tests.receiver import OK, Answer, Receiver, Told
from tests.sending.panel import ago, eventually
from tests.server import running_server
from webpanel.models import Callback, CallbackAttempt

MESSAGES, KILLS = 60, 5
#: Seconds that a program takes for each request, and in which everything must be over in the end.
PACE, PATIENCE = 0.05, 60


def test_kills_lose_no_callback(tmp_path: Path) -> None:
    folder, record = tmp_path / "instance", tmp_path / "told"
    hurry = random.Random(7)  # noqa: S311 - when to kill

    def answers(_told: Told) -> Answer:
        time.sleep(PACE)
        return OK

    key = furnish(folder, "http://127.0.0.1:1/", test_state="sent")
    with Receiver(answers, record=record) as one, Receiver(answers, host="127.0.0.2", record=record) as two:
        with opened(folder) as app:
            app.test_client_class = CheckingClient
            caller = Caller(app, key)
            for number in range(MESSAGES):
                assert caller.send(callback_url=(one, two)[number % 2].url).status_code == 202
        env = {"WEBPANEL_ALLOW_NETWORKS": "127.0.0.0/8", "WEBPANEL_LEASE_SECONDS": "5"}
        for _ in range(KILLS):
            with running_server(folder, {**LOOPBACK, **env}) as server:
                before = len(one.told) + len(two.told)
                eventually(lambda before=before: len(one.told) + len(two.told) > before + hurry.randrange(6))
                server.kill()
        engine = create_engine(f"sqlite:///{folder / 'webpanel.sqlite'}")
        with engine.begin() as connection:
            # The leases of the last kill are over.
            connection.execute(
                update(Callback).where(Callback.lease_until.is_not(None)).values(lease_until=ago(1))
            )
        with running_server(folder, {**LOOPBACK, **env}) as server, Session(engine) as session:

            def over() -> bool:
                session.rollback()
                return set(session.scalars(select(Callback.state).distinct())) == {"told"}

            eventually(over, PATIENCE)
            attempts = list(session.scalars(select(CallbackAttempt)))
            server.stop()
        engine.dispose()
        bodies = {}
        for told in (*one.told, *two.told):
            assert bodies.setdefault(told.headers["webhook-id"], told.body) == told.body
    seen = Counter(record.read_text().split())
    assert len(seen) == MESSAGES
    assert all(attempt.finished_at for attempt in attempts)
    interrupted = sum(attempt.outcome == "later" for attempt in attempts)
    assert seen.total() <= MESSAGES + interrupted, "none comes again without a reason that is told"
