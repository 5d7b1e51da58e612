"""``webpanel gateway``: gateways listed, written to files, read from files and checked, in the terminal.

A room of its own beside ``cli``: these commands are one group with words of their own.
"""

import dataclasses
import getpass
import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import BinaryIO

import click
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from webpanel import (
    forms,
    gateway_file,
    gateway_planned,
    gateway_secrets,
    gateways,
    importing,
    presets,
    replies,
    terminal,
    words,
)
from webpanel.config import SETTINGS
from webpanel.importing import Import, Plan
from webpanel.models import Gateway, db
from webpanel.replies import Keeping
from webpanel.services import Services
from webpanel.views.gateways import known
from webpanel.views.visible import visible
from webpanel.wire import difference, lint, standing
from webpanel.wire.advice import Known, advise
from webpanel.wire.gateway import Gateway as Settings
from webpanel.wire.problem import Problem, Refused
from webpanel.words.events import STANDINGS

PREFIX = "WEBPANEL_SECRET_"
_NOT_IN_VARIABLE = re.compile("[^A-Z0-9]")
_SETTINGS = frozenset(setting.name for setting in SETTINGS)


@click.group()
def gateway() -> None:
    """Gateways as files: list, export, import and check them.

    Exit status: 0 when it was done, 1 when it was not (the reason is said), 2 for a wrong command line.
    """


@gateway.command("list")
def list_() -> None:
    """Each gateway's name, whether it is on, and where it sends to, separated by tabs."""
    with terminal.panel():
        for each in db.session.scalars(select(Gateway).order_by(Gateway.position, Gateway.id)):
            scheme, host, port = gateway_secrets.origin(each.url) or ("", "", 0)
            click.echo(f"{visible(each.name)}\t{_state(each)}\t{each.method} {scheme}://{host}:{port}")


def _state(each: Gateway) -> str:
    return str(STANDINGS[standing.of(each, datetime.now(UTC))])


@gateway.command("export")
@click.argument("name")
def export(name: str) -> None:
    """Print the gateway NAME as a file (TOML). Secrets are named in it; their values are not."""
    with terminal.panel() as parts:
        found = _found(name)
        if found is None:
            names = ", ".join(db.session.scalars(select(Gateway.name).order_by(Gateway.position)))
            terminal.fail(
                _("There is no gateway named %(name)s. There are: %(names)s", name=name, names=names or "-")
            )
        click.echo(gateway_file.export(parts.vault, found), nl=False)


@gateway.command("import")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="NAME=VALUE",
    help="The value of a secret that the file names; may be given more than once. Other users of this "
    "machine can see it in the list of processes: better put it into the environment as "
    "WEBPANEL_SECRET_NAME, in capitals, with _ for every other sign.",
)
@click.option("--name", help="Import under this name; for a file with one gateway.")
@click.option(
    "--replace", is_flag=True, help="Replace a gateway of the same name, once its difference was seen."
)
def import_(file: BinaryIO, secrets: tuple[str, ...], name: str | None, replace: bool) -> None:
    """Import the gateway in FILE, or those in a configuration from Moodle; - reads the standard input.

    Over a gateway of the same name only the difference is shown, unless --replace is given. All of a
    file is imported, or nothing.
    """
    given = _given(secrets)
    read = _read(file, name)
    with terminal.panel() as parts:
        plans = _plans(read, given)
        _tell(read)
        plans = [plan for plan in plans if not _is_done(plan)]
        replacing = [plan for plan in plans if plan.existing]
        for plan in replacing:
            gateway_planned.show(plan)
        if replacing and not replace:
            terminal.fail(_("Nothing was imported. To replace what is there, add --replace."))
        for plan in plans:
            _carry_out(parts, plan)


@gateway.command("check")
@click.argument("file", type=click.File("rb"))
def check(file: BinaryIO) -> None:
    """Say what is wrong with the gateway in FILE, and what is better changed; - reads the standard input.

    Needs no panel. The exit status is 1 when something is wrong; advice leaves it 0.
    """
    read = _read(file, None)
    _tell(read)
    wrong = 0
    for incoming in read.gateways:
        settings = importing.settled(incoming.settings)
        problems = _problems(settings, incoming.names)
        wrong += len(problems)
        _say(_("error"), settings.name, problems)
        _say(_("advice"), settings.name, advise(settings, incoming.names, _known(settings)))
    if wrong:
        terminal.fail(ngettext("One error.", "%(num)d errors.", wrong))
    click.echo(_("No errors."))


def _given(options: Iterable[str]) -> dict[str, str]:
    given = {}
    for option in options:
        name, separated, value = option.partition("=")
        if not separated or not value:
            # The value is not repeated: it may be a secret without its name.
            raise click.BadParameter(_("write it as NAME=VALUE"), param_hint="--secret")
        given[name] = value
    return given


