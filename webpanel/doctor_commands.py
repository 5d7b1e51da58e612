"""``webpanel doctor`` in the terminal: what was examined, what is wrong with it, and what to do.

A room of its own beside ``doctor``, which knows no sentences and no terminal.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import click
from flask import Flask
from flask_babel import Babel

from webpanel import doctor, instance, new_transport, terminal, words
from webpanel.config import SettingError
from webpanel.doctor import Finding
from webpanel.views.visible import visible
from webpanel.wire.problem import Refused

_LEVELS = {"ok": "ok", "advice": "advice", "wrong": "WRONG"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for a monitoring program.")
def command(as_json: bool) -> None:
    """Examine the panel beside its running server. Nothing is changed, no message is sent.

    Exit status: 0 when nothing is wrong, 1 when something is. Advice leaves it 0.
    """
    app = Flask(__name__)
    Babel(app)
    with app.app_context():
        findings = []
        for finding in _findings():
            findings.append(finding)
            if not as_json:
                click.echo(f"{_LEVELS[finding.level]:<7} {finding.check:<9} {_said(finding)}")
        wrong = sum(finding.level == "wrong" for finding in findings)
        if as_json:
            click.echo(json.dumps({"ok": not wrong, "findings": [_as_json(each) for each in findings]}))
    if wrong:
        raise SystemExit(1)


def _findings() -> Iterator[Finding]:
    folder = instance.chosen(os.environ)
    if not folder.is_dir():
        yield Finding("settings", "wrong", "doctor_no_folder", {"folder": str(folder)})
        return
    try:
        config = terminal.settings(os.environ, folder)
        transport = new_transport(config)
    except (SettingError, OSError) as error:
        yield Finding("settings", "wrong", "doctor_said", {"said": str(error)})
        return
    except Refused as refused:
        for problem in refused.problems:
            why = {"code": problem.code, "values": problem.values}
            yield Finding("settings", "wrong", "doctor_why", {}, why)
        return
    yield Finding("settings", "ok", "doctor_settings_ok", {"file": str(config.file)})
    try:
        yield from doctor.examine(config, transport)
    finally:
        transport.close()


def _said(finding: Finding) -> str:
    values = {**finding.values, "why": words.stored(finding.why)}
    return visible(words.sentence(finding.code, values))


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "level": finding.level,
        "code": finding.code,
        "said": _said(finding),
        "values": dict(finding.values),
        "why": None if finding.why is None else dict(finding.why),
    }
