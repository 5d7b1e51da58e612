"""Between the queue and the languages: what is to be told, and the request that tells it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import Any

from webpanel.wire.callback_address import Address
from webpanel.wire.compose import OutgoingRequest

USER_AGENT = f"webpanel/{version('webpanel')}"


@dataclass(frozen=True)
class Telling:
    """One thing to tell a caller, with everything that a language may need.

    ``message``: the columns of the message as it stood at ``at``; ``id`` stays the same for each try.
    """

    id: str
    at: datetime
    message: Any
    url: str = field(repr=False)
    #: What was kept beside the address: see ``Tell.more``.
    more: Mapping[str, str] = field(repr=False)
    #: The name of the application that sent it; blank when it is gone.
    application: str
    #: What the application's callbacks are signed with, the newest first.
    secrets: Sequence[str] = field(repr=False)


@dataclass(frozen=True)
class Request:
    """What is asked of ``address``; a GET when there is no ``body``."""

    address: Address
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


#: Raises Refused where it cannot be told.
Compose = Callable[[Telling], Request]


def outgoing(request: Request) -> OutgoingRequest:
    """The exact bytes that leave."""
    address, body = request.address, request.body
    given = {
        "Host": address.authority,
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        **({"Authorization": address.authorization} if address.authorization else {}),
        **request.headers,
        **({"Content-Length": str(len(body))} if body is not None else {}),
    }
    return OutgoingRequest(
        method="GET" if body is None else "POST",
        scheme=address.scheme,
        host=address.host,
        port=address.port,
        target=address.target.encode("ascii"),
        headers=tuple((name.encode(), value.encode()) for name, value in given.items()),
        body=body,
    )
