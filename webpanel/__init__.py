"""Custom API SMS Gateway: the application factory."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, has_request_context, request
from flask_babel import Babel, get_babel, get_locale
from flask_security import Security, SQLAlchemyUserDatastore
from flask_wtf import CSRFProtect

from webpanel import database, instance, report_door
from webpanel.api import callbacks as api_callbacks
from webpanel.api import problems, v1
from webpanel.callbacks import Deliverer, Request, Telling
from webpanel.config import Config
from webpanel.doors import kannel, kannel_reports, twilio, twilio_callbacks
from webpanel.front import Front
from webpanel.heartbeat import Heartbeat
from webpanel.models import Role, User, db
from webpanel.sending import networks
from webpanel.sending.delivery import Delivery
from webpanel.sending.sender import Sender
from webpanel.sending.transport import Transport
from webpanel.server import THREADS
from webpanel.services import Services
from webpanel.store import Store, configure
from webpanel.vault import Vault
from webpanel.views import (
    access,
    answers,
    assets,
    dashboard,
    messages,
    needs,
    probes,
    reference,
    shell,
    users,
)
from webpanel.views import accounts as account_pages
from webpanel.views import applications as application_pages
from webpanel.views import gateways as gateway_pages
from webpanel.views.limits import limiter
from webpanel.views.numbers import Number
from webpanel.waiting import Waiting
from webpanel.words.events import STATES

#: What people see.
PAGES = (
    *(shell, dashboard, account_pages, users, gateway_pages),
    *(application_pages, reference, messages),
)
#: The edges for programs with a key, or with an address that is one: no session, and so no CSRF checks.
DOORS = (v1.bp, v1.get_bp, kannel.bp, twilio.bp, report_door.bp)
#: What answers there where pages would show an error page.
ELSEWHERE = {
    problems.is_ours: problems.of_status,
    probes.is_ours: probes.of_status,
    kannel.is_ours: kannel.of_status,
    twilio.is_ours: twilio.of_status,
    report_door.is_ours: report_door.of_status,
}
#: The languages in which callers are told what became of their messages.
LANGUAGES = {
    "json": api_callbacks.compose,
    twilio_callbacks.KIND: twilio_callbacks.compose,
    kannel_reports.KIND: kannel_reports.compose,
}
#: Connections for pages: one for each of the server's threads, and some to spare.
CONNECTIONS = 40
#: Bytes of a request.
LARGEST_REQUEST = 2 * 1024 * 1024
#: A working day: so long a person stays signed in without doing anything.
SESSION = timedelta(hours=12)
#: Names by which the machine itself reaches a panel that has no public address.
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


class Panel(Flask):
    """Flask, which otherwise looks for an asynchronous function in every one that a request calls."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(config: Config) -> Flask:
    """The pages and services of a prepared instance. Nothing is sent before its sender is started."""
    keys = instance.keys(config)
    app = Panel(
        __name__,
        static_folder=_folder("static"),
        template_folder=_folder("templates"),
        instance_path=str(config.instance),
    )
    app.config.from_mapping(_flask_settings(config, keys.session))
    app.url_map.converters["int"] = Number

    db.init_app(app)
    Babel(app, locale_selector=_locale)
    access.guard(app)
    app.session_interface = access.Sessions(lambda path: any(belongs(path) for belongs in ELSEWHERE))
    csrf = CSRFProtect(app)
    security = Security(app, SQLAlchemyUserDatastore(db, User, Role), register_blueprint=False)
    # Nothing asks it; it would look for a session, and read the body, of every request.
    security.principal.identity_loaders.clear()
    limiter.init_app(app)
    # Its decorators ask by themselves; before every other request it would look for limits in vain, and
    # after it for what they found.
    app.before_request_funcs[None].remove(limiter._check_request_limit)
    for hooks in (app.after_request_funcs, app.teardown_request_funcs):
        hooks[account_pages.bp.name] = [hooks[None].pop()]
    assets.version_assets(app)
    answers.arrange(app, config, elsewhere=ELSEWHERE)
    app.jinja_env.globals.update(
        state_words=STATES,
        version=version("webpanel"),
        get_locale=get_locale,
        navigation=shell.navigation,
        what_is_needed=needs.what_is_needed,
    )
    app.extensions["webpanel"] = _services(app, config, keys)
    app.wsgi_app = Front(app.wsgi_app, config)  # type: ignore[method-assign]

    for view in PAGES:
        app.register_blueprint(view.bp)
    for door in DOORS:
        csrf.exempt(door)
        app.register_blueprint(door)
    app.register_blueprint(v1.public_bp)
    app.register_blueprint(probes.bp)
    return app


