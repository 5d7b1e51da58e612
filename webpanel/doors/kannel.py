"""Kannel's ``sendsms``: its parameters in, its statuses and texts out.

Source: Kannel's user guide, "SMS Push reply codes" and "SMS Push (send-sms) CGI Variables", and its
``gw/smsbox.c``. The page ``/api/kannel`` says what is supported.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, g, request

from webpanel import words
from webpanel.api import calls, keys, problems
from webpanel.api.problems import Failed
from webpanel.application_terms import MOST_VALID_FOR
from webpanel.doors import charsets, kannel_reports
from webpanel.intake import Result, Wanted
from webpanel.store import StoreUnavailable
from webpanel.wire.problem import Problem, Refused

PATH = "/cgi-bin/sendsms"
#: Recipients of one request.
MOST_RECIPIENTS = 10_000

ACCEPTED = "0: Accepted for delivery"
DENIED = "Number(s) has/have been denied by white- and/or black-lists."
NOT_ALLOWED = "Authorization failed for sendsms"
NOT_NOW = "Temporal failure, try again later."
NOT_ROUTABLE = "Not routable. Do not try again."
MISFORMED = "Charset or body misformed, rejected"

#: Kannel's priorities -> ours: bulk, normal, urgent and very urgent in SMPP 3.4, 5.2.14.
_PRIORITIES = {0: 2, 1: 1, 2: 0, 3: 0}
_LONGEST_DEFERRED = timedelta(days=3660)
#: Numbers as C's scanf reads them: what stands in front counts.
_NUMBER = re.compile(r"\s*([+-]?\d{1,9})", re.ASCII)

#: The field of a problem -> Kannel's answer to it.
_ANSWERS = {
    "recipient": (400, DENIED),
    "text": (400, MISFORMED),
    "sender": (400, "Sender missing and no global set, rejected"),
    "send_at": (400, "Deferred field misformed, rejected"),
    "gateway": (403, NOT_ROUTABLE),
    "callback_url": (400, "DLR-URL field misformed, rejected"),
}
#: The same for codes that say more than their field.
_SPECIAL = {
    "text_empty": (400, "Empty text not allowed, rejected."),
    "secrets_unreadable": (503, NOT_NOW),
    "application_gone": (403, NOT_ALLOWED),
}
#: The codes of failed requests whose answer is another than that of their status.
_FAILED = {
    "unauthorized": (403, NOT_ALLOWED),
    "forbidden": (403, NOT_ALLOWED),
    "door_closed": (403, NOT_ALLOWED),
    "too_large": (413, MISFORMED),
    "not_stored": (503, NOT_NOW),
    "unsupported_media_type": (400, "Invalid content-type"),
}


class _Rejected(Exception):  # noqa: N818 - the request was rejected, in Kannel's words
    def __init__(self, status: int, text: str, why: Problem | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.why = status, text, why


def _presented() -> str:
    g.kannel = _parameters()
    return _plain("password") or _plain("pass")


bp = keys.keyed(Blueprint("kannel", __name__), _presented)


@bp.route(PATH, methods=["GET", "POST"])
def sendsms() -> Response:
    """One text for all numbers in ``to``; what cannot be sent is named when the rest can."""
    holder = keys.must_send()
    if not holder.terms.door_kannel:
        raise Failed("door_closed")
    if request.method == "HEAD":
        raise Failed("method_not_allowed")
    numbers = _recipients()
    wanted = _wanted(numbers)
    try:
        done = calls.submit(wanted, "kannel")
    except Refused as refused:
        raise _rejected(refused.problems) from None
    return _accepted(numbers, done.results)


def _recipients() -> list[str]:
    if "to" not in g.kannel:
        raise _Rejected(400, "Missing receiver number, rejected")
    numbers = list(dict.fromkeys(_plain("to").split()))
    if not numbers:
        raise _Rejected(400, "Empty receiver number not allowed, rejected")
    if len(numbers) > MOST_RECIPIENTS:
        raise _Rejected(400, DENIED, Problem("too_many_recipients", values={"most": MOST_RECIPIENTS}))
    return numbers


def _wanted(numbers: Sequence[str]) -> list[Wanted]:
    if g.kannel.get("udh"):
        raise _Rejected(400, "UDH field misformed, rejected", Problem("door_no_udh"))
    try:
        text = charsets.decoded(g.kannel.get("text", b""), _plain("charset"), _coding())
    except ValueError:
        raise _Rejected(400, MISFORMED) from None
    validity, deferred = _minutes("validity"), _minutes("deferred")
    priority = _number("priority")
    if priority is not None and priority not in _PRIORITIES:
        raise _Rejected(400, "Priority field misformed, rejected")
    one = Wanted(
        "",
        text,
        gateway=_plain("smsc") or None,
        sender=_plain("from") or None,
        send_at=None if not deferred else datetime.now(UTC) + min(deferred, _LONGEST_DEFERRED),
        valid_for=None if not validity else min(int(validity.total_seconds()), MOST_VALID_FOR),
        priority=None if priority is None else _PRIORITIES[priority],
        tell=kannel_reports.tell(_plain("dlr-url") or _plain("dlrurl"), _mask()),
    )
    return [replace(one, to=number) for number in numbers]


def _accepted(numbers: Sequence[str], results: Sequence[Result]) -> Response:
    refused = [number for number, each in zip(numbers, results, strict=True) if each.message_id is None]
    if len(refused) == len(numbers):
        raise _rejected(results[0].problems)
    if not refused:
        return _text(202, ACCEPTED)
    why = next(each.problems[0] for each in results if each.message_id is None)
    said = words.sentence(why.code, why.values)
    return _text(202, f"{ACCEPTED} Denied receivers are: {' '.join(refused)}\n{said}")


def _rejected(found: Sequence[Problem]) -> _Rejected:
    first = found[0]
    if problems.is_limit(first):
        return _Rejected(503, NOT_NOW, first)
    return _Rejected(*_SPECIAL.get(first.code) or _ANSWERS.get(first.field, (400, MISFORMED)), first)


@bp.errorhandler(_Rejected)
def _say(rejected: _Rejected) -> Response:
    """Kannel's text on the first line, and what the panel knows beyond it on the second."""
    why = rejected.why
    g.refused = "rejected" if why is None else why.code
    said = "" if why is None else f"\n{words.sentence(why.code, why.values)}"
    response = _text(rejected.status, rejected.text + said)
    if why is not None and problems.is_limit(why):
        response.headers.extend(problems.limit_headers(why))
    return response


