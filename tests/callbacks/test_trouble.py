"""Programs that do not take what they are told: tried again, given up, switched off; nobody else waits."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from standardwebhooks import Webhook

from tests.callbacks.conftest import PATIENCE, Panel
from tests.calling import add_gateway
from tests.conftest import MakeApp
from tests.receiver import OK, Answer, Receiver
from tests.sending.panel import eventually
from tests.sending.sockets import Server, unanswered_port
from webpanel import callbacks, rotation
from webpanel.callbacks import deliverer as delivering
from webpanel.callbacks.policy import SCHEDULE
from webpanel.models import Application, Callback
from webpanel.store import from_now
from webpanel.vault import Vault


def test_tried_until_it_is_taken(panel: Panel, receiver: Receiver) -> None:
    panel.caller().send(callback_url=receiver.url)
    answers = iter([Answer(503), Answer(429, headers=(("Retry-After", "77"),)), OK])
    receiver.answers = lambda _told: next(answers)
    waits = []
    for _ in range(3):
        assert panel.tell() == 1
        (callback,) = panel.callbacks()
        if callback.due_at:
            last = panel.attempts()[-1]
            waits.append(round((callback.due_at - last.finished_at).total_seconds()))
        panel.make_due()
    assert waits == [5, 77]
    assert [attempt.outcome for attempt in panel.attempts()] == ["later", "later", "told"]
    assert {told.headers["webhook-id"] for told in receiver.told} == {f"msg_{panel.message().id}_1"}
    assert len({told.body for told in receiver.told}) == 1


def test_given_up_after_the_last_of_the_schedule_and_sent_again_by_hand(
    panel: Panel, receiver: Receiver
) -> None:
    panel.caller().send(callback_url=receiver.url)
    receiver.answers = Answer(500, b"down")
    for _ in range(len(SCHEDULE) + 3):
        panel.tell()
        panel.make_due()
    assert len(receiver.told) == len(SCHEDULE) + 1
    assert panel.callbacks()[0].state == "failed"
    receiver.answers = OK
    store, message_id = panel.parts.store, panel.message().id
    assert callbacks.send_again(store, message_id, 1)
    assert not callbacks.send_again(store, message_id, 1), "it is due already"
    assert not callbacks.send_again(store, "0" * 26, 1), "of no other message"
    panel.tell()
    assert panel.callbacks()[0].state == "told"
    assert [attempt.number for attempt in panel.attempts()] == list(range(1, len(SCHEDULE) + 3))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(panel: Panel, receiver: Receiver, status: int) -> None:
    panel.caller().send(callback_url=receiver.url)
    with Receiver() as other:
        receiver.answers = Answer(status, headers=(("Location", other.url),))
        panel.tell()
        assert other.told == []
    assert panel.callbacks()[0].state == "failed"
    assert panel.callbacks()[0].reason == {"code": "callback_moved", "values": {"status": status}}


def test_nobody_listens(panel: Panel) -> None:
    with unanswered_port() as port:
        panel.caller().send(callback_url=f"http://127.0.0.1:{port}/")
        panel.tell()
    (callback,) = panel.callbacks()
    assert (callback.state, callback.failure_count) == ("waiting", 1)
    assert callback.reason["code"].startswith("connect_")


def test_what_is_no_http(panel: Panel) -> None:
    with Server(lambda peer: peer.request() and peer.send(b"hello\r\n\r\n")) as server:
        panel.caller().send(callback_url=f"http://127.0.0.1:{server.port}/")
        panel.tell()
    assert panel.callbacks()[0].state == "waiting"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://10.0.0.1/", "http://169.254.169.254/latest"])
def test_own_networks_are_closed_as_they_are_to_gateways(make_app: MakeApp, url: str) -> None:
    panel = Panel(make_app())
    add_gateway(panel.app)
    panel.caller().send(callback_url=url)
    panel.tell()
    (callback,) = panel.callbacks()
    assert callback.state == "failed"
    assert callback.reason["code"].startswith("network_")
    panel.parts.callbacks.stop()


def test_a_reply_is_kept_in_bounds(panel: Panel, receiver: Receiver) -> None:
    panel.caller().send(callback_url=f"{receiver.url}?token=canary-4711")
    receiver.answers = Answer(400, b"\x00<b>canary-4711" + b"x" * 1_000_000)
    panel.tell()
    (attempt,) = panel.attempts()
    assert attempt.reply.startswith("\x00<b>••••••xxx".encode())
    assert len(attempt.reply) == delivering.KEPT_REPLY
    assert attempt.shown == f"{receiver.url}?token=••••••"


def test_the_secret_is_masked_where_it_comes_back(panel: Panel, receiver: Receiver) -> None:
    caller, secret = panel.caller(), panel.secret()
    caller.send(callback_url=receiver.url)
    receiver.answers = Answer(400, f"{secret} and {secret.removeprefix('whsec_')}".encode())
    panel.tell()
    assert panel.attempts()[0].reply.decode().replace("whsec_", "") == "•••••• and ••••••"


def test_one_that_hangs_holds_up_nobody(panel: Panel, receiver: Receiver) -> None:
    """Twenty for a program that never answers, due before one for another."""
    caller = panel.caller()
    with Receiver(Answer(hang=True), host="127.0.0.2") as dead:
        for _ in range(20):
            caller.send(callback_url=dead.url)
        panel.parts.callbacks.start()
        eventually(lambda: len(dead.told) == delivering.OF_ONE_SITE)
        caller.send(callback_url=receiver.url)
        eventually(lambda: receiver.told)
        ended = [attempt for attempt in panel.attempts() if attempt.shown == dead.url]
        assert ended == [], "it was told while the others still waited for an answer"
        assert len(dead.told) == delivering.OF_ONE_SITE


def test_many_that_do_not_answer_share_half_of_the_threads(panel: Panel, receiver: Receiver) -> None:
    caller = panel.caller()
    telling = panel.parts.callbacks
    dead = [
        Receiver(Answer(hang=True), host=f"127.0.0.{number}") for number in range(2, 2 + delivering.THREADS)
    ]
    for each in dead:
        each.__enter__()
    try:
        telling._silent.update(each.site for each in dead)
        for each in dead:
            for _ in range(3):
                caller.send(callback_url=each.url)
        assert telling.tell_due() == delivering.OF_SILENT_SITES
        assert telling.tell_due() == 0
        caller.send(callback_url=receiver.url)
        assert telling.tell_due() == 1
        eventually(lambda: receiver.told)
        assert sum(len(each.told) for each in dead) == delivering.OF_SILENT_SITES
    finally:
        for each in dead:
            each.__exit__()


def test_silence_is_forgotten_once_it_answers(panel: Panel, receiver: Receiver) -> None:
    caller = panel.caller()
    panel.parts.callbacks._silent.add(receiver.site)
    caller.send(callback_url=receiver.url)
    panel.tell()
    assert receiver.site not in panel.parts.callbacks._silent


def fail_once(panel: Panel) -> None:
    panel.make_due()
    panel.tell()


def test_an_address_that_fails_for_three_days_is_switched_off(panel: Panel, receiver: Receiver) -> None:
    caller = panel.caller(callback_url=receiver.url)
    receiver.answers = Answer(500)
    caller.send()
    caller.send()
    fail_once(panel)
    since = panel.application().callback_failing_since
    assert since is not None
    panel.change(Application, callback_failing_since=from_now(-3 * 86400 + 60))
    fail_once(panel)
    assert panel.application().callback_off_at is None, "a minute is missing"
    panel.change(Application, callback_failing_since=from_now(-3 * 86400))
    panel.change(Callback, Callback.id == 1, due_at=from_now(-1))
    panel.tell()
    assert panel.application().callback_off_at is not None
    assert [each.name for each in callbacks.failing(panel.parts.store.engine)] == ["School"]
    assert [each.state for each in panel.callbacks()] == ["failed", "failed"]
    assert panel.callbacks()[1].reason["code"] == "callback_switched_off"
    asked = len(receiver.told)
    caller.send()
    assert panel.tell() == 0
    assert len(panel.callbacks()) == 2, "nothing is kept for later"
    caller.send(callback_url=f"{receiver.url}/own")
    panel.tell()
    assert len(receiver.told) == asked + 1, "a message's own address is another thing"
    assert callbacks.switch_on(panel.parts.store, 1)
    assert not callbacks.switch_on(panel.parts.store, 1)
    receiver.answers = OK
    caller.send()
    panel.tell()
    assert panel.callbacks()[-1].state == "told"
    assert callbacks.failing(panel.parts.store.engine) == []


def test_one_success_begins_the_three_days_anew(panel: Panel, receiver: Receiver) -> None:
    caller = panel.caller(callback_url=receiver.url)
    receiver.answers = Answer(500)
    caller.send()
    fail_once(panel)
    panel.change(Application, callback_failing_since=from_now(-4 * 86400))
    receiver.answers = OK
    fail_once(panel)
    assert panel.application().callback_failing_since is None
    receiver.answers = Answer(500)
    caller.send()
    fail_once(panel)
    assert panel.application().callback_off_at is None


def test_what_was_under_way_in_a_process_that_died(panel: Panel, receiver: Receiver) -> None:
    panel.caller().send(callback_url=receiver.url)
    telling = panel.parts.callbacks
    site = receiver.site
    (claim,) = panel.parts.store.write(lambda c: delivering.ledger.claim(c, site, 5, 30))
    assert telling.recover() == 0, "its lease holds"
    panel.change(Callback, lease_until=from_now(-1))
    telling._held[claim.token] = claim
    assert telling.recover() == 0, "it is under way here"
    telling._held.clear()
    assert telling.recover() == 1
    panel.tell()
    (callback,) = panel.callbacks()
    assert (callback.state, callback.failure_count, callback.attempt_count) == ("told", 0, 2)
    assert [attempt.outcome for attempt in panel.attempts()] == ["later", "told"]
    assert panel.attempts()[0].reason["code"] == "callback_interrupted"


def test_a_claim_that_was_lost_changes_nothing(panel: Panel, receiver: Receiver) -> None:
    panel.caller().send(callback_url=receiver.url)
    store = panel.parts.store
    (claim,) = store.write(lambda c: delivering.ledger.claim(c, receiver.site, 5, 30))
    panel.change(Callback, lease_until=from_now(-1))
    panel.parts.callbacks.recover()
    panel.parts.callbacks._tell(claim)
    assert panel.callbacks()[0].state == "waiting"
    assert panel.parts.callbacks.settle(PATIENCE)


def test_another_key_for_the_secrets(panel: Panel, receiver: Receiver) -> None:
    """What callbacks need is encrypted anew with the gateways' secrets."""
    caller = panel.caller()
    secrets = [panel.secret(), panel.secret()]
    caller.send(callback_url=receiver.url)
    former = Path(panel.app.instance_path, "secret.key").read_bytes().strip()
    fresh = Fernet.generate_key()
    assert rotation.rotate(panel.parts.store, Vault([fresh, former])) == 0
    panel.parts.callbacks._vault = Vault([fresh])
    panel.tell()
    for secret in secrets:
        assert Webhook(secret).verify(receiver.told[0].body, dict(receiver.told[0].headers))


def test_what_no_key_can_read_is_not_told(panel: Panel, receiver: Receiver) -> None:
    panel.caller().send(callback_url=receiver.url)
    panel.parts.callbacks._vault = Vault([Fernet.generate_key()])
    panel.tell()
    assert receiver.told == []
    assert panel.callbacks()[0].reason["code"] == "callback_unreadable"
