"""Words of the dashboard: what became of messages, taken together."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

#: A key of ``webpanel.figures.flow.OUTCOMES`` -> its word.
FLOW: dict[str, LazyString] = {
    "delivered": _l("Delivered"),
    "sent": _l("Sent"),
    "waiting": _l("Waiting"),
    "unclear": _l("Unclear"),
    "failed": _l("Failed, not delivered or too late"),
    "cancelled": _l("Cancelled"),
}
