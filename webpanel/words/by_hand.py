"""Words for what people decide about many messages at once, and why some of them stay as they are."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SENTENCES: dict[str, LazyString] = {
    "event_moved": _l("Moved from the gateway “%(from)s” to “%(to)s” by a person."),
    "resent_unclear": _l(
        "Nobody could say whether the provider took it, so a person had it sent once more, as a new message."
    ),
    "message_decided": _l("They were decided, or changed, after they were counted."),
    "message_resent": _l("They were sent once more before; look at the newer message."),
    "resend_test": _l("They are tests, or their application was in test mode."),
    "resend_sensitive": _l("They are sensitive: their texts were removed when they were final."),
    "resend_removed": _l("Their numbers and texts were removed."),
    "resend_gateway_gone": _l("Their gateway was deleted."),
    "resend_gateway_off": _l("Their gateway is switched off."),
    "move_unclear": _l(
        "The provider may have taken them already, so another gateway could deliver them a second time."
    ),
    "move_changed": _l("They were sent, ended or moved after they were counted."),
}
