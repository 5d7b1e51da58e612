"""The terminal's edge: reads a command line, calls one function, says what came of it."""

import dataclasses
import getpass
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import click
import structlog
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from webpanel import (
    application_commands,
    database,
    demo,
    demo_provider,
    doctor_commands,
    gateway_commands,
    instance,
    intake,
    logs,
    panel,
    rotation,
    server,
    terminal,
    words,
)
from webpanel.accounts import ADMINISTRATOR, ROLES, SENDER, add_user, reset_user
from webpanel.accounts import setup_link as new_setup_link
from webpanel.models import Gateway, Message, User, db
from webpanel.services import Services

log = structlog.get_logger(__name__)


@click.group(cls=terminal.Commands)
@click.version_option(package_name="webpanel", message="%(version)s")
def main() -> None:
    """Send SMS and WhatsApp messages through any provider that can be reached by an HTTP request."""
    # Nobody else may read what is made from now on: SQLite's own files too.
    os.umask(0o077)
    logs.configure()


@main.command()
def run() -> None:
    """Start the panel, and send what waits, until it is told to stop."""
    _serve(instance.chosen(os.environ), os.environ)


@main.command("demo")
def run_demo() -> None:
    """Start a throw-away panel with a provider to try it on; all of it is gone afterwards."""
    provider = demo_provider.Server("127.0.0.1", 0)
    threading.Thread(target=provider.run, name="demo-provider", daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="webpanel-demo-") as folder:
        environ = demo.environment(os.environ, provider.port)
        click.echo(_("Demonstration provider: %(url)s/", url=provider.url))
        furnish = partial(demo.add_gateway, provider_url=provider.url)
        _serve(Path(folder), environ, furnish, demonstration=True)
    provider.stop()


@main.command("demo-provider")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address to listen on.")
@click.option("--port", default=9000, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
def run_demo_provider(host: str, port: int) -> None:
    """Start a provider to try a panel on: it shows every message that it gets as on a phone."""
    try:
        demo_provider.serve(host, port)
    except (OSError, ValueError) as error:
        terminal.fail(
            _(
                "The demonstration provider cannot listen on %(host)s, port %(port)s: %(error)s",
                host=host,
                port=port,
                error=error,
            )
        )


@main.command("setup-link")
def setup_link() -> None:
    """Print a new one-time link that creates the first administrator."""
    with terminal.panel() as parts:
        token = new_setup_link(parts.store)
        if token is None:
            terminal.fail(_("There are users already; use: webpanel user reset NAME"))
        click.echo(_link(token))


@main.command()
@click.option("--gateway", "name", required=True, help="The gateway's name.")
@click.option("--to", required=True, help="The recipient's number.")
@click.option("--message", "text", required=True, help="The text.")
def send(name: str, to: str, text: str) -> None:
    """Send one message; the exit status is 0 only when the provider accepted it."""
    with terminal.panel() as parts:
        gateway = db.session.scalar(select(Gateway).where(Gateway.name == name))
        if gateway is None:
            names = ", ".join(db.session.scalars(select(Gateway.name).order_by(Gateway.position)))
            if not names:
                terminal.fail(
                    _(
                        "The panel in %(folder)s has no gateway yet: add one on its Gateways page.",
                        folder=parts.config.instance,
                    )
                )
            terminal.fail(
                _("There is no gateway named %(name)s. There are: %(names)s", name=name, names=names)
            )
        message_id = intake.accept(
            parts.store,
            vault=parts.vault,
            gateway=gateway,
            panel_country=panel.country(),
            to=to,
            text=text,
            actor=getpass.getuser(),
            source="terminal",
            lifetime_hours=parts.config.lifetime_hours,
            # Sent below, by this process, at once.
            ring=lambda _gateway_id: None,
        )
        state = parts.sender.delivery.deliver_one(message_id)
        db.session.rollback()
        message = db.session.get_one(Message, message_id)
        said = str(words.events.STATES[state])
        if message.reason:
            said = f"{said}: {words.sentence(message.reason['code'], message.reason['values'])}"
        if state in ("sent", "delivered"):
            click.echo(f"{message_id} {said}")
            return
        if state not in words.events.FINAL_STATES:
            said = f"{said}\n{_kept(message)}"
        terminal.fail(f"{message_id} {said}")


main.add_command(gateway_commands.gateway)
main.add_command(application_commands.application)
main.add_command(doctor_commands.command)


@main.group()
def user() -> None:
    """People who may sign in."""


@user.command("add")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(ROLES),
    help="A sender sends and sees messages; an administrator also keeps gateways and users. "
    "Without it: the first user becomes an administrator, others become senders.",
)
def user_add(name: str, role: str | None) -> None:
    """Add a user, and print the one-time link at which the person chooses a password."""
    with terminal.panel() as parts:
        is_first = db.session.scalar(select(User.id).limit(1)) is None
        click.echo(_link(add_user(parts.store, name, role or (ADMINISTRATOR if is_first else SENDER))))


