"""An instance that is furnished before its server starts: a gateway, and an application with a key."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask

from tests.calling import UNLIMITED, add_application, add_gateway
from webpanel import create_app, database, instance, panel
from webpanel.config import Config

#: What a panel needs to reach a provider of a test.
LOOPBACK = {"WEBPANEL_ALLOW_NETWORKS": "127.0.0.1"}


@contextmanager
def opened(folder: Path, env: Mapping[str, str] = {}) -> Iterator[Flask]:
    """The panel of ``folder``, made or found there, while no server runs on it. ``env``: its settings."""
    instance.prepare(folder)
    config = Config.load(env, folder)
    database.upgrade(config)
    app = create_app(config)
    parts = app.extensions["webpanel"]
    try:
        yield app
    finally:
        parts.sender.stop()
        parts.store.close()
        parts.transport.close()
        parts.store.engine.dispose()


def furnish(folder: Path, provider_url: str, **terms: Any) -> str:
    """A gateway to ``provider_url`` and an application without limits but ``terms``; returns its key."""
    with opened(folder) as app:
        panel.set_country(app.extensions["webpanel"].store, "GB")
        add_gateway(app, url=provider_url, timeout=20.0)
        return add_application(app, replace(UNLIMITED, **terms))
