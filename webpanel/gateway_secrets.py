"""Which of a gateway's secrets stay, go, or must be typed again: each is sent only where it was meant for.

A room of its own beside ``gateways``, which stores what is decided here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from webpanel import models
from webpanel.vault import Unreadable, Vault
from webpanel.wire import url as urls
from webpanel.wire.gateway import AUTH_NAMES, AUTH_SECRETS, Gateway
from webpanel.wire.problem import Problem, Refused


@dataclass(frozen=True)
class SecretChanges:
    """What a form does to a gateway's secrets: name -> new value, and the names to remove.

    A secret named in neither is kept.
    """

    typed: Mapping[str, str] = field(default_factory=dict)
    removed: Collection[str] = frozenset()


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port that a URL template leads to; None when it cannot be read."""
    try:
        read = urls.read(url)
    except Refused:
        return None
    return read.scheme, read.host, read.port


def same_origin(one: str, other: str) -> bool:
    """Whether two URL templates lead to the same scheme, host and port; False where either leads nowhere."""
    first = origin(one)
    return first is not None and first == origin(other)


def kept(stored_url: str, stored: Collection[str], settings: Gateway, changes: SecretChanges) -> set[str]:
    """The names of the stored secrets that stay as they are when ``settings`` are saved.

    None when scheme, host or port change: a secret is sent only to the place it was typed for.
    """
    if not same_origin(stored_url, settings.url):
        return set()
    return set(stored) - set(changes.typed) - set(changes.removed)


def asked_again(
    stored_url: str, stored: Collection[str], settings: Gateway, changes: SecretChanges
) -> tuple[str, ...]:
    """The names of the stored secrets that must be typed again or removed before a save.

    Those of an authentication that is no longer chosen are not asked for: they go.
    """
    if same_origin(stored_url, settings.url):
        return ()
    not_shown = AUTH_NAMES.difference(AUTH_SECRETS.get(settings.auth_kind, ()))
    return tuple(sorted(set(stored) - set(changes.typed) - set(changes.removed) - not_shown))


def secret_asked_again(name: str) -> Problem:
    """The problem of a secret named by :func:`asked_again`."""
    return Problem("secret_asked_again", f"secret.{name}")


def known_secrets(vault: Vault, gateway: models.Gateway | None, url: str) -> dict[str, str]:
    """The stored secrets that may be sent to ``url``: all of them, or none when it leads elsewhere.

    Raises Refused for those that were encrypted with a key that is gone.
    """
    if gateway is None or not same_origin(gateway.url, url):
        return {}
    known, problems = {}, []
    for secret in gateway.secrets:
        try:
            known[secret.name] = vault.decrypt(secret.ciphertext)
        except Unreadable:
            problems.append(Problem("secret_unreadable", f"secret.{secret.name}"))
    if problems:
        raise Refused(*problems)
    return known
