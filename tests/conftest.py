"""A panel for each test: a real instance folder, a real database, a client that checks every page."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from flask import Flask

from tests.pages import CheckingClient
from tests.people import People
from webpanel import accounts, create_app, database, instance, panel
from webpanel.config import Config

# A package of the tests brings one that reads the locals of every frame, which asks the database again.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

PASSWORD = "correct horse battery"  # noqa: S105 - of accounts that live as long as a test

MakeApp = Callable[..., Flask]
SignIn = Callable[..., CheckingClient]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance whose database has all tables and no rows but the roles; to be copied."""
    folder = tmp_path_factory.mktemp("migrated") / "instance"
    instance.prepare(folder)
    database.upgrade(Config.load({}, folder))
    return folder


@pytest.fixture
def make_app(migrated: Path, tmp_path: Path) -> Iterator[MakeApp]:
    """Makes a panel with the settings given (``WEBPANEL_URL="https://..."``); its sender does not run."""
    apps: list[Flask] = []

    def make(*, country: str = "GB", **settings: str) -> Flask:
        folder = tmp_path / f"instance-{len(apps)}"
        shutil.copytree(migrated, folder)
        app = create_app(Config.load(settings, folder))
        app.testing = True
        app.test_client_class = CheckingClient
        apps.append(app)
        if country:
            panel.set_country(app.extensions["webpanel"].store, country)
        return app

    yield make
    for app in apps:
        parts = app.extensions["webpanel"]
        parts.sender.stop()
        parts.store.close()
        parts.transport.close()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """A panel whose default country is the United Kingdom."""
    return make_app()


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    """Nobody signed in."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """A browser in which that user (added when missing) is signed in."""

    def enter(name: str, role: str = accounts.ADMINISTRATOR) -> CheckingClient:
        return signed_in(app, name, role)

    return enter


@pytest.fixture
def administrator(sign_in: SignIn) -> CheckingClient:
    """A browser in which the administrator ``ada`` is signed in."""
    return sign_in("ada", accounts.ADMINISTRATOR)


@pytest.fixture
def sender(sign_in: SignIn) -> CheckingClient:
    """A browser in which the sender ``sam`` is signed in."""
    return sign_in("sam", accounts.SENDER)


@pytest.fixture
def people(app: Flask) -> People:
    return People(app)


def signed_in(app: Flask, name: str, role: str) -> CheckingClient:
    parts = app.extensions["webpanel"]
    client = app.test_client()
    with app.test_request_context(base_url=parts.config.public_url):
        if accounts.find(name) is None:
            accounts.redeem(parts.store, accounts.add_user(parts.store, name, role), PASSWORD)
    response = client.post(
        client.url_for("accounts.signed_in"), data={"username": name, "password": PASSWORD}
    )
    assert response.status_code == 302, response.get_data(as_text=True)
    return client
