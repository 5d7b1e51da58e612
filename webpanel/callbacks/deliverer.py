"""Threads that tell callers what is due, apart from those that send messages.

The table is the truth: a ring lost costs a second, and a kill nothing. Each site (host and port) has a
turn at a time and a few of the threads; those that did not answer lately share half of them, one each,
so that the others are told all the same.
"""

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Protocol

import structlog

from webpanel.callbacks import ledger, policy, signing
from webpanel.callbacks.composing import Compose, Request, Telling, outgoing
from webpanel.callbacks.ledger import Claim
from webpanel.callbacks.policy import Exchange, Finding
from webpanel.store import Store
from webpanel.vault import Unreadable, Vault
from webpanel.wire import masking
from webpanel.wire.compose import OutgoingRequest
from webpanel.wire.problem import Problem, Refused
from webpanel.wire.verdict import Reply, retry_after

#: Callbacks under way at once; of one site, and of all sites that do not answer.
THREADS, OF_ONE_SITE, OF_SILENT_SITES = 8, 2, 4
#: Seconds: for look-up, connection and TLS, and for everything together.
CONNECT_TIMEOUT, TIMEOUT = 5.0, 15.0
#: Seconds between two looks without a ring, and the shortest time between two.
LOOK_AGAIN, BREATH = 1.0, 0.05
#: Looks between two searches for what a dead process left.
LOOKS_TO_RECOVERY = 5
#: Bytes of a reply that are kept.
KEPT_REPLY = 4096
#: Sites whose last turn is remembered.
_MOST_SITES = 10_000

log = structlog.get_logger(__name__)


class Send(Protocol):
    """The one door to the network: ``sending.transport``."""

    def __call__(self, request: OutgoingRequest, *, connect_timeout: float, timeout: float) -> Exchange: ...


