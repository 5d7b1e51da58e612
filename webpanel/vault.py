"""Secrets: encrypted at rest, carried sealed through a form, masked wherever they are shown or stored."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from webpanel.wire import masking

_AT_REST = "at rest"


class Unreadable(ValueError):  # noqa: N818 - the finding, which callers word for a person
    """What was encrypted cannot be read: another key, another purpose, changed, or too old."""


class Vault:
    """Encrypts with the first of ``keys`` and reads with any of them.

    ``keys`` are Fernet keys (32 bytes in URL-safe base64). Raises ValueError when there is none, or
    one that is no such key.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("no key")
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def encrypt(self, text: str) -> bytes:
        """``text`` as it is kept in the database."""
        return self._close(text.encode(), _AT_REST)

    def decrypt(self, ciphertext: bytes) -> str:
        """What :meth:`encrypt` was given. Raises :class:`Unreadable`."""
        return self._open(ciphertext, _AT_REST, None).decode()

    def rotate(self, ciphertext: bytes) -> bytes:
        """The same, encrypted with the first key. Raises :class:`Unreadable`."""
        try:
            return self._fernet.rotate(ciphertext)
        except InvalidToken:
            raise Unreadable from None

    def seal(self, value: dict[str, Any], purpose: str) -> str:
        """``value`` (JSON-able) as a token that a form can carry: unreadable and unchangeable on the way.

        ``purpose`` names who may read it: a token of one form (gateway, person) is none of another.
        """
        return self._close(json.dumps(value).encode(), f"sealed {purpose}").decode("ascii")

    def unseal(self, token: str, purpose: str, max_age: int) -> dict[str, Any]:
        """What :meth:`seal` was given at most ``max_age`` seconds ago. Raises :class:`Unreadable`."""
        return json.loads(self._open(token.encode("utf-8", "replace"), f"sealed {purpose}", max_age))

    def mask(
        self, data: bytes, *, spans: Iterable[tuple[int, int]] = (), secrets: Iterable[str] = ()
    ) -> bytes:
        """:func:`webpanel.wire.masking.mask`: ``data`` without its secrets, by position and by value."""
        return masking.mask(data, spans=spans, secrets=secrets)

    def _close(self, content: bytes, purpose: str) -> bytes:
        # The purpose is encrypted with the content, so that what is kept in the database, if somebody
        # gets at it, opens in no form, and what a form carries is no row of the database.
        return self._fernet.encrypt(purpose.encode() + b"\0" + content)

    def _open(self, token: bytes, purpose: str, max_age: int | None) -> bytes:
        try:
            found, _, content = self._fernet.decrypt(token, ttl=max_age).partition(b"\0")
        except InvalidToken:
            raise Unreadable from None
        if found != purpose.encode():
            raise Unreadable
        return content
