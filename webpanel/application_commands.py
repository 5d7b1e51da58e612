"""``webpanel application``: the programs that may send, from the terminal."""

import getpass
from datetime import UTC, datetime

import click
from flask_babel import gettext as _
from sqlalchemy import func, select

from webpanel import applications, panel, ready_calls, terminal
from webpanel.application_terms import Terms
from webpanel.applications import KeyTerms
from webpanel.models import Application, db


@click.group()
def application() -> None:
    """Programs that send through the panel with a key of their own."""


@application.command("add")
@click.argument("name")
@click.option("--callback-url", default="", help="Where it is told what became of its messages.")
def add(name: str, callback_url: str) -> None:
    """Add an application with low limits, and print its key and a call to try it with.

    The key is printed once and kept nowhere; limits are changed on the Applications page.
    """
    with terminal.panel() as parts:
        actor = getpass.getuser()
        terms = Terms(name=name, countries=panel.country(), callback_url=callback_url)
        key = applications.add_key(
            parts.store, applications.add(parts.store, terms, actor), KeyTerms(), actor
        )
        click.echo(key)
        click.echo(_("It is shown only now. Try it:"), err=True)
        click.echo(ready_calls.curl(parts.config.public_url, key), err=True)


@application.command("list")
def list_all() -> None:
    """Print each application's name, and how many of its keys still work."""
    now = datetime.now(UTC)
    with terminal.panel():
        for each in db.session.scalars(select(Application).order_by(func.lower(Application.name))):
            keys = sum(key.works(now) for key in each.keys)
            click.echo(f"{each.name}\t{keys}")
