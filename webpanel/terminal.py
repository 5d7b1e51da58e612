"""What every command of the terminal needs: the chosen instance opened, and failures said in a sentence.

A room of its own because the commands are more than one module, and share how they begin and end.
"""

import dataclasses
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click
from flask import Flask
from flask_babel import gettext as _

from webpanel import create_app, database, instance, server, words
from webpanel.config import Config, SettingError
from webpanel.sending.networks import SETTING, Networks
from webpanel.services import Services
from webpanel.store import StoreUnavailable
from webpanel.wire.problem import Refused

#: What a person in front of the terminal can mend: one sentence and exit status 1, no traceback.
MENDABLE = (SettingError, instance.InstanceError, database.DatabaseError, server.ListenError)


class Commands(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MENDABLE as error:
            fail(str(error))
        except Refused as refused:
            fail("\n".join(words.sentence(problem.code, problem.values) for problem in refused.problems))
        except StoreUnavailable:
            fail(_("The database cannot be written to: the disk is full, or another program holds it."))


@contextmanager
def panel() -> Iterator[Services]:
    """The services of the chosen instance, in an application that makes links."""
    folder = instance.chosen(os.environ)
    instance.prepare(folder)
    config = settings(os.environ, folder)
    if database.stale(config):
        with instance.served(folder):
            database.upgrade(config)
    # Links lead to the server that runs, whatever this terminal's own settings say of its port.
    config = dataclasses.replace(
        config, url=instance.url(folder) or config.url, port=config.port or Config.port
    )
    with opened(config) as app, app.test_request_context(base_url=config.public_url):
        yield app.extensions["webpanel"]


def settings(environ: Mapping[str, str], folder: Path) -> Config:
    config = Config.load(environ, folder)
    # Read here too, so that a slip in it is said before anything starts.
    try:
        Networks.parse(config.allow_networks)
    except Refused as refused:
        said = " ".join(words.sentence(problem.code, problem.values) for problem in refused.problems)
        raise SettingError(f"{SETTING} in {config.place(SETTING)}: {said}") from refused
    return config


@contextmanager
def opened(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    parts: Services = app.extensions["webpanel"]
    try:
        yield app
    finally:
        parts.sender.stop()
        parts.callbacks.stop()
        parts.store.close()
        parts.transport.close()
        # The last connection takes the write-ahead log into the database.
        parts.store.engine.dispose()


def fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(1)
