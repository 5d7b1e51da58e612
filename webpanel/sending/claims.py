"""The messages that this process has in hand: claim, mark, send, finish, give back.

A room of its own between ``delivery`` (which message next, in which thread) and ``ledger`` (the rows):
here stands the order of the three commits around one request, and no transaction is open during it.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from webpanel.sending import attempt, ledger, policy, questions, sweep
from webpanel.sending.attempt import Report
from webpanel.sending.ledger import Claim, Reason
from webpanel.sending.policy import Step
from webpanel.sending.transport import Transport
from webpanel.store import Store
from webpanel.vault import Unreadable, Vault
from webpanel.wire import phone
from webpanel.wire.compose import Values, compose
from webpanel.wire.gateway import Gateway as Settings
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.report import url_for


@dataclass(frozen=True)
class Loaded:
    """A gateway as a drain found it; once somebody changes it, marks for ``version`` change no row."""

    gateway_id: int
    version: int
    settings: Settings
    secrets: dict[str, str]
    #: Where its provider reports; blank when the panel has no public address.
    report_url: str = ""
    report_token: str = ""

    @property
    def hidden(self) -> dict[str, str]:
        """What is masked in all that is kept of an attempt."""
        return {**self.secrets, "": self.report_token}


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
        #: From a gateway's token to the address for its delivery reports.
        self.report_address: Callable[[str | None], str] = lambda _token: ""
        self._lock = threading.Lock()
        #: Tokens; the sweep of this process leaves what is under them alone.
        self._held: set[str] = set()

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
            self.store.write(lambda connection: ledger.stop(connection, gateway_id, row.version, reason))
            return None
        settings = Settings(**{name: getattr(row, name) for name in Settings.__dataclass_fields__})
        report_url, token = self.report_address(row.report_token), row.report_token or ""
        return Loaded(gateway_id, row.version, settings, opened, report_url, token)

    def take(self, gateway_id: int, limit: int, message_id: str | None = None) -> list[Claim]:
        """Claim up to ``limit`` due messages of a gateway, in order; or the one with this id."""
        claims = self.store.write(
            lambda connection: ledger.claim(connection, gateway_id, limit, self.lease, message_id)
        )
        with self._lock:
            self._held.update(claim.token for claim in claims)
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

    def _let_go(self, claims: list[Claim]) -> None:
        with self._lock:
            self._held.difference_update(claim.token for claim in claims)

    def _send(self, loaded: Loaded, claim: Claim) -> Report | None:
        settings = loaded.settings
        try:
            text = self._text(claim)
            request = compose(settings, _values(loaded, claim, text), user_agent=attempt.USER_AGENT)
        except Refused as refused:
            problem = refused.problems[0]
            self.store.write(lambda connection: _refuse(connection, loaded, claim, problem))
            return None
        lease = settings.timeout + self.lease
        asked = time.monotonic()
        if not self.store.write(
            lambda connection: ledger.mark(connection, claim, loaded.gateway_id, loaded.version, lease)
        ):
            self.give_back([claim])
            return None
        if time.monotonic() - asked < self.lease:
            report = attempt.run(self.transport, settings, loaded.hidden, request)
        else:
            # This process stood still: begun now, the attempt could outlast its lease.
            report = attempt.unsent("marked_too_long_ago")
        if claim.sealed_text is not None:
            report = attempt.withheld(report, text)
        step = policy.next_step(
            report.verdict,
            policy.Standing(claim.number, claim.seconds_left, claim.possible_duplicate),
            on_ambiguous=claim.on_ambiguous or settings.on_ambiguous,
            resend_after=self.resend_after,
            retry_after=report.retry_after,
        )
        # Without what the provider answered, the message would be uncertain once its lease is over.
        self.store.insist(
            lambda connection: _conclude(connection, loaded, claim, report, step),
            asked + lease - time.monotonic(),
        )
        if step.due_in is None:
            self.on_end(claim.message_id)
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


def _conclude(connection: Connection, loaded: Loaded, claim: Claim, report: Report, step: Step) -> None:
    """The third commit: the attempt, its message, and what follows for the gateway."""
    if not ledger.finish(connection, claim.message_id, claim.token, report, step):
        return
    if step.stop:
        ledger.stop(connection, loaded.gateway_id, loaded.version, report.columns["reason"])
    elif report.verdict.outcome == "rejected" and ledger.only_rejections(connection, loaded.gateway_id):
        reason: Reason = {"code": "rejections_in_a_row", "values": {"count": policy.REJECTIONS_IN_A_ROW}}
        ledger.stop(connection, loaded.gateway_id, loaded.version, reason)
    if step.pause is not None:
        ledger.pause(connection, loaded.gateway_id, step.pause)


def _refuse(connection: Connection, loaded: Loaded, claim: Claim, problem: Problem) -> None:
    """The settings no longer make a request of a message: nothing is sent until a person looked."""
    reason: Reason = {"code": problem.code, "values": problem.values}
    ledger.stop(connection, loaded.gateway_id, loaded.version, reason)
    ledger.give_back(connection, [claim])
    ledger.note(connection, claim.message_id, "event_gateway_fault", {"reason": reason})
