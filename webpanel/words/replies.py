"""Rules that were clicked together, and replies that are kept, in words."""

from typing import Any

from flask_babel import lazy_gettext as _l

#: Rules in words (``wire.rule_words``), and why a click made none (``wire.picking``).
PICKING: dict[str, Any] = {
    "says_is": _l("%(place)s is %(value)s"),
    "says_is_not": _l("%(place)s is not %(value)s"),
    "says_is_null": _l("%(place)s is null, or not there"),
    "says_is_not_null": _l("%(place)s is there, and not null"),
    "says_is_empty": _l("%(place)s is empty"),
    "says_is_not_empty": _l("%(place)s is not empty"),
    "says_there": _l("%(place)s is there, and neither empty nor false"),
    "says_not_there": _l("%(place)s is not there, or it is empty or false"),
    "says_has": _l("%(place)s contains %(value)s"),
    "says_at": _l("what stands at %(place)s"),
    "says_contains": _l("the reply contains “%(text)s”"),
    "says_begins": _l("the reply begins with “%(text)s”"),
    "says_behind": _l("what stands behind “%(text)s”"),
    "says_first": _l("what the reply begins with"),
    "pick_place": _l("This reply has no such place. Run the test again, and click on a value of its reply."),
    "pick_no_value": _l(
        "Neither a message id nor a reason can be read there: it holds no text and no number. "
        "Nothing was changed. Click on another value."
    ),
    "pick_not_alone": _l(
        "Nothing in front of this word tells it from the other words of the reply. Nothing was changed. "
        "Click on a word with a label in front of it, or write the rule by hand."
    ),
    "pick_too_long": _l(
        "A rule for this value would be longer than %(longest)s characters. Nothing was changed. "
        "Click on another value."
    ),
}

#: Replies that are kept, and what a change of the rules makes of those that are known.
KEPT: dict[str, Any] = {
    "means_accepted": _l("accepted"),
    "means_failed": _l("failed"),
    "judged_accepted": _l("accepted"),
    "judged_rejected": _l("failed"),
    "judged_gateway_fault": _l("failed, and the gateway stopped"),
    "judged_deferred": _l("tried again later"),
    "judged_ambiguous": _l("unclear"),
    "kept_masked": _l("It cannot be judged: a secret stood where the rules look, and it is hidden."),
    "kept_cut": _l("It cannot be judged: it was longer than what is kept of it."),
    "kept_slow": _l("It was not judged: the rules need too much time for the replies before it."),
    "kept_when_saved": _l("It is kept as “%(means)s” when you save the gateway."),
    "kept_dropped": _l("It will not be kept."),
    "kept_gone": _l("Nothing was kept: there is no whole reply of this test. Run the test again."),
    "kept_too_many": _l(
        "At most %(most)s replies are kept with a gateway. Tick one that is to be removed, then keep this."
    ),
}

SENTENCES: dict[str, Any] = {**PICKING, **KEPT}
