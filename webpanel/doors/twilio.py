"""Twilio's messages: the requests of its packages in, its resources and errors out.

Source: https://www.twilio.com/docs/messaging/api/message-resource. The page ``/api/twilio`` says what is
supported.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from sqlalchemy import ColumnElement

from webpanel import intake, words
from webpanel.api import calls, finding, keys, problems
from webpanel.api.problems import Failed
from webpanel.application_terms import MOST_VALID_FOR
from webpanel.applications import Grant
from webpanel.callbacks import Tell
from webpanel.doors import twilio_callbacks, twilio_messages, twilio_sids
from webpanel.doors import twilio_errors as errors
from webpanel.doors.twilio_errors import Rejected
from webpanel.intake import Wanted
from webpanel.models import Message
from webpanel.services import services
from webpanel.store import StoreUnavailable
from webpanel.wire.problem import Refused

PAGE_LENGTH, LONGEST_PAGE = 50, 1000
_FIRST_YEAR, _LAST_YEAR = 1970, 9000
_PLACE = f"/{twilio_messages.VERSION}/Accounts/"

_message = Message.__table__


def _presented() -> str:
    """The key is the password; the account in the address must be its own."""
    key = keys.from_authorization()
    asked = (request.view_args or {}).get("account_sid")
    return key if twilio_sids.account_sid(key) == asked else ""


bp = keys.keyed(Blueprint("twilio", __name__), _presented)


@bp.post(f"{_PLACE}<account_sid>/Messages.json")
def create(account_sid: str) -> Response:
    holder = _opened(keys.must_send())
    form = _form()
    try:
        result = calls.submit([_wanted(form)], "twilio").results[0]
    except Refused as refused:
        raise errors.refused(refused.problems) from None
    if result.message_id is None:
        raise errors.refused(result.problems)
    return calls.answer(_resource(calls.just_stored(result), account_sid, holder), 201)


@bp.get(f"{_PLACE}<account_sid>/Messages/<sid>.json")
def show(account_sid: str, sid: str) -> Response:
    holder = _opened(keys.must_read())
    return calls.answer(_resource(_found(sid, holder), account_sid, holder))


@bp.post(f"{_PLACE}<account_sid>/Messages/<sid>.json")
def update(account_sid: str, sid: str) -> Response:
    """Of what Twilio lets be changed, only this: a message that waits can be cancelled."""
    holder = _opened(keys.must_send())
    keys.note_use()
    row = _found(sid, holder)
    if _form().get("Status") != "canceled":
        raise Rejected(errors.UNKNOWN_PARAMETER, words.sentence("door_only_cancel"))
    if not intake.cancel(services().store, row, actor=holder.terms.name):
        raise Failed("not_cancellable")
    return calls.answer(_resource(_found(sid, holder), account_sid, holder))


@bp.get(f"{_PLACE}<account_sid>/Messages.json")
def index(account_sid: str) -> Response:
    """A page, newest first, with the address of the next one."""
    holder = _opened(keys.must_read())
    asked = request.args
    size = min(max(_whole(asked.get("PageSize", ""), PAGE_LENGTH), 1), LONGEST_PAGE)
    number = max(_whole(asked.get("Page", ""), 0), 0)
    conditions = [calls.visible(holder), *_filters(asked)]
    if token := twilio_sids.message_id(asked.get("PageToken", "")):
        conditions.append(_message.c.id < token)
    rows, following = calls.page(conditions, size)
    address = twilio_messages.address(account_sid)
    kept = {name: asked[name] for name in ("To", "From", *_DATES) if name in asked}

    def at(page: int, **more: str) -> str:
        return f"{address}?{urlencode({**kept, 'PageSize': size, 'Page': page, **more})}"

    following_uri = at(number + 1, PageToken=twilio_sids.message_sid(following)) if following else None
    return calls.answer(
        {
            "messages": [_resource(row, account_sid, holder) for row in rows],
            "page": number,
            "page_size": size,
            "start": number * size,
            "end": number * size + max(len(rows) - 1, 0),
            "uri": at(number),
            "first_page_uri": at(0),
            "next_page_uri": following_uri,
            "previous_page_uri": None,
        }
    )


@bp.errorhandler(Failed)
def _failed(failure: Failed) -> Response:
    return errors.answer(errors.failed(failure))


@bp.errorhandler(StoreUnavailable)
def _not_stored(_error: StoreUnavailable) -> Response:
    return _failed(Failed("not_stored"))


bp.register_error_handler(Rejected, errors.answer)


def of_status(status: int, headers: Mapping[str, str]) -> Response:
    """The answer in place of the error page of ``status``."""
    return _failed(problems.with_status(status, headers))


def is_ours(path: str) -> bool:
    return path.startswith(_PLACE)


def _opened(holder: Grant) -> Grant:
    if not holder.terms.door_twilio:
        raise Failed("door_closed")
    return holder


def _form() -> dict[str, str]:
    """Twilio takes forms only."""
    if request.mimetype not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Failed("unsupported_media_type")
    return request.form.to_dict()


def _wanted(form: Mapping[str, str]) -> Wanted:
    if "MediaUrl" in form or "ContentSid" in form:
        raise Rejected(errors.NOT_TEXT, words.sentence("door_only_texts"))
    if form.get("ScheduleType") and not form.get("SendAt"):
        raise Rejected(errors.SEND_AT_MISSING, words.sentence("missing"))
    valid_for = _whole(form.get("ValidityPeriod", ""), 0)
    return Wanted(
        form.get("To", ""),
        form.get("Body", ""),
        sender=form.get("From") or None,
        sensitive=True if form.get("ContentRetention") == "discard" else None,
        send_at=_time(form["SendAt"], errors.SEND_AT_RANGE) if form.get("SendAt") else None,
        valid_for=min(valid_for, MOST_VALID_FOR) if valid_for > 0 else None,
        tell=_tell(form),
    )


def _tell(form: Mapping[str, str]) -> Tell | None:
    if not form.get("StatusCallback"):
        return None
    method = (form.get("StatusCallbackMethod") or "POST").upper()
    if method not in twilio_callbacks.METHODS:
        raise Rejected(errors.BAD_REQUEST, words.sentence("door_callback_method"))
    return twilio_callbacks.tell(form["StatusCallback"], method, keys.from_authorization())


_DATES = ("DateSent", "DateSent>", "DateSent<")


def _filters(asked: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """Dates are those of acceptance here; a day without a time is the whole day, UTC."""
    found: list[ColumnElement[bool]] = []
    if to := asked.get("To"):
        found.append(_message.c.recipient.in_((to, f"+{to}")))
    if sender := asked.get("From"):
        found.append(_message.c.sender == sender)
    for name in _DATES:
        if written := asked.get(name):
            found.extend(finding.between(*_span(name, written)))
    return found


def _span(name: str, written: str) -> tuple[datetime | None, datetime | None]:
    """From when to before when the filter ``name`` means."""
    moment = _time(written, errors.BAD_REQUEST)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if name == "DateSent":
        return day, day + timedelta(days=1)
    if name == "DateSent>":
        return moment, None
    return None, moment + (timedelta(seconds=1) if "T" in written else timedelta(days=1))


def _time(written: str, code: int) -> datetime:
    """ISO 8601, UTC where it does not say; ``code`` is answered for what is no time of these days."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise Rejected(code, words.sentence("door_time")) from None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise Rejected(code, words.sentence("door_time"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _whole(written: str, usual: int) -> int:
    return int(written) if re.fullmatch(r"\d{1,9}", written, re.ASCII) else usual


def _found(sid: str, holder: Grant) -> Any:
    message_id = twilio_sids.message_id(sid)
    row = calls.find(message_id, calls.visible(holder)) if message_id else None
    if row is None:
        raise Failed("not_found")
    return row


def _resource(row: Any, account_sid: str, holder: Grant) -> dict[str, Any]:
    own = row.application_id == holder.application_id
    return twilio_messages.resource(row, account_sid, with_text=own)
