"""The callers' end of the callbacks: what is told to them, and how they answer."""

import json
from collections import Counter

from tests.chaos.machine import network
from tests.chaos.machine.network import Answer, Killed
from tests.chaos.machine.panel import Process, Tables
from webpanel.callbacks import ledger
from webpanel.callbacks.policy import SCHEDULE
from webpanel.sending.exchange import Exchange
from webpanel.wire.compose import OutgoingRequest

TAKEN = tuple(Answer(str(status), takes=True, status=status) for status in (200, 204))
LATER = (
    Answer("503", status=503),
    Answer("429 later", status=429, headers=(("Retry-After", "400"),)),
    *network.TIMED_OUT,
    network.NOT_SENT[2],
)
REFUSED = (Answer("400", status=400), Answer("moved", status=301), network.NOT_SENT[0])


class Hearing:
    """What callers heard. It has the contract of the transport, for callbacks alone."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        #: Callback -> how often its caller took it.
        self.taken: Counter[int] = Counter()
        self.refused: set[int] = set()
        self._answer: Answer = TAKEN[0]
        self._bodies: dict[int, bytes] = {}

    def send(self, request: OutgoingRequest, *, connect_timeout: float, timeout: float) -> Exchange:  # noqa: ARG002
        answer = self._answer
        headers = dict(request.headers)
        callback_id = int(headers[b"webhook-id"].rpartition(b"_")[2])
        callback = self.tables.callback_rows()[callback_id]
        assert callback.state == "sending", "told though nobody holds it"
        assert self.tables.telling(callback.lease_token) == (callback_id, callback.attempt_count, None)
        body = request.body or b""
        told = json.loads(body)
        assert told["type"] == f"message.{callback.told_state}"
        assert told["data"]["id"] == callback.message_id
        assert self._bodies.setdefault(callback_id, body) == body, "another try says something else"
        self.taken[callback_id] += answer.takes
        if answer in network.LOST:
            raise Killed
        if answer in REFUSED:
            self.refused.add(callback_id)
        return answer.exchange(request, callback_id)

    def tell(self, one: Process, limit: int, answer: Answer) -> None:
        """Let a process take up what another one left, and tell what is due."""
        one.deliverer.recover()
        with self.tables.engine.connect() as connection:
            sites = ledger.due_sites(connection)
        self._answer = answer
        for site in sites:
            one.tell(site, limit)

    def next_due(self) -> float | None:
        """When there is something to do next, as seconds since 1970; None when all is over."""
        times = [each.due_at or each.lease_until for each in self.tables.callback_rows().values()]
        return min((at / 1000 for at in times if at is not None), default=None)

    def look(self) -> None:
        """What must hold at every moment."""
        off = self.tables.switched_off()
        for callback_id, callback in self.tables.callback_rows().items():
            assert self.taken[callback_id] <= callback.attempt_count, "an attempt was not written down"
            if callback.state == "told":
                assert self.taken[callback_id], "told, and nobody heard of it"
            if callback.state == "failed" and callback.application_id not in off:
                given_up = callback_id in self.refused or callback.failure_count > len(SCHEDULE)
                assert given_up, "given up, though it may be taken another time"
