"""A provider that answers with what it should keep: its customers' secrets, in every spelling.

Beside the demonstration provider, which echoes nothing.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from tests.sending.sockets import Peer, Server
from tests.wire.test_masking import ECHOES

#: Mode -> the answer's first line.
STATUS = {
    "accept": "200 OK",
    "refuse": "400 Bad Request",
    "fault": "401 Unauthorized",
    "later": "429 Too Many Requests",
    "unclear": "500 Internal Server Error",
    "moved": "302 Found",
}
#: ``break``: the answer ends inside a secret. ``garble``: what comes is no HTTP. ``hang``: nothing comes.
MODES = (*STATUS, "break", "garble", "hang")
#: Of a secret that an answer breaks off in.
BROKEN_AFTER = 12


class Echo:
    """One provider of several gateways: a path's first part says whose ``secrets`` it answers with."""

    def __init__(self, secrets: Mapping[str, Sequence[str]]) -> None:
        self.secrets = secrets
        self.mode = "accept"
        self.server = Server(self._serve)
        #: Each answer as it was sent.
        self.answers: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def _serve(self, peer: Peer) -> None:
        path = peer.request().split(b" ", 2)[1].decode()
        mode = self.mode
        if mode == "hang":
            peer.hang()
            return
        answer = answered(self.secrets[path.split("/")[1]], mode)
        self.answers.append(answer)
        peer.send(answer)


def answered(secrets: Sequence[str], mode: str) -> bytes:
    """Every spelling of every secret, and of two as a pair, in first line, headers and body."""
    known = [*secrets, *(f"{user}:{password}" for user, password in pairwise(secrets))]
    spelled = [echo(secret) for secret in known for echo in ECHOES.values()]
    body = "\n".join([f"{mode}: id={known[0]} sent", *spelled]).encode()
    if mode == "garble":
        return body
    head = [
        f"HTTP/1.1 {STATUS.get(mode, '200 OK')} {known[0]}",
        f"Location: /{known[0]}?key={ECHOES['form'](known[0])}",
        *(f"X-Echo-{number}: {text}" for number, text in enumerate(spelled) if "\n" not in text),
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    whole = "\r\n".join(head).encode() + b"\r\n\r\n" + body
    return whole[: whole.rindex(known[0].encode()) + BROKEN_AFTER] if mode == "break" else whole
