"""Killed again and again while it sends, the panel loses no message and hides no second one."""

import random
import secrets
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from tests.sending.counting import OK, Answer, CountingProvider
from tests.sending.panel import NUMBER, eventually
from tests.server import running_server
from webpanel import create_app, database, gateways, instance, intake
from webpanel.config import Config
from webpanel.models import Attempt, Gateway, Message
from webpanel.wire.gateway import Gateway as Settings

MESSAGES = 200
KILLS = 5
#: Seconds that the provider takes for each request, and in which everything must be over in the end.
PACE, PATIENCE = 0.03, 45


def fill(folder: Path, url: str) -> list[str]:
    """A panel with one gateway and its messages waiting; nothing is sent yet."""
    instance.prepare(folder)
    config = Config.load({}, folder)
    database.upgrade(config)
    app = create_app(config)
    parts = app.extensions["webpanel"]
    settings = Settings(
        name="Generic",
        url=url,
        headers="X-Message: {{message_id}}",
        body_form="to={{recipient}}\ntext={{message}}",
        timeout=2.0,
        in_flight=4,
    )
    gateway_id = gateways.create(parts.store, parts.vault, settings, {}, "ada")
    with Session(parts.store.engine) as session:
        gateway = session.get_one(Gateway, gateway_id)
        accepted = [
            intake.accept(
                parts.store,
                vault=parts.vault,
                gateway=gateway,
                panel_country="GB",
                to=NUMBER,
                text=f"Message {number}",
                actor="ada",
                source="page",
                lifetime_hours=24,
                ring=parts.sender.ring,
            )
            for number in range(MESSAGES)
        ]
    parts.sender.stop()
    parts.store.close()
    parts.transport.close()
    with app.app_context():
        database.db.engine.dispose()
    return accepted


def test_killed_at_random_while_sending(tmp_path: Path) -> None:
    seed = secrets.randbelow(1_000_000)
    print(f"seed {seed}")  # noqa: T201 - to repeat a failure; pytest shows it then only
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    record = tmp_path / "seen"

    def answer(_message_id: str, _body: bytes) -> Answer:
        time.sleep(PACE)
        # Also without a kill some replies get lost.
        return Answer(cut=True) if chance.random() < 0.02 else OK

    with CountingProvider(answer, record) as provider:
        accepted = fill(tmp_path / "instance", provider.url)
        settings = {
            "WEBPANEL_ALLOW_NETWORKS": "127.0.0.1",
            "WEBPANEL_LEASE_SECONDS": "5",
            "WEBPANEL_RESEND_AFTER_SECONDS": "1",
        }
        for _ in range(KILLS):
            moment = provider.total + chance.randint(1, MESSAGES // KILLS - 10)
            with running_server(tmp_path / "instance", settings) as server:
                eventually(lambda moment=moment: provider.total >= moment)
                time.sleep(chance.random() * PACE)
                server.kill()
        assert provider.total < MESSAGES, "it was killed while there was something left to send"

        with running_server(tmp_path / "instance", settings) as server:
            engine = create_engine(f"sqlite:///{tmp_path / 'instance' / 'webpanel.sqlite'}")
            with Session(engine) as session:

                def moving() -> bool:
                    session.rollback()
                    return (
                        session.scalars(select(Message.id).where(Message.final_at.is_(None))).first() is None
                    )

                eventually(moving, PATIENCE)
                messages = {message.id: message for message in session.scalars(select(Message))}
                codes = [
                    attempt.reason["code"] for attempt in session.scalars(select(Attempt)) if attempt.reason
                ]
            engine.dispose()
            assert server.stop() == 0

    seen = Counter(record.read_text().split())
    assert seen == provider.seen
    assert set(messages) == set(accepted), "none is lost"
    assert set(seen) <= set(accepted)
    assert {message.state for message in messages.values()} <= {"sent", "unknown"}
    assert "interrupted" in codes, "at least one kill hit an attempt"
    for message_id, message in messages.items():
        assert seen[message_id] <= message.attempt_count
        assert seen[message_id] <= 2
        assert message.possible_duplicate or seen[message_id] < 2, "every possible duplicate is flagged"
        if message.state == "sent":
            assert seen[message_id] >= 1
        else:
            assert message.possible_duplicate, "unclear only after it was sent once more"
