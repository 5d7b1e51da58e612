"""Words for delivery reports: their settings, what became of each, and the steps that they make."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

#: What a report's word means -> as the page says it; None: a word that stands in no table.
MEANINGS: dict[str | None, LazyString] = {
    "delivered": _l("delivered"),
    "undelivered": _l("not delivered"),
    "under way": _l("still under way"),
    "ignore": _l("ignored"),
    None: _l("unknown word"),
}

#: What came of one report.
CAME: dict[str, LazyString] = {
    "applied": _l("applied"),
    "unchanged": _l("changed nothing"),
    "waits": _l("no message has this id yet; kept for a day"),
    "foreign": _l("the message was sent by another gateway"),
    "unread": _l("not applied: say below what the word means"),
}

SENTENCES: dict[str, LazyString] = {
    # what is wrong with the settings (webpanel/wire/report_rules.py)
    "report_field_missing": _l("Give the name of the field."),
    "report_status_missing": _l("Say where the report has its word for what became of the message."),
    "report_id_missing": _l("Say where the report names the message."),
    "report_words_missing": _l(
        "Say what the provider's words mean, one a line: the word, an equals sign and its meaning, such as "
        "DELIVRD = delivered."
    ),
    "report_word_twice": _l("The word “%(word)s” stands above already."),
    "report_meaning": _l("Behind the equals sign stands one of these: %(known)s."),
    "report_secret_unnamed": _l(
        "Give the name of the secret, as it is called among this gateway's secrets, such as auth_password."
    ),
    "report_header_missing": _l("Give the name of the header that holds the secret."),
    "report_url_unset": _l(
        "{{report_url}} stays empty: this panel has no public address, so no provider could report to it. "
        "Set WEBPANEL_URL, see Settings in the documentation."
    ),
    "report_id_unknown": _l(
        "No report will find its message: the panel does not read the provider's id from its replies. Say "
        "under Response Handling where a reply has the message id."
    ),
    "report_secret_unknown": _l(
        "There is no secret called “%(name)s”, so every delivery report is refused. Add it under Secrets."
    ),
    "report_gone": _l(
        "This report is not kept any more: newer ones took its place. Load the page again and choose one of "
        "them."
    ),
    # why a request was not read (webpanel/wire/report.py, webpanel/report_door.py)
    "report_unmapped": _l("It was kept and not read: say below where it has its message id and its status."),
    "report_nothing_found": _l("Neither a message id nor a status stands where the settings look for them."),
    "report_not_json": _l("It is not JSON, so no place in it could be looked up."),
    "report_empty": _l("Its body is empty, so no place in it could be looked up."),
    "report_too_deep": _l("Its brackets are nested too deeply, so it was not read."),
    "report_raised": _l("The expression could not be used on it: %(error)s"),
    "report_lists_differ": _l(
        "It holds %(ids)s message ids and %(words)s statuses, so nobody knows which belong together."
    ),
    "report_too_many": _l("It holds more than %(most)s reports; those after them were left out."),
    "report_signature": _l(
        "Refused: its signature is not the one that the secret makes. Either it does not come from the "
        "provider, or the secret or the panel's public address (WEBPANEL_URL) is another one there."
    ),
    "report_secret_missing": _l(
        "Refused: the secret that its signature is checked with is not there. Add it under Secrets."
    ),
    # steps of a message and why it stands where it stands (webpanel/sending/reports.py)
    "reported": _l("The provider's word for it: %(word)s."),
    "event_reported_delivered": _l("The provider reports that it arrived (%(word)s)."),
    "event_reported_undelivered": _l("The provider reports that it did not arrive (%(word)s)."),
    "event_reported_sent": _l(
        "The provider reports that it has the message (%(word)s), so it is not sent once more."
    ),
}
