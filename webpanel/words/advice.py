"""What the check before saving says that is no error, and what its buttons mend."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SENTENCES: dict[str, LazyString] = {}

#: What can be saved and is better changed (webpanel/wire: advice, awkward).
_ADVICE: dict[str, LazyString] = {
    "literal_in_clear": _l(
        "This looks like a key or password. Kept here, whoever may open this page can read it; as a secret "
        "it is encrypted and never shown."
    ),
    "literal_becomes_secret": _l(
        "This looks like a key or password. It becomes the secret %(secret)s when you save, encrypted and "
        "never shown again."
    ),
    "key_by_shape": _l(
        "This may be a key. If it is one, make it a secret, so that it is encrypted and never shown; "
        "otherwise leave it."
    ),
    "http_public": _l(
        "Numbers, texts and keys would cross the Internet readable to anyone on the way. Use https:// if the "
        "provider offers it."
    ),
    "key_in_query": _l(
        "What stands in an address also lands in the log files of every server on the way, the value of "
        "%(name)s too. If the documentation allows the key in a header or in the body, put it there."
    ),
    "pairs_joined": _l(
        "What stands behind this & is sent as a part of the value in front of it, not as a parameter of its "
        "own: each parameter needs its own line."
    ),
    "browser_user_agent": _l(
        "This makes the panel pose as a browser, and some providers block that. Without this line the panel "
        "names itself."
    ),
    "content_type_contradicts": _l(
        "The body is not sent in the form that this line says (%(typed)s), so the provider may not be able "
        "to read it. Without this line the panel names the right one."
    ),
    "number_format_forbidden": _l(
        "%(provider)s does not take numbers in this form, so messages would be refused. Choose another one."
    ),
    "success_blank": _l(
        "%(provider)s also answers with success when it refused a message, so failed messages would count "
        "as sent. Say what only a good reply holds."
    ),
    "success_in_failed": _l(
        "“%(text)s” also stands in a reply that was kept as failed, so such messages would count as sent. "
        "Choose something that only a good reply holds."
    ),
    "success_short": _l(
        "“%(text)s” is so short that it stands in most replies, also when a message was refused. Choose more "
        "of the good reply."
    ),
    "text_refused": _l(
        "A message with a line break, or with another sign that has no place here, would be refused and not "
        "sent. Put {{message}} into the body or the query parameters if the documentation allows it."
    ),
    "number_refused": _l(
        "A recipient such as %(number)s cannot be written here, so such messages would be refused and not "
        "sent. Choose another number format, or put quotation marks around the placeholder."
    ),
}
SENTENCES.update(_ADVICE)

#: What the buttons beside them do (webpanel/wire: mending, text_mending, json_mending).
_MENDS: dict[str, LazyString] = {
    "mend_secret": _l("Keep it as the secret %(placeholder)s"),
    "mend_basic": _l("Put user name and password into the authentication"),
    "mend_https": _l("Use https://"),
    "mend_number_format": _l("Choose the form that it takes"),
    "mend_placeholder": _l("Write %(placeholder)s"),
    "mend_braces": _l("Write two braces on each side"),
    "mend_colon": _l("Write a colon"),
    "mend_in_lines": _l("Put each on a line of its own"),
    "mend_equals": _l("Write an equals sign"),
    "mend_equals_behind": _l("Put an equals sign behind it"),
    "mend_line_out": _l("Take this line out"),
    "mend_character_out": _l("Take the character out"),
    "mend_percent": _l("Write %%25"),
    "mend_plus": _l("Write %%2B"),
    "mend_fragment": _l("Take out what follows #"),
    "mend_blank": _l("Write it as an address wants it"),
    "mend_scheme": _l("Put https:// in front"),
    "mend_charset": _l("Write utf-8"),
    "mend_single_quotes": _l("Write single quotes"),
    "mend_quotes": _l("Put quotation marks around it"),
    "mend_json_word": _l("Write it as JSON wants it"),
    "mend_straight_quotes": _l("Write plain quotation marks"),
    "mend_plain_signs": _l("Write plain signs and blanks"),
    "mend_comma_out": _l("Take the comma out"),
    "mend_comma": _l("Put a comma there"),
    "mend_backslash": _l("Write the backslash twice"),
    "mend_control_character": _l("Write it as JSON wants it"),
    "mend_line_breaks": _l("Write the line break as \\n"),
    "mend_close": _l("Close what is open"),
}
SENTENCES.update(_MENDS)
