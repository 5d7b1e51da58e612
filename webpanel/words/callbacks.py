"""Words for telling callers: what is wrong with an address, and what became of a try."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

#: State of a callback -> its word.
STATES: dict[str, LazyString] = {
    "waiting": _l("Waiting"),
    "sending": _l("Under way"),
    "told": _l("Told"),
    "failed": _l("Failed"),
}

#: The class of a try -> what it came to; None (no class yet) is worded by the page.
OUTCOMES: dict[str, LazyString] = {
    "told": _l("The program took it"),
    "later": _l("Not taken, to be tried again"),
    "refused": _l("Not taken"),
}

#: Letters of Kannel's escapes, as the page of its door tells them -> what they become.
ESCAPES: dict[str, LazyString] = {
    "d": _l("The event, as above: 1, 2, 4, 8 or 16."),
    "p q": _l("The phone's number."),
    "P Q": _l("The sender of the message."),
    "A b": _l("The report's text: ACK/, NACK/ and why, or as SMPP writes it, with stat:DELIVRD."),
    "k s S r a": _l("Its first word, the next one each time (twice), the rest, and all of them."),
    "F": _l("The provider's own id of the message, if it gave one."),
    "I": _l("The panel's id of the message."),
    "i": _l("The name of the gateway."),
    "n": _l("The name of the application."),
    "t T": _l("When it happened, in UTC: as 2026-12-24+08:00:00, and in seconds since 1970."),
    "c O C": _l("The alphabet of the message (0, or 2 for Unicode; 00 or 08), and UTF-8."),
    "m M": _l("-1: there is none."),
    "B D f o u v V": _l("Blank, and so is %#group#name#."),
    "R": _l("The address itself, as it was given."),
    "%": _l("A percent sign. What is no escape stays as it is."),
}

SENTENCES: dict[str, LazyString] = {
    # an address
    "callback_url_long": _l("An address has at most %(longest)s characters."),
    "callback_url_missing": _l("Give the address that is to be called, beginning with https://."),
    "callback_url_brace": _l("Braces cannot stand in an address: nothing is filled in here."),
    "callback_url_user": _l(
        "User name and password stand in front of the @ as user:password, in ASCII; other characters "
        "are written as in %%C3%%A9."
    ),
    "callback_url_credentials": _l(
        "Leave user name, password and keys out of the address: callbacks are signed, and the program "
        "checks the signature."
    ),
    # a try (callbacks/policy.py, ledger.py, deliverer.py)
    "callback_told": _l("The program answered %(status)s."),
    "callback_later": _l("The program answered %(status)s, so it is told again later."),
    "callback_refused": _l("The program refused it with %(status)s, so it is not told again."),
    "callback_moved": _l(
        "The program answered %(status)s and points to another address. Redirects are not followed; give "
        "the address itself."
    ),
    "callback_interrupted": _l("The panel was stopped while it told this, so it tells it again."),
    "callback_switched_off": _l("The application's address was switched off, so this was not told."),
    "callback_address_gone": _l("The application has no address for callbacks any more."),
    "callback_application_gone": _l("The application was deleted, and with it the secret for signatures."),
    "callback_unreadable": _l(
        "The address or the secret for its signature cannot be read with the keys that the panel has."
    ),
}
