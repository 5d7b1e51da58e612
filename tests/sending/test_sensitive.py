"""Sensitive messages on their way: their text reaches the provider and stays nowhere else."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from tests.sending.counting import Answer, CountingProvider
from tests.sending.panel import NUMBER, SendingPanel, running
from webpanel import intake, rotation
from webpanel.intake import Caller, Place, Wanted
from webpanel.models import Message, db
from webpanel.vault import Vault
from webpanel.wire.problem import Refused

#: Short enough not to be masked by its value, and with letters that no id of ours has.
CODE = "zq47"


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[SendingPanel]:
    with running(tmp_path) as panel:
        yield panel


def accept(panel: SendingPanel, text: str) -> str:
    submitted = intake.submit(
        panel.store,
        vault=panel.vault,
        caller=Caller("Moodle", "api"),
        place=Place("GB", timedelta(hours=1)),
        wanted=[Wanted(NUMBER, text, sensitive=True)],
        ring=panel.rings.append,
    )
    assert submitted.results[0].message_id is not None
    return submitted.results[0].message_id


@pytest.mark.parametrize("status", [200, 400, 401, 503, 500])
def test_an_echoed_code_is_kept_nowhere(panel: SendingPanel, status: int) -> None:
    echo = Answer(status, b'{"sent": true, "text": "Your code is zq47", "id": "zq47-1"}', (("X-Text", CODE),))
    with CountingProvider(echo) as provider:
        gateway_id = panel.gateway(
            f"{provider.url}?text={{{{message}}}}",
            success_kind="text",
            success_rule="sent",
            message_id_kind="jmespath",
            message_id_rule="id",
            reason_kind="jmespath",
            reason_rule="text",
        )
        message_id = accept(panel, CODE)
        panel.deliver(gateway_id)
        assert CODE.encode() in provider.bodies[0], "the provider got it"
    message = panel.message(message_id)
    assert panel.attempts(message_id)[0].reply_status == status
    assert (message.sealed_text is None) == (message.final_at is not None)
    with panel.engine.connect() as connection:
        rows = [row for table in db.metadata.sorted_tables for row in connection.execute(select(table))]
    cells = [cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row]
    assert len(cells) > 100
    assert not [cell for cell in cells if CODE.encode() in cell]


def test_it_cannot_be_sent_again(panel: SendingPanel) -> None:
    with CountingProvider() as provider:
        gateway_id = panel.gateway(provider.url)
        message_id = accept(panel, CODE)
        panel.deliver(gateway_id)
    with pytest.raises(Refused) as refused:
        intake.resend(
            panel.store,
            panel.message(message_id),
            vault=panel.vault,
            panel_country="GB",
            actor="ada",
            source="page",
            lifetime_hours=1,
            ring=panel.rings.append,
        )
    assert [problem.code for problem in refused.value.problems] == ["message_sensitive"]


def test_a_text_that_waits_can_be_read_after_the_key_was_changed(panel: SendingPanel) -> None:
    """The old key may go as soon as the panel was started with both."""
    message_id = panel.accept(panel.gateway("http://127.0.0.1:9/"))
    old, new = Fernet.generate_key(), Fernet.generate_key()
    sealed = Vault([old]).encrypt(CODE)
    panel.change(Message, message_id, text=None, sensitive=True, sealed_text=sealed)
    assert rotation.rotate(panel.store, Vault([new, old])) == 0
    assert Vault([new]).decrypt(panel.message(message_id).sealed_text) == CODE