def _folder(name: str) -> str:
    """``name`` beside the package in a checkout, inside it where it was installed."""
    package = Path(__file__).parent
    beside = package.parent / name
    return str(beside if beside.is_dir() and (package.parent / "pyproject.toml").exists() else package / name)


def _flask_settings(config: Config, session_key: str) -> dict[str, Any]:
    secure = config.scheme == "https"
    return {
        "APPLICATION_ROOT": config.prefix or "/",
        "PREFERRED_URL_SCHEME": config.scheme,
        "TRUSTED_HOSTS": _trusted_hosts(config),
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "MAX_FORM_MEMORY_SIZE": LARGEST_REQUEST,
        "SECRET_KEY": session_key,
        "SESSION_COOKIE_NAME": _cookie_name(config),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": SESSION,
        # An answer that comes late would bring back the session that was just ended; see access.
        "SESSION_REFRESH_EACH_REQUEST": False,
        # As long as the session: a page may stand open over lunch.
        "WTF_CSRF_TIME_LIMIT": None,
        "SQLALCHEMY_DATABASE_URI": database.url(config),
        # An error of the database names its statement; numbers and texts are its parameters.
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": CONNECTIONS, "hide_parameters": True},
        # It would write a session for everybody who fetches a style sheet.
        "SESSION_PROTECTION": None,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        # Argon2 salts by itself: a second secret that must never be lost would add nothing.
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"username": {"mapper": str}}],
        # There is one way to add people, and it is ours.
        "SECURITY_CLI_USERS_NAME": False,
        "SECURITY_CLI_ROLES_NAME": False,
    }


def _cookie_name(config: Config) -> str:
    """Browsers hold cookies with these prefixes to what they promise; without https there are none.

    Cookies know no ports, so two panels on one machine need different names.
    """
    if config.scheme == "https":
        return "__Secure-webpanel" if config.prefix else "__Host-webpanel"
    return f"webpanel-{config.port}"


def _trusted_hosts(config: Config) -> list[str] | None:
    """The names by which the panel may be called; None when nobody said which it has."""
    if config.url:
        name = urlsplit(config.url).hostname or ""
        return [f"[{name}]" if ":" in name else name]
    if config.host in ANY_ADDRESS:
        return None
    host = f"[{config.host}]" if ":" in config.host else config.host
    return [host, *LOCAL_NAMES]


def _locale() -> str | None:
    """The reader's language, of those that there are; None for the default one."""
    if not has_request_context():
        return None
    spoken = [str(locale) for locale in get_babel().instance.list_translations()]
    return request.accept_languages.best_match(spoken)


def _networks_source(config: Config) -> networks.Source:
    if config.demonstration:
        return "demonstration"
    return "environment" if networks.SETTING in config.from_environment else "file"


def new_transport(config: Config) -> Transport:
    """The door to the network that the settings allow. Raises Refused, OSError; see Transport."""
    return Transport(
        networks.Networks.parse(config.allow_networks, _networks_source(config), str(config.file)),
        config.egress_proxy or None,
        trust=config.ca_bundle or None,
    )


def _services(app: Flask, config: Config, keys: instance.Keys) -> Services:
    with app.app_context():
        engine = configure(db.engine)
    vault = Vault(keys.secrets)
    store = Store(engine)
    transport = new_transport(config)
    delivery = Delivery(
        store, vault, transport, lease=config.lease_seconds, resend_after=config.resend_after_seconds
    )
    delivery.report_to(partial(report_door.address, config.url))
    waiting = Waiting(engine, most=THREADS // 2)
    languages = {kind: _outside_a_request(app, compose) for kind, compose in LANGUAGES.items()}
    callbacks = Deliverer(store, vault, transport.send, languages, lease=config.lease_seconds)

    def ended(message_id: str) -> None:
        waiting.ended(message_id)
        callbacks.ring()

    delivery.on_end(ended)
    doors = frozenset(door.name for door in DOORS)
    sender = Sender(delivery, on_sweep=Heartbeat(config.instance).beat)
    return Services(config, vault, store, transport, sender, waiting, callbacks, doors)


def _outside_a_request(app: Flask, compose: Callable[[Telling], Request]) -> Callable[[Telling], Request]:
    """``compose``, with the sentences of the panel at hand."""

    def composed(telling: Telling) -> Request:
        with app.app_context():
            return compose(telling)

    return composed
