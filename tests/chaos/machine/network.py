"""The provider and the way to it, in the transport's place: what is asked of it, and what it answers.

It knows the truth that the panel can only guess: whether the provider took a message.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from webpanel.sending.claims import Claims
from webpanel.sending.exchange import Exchange, Point
from webpanel.sending.ledger import Claim
from webpanel.sending.questions import Loaded
from webpanel.wire.compose import OutgoingRequest
from webpanel.wire.problem import Problem
from webpanel.wire.verdict import Reply


class Killed(BaseException):
    """The process ends while a request is on its way."""


@dataclass(frozen=True, repr=False)
class Answer:
    """How a request goes. ``takes``: the provider took the message, whatever the panel got to hear of it."""

    name: str
    takes: bool = False
    point: Point = "reply"
    problem: str = ""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def __repr__(self) -> str:
        return f"<{self.name}{', taken' if self.takes else ''}>"

    def exchange(self, request: OutgoingRequest, number: int) -> Exchange:
        written = request.raw if self.point in ("waiting", "reply") else b""
        problem = Problem(self.problem) if self.problem else None
        reply = None
        if self.status:
            body = self.body.replace(b"NUMBER", b"%d" % number)
            reply = Reply(self.status, "", self.headers, body, complete=problem is None)
        return Exchange(self.point, problem, written, reply, 12)


_SAYS_SENT = b'{"sent": true, "id": "p-NUMBER"}'

NOT_SENT = (
    Answer("refused", point="refused", problem="address_refused"),
    Answer("no name", point="dns", problem="dns_failed"),
    Answer("no connection", point="connect", problem="connect_refused"),
    Answer("no TLS", point="tls", problem="tls_failed"),
    Answer("stale", point="sending", problem="reset_sending"),
)
DEFERRED = (
    Answer("503", status=503),
    Answer("503 soon", status=503, headers=(("Retry-After", "5"),)),
    Answer("503 later", status=503, headers=(("Retry-After", "7200"),)),
    Answer("429", status=429),
    Answer("429 later", status=429, headers=(("Retry-After", "400"),)),
)
ACCEPTED = (Answer("accepted", takes=True, status=200, body=_SAYS_SENT),)
REJECTED = (
    Answer("400", status=400),
    Answer("not sent", status=200, body=b'{"sent": false}'),
)
FAULTY = (Answer("401", status=401), Answer("404", status=404), Answer("moved", status=301))
#: After its time-out a request has no other end.
TIMED_OUT = tuple(
    Answer("timed out", takes=takes, point="waiting", problem="timeout_nothing") for takes in (True, False)
)
AMBIGUOUS = (
    *TIMED_OUT,
    *(
        Answer(name, takes=takes, point=point, problem=problem, status=status)
        for takes in (True, False)
        for name, point, problem, status in (
            ("cut", "waiting", "closed_nothing", 0),
            ("cut reply", "reply", "closed_body", 200),
            ("500", "reply", "", 500),
            ("302", "reply", "", 302),
        )
    ),
)
#: The thread that waits for the answer dies before it is stored, whatever it is.
LOST = tuple(Answer("lost", takes=takes, point="waiting", problem="lost") for takes in (True, False))


@dataclass(eq=False)
class Flight:
    """One claim in the hands of :meth:`Claims.send`, in a thread of its own that rests while the request
    is on its way. Either that thread runs or the machine's, never both.
    """

    claims: Claims
    loaded: Loaded
    claim: Claim
    #: Until when the request has an end, by the steady clock.
    ends: float = 0.0
    request: OutgoingRequest | None = None
    _outcome: Exchange | BaseException | None = None
    _raised: BaseException | None = None
    _rests: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _goes_on: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def start(self) -> bool:
        """True once its request is on its way; False when it was over before."""
        threading.Thread(target=self._run, name="flight", daemon=True).start()
        self._rested()
        return self.request is not None

    def end(self, outcome: Exchange | BaseException) -> None:
        self._outcome = outcome
        self._goes_on.release()
        self._rested()

    def rest(self) -> Exchange:
        """Called by its own thread while the request is on its way."""
        self._rests.release()
        self._goes_on.acquire()
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        assert self._outcome is not None
        return self._outcome

    def _rested(self) -> None:
        self._rests.acquire()
        if self._raised is not None and not isinstance(self._raised, Killed):
            raise self._raised

    def _run(self) -> None:
        _own.flight = self
        try:
            self.claims.send(self.loaded, self.claim)
        except BaseException as error:  # noqa: BLE001 - it is raised where the machine waits
            self._raised = error
        self._rests.release()


_own = threading.local()


class Network:
    """Has the contract of :class:`webpanel.sending.transport.Transport`."""

    def __init__(self, left: Callable[[Flight, float], Any]) -> None:
        #: Called with each request that leaves, by its own thread, and its time-out.
        self._left = left

    def send(self, request: OutgoingRequest, *, connect_timeout: float, timeout: float) -> Exchange:  # noqa: ARG002
        flight: Flight = _own.flight
        flight.request = request
        self._left(flight, timeout)
        return flight.rest()
