"""The messages that this process has in hand: claim, mark, send, finish, give back.

A room of its own between ``delivery`` (which message next, in which thread) and ``ledger`` (the rows):
here stands the order of the three commits around one request, and no transaction is open during it.
"""

import itertools
import random
import threading
import time
from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection

from webpanel.sending import attempt, failover, gateway_state, ledger, policy, questions, sweep
from webpanel.sending.attempt import Report
from webpanel.sending.ledger import Claim, Reason, Target, Wanted
from webpanel.sending.policy import Plan, Standing, Step
from webpanel.sending.questions import Loaded
from webpanel.sending.transport import Transport
from webpanel.store import Store
from webpanel.vault import Unreadable, Vault
from webpanel.wire import phone
from webpanel.wire.compose import Values, compose
from webpanel.wire.gateway import Gateway as Settings
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.report import url_for

#: One in so many claims goes by time due alone, so that no priority waits for ever.
TAKES_BY_TIME = 10

#: What compose names when a message, not the gateway, is what cannot be put into a request.
OF_MESSAGE = frozenset({"message", "recipient", "sender"})


class Claims:
    """The only writer of a message's way from ``queued`` to where an attempt leaves it."""

    def __init__(
        self, store: Store, vault: Vault, transport: Transport, *, lease: float, resend_after: float
    ) -> None:
        self.store = store
        self.vault = vault
        self.transport = transport
        self.lease = lease
        self.resend_after = resend_after
        #: Called with a message's id when an attempt of this process ended it.
        self.on_end: Callable[[str], None] = lambda _message_id: None
        #: Called with the id of a gateway that has something to send now.
        self.ring: Callable[[int], None] = lambda _gateway_id: None
        #: From a gateway's token to the address for its delivery reports.
        self.report_address: Callable[[str | None], str] = lambda _token: ""
        self._lock = threading.Lock()
        #: Tokens, which the sweep of this process leaves alone, with the gateway of those that are not
        #: marked yet: its pace counts only what is.
        self._held: dict[str, int | None] = {}
        self._takes = itertools.count(1)

    def load(self, gateway_id: int) -> Loaded | None:
        """The gateway with its secrets; None when it may not send. Stops one whose secrets are unreadable."""
        with self.store.engine.connect() as connection:
            row = questions.load(connection, gateway_id)
            if row is None or not row.ready:
                return None
            ciphertexts = questions.ciphertexts(connection, gateway_id)
        try:
            opened = {name: self.vault.decrypt(ciphertext) for name, ciphertext in ciphertexts.items()}
        except Unreadable:
            reason: Reason = {"code": "secrets_unreadable", "values": {}}
            self.store.write(
                lambda connection: gateway_state.stop(connection, gateway_id, row.version, reason)
            )
            return None
        settings = Settings(**{name: getattr(row, name) for name in Settings.__dataclass_fields__})
        return Loaded(
            gateway_id,
            row.version,
            settings,
            opened,
            failing=row.failing_since is not None,
            report_url=self.report_address(row.report_token),
            report_token=row.report_token or "",
        )

    def take(self, loaded: Loaded, limit: int, wanted: Wanted | None = None) -> list[Claim]:
        """Claim up to ``limit`` due messages of a gateway, in order; or those that are ``wanted``."""
        if wanted is None:
            wanted = ledger.IN_ORDER if next(self._takes) % TAKES_BY_TIME else ledger.BY_TIME
        if loaded.failing:
            limit = 1
        with self._lock:
            unmarked = list(self._held.values()).count(loaded.gateway_id)

        def group(connection: Connection) -> list[Claim]:
            most = limit
            if loaded.settings.pace:
                most = min(limit, gateway_state.room(connection, loaded) - unmarked)
            if most <= 0:
                return []
            return ledger.claim(connection, loaded.gateway_id, most, self.lease, wanted)

        claims = self.store.write(group)
        with self._lock:
            self._held.update((claim.token, loaded.gateway_id) for claim in claims)
        return claims

    def give_back(self, claims: list[Claim]) -> None:
        """Claims that were not marked, to their places; where that fails, their lease ends by itself."""
        try:
            self.store.write(lambda connection: ledger.give_back(connection, claims))
        finally:
            self._let_go(claims)

    def send(self, loaded: Loaded, claim: Claim) -> Report | None:
        """Mark, send and finish one claim. Blocks for the gateway's time-out, outside any transaction.

        None when nothing was sent because the gateway may not send any more (or not with these
        settings): the message waits again. Raises StoreUnavailable; before the mark nothing was sent
        then, after it the sweep will find the attempt uncertain.
        """
        try:
            return self._send(loaded, claim)
        finally:
            self._let_go([claim])

    def recover(self) -> int:
        """Take up what a process that died left behind; returns how many messages."""
        with self.store.engine.connect() as connection:
            rows = sweep.lost_leases(connection)
        with self._lock:
            lost = [row for row in rows if row.lease_token not in self._held]
        if not lost:
            return 0
        return self.store.write(lambda connection: sweep.recover(connection, lost, self.resend_after))

    def divert(self) -> int:
        """Move what waits for a gateway that cannot send to the one that takes over; returns how many."""
        with self.store.engine.connect() as connection:
            stuck = failover.stuck(connection)
        moved = 0
        for way in stuck:
            while count := self.store.write(partial(failover.divert, way=way)):
                moved += count
                self.ring(way.target.id)
        return moved

    def _let_go(self, claims: list[Claim]) -> None:
        with self._lock:
            for claim in claims:
                self._held.pop(claim.token, None)

    def _send(self, loaded: Loaded, claim: Claim) -> Report | None:
        settings = loaded.settings
        try:
            text = self._text(claim)
            request = compose(settings, _values(loaded, claim, text), user_agent=attempt.USER_AGENT)
        except Refused as refused:
            problem = refused.problems[0]
            self.store.write(lambda connection: _refuse(connection, loaded, claim, problem))
            if problem.field in OF_MESSAGE:
                self.on_end(claim.message_id)
            return None
        lease = settings.timeout + self.lease
        asked = time.monotonic()
        if not self.store.write_together(_mark, (loaded, claim, lease)):
            self.give_back([claim])
            return None
        with self._lock:
            self._held[claim.token] = None
        if time.monotonic() - asked < self.lease:
            report = attempt.run(self.transport, settings, loaded.hidden, request)
        else:
            # This process stood still: begun now, the attempt could outlast its lease.
            report = attempt.unsent("marked_too_long_ago")
        if claim.sealed_text is not None:
            report = attempt.withheld(report, text)
        plan = policy.plan(
            settings, urgent=claim.urgent, own=claim.on_ambiguous, resend_after=self.resend_after
        )
        # Without what the provider answered, the message would be uncertain once its lease is over.
        step, target = self.store.insist_together(
            _conclude, (loaded, claim, report, plan), asked + lease - time.monotonic()
        )
        if step.due_in is None:
            self.on_end(claim.message_id)
        if target is not None:
            self.ring(target.id)
        return report

    def _text(self, claim: Claim) -> str:
        if claim.sealed_text is None:
            return claim.text or ""
        try:
            return self.vault.decrypt(claim.sealed_text)
        except Unreadable as error:
            raise Refused(Problem("secrets_unreadable", "gateway")) from error


