"""Words for states, classes and the steps of a message's life.

State and class words stand on pages as they are here; ``docs/when-something-fails.md`` explains each
by the same word. Who did a step is added by the page; it also makes ``%(wait)s`` from ``seconds``.
"""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

#: Every state of a message -> its word, in the order of a filter's choices.
STATES: dict[str, LazyString] = {
    "scheduled": _l("Scheduled"),
    "queued": _l("Waiting"),
    "sending": _l("Sending"),
    "held": _l("On hold"),
    "sent": _l("Sent"),
    "delivered": _l("Delivered"),
    "undelivered": _l("Not delivered"),
    "failed": _l("Failed"),
    "unknown": _l("Unclear, needs you"),
    "expired": _l("Too late, not sent"),
    "cancelled": _l("Cancelled"),
}

#: After these only a delivery report or a person changes a message.
FINAL_STATES = frozenset({"sent", "delivered", "undelivered", "failed", "unknown", "expired", "cancelled"})

#: What a state means, in one sentence below a message's heading.
MEANINGS: dict[str, LazyString] = {
    "scheduled": _l("It is sent when its time comes."),
    "queued": _l("It is sent as soon as its turn comes."),
    "sending": _l("The request is on its way to the provider."),
    "held": _l(
        "Its gateway is stopped; it is sent once the gateway goes on, unless it gets too late before."
    ),
    "sent": _l("The provider accepted it."),
    "delivered": _l("The provider reports that it arrived."),
    "undelivered": _l("The provider reports that it did not arrive."),
    "failed": _l("It was not sent."),
    "unknown": _l(
        "Not certain whether the provider took it. Look it up there, then say here what became of it."
    ),
    "expired": _l("It could not be sent in time, so it was not sent at all."),
    "cancelled": _l("A person cancelled it before it was sent."),
}

#: The class of an attempt -> what it came to; None (no class yet) is worded by the page.
OUTCOMES: dict[str, LazyString] = {
    "not_sent": _l("Did not reach the provider"),
    "deferred": _l("The provider asks to try later"),
    "accepted": _l("Accepted by the provider"),
    "rejected": _l("Refused by the provider"),
    "gateway_fault": _l("Refused because of the gateway's settings or account"),
    "ambiguous": _l("Not certain whether the provider took it"),
}

#: By the number of a message's priority.
PRIORITIES: tuple[LazyString, ...] = (_l("Urgent"), _l("Normal"), _l("Bulk"))

#: How a gateway stands (wire/standing.py) -> its word in lists.
STANDINGS: dict[str, LazyString] = {
    "on": _l("on"),
    "off": _l("off"),
    "held": _l("on hold"),
    "stopped": _l("stopped"),
    "failing": _l("paused after failures"),
    "paused": _l("paused"),
}

#: The door through which a message came.
SOURCES: dict[str, LazyString] = {
    "page": _l("on the Send page"),
    "terminal": _l("in the terminal"),
    "test": _l("as a test of the gateway's settings"),
    "api": _l("through the API"),
    "get": _l("through the API's address for GET"),
    "kannel": _l("through the door for Kannel"),
    "twilio": _l("through the door for Twilio"),
}

#: ``Message.encoding`` -> its name.
ENCODINGS: dict[str, LazyString] = {
    "gsm7": _l("GSM-7"),
    "ucs2": _l("Unicode (UCS-2)"),
}

SENTENCES: dict[str, LazyString] = {
    # intake
    "event_accepted": _l("Stored, to be sent through the gateway “%(gateway)s”."),
    "event_accepted_resend": _l("Stored, to send an earlier message once more through “%(gateway)s”."),
    "event_test_mode": _l("Its application is in test mode, so nothing left the panel."),
    "event_test": _l("A test of the gateway “%(gateway)s” began."),
    "event_resent": _l("Sent once more, as a new message."),
    "event_cancelled": _l("Cancelled."),
    "event_gateway_deleted": _l("Cancelled, because its gateway was deleted."),
    "event_marked_sent": _l("Marked as sent by a person, after it was unclear."),
    "event_marked_failed": _l("Marked as failed by a person, after it was unclear."),
    # delivery
    "event_sent": _l("The provider accepted the message."),
    "event_failed": _l("The message failed."),
    "event_retry": _l("It is tried again in %(wait)s."),
    "event_gateway_fault": _l(
        "The gateway is stopped until an administrator looks at it; the message waits."
    ),
    "event_failover": _l("The gateway “%(from)s” could not send it, so “%(gateway)s” takes over."),
    "event_send_again": _l(
        "Nobody knows whether the provider took it, so it is sent again under the same number in %(wait)s."
    ),
    "event_reply_too_late": _l("A reply came after the panel had stopped waiting for it."),
    "event_send_once_more": _l(
        "Nobody knows whether the provider took it, so it is sent once more; it may arrive twice."
    ),
    "event_unknown": _l("Nobody knows whether the provider took it; it waits for a person to look."),
    "event_expired": _l("Its time ran out before it could be sent."),
    "event_lease_lost": _l("The panel stopped while it was sending; it goes on from here."),
}
