"""The Users page: who there is, in which role, and the links that let them in."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from sqlalchemy import func, select

from webpanel import accounts, words
from webpanel.account_forms import ROLE_NAMES, UserForm
from webpanel.models import User, db
from webpanel.services import services
from webpanel.wire.problem import Refused

bp = Blueprint("users", __name__, url_prefix="/users")


@bp.get("/")
def index() -> ResponseReturnValue:
    users = db.session.scalars(select(User).order_by(func.lower(User.username))).all()
    return render_template("accounts/users.html", users=users, role_names=ROLE_NAMES)


@bp.get("/new")
def new() -> ResponseReturnValue:
    return render_template("accounts/user.html", form=UserForm(formdata=None))


@bp.post("/new")
def created() -> ResponseReturnValue:
    form = UserForm()
    name = (form.name.data or "").strip()
    try:
        token = accounts.add_user(services().store, name, form.role.data or "")
    except Refused as refused:
        form.add(refused.problems)
        return render_template("accounts/user.html", form=form), 422
    return _link_once(name, token)


@bp.post("/<int:user_id>/reset")
def reset(user_id: int) -> ResponseReturnValue:
    name = _found(user_id).username
    try:
        return _link_once(name, accounts.reset_user(services().store, name))
    except Refused as refused:
        return _refused(refused)


@bp.post("/<int:user_id>/role")
def role(user_id: int) -> ResponseReturnValue:
    user = _found(user_id)
    wanted = request.form.get("role", "")
    try:
        accounts.set_role(services().store, user_id, wanted, actor_id=current_user.id)
    except Refused as refused:
        return _refused(refused)
    flash(_("%(name)s has the role “%(role)s” now.", name=user.username, role=ROLE_NAMES[wanted]), "success")
    return redirect(url_for(".index"))


@bp.post("/<int:user_id>/active")
def active(user_id: int) -> ResponseReturnValue:
    user = _found(user_id)
    on = request.form.get("active") == "1"
    try:
        accounts.set_active(services().store, user_id, on, actor_id=current_user.id)
    except Refused as refused:
        return _refused(refused)
    if on:
        flash(_("%(name)s may sign in again.", name=user.username), "success")
    else:
        flash(
            _("%(name)s may not sign in any more, and is signed out everywhere.", name=user.username),
            "success",
        )
    return redirect(url_for(".index"))


def _link_once(name: str, token: str) -> ResponseReturnValue:
    # Answered with the page itself and not with a redirect: the link is kept nowhere.
    address = services().config.public_url.rstrip("/") + _path_of(token)
    config = services().config
    return render_template(
        "accounts/user_link.html",
        name=name,
        address=address,
        hours=accounts.LINK_HOURS,
        only_here=not config.url and config.host in ("127.0.0.1", "::1", "localhost"),
    )


def _path_of(token: str) -> str:
    return url_for("accounts.link", token=token).removeprefix(request.script_root)


def _found(user_id: int) -> User:
    return db.session.get(User, user_id) or abort(404)


def _refused(refused: Refused) -> ResponseReturnValue:
    for problem in refused.problems:
        flash(words.sentence(problem.code, problem.values), "danger")
    return redirect(url_for(".index"))
