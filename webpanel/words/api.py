"""Words for what the API answers: its own codes, and those of applications, limits and routing."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

#: Code of an answer -> its sentence. ``webpanel/api/problems.py`` has the statuses.
PROBLEMS: dict[str, LazyString] = {
    "unauthorized": _l(
        "The key is missing, wrong, revoked or too old, or its application is switched off. Send it as "
        "“Authorization: Bearer smsgw_…”, or as the password of Basic authentication."
    ),
    "forbidden": _l(
        "This key may not do that. An administrator sets what it may do on the Applications page."
    ),
    "door_closed": _l(
        "This application may not use this address. An administrator opens it on the Applications page."
    ),
    "not_found": _l("There is nothing at this address, or nothing that this key may see."),
    "method_not_allowed": _l("This address does not take this method."),
    "unsupported_media_type": _l(
        "Send the request as application/json, or as application/x-www-form-urlencoded."
    ),
    "bad_request": _l("The request cannot be read."),
    "not_utf8": _l("The fields are not written in UTF-8. Nothing was stored."),
    "invalid_json": _l("The body is not valid JSON in UTF-8."),
    "invalid_request": _l(
        "The request was refused, and nothing was stored. “errors” says why, field by field."
    ),
    "idempotency_mismatch": _l(
        "This Idempotency-Key was used for another request in the last seven days. Nothing was stored; use "
        "a new key for a new message."
    ),
    "too_large": _l("The request is too large. Nothing was stored."),
    "limit_reached": _l("A limit of this application is reached. Nothing was stored; “errors” says which."),
    "not_cancellable": _l("The message is being sent, or finished already; it cannot be cancelled."),
    "not_stored": _l("The message could not be stored, so it was not accepted. Try again in a moment."),
    "internal": _l("Something went wrong in the panel; its log says more."),
}

#: Faults of a field in the form of a request.
FIELDS: dict[str, LazyString] = {
    "missing": _l("This field is needed."),
    "unknown_field": _l("There is no such field."),
    "wrong_type": _l("This is not a value of the right kind: it %(allowed)s."),
    "out_of_range": _l("This is out of range: it %(allowed)s."),
    "unknown_choice": _l("This is none of the choices: it %(allowed)s."),
    "too_long": _l("This is too long: it %(allowed)s."),
    "too_short": _l("This is too short: it %(allowed)s."),
    "batch_one_of": _l("Give either “to”, with a list of numbers, or “messages”."),
    "repeated_field": _l("This field stands in the form more than once."),
}

_INTAKE: dict[str, LazyString] = {
    "text_too_many_parts": _l(
        "The text makes %(parts)s SMS parts, and this application may send %(most)s in one message."
    ),
    "country_not_allowed": _l("This application may not send to that country."),
    "send_at_too_far": _l("A message can be scheduled for %(days)s days ahead at most."),
    "no_gateway": _l("No gateway that this application may use is switched on."),
    "no_gateway_left": _l("Every gateway that this application may use was deleted."),
    "no_gateway_fits": _l("No gateway that is switched on sends to this number."),
    "gateway_not_allowed": _l("This application may not use that gateway."),
    "application_gone": _l("The application was deleted."),
    "too_many_recipients": _l("One request may have %(most)s recipients at most. Nothing was stored."),
    "door_only_forms": _l("Send the request as application/x-www-form-urlencoded. Nothing was stored."),
    "door_time": _l("Write the time in ISO 8601, such as 2026-12-24T08:00:00Z. Nothing was stored."),
    "door_twilio_key": _l(
        "The auth token must be a key of the panel that still works, and the account SID the one that goes "
        "with it. Both stand on the page of the key."
    ),
    "door_only_texts": _l("The panel sends texts only: a message with media or a template was not stored."),
    "door_only_cancel": _l("Only Status=canceled can be asked for. Nothing was changed."),
    "door_callback_method": _l("StatusCallbackMethod is POST or GET. Nothing was stored."),
    "door_no_udh": _l("The panel sends texts only: a message with a header of its own was not stored."),
    "message_sensitive": _l(
        "The message is marked as sensitive, so its text was removed once it was final. It cannot "
        "be sent again."
    ),
    "limit_minute": _l(
        "%(limit)s messages a minute are used up. The next minute begins in %(seconds)s seconds."
    ),
    "limit_recipient": _l(
        "%(limit)s messages an hour to this recipient are used up. The next hour begins in "
        "%(seconds)s seconds."
    ),
    "limit_day": _l("%(limit)s SMS parts a day are used up. The next day begins in %(seconds)s seconds."),
    "limit_month": _l(
        "%(limit)s SMS parts a month are used up. The next month begins in %(seconds)s seconds."
    ),
}

_APPLICATIONS: dict[str, LazyString] = {
    "application_changed": _l(
        "Somebody else saved this application while the form stood open, so nothing was stored. What you "
        "typed stands here: save again to put it in the place of theirs."
    ),
    "application_name_missing": _l("Give the application a name."),
    "application_name": _l("A name has at most %(longest)s characters, on one line."),
    "application_name_taken": _l("Another application has this name already; choose a different one."),
    "whole_number": _l("Give a whole number."),
    "gateways_none": _l("Tick at least one gateway, or choose all of them."),
    "key_may_nothing": _l("Tick what the key may do, at least one of these."),
    "limit_range": _l("Give a whole number from 0 to %(most)s; 0 means no limit."),
    "valid_for_range": _l("Give a time of 30 days at most; 0 means as long as the panel's other messages."),
    "choice_not_offered": _l("Choose one of the offered values."),
    "sender_unusable": _l("A sender has at most %(longest)s characters, on one line."),
    "time_zone_unknown": _l("“%(text)s” is no time zone. Write it as in Europe/Berlin."),
    "destination_unknown": _l(
        "“%(text)s” is neither a country, such as GB, nor the beginning of a number, such as +4915."
    ),
}

#: Why a message goes by its gateway.
_CHOSEN: dict[str, LazyString] = {
    "chosen_named": _l("The request named this gateway."),
    "chosen_application": _l("It is the application's own gateway."),
    "chosen_first": _l("It is the first gateway that is switched on and sends to this number."),
    "chosen_destination": _l("Its countries fit the number best, by %(digits)s."),
}

SENTENCES: dict[str, LazyString] = {**PROBLEMS, **FIELDS, **_INTAKE, **_APPLICATIONS, **_CHOSEN}
