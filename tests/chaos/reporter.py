"""The provider's other half: it reports that messages were delivered, each until that was taken."""

import queue
import threading
from typing import Self

import requests

from webpanel.report_door import address

#: Seconds for an answer, and between two tries.
ANSWER, AGAIN = 30, 0.05


class Reporter:
    """Reports to the gateway whose address ends in ``token``. What was taken is in ``taken``."""

    def __init__(self, token: str) -> None:
        self.url = ""
        self.taken: set[str] = set()
        self._token = token
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._over.set()

    def report(self, message_id: str) -> None:
        self._queue.put(message_id)

    @property
    def idle(self) -> bool:
        return self._queue.empty()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                message_id = self._queue.get(timeout=AGAIN)
            except queue.Empty:
                continue
            while not self._reported(message_id) and not self._over.wait(AGAIN):
                pass

    def _reported(self, message_id: str) -> bool:
        if not self.url:
            return False
        try:
            answer = requests.post(
                f"{address(self.url, self._token)}/{message_id}", data={"s": "DONE"}, timeout=ANSWER
            )
        except requests.RequestException:
            return False
        if answer.status_code == 200:
            self.taken.add(message_id)
        return answer.status_code == 200
