"""What ``webpanel doctor`` finds."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    # The invariants; see webpanel.invariants.
    "invariant_overdue": _l(
        "Past their lifetime, and still waiting: %(count)s. A running panel ends them within a minute. "
        "(%(examples)s)"
    ),
    "invariant_lease_over": _l(
        "Left behind by a process that is gone: %(count)s. A running panel takes them up within seconds. "
        "(%(examples)s)"
    ),
    "invariant_final_at": _l("Neither under way nor at an end: %(count)s. (%(examples)s)"),
    "invariant_final_due": _l("At an end, and due all the same: %(count)s. (%(examples)s)"),
    "invariant_never_due": _l("Waiting, and never due: %(count)s. (%(examples)s)"),
    "invariant_lease": _l("Held without being sent, or sent without being held: %(count)s. (%(examples)s)"),
    "invariant_attempt_numbers": _l("Without the record of an attempt: %(count)s. (%(examples)s)"),
    "invariant_token_twice": _l("Sent twice under one permission: %(count)s. (%(examples)s)"),
    "invariant_attempt_open": _l("With an attempt that has no end: %(count)s. (%(examples)s)"),
    "invariant_after_accepted": _l(
        "Sent again after the provider had accepted them: %(count)s. (%(examples)s)"
    ),
    "invariant_hidden_duplicate": _l("Possibly arrived twice, without saying so: %(count)s. (%(examples)s)"),
    "invariant_sent_unseen": _l("Sent, and yet accepted by no provider: %(count)s. (%(examples)s)"),
    "invariant_sealed_kept": _l(
        "Sensitive, at an end, and their sealed text still kept: %(count)s. (%(examples)s)"
    ),
    "invariant_sensitive_clear": _l("Sensitive, and their text readable: %(count)s. (%(examples)s)"),
    "invariant_lost": _l("Accepted, and not there: %(count)s. (%(examples)s)"),
    "doctor_messages_report": _l(
        "This should not be possible: keep a copy of the folder, and report it as an error of the program."
    ),
    # The rest of what is looked at.
    "doctor_said": _l("%(said)s"),
    "doctor_why": _l("%(why)s"),
    "doctor_database": _l(
        "The database cannot be asked: %(reason)s. If it is locked, end the program that holds it."
    ),
    "doctor_file": _l("A file cannot be used: %(file)s: %(reason)s."),
    "doctor_broke": _l("This could not be examined (%(error)s). Report it as an error of the program."),
    "doctor_no_folder": _l(
        "There is no panel in %(folder)s. Set WEBPANEL_INSTANCE to its folder, or run: webpanel run"
    ),
    "doctor_settings_ok": _l("All settings can be used; the file is %(file)s."),
    "doctor_modes_ok": _l("Nobody else may read %(folder)s."),
    "doctor_disk_ok": _l("%(free)s MB are free."),
    "doctor_disk_little": _l("Only %(free)s MB are free where %(folder)s is. Make room soon."),
    "doctor_disk_full": _l(
        "Only %(free)s MB are free where %(folder)s is. When nothing is free, nothing is accepted. Make "
        "room now."
    ),
    "doctor_keys_ok": _l("The keys are there and can be used."),
    "doctor_database_ok": _l("It is whole, of this version, and can be written to."),
    "doctor_database_missing": _l(
        "There is no database in %(folder)s. Start the panel, which makes one, or put back a copy."
    ),
    "doctor_database_old": _l(
        "It is older than this program. Start the panel anew: it keeps a copy and brings it up to date."
    ),
    "doctor_database_locked": _l(
        "Another program has held it for %(seconds)s seconds, and nothing can be accepted or sent. End "
        "that program: a backup or an editor that keeps it open."
    ),
    "doctor_database_large": _l(
        "It is so large that it was not read to its end within %(seconds)s seconds; what was read is whole."
    ),
    "doctor_database_damaged": _l(
        "It is damaged (%(reason)s). Stop the panel, keep a copy of the folder, and put back the last "
        "good copy of the database."
    ),
    "doctor_clock_ok": _l("It is %(now)s UTC."),
    "doctor_clock_apart": _l(
        "The clocks of the panel and of the database are %(seconds)s seconds apart. Set both by the network."
    ),
    "doctor_clock_back": _l(
        "The clock was set back: the newest step of a message lies %(minutes)s minutes ahead. Set the "
        "clock by the network; what is due then waits until it comes."
    ),
    "doctor_sender_ok": _l("The panel runs, and looks for what is to be sent."),
    "doctor_sender_idle": _l("No panel is running, and nothing waits. Start it to send: webpanel run"),
    "doctor_sender_missing": _l("No panel is running; waiting messages: %(waiting)s. Start it: webpanel run"),
    "doctor_sender_silent": _l(
        "The panel runs, but gave no sign of sending for %(seconds)s seconds; waiting messages: "
        "%(waiting)s. Look into its log, then start it anew; nothing is lost by that."
    ),
    "doctor_secrets_ok": _l("Secrets that were read with these keys: %(count)s."),
    "doctor_secrets_closed": _l(
        "The secrets of the gateway %(name)s cannot be read with these keys. Put back the secret.key "
        "they were encrypted with, or type the secrets again."
    ),
    "doctor_texts_closed": _l(
        "Sensitive messages that cannot be read with these keys: %(count)s. Put back the secret.key they"
        " were encrypted with; until then their gateways stop."
    ),
    "doctor_callbacks_closed": _l(
        "Addresses and secrets of callbacks that cannot be read with these keys: %(count)s. Put back the "
        "secret.key they were encrypted with; until then their programs are told nothing."
    ),
    "doctor_gateways_ok": _l("Gateways, none of them stopped or paused after failures: %(count)s."),
    "doctor_gateway_stopped": _l(
        "%(name)s is stopped; waiting messages: %(waiting)s. %(why)s Mend that, then resume it on its page."
    ),
    "doctor_gateway_off": _l(
        "%(name)s is switched off; waiting messages: %(waiting)s. Switch it on, or cancel them."
    ),
    "doctor_gateway_failing": _l(
        "%(name)s is paused after failures; waiting messages: %(waiting)s. %(why)s One message every 30 "
        "seconds is tried until one gets through; if none does, look at its settings and at "
        "the provider's pages."
    ),
    "doctor_gateway_held": _l(
        "%(name)s is on hold (%(by)s); waiting messages: %(waiting)s. Release it, or move them "
        "to another one."
    ),
    "doctor_messages_ok": _l("Messages of which all is true that must be: %(count)s."),
    "doctor_hosts_none": _l("No gateway is on."),
    "doctor_host_unread": _l("The address of %(gateways)s cannot be read. Correct its URL."),
    "doctor_host_https": _l("%(host)s, port %(port)s, answers with a good certificate (%(gateways)s)."),
    "doctor_host_http": _l("%(host)s, port %(port)s, answers (%(gateways)s)."),
    "doctor_host_proxy": _l(
        "%(host)s, port %(port)s, is behind the proxy, and the proxy answers (%(gateways)s)."
    ),
    "doctor_host_unreached": _l("%(gateways)s: %(why)s"),
}