def _values(loaded: Loaded, claim: Claim, text: str) -> Values:
    return Values(
        recipient=phone.stored(claim.recipient),
        message=text,
        message_id=claim.message_id,
        fresh=attempt.fresh(),
        sender=claim.sender,
        secrets=loaded.secrets,
        report_url=url_for(loaded.settings, loaded.report_url, claim.message_id),
    )


def _mark(connection: Connection, asked: list[tuple[Loaded, Claim, float]]) -> list[bool | Exception]:
    """The second commit: attempts begin; False for one that may not."""
    return [_mark_one(connection, *each) for each in asked]


def _mark_one(connection: Connection, loaded: Loaded, claim: Claim, lease: float) -> bool:
    if not gateway_state.use_pace(connection, loaded):
        return False
    if not ledger.mark(connection, claim, loaded.gateway_id, loaded.version, lease):
        return False
    gateway_state.let_through(connection, loaded)
    return True


def _conclude(
    connection: Connection, asked: list[tuple[Loaded, Claim, Report, Plan]]
) -> list[tuple[Step, Target | None] | Exception]:
    """The third commit: of each its attempt, its message, and what follows for the gateway."""
    return [_conclude_one(connection, *each) for each in asked]


def _conclude_one(
    connection: Connection, loaded: Loaded, claim: Claim, report: Report, plan: Plan
) -> tuple[Step, Target | None]:
    standing, target = Standing(claim.number, claim.seconds_left, claim.possible_duplicate), None
    if report.verdict.outcome not in ("accepted", "rejected"):
        standing, target = failover.standing(connection, loaded.gateway_id, claim)
    step = policy.next_step(
        report.verdict,
        standing,
        plan,
        retry_after=report.retry_after,
        jitter=random.uniform(-1, 1),  # noqa: S311 - it spreads waits, and keeps no secret
    )
    target = target if step.elsewhere else None
    if ledger.finish(connection, claim, report, step, target):
        _follow(connection, loaded, report, step)
    return step, target


def _follow(connection: Connection, loaded: Loaded, report: Report, step: Step) -> None:
    """What an attempt means for its gateway."""
    reason: Reason = report.columns["reason"]
    if step.stop:
        gateway_state.stop(connection, loaded.gateway_id, loaded.version, reason)
    elif report.verdict.outcome in policy.FAILURES:
        gateway_state.failed(connection, loaded.gateway_id, reason)
    else:
        gateway_state.got_through(connection, loaded)
        if report.verdict.outcome == "rejected" and gateway_state.only_rejections(
            connection, loaded.gateway_id
        ):
            reason = {"code": "rejections_in_a_row", "values": {"count": policy.REJECTIONS_IN_A_ROW}}
            gateway_state.stop(connection, loaded.gateway_id, loaded.version, reason)
    if step.pause is not None:
        gateway_state.pause(connection, loaded.gateway_id, step.pause, {"code": "paused_asked", "values": {}})


def _refuse(connection: Connection, loaded: Loaded, claim: Claim, problem: Problem) -> None:
    """The settings make no request of a message: it fails, or nothing is sent until a person looked."""
    reason: Reason = {"code": problem.code, "values": problem.values}
    if problem.field in OF_MESSAGE:
        ledger.refuse(connection, claim, reason)
        return
    gateway_state.stop(connection, loaded.gateway_id, loaded.version, reason)
    ledger.give_back(connection, [claim])
    ledger.note(connection, claim.message_id, "event_gateway_fault", {"reason": reason})
