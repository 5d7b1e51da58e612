"""What ``webpanel doctor`` finds."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "invariant_overdue": _l(
        "%(count)s messages are past their lifetime and still wait. A running panel ends them within a "
        "minute: %(examples)s"
    ),
    "invariant_lease_over": _l(
        "%(count)s messages were being sent by a process that is gone. A running panel takes them up "
        "within seconds: %(examples)s"
    ),
    "invariant_final_at": _l("%(count)s messages are neither under way nor at an end: %(examples)s"),
    "invariant_final_due": _l("%(count)s messages are at an end and due all the same: %(examples)s"),
    "invariant_never_due": _l("%(count)s messages wait and would never be sent: %(examples)s"),
    "invariant_lease": _l(
        "%(count)s messages are held by a sender without being sent, or the reverse: %(examples)s"
    ),
    "invariant_attempt_numbers": _l("%(count)s messages miss the record of an attempt: %(examples)s"),
    "invariant_token_twice": _l("%(count)s messages were sent twice under one permission: %(examples)s"),
    "invariant_attempt_open": _l("%(count)s messages have an attempt without an end: %(examples)s"),
    "invariant_after_accepted": _l(
        "%(count)s messages were sent again after the provider had accepted them: %(examples)s"
    ),
    "invariant_hidden_duplicate": _l(
        "%(count)s messages may have arrived twice and do not say so: %(examples)s"
    ),
    "invariant_sent_unseen": _l(
        "%(count)s messages count as sent, and no provider accepted them: %(examples)s"
    ),
    "invariant_sealed_kept": _l(
        "%(count)s sensitive messages are at an end and still hold their sealed text: %(examples)s"
    ),
    "invariant_sensitive_clear": _l(
        "%(count)s sensitive messages hold their text for everybody to read: %(examples)s"
    ),
    "invariant_lost": _l(
        "%(count)s messages were accepted and are not stored; was an older copy of the database put back? "
        "%(examples)s"
    ),
}