class Deliverer:
    """Tells callers, in threads of its own, from :meth:`start` to :meth:`stop`.

    ``languages``: what composes the request of each kind. ``lease``: seconds beyond the time-out for
    which a claim holds.
    """

    def __init__(  # noqa: PLR0913 - what it reads, sends with and speaks, and its two times by name
        self,
        store: Store,
        vault: Vault,
        send: Send,
        languages: Mapping[str, Compose],
        *,
        lease: float,
        timeout: float = TIMEOUT,
    ) -> None:
        self._store, self._vault, self._send, self._languages = store, vault, send, languages
        self._lease, self._timeout = timeout + lease, timeout
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="callback")
        self._thread = threading.Thread(target=self._run, name="callbacks", daemon=True)
        self._rung, self._stopping = threading.Event(), threading.Event()
        self._changed = threading.Condition()
        self._held: dict[str, Claim] = {}
        self._silent: set[str] = set()
        #: Site -> the number of its last turn.
        self._turns: dict[str, int] = {}
        self._turn = itertools.count(1)

    def start(self) -> None:
        self._thread.start()

    def ring(self) -> None:
        """Something may be due. From any thread, after the commit; costs nothing."""
        self._rung.set()

    def stop(self) -> None:
        """Take up nothing more and finish what is under way; blocks for the longest time-out at most."""
        self._stopping.set()
        self._rung.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._pool.shutdown(wait=True)

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is under way; False when something still is after ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._held, timeout)

    def tell_due(self) -> int:
        """Begin to tell what is due, as far as there is room; returns how many were begun."""
        with self._store.engine.connect() as connection:
            sites = ledger.due_sites(connection)
        begun = 0
        for site in sorted(sites, key=lambda each: self._turns.get(each, 0)):
            if (room := self._room(site)) > 0:
                claims = self._store.write(lambda c, s=site, r=room: ledger.claim(c, s, r, self._lease))
                self._begin(site, claims)
                begun += len(claims)
        return begun

    def recover(self) -> int:
        """Take up what a process that died left behind; returns how many callbacks."""
        with self._changed:
            held = set(self._held)
        return self._store.write(lambda connection: ledger.recover(connection, held))

    def _run(self) -> None:
        for count in itertools.count():
            try:
                if count % LOOKS_TO_RECOVERY == 0:
                    self.recover()
                self.tell_due()
            except Exception:
                # The thread must live; the next look finds the same rows.
                log.exception("callbacks_broke")
            self._rung.wait(LOOK_AGAIN)
            if self._stopping.wait(BREATH):
                return
            self._rung.clear()

    def _room(self, site: str) -> int:
        """How many more of a site may be under way now."""
        with self._changed:
            busy = Counter(claim.site for claim in self._held.values())
            free = THREADS - busy.total()
            if site in self._silent:
                silent = sum(busy[each] for each in self._silent)
                return min(free, 1 - busy[site], OF_SILENT_SITES - silent)
            return min(free, OF_ONE_SITE - busy[site])

    def _begin(self, site: str, claims: list[Claim]) -> None:
        with self._changed:
            self._held.update((claim.token, claim) for claim in claims)
            if len(self._turns) > _MOST_SITES:
                self._turns.clear()
            self._turns[site] = next(self._turn)
        for number, claim in enumerate(claims):
            try:
                self._pool.submit(self._work, claim)
            except RuntimeError:  # the pool was shut down meanwhile: the lease ends by itself
                self._let_go(claims[number:])
                break

    def _work(self, claim: Claim) -> None:
        try:
            self._tell(claim)
        except Exception:
            # Its lease ends by itself, and it is tried again.
            log.exception("callback_broke", callback=claim.callback_id)
        finally:
            self._let_go([claim])
            self.ring()

    def _let_go(self, claims: list[Claim]) -> None:
        with self._changed:
            for claim in claims:
                self._held.pop(claim.token, None)
            self._changed.notify_all()

    def _tell(self, claim: Claim) -> None:
        began = time.monotonic()
        with self._store.engine.connect() as connection:
            found = ledger.load(connection, claim.callback_id)
        if found is None:
            return
        row, message = found
        wait = None
        attempt: dict[str, Any] = {"shown": row.shown}
        try:
            telling = self._telling(row, message)
            request = self._languages[row.kind](telling)
        except Refused as refused:
            problem = refused.problems[0]
            finding = Finding("refused", {"code": problem.code, "values": problem.values})
        else:
            exchange = self._send(
                outgoing(request), connect_timeout=min(CONNECT_TIMEOUT, self._timeout), timeout=self._timeout
            )
            finding = policy.assess(exchange)
            attempt = {
                "shown": request.address.shown,
                "duration_ms": exchange.duration_ms,
                **_kept(exchange.reply, request, telling),
            }
            if finding.outcome == "later" and exchange.reply is not None:
                wait = retry_after(exchange.reply, datetime.now(UTC))
            with self._changed:
                (self._silent.add if finding.silent else self._silent.discard)(claim.site)
        step = policy.next_step(finding, row.failure_count, wait)
        self._store.insist(
            lambda connection: ledger.finish(connection, claim, finding, step, attempt),
            self._lease - (time.monotonic() - began),
        )

    def _telling(self, row: Any, message: Any) -> Telling:
        """Raises Refused when there is nobody to tell any more."""
        try:
            kept = json.loads(self._vault.decrypt(row.sealed)) if row.own else {"url": row.callback_url}
            secrets = self._secrets(row)
        except Unreadable:
            raise Refused(Problem("callback_unreadable")) from None
        if not kept["url"]:
            raise Refused(Problem("callback_address_gone"))
        stood = {
            "state": row.told_state,
            "reason": row.told_reason,
            "possible_duplicate": row.told_duplicate,
            "provider_message_id": row.told_provider_id,
            "final_at": None if row.told_state in ("queued", "scheduled") else row.told_at,
            "due_at": None,
        }
        return Telling(
            id=f"msg_{row.message_id}_{row.id}",
            at=row.told_at,
            message=SimpleNamespace(**{**message._mapping, **stood}),
            url=kept.pop("url"),
            more=kept,
            application=row.application_name or "",
            secrets=secrets,
        )

    def _secrets(self, row: Any) -> list[str]:
        """What the application's callbacks are signed with; one that has none gets one."""
        signs = row.kind == "json"
        if signs and row.application is None:
            raise Refused(Problem("callback_application_gone"))
        secret = row.callback_secret
        # The other languages have signatures of their own, or none; there it is only masked.
        if signs and secret is None:
            made = self._vault.encrypt(signing.new())
            secret = self._store.write(lambda c: ledger.keep_secret(c, row.application, made))
        before = [row.callback_secret_before] if row.before_signs and row.callback_secret_before else []
        return [self._vault.decrypt(each) for each in (secret, *before) if each is not None]


def _kept(reply: Reply | None, request: Request, telling: Telling) -> dict[str, Any]:
    """The columns of what came back: bounded, and without secrets."""
    if reply is None:
        return {}
    secrets = [*request.address.secrets, *telling.secrets]
    secrets += [secret.removeprefix("whsec_") for secret in telling.secrets]
    # Masked before it is cut: what is left of a secret at the end would not be known any more.
    body = masking.mask(reply.body[: 2 * KEPT_REPLY], secrets=secrets)
    return {"reply_status": reply.status or None, "reply": body[:KEPT_REPLY]}
