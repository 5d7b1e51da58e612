"""The long-lived parts of one panel, put together once and handed to whoever needs them.

A room of its own because pages, terminal and sender threads all need the same instances, and only
pages have a Flask application at hand.
"""

from dataclasses import dataclass, field

from flask import current_app

from webpanel.callbacks import Deliverer
from webpanel.config import Config
from webpanel.figures.attempts import Attempts
from webpanel.figures.flow import Flow
from webpanel.sending.sender import Sender
from webpanel.sending.transport import Transport
from webpanel.store import Store
from webpanel.vault import Vault
from webpanel.waiting import Waiting


@dataclass(frozen=True)
class Services:
    config: Config
    vault: Vault
    store: Store
    transport: Transport
    sender: Sender
    waiting: Waiting
    callbacks: Deliverer
    #: Names of the blueprints that let in programs with a key, and nobody by a session.
    keyed: frozenset[str] = frozenset()
    flow: Flow = field(default_factory=Flow)
    attempts: Attempts = field(default_factory=Attempts)


def services() -> Services:
    """The services of the current Flask application."""
    return current_app.extensions["webpanel"]
