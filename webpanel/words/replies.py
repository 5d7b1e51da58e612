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

SENTENCES: dict[str, Any] = {**PICKING}
