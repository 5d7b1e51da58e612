"""What the demonstration provider got, and how it answers: its whole memory, lost when it ends."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

Mode = Literal["accept", "refuse400", "error200", "later429", "fail500", "slow", "close"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class Received:
    """One request for a message, as it arrived.

    ``seen`` counts the requests with the same recipient and text up to this one, so a message that
    was sent twice shows; ``delivered`` says whether the phone rang. ``played`` is the provider that
    answered, blank for none in particular; ``fit`` whether that one had nothing against the request.
    """

    id: str
    at: datetime
    mode: Mode
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: str
    recipient: str | None
    text: str | None
    seen: int
    played: str = ""
    fit: bool = True

    @property
    def complete(self) -> bool:
        return bool(self.recipient and self.text)

    @property
    def delivered(self) -> bool:
        return self.complete and self.fit and self.mode in ("accept", "slow", "close")

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "mode": self.mode,
            "method": self.method,
            "target": self.target,
            "headers": [list(pair) for pair in self.headers],
            "body": self.body,
            "recipient": self.recipient,
            "text": self.text,
            "seen": self.seen,
            "played": self.played,
            "delivered": self.delivered,
        }


class Inbox:
    """Messages and mode, shared by the threads of the server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: list[Received] = []
        self._seen: Counter[tuple[str | None, str | None]] = Counter()
        self._mode: Mode = "accept"
        self._seconds = 10.0
        self._nonces: set[str] = set()

    def take(self, identify: Callable[[int], str], **request: Any) -> tuple[Received, float]:
        """Keeps a request; returns it with the seconds that the mode waits, or asks to wait.

        ``identify`` makes the message's id of its number, counted from 1.
        """
        with self._lock:
            key = (request["recipient"], request["text"])
            self._seen[key] += 1
            received = Received(
                id=identify(len(self._messages) + 1),
                at=datetime.now(UTC),
                mode=self._mode,
                seen=self._seen[key],
                **request,
            )
            self._messages.append(received)
            return received, self._seconds

    def first_use(self, nonce: str) -> bool:
        """Whether a nonce comes for the first time; it is remembered."""
        with self._lock:
            is_new = nonce not in self._nonces
            self._nonces.add(nonce)
            return is_new

    def set_mode(self, mode: Mode, seconds: float | None = None) -> None:
        with self._lock:
            self._mode = mode
            if seconds is not None:
                self._seconds = seconds

    def state(self) -> tuple[Mode, float, list[Received]]:
        """Mode, seconds and all messages, oldest first."""
        with self._lock:
            return self._mode, self._seconds, list(self._messages)
