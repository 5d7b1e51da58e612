"""What is wrong with a file: a gateway's, a preset's, a configuration from elsewhere."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "setting_misspelt": _l("“%(name)s” is no setting; “%(meant)s” is probably meant."),
    "setting_unknown": _l("“%(name)s” is no setting of a gateway."),
    "setting_type": _l("“%(name)s” has a value of the wrong kind; write it like %(wanted)s."),
}