@bp.errorhandler(Failed)
def _failed(failed: Failed) -> Response:
    usual = (problems.STATUSES[failed.code], words.sentence(failed.code))
    status, text = _FAILED.get(failed.code, usual)
    g.refused = failed.code
    if failed.code == "door_closed":
        text += f"\n{words.sentence(failed.code)}"
    response = _text(status, text)
    response.headers.extend(failed.headers)
    return response


@bp.errorhandler(StoreUnavailable)
def _not_stored(_error: StoreUnavailable) -> Response:
    return _failed(Failed("not_stored"))


def of_status(status: int, headers: Mapping[str, str]) -> Response:
    """The answer in place of the error page of ``status``."""
    return _failed(problems.with_status(status, headers))


def is_ours(path: str) -> bool:
    return path == PATH


def _parameters() -> dict[str, bytes]:
    """As bytes, for the charset is one of them; the first of each name counts.

    They stand in the address, in a form, or in headers ``X-Kannel-…`` beside a body that is the text.
    """
    found = charsets.pairs(request.query_string)
    body = request.get_data(cache=False)
    if not body:
        return found
    if request.mimetype == "application/x-www-form-urlencoded":
        return {**charsets.pairs(body), **found}
    if request.mimetype not in ("text/plain", "application/octet-stream"):
        raise Failed("unsupported_media_type")
    for name, value in request.headers:
        if name.lower().startswith("x-kannel-"):
            found[name[len("x-kannel-") :].lower()] = value.encode("latin-1", "replace")
    charset = request.mimetype_params.get("charset", "")
    return {"charset": charset.encode("ascii", "replace"), **found, "text": body}


def _plain(name: str) -> str:
    return g.kannel.get(name, b"").decode("utf-8", "replace").strip()


def _number(name: str) -> int | None:
    read = _NUMBER.match(_plain(name))
    return int(read[1]) if read else None


def _mask() -> int:
    """The events that are asked for; those of Kannel that no message has here are left aside."""
    mask = next((each for each in (_number("dlr-mask"), _number("dlrmask")) if each is not None), 0)
    if not -1 <= mask <= kannel_reports.MOST_MASK:
        raise _Rejected(400, "DLR-Mask field misformed, rejected")
    return max(mask, 0)


def _minutes(name: str) -> timedelta | None:
    number = _number(name)
    if number is not None and number < 0:
        raise _Rejected(400, f"{name.capitalize()} field misformed, rejected")
    return None if number is None else timedelta(minutes=number)


def _coding() -> int:
    """0: the text's own alphabet, 2: UCS-2. The panel writes texts, so 1 (octets) has no meaning."""
    coding = _number("coding") or 0
    if coding not in (0, 2):
        raise _Rejected(400, "Coding field misformed, rejected")
    return coding


def _text(status: int, text: str) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
