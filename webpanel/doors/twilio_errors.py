"""Failed requests as Twilio answers them: a code of its own, and a sentence.

Source: https://www.twilio.com/docs/api/errors; where it names no code, 20000 and the HTTP status.
"""

from collections.abc import Mapping, Sequence

from flask import Response, g

from webpanel import words
from webpanel.api import problems
from webpanel.api.problems import Failed
from webpanel.wire.problem import Problem

UNKNOWN_PARAMETER, UNAUTHORIZED, METHOD, BAD_REQUEST, TOO_MANY = 20001, 20003, 20004, 20400, 20429
NO_BODY, NO_TO, NOT_TEXT = 21602, 21604, 21620
INVALID_TO, INVALID_FROM, NOT_ENABLED, UNREACHABLE, TOO_LONG = 21211, 21212, 21408, 21612, 21617
#: A StatusCallback that cannot be used.
CALLBACK = 21609
SEND_AT_MISSING, SEND_AT_RANGE, NOT_CANCELABLE = 35111, 35115, 30409
#: Of messages that came to their end: what is not known, and what was too late.
UNKNOWN, EXPIRED = 30008, 30036

#: The field of a problem -> Twilio's code.
_FIELDS = {
    "recipient": INVALID_TO,
    "text": NO_BODY,
    "sender": INVALID_FROM,
    "gateway": UNREACHABLE,
    "send_at": SEND_AT_RANGE,
    "callback_url": CALLBACK,
}
#: The same for codes that say more than their field.
_CODES = {
    "number_empty": NO_TO,
    "country_not_allowed": NOT_ENABLED,
    "text_too_many_parts": TOO_LONG,
}
#: Failures that Twilio's callers are told in other words than the API's.
_SENTENCES = {"unauthorized": "door_twilio_key", "unsupported_media_type": "door_only_forms"}
_FAILED = {
    "unauthorized": UNAUTHORIZED,
    "method_not_allowed": METHOD,
    "not_cancellable": NOT_CANCELABLE,
    "too_large": TOO_LONG,
}


class Rejected(Exception):  # noqa: N818 - the request was rejected, in Twilio's words
    """A request that cannot be done: Twilio's ``code``, with the status and sentence of its answer."""

    def __init__(
        self,
        code: int,
        message: str,
        status: int = 400,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.headers = code, message, status, dict(headers or {})


def answer(rejected: Rejected) -> Response:
    """The JSON that Twilio's packages read."""
    body = {
        "code": rejected.code,
        "message": rejected.message,
        "more_info": f"https://www.twilio.com/docs/errors/{rejected.code}",
        "status": rejected.status,
    }
    g.refused = str(rejected.code)
    response = Response(problems.compact(body), rejected.status, content_type="application/json")
    response.headers.extend(rejected.headers)
    if rejected.code == UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response


def refused(found: Sequence[Problem]) -> Rejected:
    """What intake refused; the first fault gives the code, and all of them the sentence."""
    first = found[0]
    if first.code == "application_gone":
        return failed(Failed("unauthorized"))
    said = " ".join(words.sentence(each.code, each.values) for each in found)
    if problems.is_limit(first):
        return Rejected(TOO_MANY, said, problems.STATUSES["limit_reached"], problems.limit_headers(first))
    return Rejected(_CODES.get(first.code) or _FIELDS.get(first.field, BAD_REQUEST), said)


def failed(failure: Failed) -> Rejected:
    """What any door may fail for."""
    status = problems.STATUSES[failure.code]
    code = _FAILED.get(failure.code, 20000 + status)
    said = words.sentence(_SENTENCES.get(failure.code, failure.code))
    return Rejected(code, said, status, failure.headers)
