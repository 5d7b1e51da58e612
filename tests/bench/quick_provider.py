"""A provider that costs next to nothing, in a process of its own, so that it is never what is measured.

``/0`` answers at once, ``/50`` after 50 ms, and so on. ``/arrivals`` tells as JSON when a request came
for each value of its header ``X-Message``, in seconds of the monotonic clock that all processes share.
"""

import asyncio
import json
import re
import time

from tests.bench.processes import tell

_HEAD = re.compile(rb"[A-Z]+ /(\w+).*?\r\n\r\n", re.DOTALL)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_MESSAGE = re.compile(rb"\r\nx-message: *(\S+)", re.IGNORECASE)
_OK = b'{"sent": true, "id": "0123456789"}'

arrivals: dict[str, float] = {}


class Provider(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._unread = transport, b""

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while head := _HEAD.match(self._unread):
            length = _LENGTH.search(head[0])
            end = head.end() + (int(length[1]) if length else 0)
            if len(self._unread) < end:
                return
            self._unread = self._unread[end:]
            if message := _MESSAGE.search(head[0]):
                arrivals[message[1].decode()] = time.monotonic()
            if head[1] == b"arrivals":
                self._answer(json.dumps(arrivals).encode())
            elif head[1] == b"0":
                self._answer(_OK)
            else:
                asyncio.get_running_loop().call_later(int(head[1]) / 1000, self._answer, _OK)

    def _answer(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", 0, backlog=256)
    tell(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