@user.command("reset")
@click.argument("name")
def user_reset(name: str) -> None:
    """Print a one-time link at which a user chooses a new password."""
    with terminal.panel() as parts:
        click.echo(_link(reset_user(parts.store, name)))


def _serve(
    folder: Path,
    environ: Mapping[str, str],
    furnish: Callable[[Services], None] = lambda _parts: None,
    *,
    demonstration: bool = False,
) -> None:
    instance.prepare(folder)
    config = terminal.settings(environ, folder)
    with instance.served(folder) as lock, server.listen(config.host, config.port) as listener:
        # Port 0 became a real one.
        port = listener.getsockname()[1]
        config = dataclasses.replace(config, port=port, demonstration=demonstration)
        if copy := database.upgrade(config):
            click.echo(_("The database was upgraded; a copy of the old one is %(path)s", path=copy))
        with terminal.opened(config) as app:
            parts: Services = app.extensions["webpanel"]
            if len(config.secret_keys) > 1 and (unreadable := rotation.rotate(parts.store, parts.vault)):
                log.warning("secrets_unreadable", count=unreadable)
            furnish(parts)
            with app.test_request_context(base_url=config.public_url):
                token = new_setup_link(parts.store)
                link = token and _link(token)
            server.keep_to_one_processor()
            serving = server.Server(app, config, listener)
            serving.start()
            lock.tell(config.public_url)
            parts.sender.start()
            parts.callbacks.start()
            click.echo(_("The panel: %(url)s", url=config.public_url))
            click.echo(_("Its data:  %(folder)s", folder=folder))
            if config.url:
                click.echo(_("Listening on %(address)s", address=server.address(listener)))
            if link:
                click.echo(_("Create the first administrator within 24 hours: %(link)s", link=link))
            click.echo(_("Ctrl-C stops it."))
            serving.wait()
            click.echo(_("Stopping; what is being sent is finished first."))
            broken = serving.broken
            # Beside each other: whoever stops a service waits for a minute and a half at most.
            requests_in_flight = [
                threading.Thread(target=each.stop, name="stop") for each in (parts.sender, parts.callbacks)
            ]
            for each in requests_in_flight:
                each.start()
            serving.finish()
            for each in requests_in_flight:
                each.join()
    if broken:
        raise SystemExit(1)


def _link(token: str) -> str:
    return url_for("accounts.link", token=token, _external=True)


def _kept(message: Message) -> str:
    """What a message that is not final waits for."""
    gateway = message.gateway_id and db.session.get(Gateway, message.gateway_id)
    if not gateway or gateway.stopped_at is None:
        return _("It is kept; the panel tries again while it runs.")
    kept = _(
        "It is kept, but the gateway %(name)s is stopped, and nothing is sent through it until an "
        "administrator lets it go on.",
        name=gateway.name,
    )
    reason = gateway.stopped_reason
    # What this very message came to was said before.
    if not reason or reason == message.reason:
        return kept
    why = words.sentence(reason["code"], reason["values"])
    return _("%(kept)s It was stopped because: %(why)s", kept=kept, why=why)