def variable(name: str) -> str:
    """The environment variable of a secret; none of the panel's own settings is one."""
    named = PREFIX + _NOT_IN_VARIABLE.sub("_", name.upper())
    return f"{named}_VALUE" if named in _SETTINGS else named


def _environment(names: Iterable[str]) -> dict[str, str]:
    return {name: os.environ[variable(name)] for name in names if os.environ.get(variable(name))}


def _read(file: BinaryIO, name: str | None) -> Import:
    try:
        read = importing.read(file.read(importing.LONGEST + 1))
    except Refused as refused:
        terminal.fail("\n".join(_sentence(problem) for problem in refused.problems))
    if name is None:
        return read
    if len(read.gateways) > 1:
        raise Refused(Problem("file_name_several", values={"count": len(read.gateways)}))
    return Import(read.kind, (read.gateways[0].called(name),), read.skipped)


def _plans(read: Import, given: Mapping[str, str]) -> list[Plan]:
    """What will be done. Raises Refused with all that stands in its way."""
    needed: set[str] = set().union(*(incoming.names for incoming in read.gateways))
    problems = [
        Problem("file_secret_unknown", values={"name": name, "known": ", ".join(sorted(needed)) or "-"})
        for name in given
        if name not in needed
    ]
    plans, names = [], set()
    for each in read.gateways:
        settings = importing.settled(each.settings)
        if settings.name in names:
            problems.append(Problem("file_names_twice", values={"name": settings.name}))
        names.add(settings.name)
        incoming = dataclasses.replace(each, settings=settings)
        plan = importing.plan(incoming, _found(settings.name), {**_environment(incoming.names), **given})
        plans.append(plan)
        problems += _problems(settings, incoming.names)
        problems += (
            Problem("file_secret_missing", values={"name": name, "variable": variable(name)})
            for name in plan.missing
        )
    if problems:
        terminal.fail("\n".join(_sentence(problem) for problem in problems))
    return plans


def _problems(settings: Settings, names: Iterable[str]) -> list[Problem]:
    return [
        *forms.name_and_lengths(settings),
        *(lint.check(settings, set(names)) or lint.unplaced(settings)),
    ]


def _is_done(plan: Plan) -> bool:
    """Whether all of it is there already; says so."""
    if plan.existing is None or gateway_planned.changes(plan) or plan.changes.typed:
        return False
    name = visible(plan.incoming.settings.name)
    click.echo(_("%(name)s is there already, with the same settings.", name=name))
    return True


def _carry_out(parts: Services, plan: Plan) -> None:
    settings, who = plan.incoming.settings, getpass.getuser()
    name = visible(settings.name)
    if plan.existing is None:
        preset = known.catalogue().find(settings.preset)
        made = gateways.create(
            parts.store,
            parts.vault,
            settings,
            plan.changes.typed,
            who,
            keeping=Keeping(written=replies.of_preset(preset)),
            preset_base=difference.stated(preset.settings) if preset else None,
        )
        if not plan.incoming.enabled:
            gateways.set_enabled(parts.store, made, False)
        click.echo(_("%(name)s was imported.", name=name))
        return
    try:
        gateways.save(
            parts.store,
            parts.vault,
            plan.existing.id,
            plan.existing.version,
            settings=settings,
            changes=plan.changes,
            actor=who,
        )
    except (gateways.SavedMeanwhile, gateways.Gone):
        terminal.fail(_("%(name)s was changed or deleted meanwhile, and not replaced. Try again.", name=name))
    click.echo(_("%(name)s was replaced.", name=name))


def _tell(read: Import) -> None:
    """What was skipped and, out of Moodle, what is different now."""
    _say(_("skipped"), "", read.skipped)
    for incoming in read.gateways:
        _say(_("changed"), incoming.settings.name, incoming.changes)


def _say(kind: str, name: str, problems: Iterable[Problem]) -> None:
    for problem in problems:
        click.echo(": ".join(filter(None, (kind, visible(name), _sentence(problem)))))


def _sentence(problem: Problem) -> str:
    """The problem with its place: the setting's name as files have it, line and column."""
    place = [problem.field] if problem.field else []
    if problem.line:
        place.append(_("line %(line)d", line=problem.line))
    if problem.column:
        place.append(_("column %(column)d", column=problem.column))
    said = visible(words.sentence(problem.code, problem.values))
    return f"{', '.join(place)}: {said}" if place else said


def _known(settings: Settings) -> Known:
    preset = presets.catalogue(None).for_gateway(settings)
    if preset is None:
        return Known()
    return Known(preset.name, preset.errors_in_2xx, tuple(preset.number_formats))


def _found(name: str) -> Gateway | None:
    return db.session.scalar(select(Gateway).where(Gateway.name == name))
