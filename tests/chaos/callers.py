"""Programs that send through the API and do not give up: each request is repeated until it is answered."""

import itertools
import threading
from collections.abc import Mapping
from typing import Any, Self

import requests

from tests.calling import NUMBER

#: Seconds for an answer, and between two tries.
ANSWER, AGAIN = 30, 0.05


class Callers:
    """``threads`` programs with the key ``key``; each has a message to send, then pauses.

    Every fifth message is sensitive, every third names ``callback_url``. What was answered is in
    ``accepted``: number of a request -> id.
    """

    def __init__(self, key: str, callback_url: str, *, threads: int = 4, pause: float = 0.05) -> None:
        self.accepted: dict[int, str] = {}
        #: Answers by status, of which only 202 is an id.
        self.refused: list[int] = []
        #: What no caller should ever see.
        self.wrong: list[str] = []
        self._key, self._pause, self._callback_url = key, pause, callback_url
        self._numbers = itertools.count()
        self._url = ""
        self._enough, self._over = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._call, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._enough.set()
        self._over.set()

    def use(self, url: str) -> None:
        """Where the panel is now; blank while there is none."""
        self._url = url

    def finish(self, patience: float = 120) -> None:
        """Begin nothing new, and wait until all that was begun is answered."""
        self._enough.set()
        for thread in self._threads:
            thread.join(patience)
        assert not any(thread.is_alive() for thread in self._threads), "a caller was never answered"

    def _call(self) -> None:
        session = requests.Session()
        session.trust_env = False
        while not self._enough.is_set():
            number = next(self._numbers)
            message = {"to": NUMBER, "message": f"Message {number}", "sensitive": number % 5 == 0}
            if number % 3 == 0:
                message["callback_url"] = self._callback_url
            while not self._answered(session, number, message):
                # A panel that is down is called again once it is up.
                if self._over.wait(AGAIN):
                    return
            self._enough.wait(self._pause)

    def _answered(self, session: requests.Session, number: int, message: Mapping[str, Any]) -> bool:
        if not self._url:
            return False
        try:
            answer = session.post(
                f"{self._url}api/v1/messages",
                json=message,
                headers={"Authorization": f"Bearer {self._key}", "Idempotency-Key": f"chaos-{number}"},
                timeout=ANSWER,
            )
        except requests.RequestException:
            return False
        if answer.status_code != 202:
            with self._lock:
                self.refused.append(answer.status_code)
                if answer.status_code != 503:
                    self.wrong.append(f"{answer.status_code} {answer.text[:500]}")
            return answer.status_code != 503
        self.accepted[number] = answer.json()["id"]
        return True
