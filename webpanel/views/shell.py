"""The frame around every page: where it begins, its navigation, and the panel's own settings."""

from dataclasses import dataclass
from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_security import current_user
from sqlalchemy import select

from webpanel import panel
from webpanel.account_forms import CountryForm, TimeZoneForm
from webpanel.accounts import ADMINISTRATOR
from webpanel.models import Gateway, db
from webpanel.services import services
from webpanel.views import countries
from webpanel.wire.problem import Refused

bp = Blueprint("shell", __name__)

_SEND = frozenset({"messages.send", "messages.send_message"})


@dataclass(frozen=True)
class Entry:
    label: str
    icon: str
    url: str
    #: ``aria-current``: "page", "true" for a page below it, or blank.
    current: str


def navigation() -> list[Entry]:
    """The main entries that the present user may use."""
    entries = [
        _entry(_("Send"), "send", "messages.send", request.endpoint in _SEND),
        _entry(
            _("Messages"), "messages", "messages.index", _in("messages") and request.endpoint not in _SEND
        ),
    ]
    if current_user.has_role(ADMINISTRATOR):
        entries.insert(0, _entry(_("Dashboard"), "chart-bar", "dashboard.index", _in("dashboard")))
        entries += [
            _entry(_("Gateways"), "route", "gateways.index", _in("gateways")),
            _entry(_("Applications"), "key", "applications.index", _in("applications") or _in("reference")),
            _entry(_("Users"), "users", "users.index", _in("users")),
            _entry(
                _("Settings"),
                "settings",
                "shell.settings",
                request.endpoint in ("shell.settings", "shell.saved", "shell.time_zone_saved"),
            ),
        ]
    return entries


def _in(blueprint: str) -> bool:
    return request.blueprint == blueprint


def _entry(label: str, icon: str, endpoint: str, here: bool) -> Entry:
    current = "page" if request.endpoint == endpoint else "true" if here else ""
    return Entry(label, icon, url_for(endpoint), current)


@bp.get("/")
def home() -> ResponseReturnValue:
    """The first page: what is still to be done, otherwise how everything flows, or for senders sending."""
    if current_user.has_role(ADMINISTRATOR):
        if not panel.country():
            return redirect(url_for(".welcome"))
        if db.session.scalar(select(Gateway.id).limit(1)) is None:
            return redirect(url_for("gateways.index"))
        return redirect(url_for("dashboard.index"))
    return redirect(url_for("messages.send"))


@bp.get("/welcome")
def welcome() -> ResponseReturnValue:
    return _page("shell/welcome.html", CountryForm(formdata=None))


@bp.post("/welcome")
def welcomed() -> ResponseReturnValue:
    form = CountryForm()
    if _country_set(form):
        return redirect(url_for(".home"))
    return _page("shell/welcome.html", form), 422


@bp.get("/settings")
def settings() -> ResponseReturnValue:
    return _settings_page()


@bp.post("/settings")
def saved() -> ResponseReturnValue:
    form = CountryForm()
    if _country_set(form):
        return redirect(url_for(".settings"))
    return _settings_page(country=form), 422


@bp.post("/settings/time-zone")
def time_zone_saved() -> ResponseReturnValue:
    form = TimeZoneForm()
    name = (form.time_zone.data or "").strip()
    try:
        panel.set_time_zone(services().store, name)
    except Refused as refused:
        form.add(refused.problems)
        return _settings_page(time_zone=form), 422
    flash(_("Days and months begin in the time zone %(name)s now.", name=name), "success")
    return redirect(url_for(".settings"))


def _settings_page(country: CountryForm | None = None, time_zone: TimeZoneForm | None = None) -> str:
    shown = countries.shown(panel.country(), get_locale())
    return render_template(
        "shell/settings.html",
        form=country or CountryForm(formdata=None, default_country=shown),
        countries=countries.listed(get_locale()),
        zone_form=time_zone or TimeZoneForm(formdata=None, time_zone=panel.time_zone()),
        time_zones=sorted(available_timezones()),
    )


def _country_set(form: CountryForm) -> bool:
    try:
        country = countries.read(form.default_country.data or "", get_locale())
    except Refused as refused:
        form.add(refused.problems)
        return False
    panel.set_country(services().store, country.region)
    shown = countries.shown(country.region, get_locale())
    if country.shared_with:
        said = _(
            "+%(code)s is shared by several countries; %(country)s is meant now. To change that, type "
            "another one's name.",
            code=country.calling_code,
            country=shown,
        )
    else:
        said = _("Numbers without a country code are read as numbers of %(country)s now.", country=shown)
    flash(said, "success")
    return True


def _page(template: str, form: CountryForm) -> str:
    return render_template(template, form=form, countries=countries.listed(get_locale()))
