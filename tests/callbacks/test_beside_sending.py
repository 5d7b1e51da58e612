"""Telling callers and sending messages are apart: programs that hang delay no message."""

from sqlalchemy import func, select

from tests.callbacks.conftest import Panel
from tests.calling import UNLIMITED, Caller, add_application, add_gateway
from tests.conftest import MakeApp
from tests.receiver import Answer, Receiver
from tests.sending.counting import OK, CountingProvider
from tests.sending.panel import eventually
from webpanel.models import Message, db

MESSAGES = 40


def test_programs_that_hang_delay_no_message(make_app: MakeApp) -> None:
    app = make_app(WEBPANEL_ALLOW_NETWORKS="127.0.0.0/8")
    panel = Panel(app)
    with CountingProvider(OK) as provider, Receiver(Answer(hang=True), host="127.0.0.2") as dead:
        add_gateway(app, url=provider.url, in_flight=8, timeout=10.0)
        caller = Caller(app, add_application(app, UNLIMITED))
        panel.parts.sender.start()
        panel.parts.callbacks.start()
        try:
            for number in range(MESSAGES):
                answer = caller.send(message=f"Hello {number}", callback_url=dead.url)
                assert answer.status_code == 202

            def sent() -> int:
                with app.app_context():
                    return db.session.scalar(select(func.count(Message.id)).filter_by(state="sent")) or 0

            eventually(lambda: sent() == MESSAGES)
            assert provider.total == MESSAGES
            eventually(lambda: dead.told)
            states = [callback.state for callback in panel.callbacks()]
            assert len(states) == MESSAGES, "all of them are written down"
            assert "told" not in states
        finally:
            panel.parts.callbacks._stopping.set()
    panel.parts.callbacks.stop()


def test_from_the_call_to_the_callback(panel: Panel, receiver: Receiver) -> None:
    """Message, outcome and callback follow each other without a person or a clock between them."""
    with CountingProvider(OK) as provider:
        add_gateway(panel.app, "Real", url=provider.url, timeout=5.0)
        caller = Caller(panel.app, add_application(panel.app, UNLIMITED))
        panel.parts.sender.start()
        panel.parts.callbacks.start()
        caller.send(gateway="Real", callback_url=receiver.url)
        eventually(lambda: receiver.told)
    assert eventually(lambda: [each.state for each in panel.callbacks()] == ["told"])
