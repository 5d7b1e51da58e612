"""What an import in the terminal would change in a gateway that is there, printed before it is done.

A room of its own beside ``gateway_commands``, which reads the command line and carries it out.
"""

from collections.abc import Iterator

import click
from flask_babel import gettext as _

from webpanel import gateway_file, replies, words
from webpanel.importing import Plan
from webpanel.models import db
from webpanel.views.gateways import kept_rows
from webpanel.views.visible import visible
from webpanel.wire import difference, rejudging


def changes(plan: Plan) -> tuple[difference.Change, ...]:
    """What an import changes in a gateway that is there, credentials taken out on both sides."""
    if plan.existing is None:
        return ()
    now = gateway_file.exported(plan.existing.settings(), plan.stored).settings
    then = gateway_file.exported(plan.incoming.settings, plan.incoming.names).settings
    return difference.between(now, then)


def show(plan: Plan) -> None:
    """Print what would change: settings, secrets, and what is made of known replies."""
    click.echo(_("%(name)s is there already. What would change:", name=visible(plan.incoming.settings.name)))
    for change in changes(plan):
        click.echo(f"  {change.field}")
        for sign, value in (("-", change.before), ("+", change.after)):
            for line in visible(_written(value)).split("\n"):
                click.echo(f"    {sign} {line}")
    if plan.changes.typed:
        names = ", ".join(sorted(plan.changes.typed))
        click.echo("  " + _("secrets: %(names)s", names=names))
    for said in _judged_otherwise(plan):
        click.echo("  " + said)


def _judged_otherwise(plan: Plan) -> Iterator[str]:
    """The replies that are known and would be judged otherwise: those kept as examples, and real ones."""
    if plan.existing is None:
        return
    before, after = plan.existing.settings(), plan.incoming.settings
    kept = [replies.example(each) for each in plan.existing.kept_replies]
    for flip in map(kept_rows.flip, rejudging.flips(before, after, kept)):
        means = words.sentence(f"means_{flip.means}")
        yield _("The reply kept as “%(means)s” would be judged so: %(said)s", means=means, said=flip.after)
    if rejudging.same_judgement(before, after):
        return
    found = rejudging.difference(before, after, replies.last_real(db.session, plan.existing.id))
    for shift in found.shifts:
        yield _("Real replies: %(said)s", said=kept_rows.shift(shift, found.judged).said)


def _written(value: str | float | bool) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
