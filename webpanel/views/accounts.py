"""Signing in and out, passwords, and one-time links."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user, login_user, logout_user
from sqlalchemy import select

from webpanel import accounts
from webpanel.account_forms import LinkForm, LoginForm, PasswordForm
from webpanel.models import User, db
from webpanel.services import services
from webpanel.views.access import own_path
from webpanel.views.limits import FAILED, by_address, by_name, by_user
from webpanel.wire.problem import Problem, Refused

bp = Blueprint("accounts", __name__)


@bp.get("/login")
def login() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(_back())
    nobody = db.session.scalar(select(User.id).limit(1)) is None
    return render_template(
        "accounts/login.html", form=LoginForm(formdata=None), back=_back_given(), nobody=nobody
    )


@bp.post("/login")
@by_address
@by_name
def signed_in() -> ResponseReturnValue:
    form = LoginForm()
    user = accounts.find(form.username.data or "")
    known = accounts.check_password(user, form.password.data or "")
    # One sentence for all of it: which names exist, and which are switched off, is nobody's business.
    if not known or user is None or not user.active:
        form.add([Problem("sign_in_failed")])
        return render_template("accounts/login.html", form=form, back=_back_given()), FAILED
    _enter(user)
    return redirect(_back())


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    logout_user()
    session.clear()
    flash(_("You are signed out."), "success")
    return redirect(url_for(".login"))


@bp.get("/password")
def password() -> ResponseReturnValue:
    return render_template("accounts/password.html", form=PasswordForm(formdata=None))


@bp.post("/password")
@by_user
def password_changed() -> ResponseReturnValue:
    form = PasswordForm()
    user = db.session.get(User, current_user.id)
    if not accounts.check_password(user, form.present.data or ""):
        form.add([Problem("password_wrong", "present")])
        return render_template("accounts/password.html", form=form), FAILED
    try:
        if not form.same():
            return render_template("accounts/password.html", form=form), 422
        accounts.change_password(services().store, user, form.password.data or "")
    except Refused as refused:
        form.add(refused.problems)
        return render_template("accounts/password.html", form=form), 422
    _enter_by_id(user.id)
    flash(_("Your password is changed. Wherever else you were signed in, you are signed out."), "success")
    return redirect(url_for("shell.home"))


@bp.get("/link/<token>")
def link(token: str) -> ResponseReturnValue:
    """What the link does, and a form for it. Looking uses nothing up: programs follow links too."""
    return _link_page(token, LinkForm(formdata=None))


@bp.post("/link/<token>")
def redeemed(token: str) -> ResponseReturnValue:
    form = LinkForm()
    found = accounts.read_link(services().store, token)
    if found is None or not form.same():
        return _link_page(token, form, 422)
    try:
        user_id = accounts.redeem(
            services().store,
            token,
            form.password.data or "",
            (form.name.data or "") if found.name is None else "",
        )
    except Refused as refused:
        form.add(refused.problems)
        return _link_page(token, form, 422)
    _enter_by_id(user_id)
    flash(_("Your password is set, and you are signed in."), "success")
    return redirect(_landing())


def _link_page(token: str, form: LinkForm, status: int = 200) -> ResponseReturnValue:
    found = accounts.read_link(services().store, token)
    if found is None:
        return render_template("accounts/link_unusable.html"), 404
    return render_template("accounts/link.html", link=found, form=form, token=token), status


def _enter_by_id(user_id: int) -> None:
    # What this request read before the store wrote is a different moment's.
    db.session.rollback()
    _enter(db.session.get_one(User, user_id, populate_existing=True))


def _enter(user: User) -> None:
    # Nothing of whoever used this browser before, and no CSRF token that was known before.
    session.clear()
    session.permanent = True
    login_user(user, authn_via=["password"])


def _back_given() -> str:
    return own_path(request.args.get("next", ""))


def _back() -> str:
    """Where the person wanted to go, or the first page."""
    return _back_given() or _landing()


def _landing() -> str:
    return url_for("shell.home")
