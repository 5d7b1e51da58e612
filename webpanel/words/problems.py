"""Words for what is wrong with a setting, a number or a text (codes of wire, intake and forms)."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SENTENCES: dict[str, LazyString] = {}

#: Gateways and their secrets (webpanel/gateways.py, webpanel/secret_form.py).
_GATEWAYS: dict[str, LazyString] = {
    "gateway_name_missing": _l("Give the gateway a name."),
    "gateway_name_taken": _l("Another gateway has this name already; choose a different one."),
    "gateway_is_sending": _l("One of its messages is being sent right now; try again in a minute."),
    "secret_asked_again": _l(
        "The address in the API URL changed. A secret is only sent where it was meant to go, so type it "
        "again, or remove it."
    ),
    "secret_missing": _l("The chosen authentication needs this; type it here."),
}
SENTENCES.update(_GATEWAYS)
