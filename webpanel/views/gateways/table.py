"""The gateways page: which there are, whether they are on, in what order, and how they do."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from webpanel import gateways, words
from webpanel.models import Gateway, Message, db
from webpanel.sending import failover
from webpanel.services import services
from webpanel.views.gateways.blueprint import bp, found
from webpanel.views.gateways.draft import actor, wants_fragment
from webpanel.views.messages import wording
from webpanel.views.visible import visible
from webpanel.wire import standing
from webpanel.wire.problem import Refused
from webpanel.words.events import STANDINGS, STATES

#: How many of a gateway's last messages its row tells of.
LAST = 10


@dataclass(frozen=True)
class Row:
    gateway: Gateway
    #: The states of its last messages, newest first; tests are not among them.
    last: tuple[str, ...]
    #: How many messages wait for it.
    waiting: int
    #: The gateway that sends in its place; blank where none does.
    taken_by: str

    @property
    def stands(self) -> standing.Standing:
        return standing.of(self.gateway, datetime.now(UTC))

    @property
    def because(self) -> str:
        """Why it is stopped or paused; blank where it is not."""
        stopped = self.stands == "stopped"
        return visible(wording.said(self.gateway.stopped_reason if stopped else self.gateway.paused_reason))

    @property
    def told(self) -> str:
        """``Sent: 8 · Failed: 2``, the most frequent first."""
        counts = Counter(self.last).most_common()
        return " · ".join(f"{STATES[state]}: {count}" for state, count in counts)


def rows() -> list[Row]:
    """Every gateway in the administrator's order."""
    waiting = dict(
        db.session.execute(
            select(Message.gateway_id, func.count())
            .where(Message.due_at.is_not(None), Message.state.in_(gateways.WAITING))
            .group_by(Message.gateway_id)
        ).all()
    )
    takers = failover.takers(db.session.connection())
    return [
        Row(
            gateway,
            tuple(db.session.scalars(_last_states(gateway.id))),
            waiting.get(gateway.id, 0),
            takers.get(gateway.id, ""),
        )
        for gateway in db.session.scalars(select(Gateway).order_by(Gateway.position, Gateway.id))
    ]


def _last_states(gateway_id: int):
    return (
        select(Message.state)
        .where(Message.gateway_id == gateway_id, Message.test.is_(False))
        .order_by(Message.id.desc())
        .limit(LAST)
    )


@bp.errorhandler(gateways.Gone)
def gone(_error: gateways.Gone) -> ResponseReturnValue:
    """Somebody deleted it between the look at it and the change."""
    flash(_("This gateway was deleted meanwhile."), "warning")
    if wants_fragment():
        return "", 204, {"HX-Redirect": url_for(".index")}
    return redirect(url_for(".index"))


@bp.get("/")
def index() -> ResponseReturnValue:
    return render_template("gateways/gateways.html", rows=rows(), standings=STANDINGS)


@bp.post("/<int:gateway_id>/enabled")
def enabled(gateway_id: int) -> ResponseReturnValue:
    gateway = found(gateway_id)
    on = request.form.get("enabled") == "1"
    gateways.set_enabled(services().store, gateway_id, on)
    if on:
        services().sender.ring(gateway_id)
        said = _("The gateway “%(name)s” is on.", name=gateway.name)
    else:
        said = _("The gateway “%(name)s” is off: nothing is sent by it.", name=gateway.name)
    return _done(said)


@bp.post("/<int:gateway_id>/resume")
def resume(gateway_id: int) -> ResponseReturnValue:
    gateway = found(gateway_id)
    gateways.resume(services().store, gateway_id)
    services().sender.ring(gateway_id)
    return _done(_("The gateway “%(name)s” goes on sending.", name=gateway.name))


@bp.post("/<int:gateway_id>/hold")
def hold(gateway_id: int) -> ResponseReturnValue:
    gateway = found(gateway_id)
    gateways.hold(services().store, gateway_id, actor())
    return _done(
        _("The gateway “%(name)s” is on hold: its messages wait until it is released.", name=gateway.name)
    )


@bp.post("/<int:gateway_id>/release")
def release(gateway_id: int) -> ResponseReturnValue:
    gateway = found(gateway_id)
    gateways.release(services().store, gateway_id)
    services().sender.ring(gateway_id)
    return _done(_("The gateway “%(name)s” is released.", name=gateway.name))


@bp.post("/<int:gateway_id>/move")
def move(gateway_id: int) -> ResponseReturnValue:
    gateway = found(gateway_id)
    up = request.form.get("direction") == "up"
    gateways.move(services().store, gateway_id, -1 if up else 1)
    if up:
        return _done(_("The gateway “%(name)s” moved up.", name=gateway.name))
    return _done(_("The gateway “%(name)s” moved down.", name=gateway.name))


@bp.get("/<int:gateway_id>/delete")
def delete(gateway_id: int) -> ResponseReturnValue:
    return render_template("gateways/delete.html", gateway=found(gateway_id), **_counts(gateway_id))


@bp.post("/<int:gateway_id>/delete")
def deleted(gateway_id: int) -> ResponseReturnValue:
    gateway = found(gateway_id)
    name = gateway.name
    try:
        gateways.remove(services().store, gateway_id, actor())
    except Refused as refused:
        problems = [words.sentence(problem.code, problem.values) for problem in refused.problems]
        page = render_template(
            "gateways/delete.html", gateway=gateway, problems=problems, **_counts(gateway_id)
        )
        return page, 409
    flash(_("The gateway “%(name)s” was deleted.", name=name), "success")
    return redirect(url_for(".index"))


def _done(said: str) -> ResponseReturnValue:
    """The table as it is now with a word about what was done; without JavaScript the page again."""
    if not wants_fragment():
        flash(said, "success")
        return redirect(url_for(".index"))
    # What was read before the write is a different moment's.
    db.session.rollback()
    return render_template("gateways/_table.html", rows=rows(), standings=STANDINGS, said=said)


def _counts(gateway_id: int) -> dict[str, int]:
    of_it = select(func.count()).select_from(Message).where(Message.gateway_id == gateway_id)
    return {
        "messages": db.session.scalar(of_it),
        "waiting": db.session.scalar(of_it.where(Message.state.in_(gateways.WAITING))),
    }
