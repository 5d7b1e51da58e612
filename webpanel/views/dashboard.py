"""The dashboard: whether everything flows, at a glance."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, tzinfo
from zlib import crc32

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import format_date

from webpanel import panel
from webpanel.figures import flow, gateways, queue, spans
from webpanel.figures.flow import Counts
from webpanel.figures.spans import Span
from webpanel.models import db
from webpanel.services import services
from webpanel.store import now
from webpanel.views.messages import wording
from webpanel.views.needs import what_is_needed
from webpanel.views.plot import Column, plot
from webpanel.views.visible import visible
from webpanel.words.events import STANDINGS
from webpanel.words.figures import FLOW

bp = Blueprint("dashboard", __name__)

#: Seconds between two looks.
EVERY = 5
#: Which hours and days have a label: on a desk, and on a telephone.
_HOURS = {"every": 3, "narrow": 6}
_DAYS = {"every": 3, "narrow": 9}


@bp.get("/dashboard")
def index() -> Response:
    connection = db.session.connection()
    present, name = now(connection), panel.time_zone()
    zone = spans.zone(name)
    counts = services().flow
    day = _hours(counts.last_day(connection, present, zone), zone)
    month = _days(counts.last_month(connection, present, zone), zone)
    standing, doing = queue.standing(connection), gateways.doing(connection, present)
    seen = f"{crc32(repr((name, day, month, standing, doing, what_is_needed())).encode()):x}"
    if request.args.get("seen") == seen:
        # Nothing new since the page last looked: htmx leaves it alone.
        return make_response("", 204)
    partial = request.headers.get("HX-Request-Type") == "partial"
    page = render_template(
        "dashboard/_glance.html" if partial else "dashboard/dashboard.html",
        every=EVERY,
        seen=seen,
        zone=name,
        plots=(("day", plot(day, **_HOURS), _total(day)), ("month", plot(month, **_DAYS), _total(month))),
        today=_total(day),
        queue=standing,
        gateways=doing,
        flow_words=FLOW,
        standings=STANDINGS,
        # The fragment includes the banner: on this page it comes and goes by itself.
        needs_told_here=True,
        share=share,
        said=lambda reason: visible(wording.said(reason)),
    )
    response = make_response(page)
    response.vary.add("HX-Request-Type")
    return response


def share(part: int, whole: int) -> int:
    """Of a hundred; 100 only when nothing is missing."""
    return part * 100 // whole


def _hours(counted: Sequence[tuple[Span, Counts]], zone: tzinfo) -> list[Column]:
    starts = [span.start.astimezone(zone) for span, _ in counted]
    # An hour that the clock shows twice is told apart by its distance from UTC.
    twice = Counter(f"{start:%Y-%m-%d %H:%M}" for start in starts)
    return [
        Column(span, f"{start:%H:%M}", _hour(start, twice[f"{start:%Y-%m-%d %H:%M}"] > 1), counts)
        for start, (span, counts) in zip(starts, counted, strict=True)
    ]


def _hour(start: datetime, ambiguous: bool) -> str:
    return f"{start:%Y-%m-%d %H:%M (UTC%z)}" if ambiguous else f"{start:%Y-%m-%d %H:%M}"


def _days(counted: Sequence[tuple[Span, Counts]], zone: tzinfo) -> list[Column]:
    dates = [span.start.astimezone(zone).date() for span, _ in counted]
    return [
        Column(span, format_date(date, "d MMM"), date.isoformat(), counts)
        for date, (span, counts) in zip(dates, counted, strict=True)
    ]


def _total(columns: Sequence[Column]) -> Counts:
    return flow.total(column.counts for column in columns)
