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
    "secret_unreadable": _l(
        "It was encrypted with a key that this panel no longer has; type it again, or remove it."
    ),
    "secret_missing": _l("The chosen authentication needs this; type it here."),
}
SENTENCES.update(_GATEWAYS)

#: Recipients, countries, texts and rules (webpanel/wire/phone.py, text.py, rules.py).
_VALUES: dict[str, LazyString] = {
    "number_empty": _l("Type the number to send to."),
    "number_letters": _l("A phone number has no letters. Write its digits, for example +44 7911 123456."),
    "number_alphanumeric": _l(
        "A recipient that is not a number may have up to 64 letters (A to Z), digits and the signs . _ @ : - "
        "inside it, and no blanks."
    ),
    "number_extension": _l(
        "Extension %(extension)s cannot be reached by a message. Write the number without it."
    ),
    "number_several": _l("These are two numbers. Send to one number at a time."),
    "number_character": _l("“%(character)s” has no place in a phone number."),
    "number_needs_country": _l(
        "Write the number with + and its country's code, for example +44 7911 123456: no default country "
        "is set."
    ),
    "number_calling_code_unknown": _l("No country has the code with which %(number)s begins."),
    "number_too_short": _l("%(number)s is too short to be a phone number."),
    "number_too_long": _l("%(number)s is too long to be a phone number."),
    "number_wrong_length": _l("%(number)s has a number of digits that no phone number there has."),
    "number_local_only": _l(
        "%(number)s can be dialled only from its own town or network. Write it with its area code."
    ),
    "number_not_integer": _l(
        "This recipient has letters, and the gateway writes numbers as JSON integers. Choose another "
        "number format."
    ),
    "country_empty": _l("Type a country as two letters (GB) or a calling code (44 or +44)."),
    "country_unknown": _l(
        "“%(text)s” is no country. Type two letters such as GB, or a calling code such as 44 or +44."
    ),
    "text_empty": _l("Type a message."),
    "text_nul": _l("The message holds a NUL character, which nobody could see or receive. Take it out."),
    "text_surrogate": _l("The message holds half of a character. Type that character again."),
    "rule_kind": _l("This kind of rule cannot be used here."),
    "rule_empty": _l("Say what to look for, or choose the kind that needs nothing."),
    "rule_too_long": _l("A rule has at most %(longest)s characters."),
    "rule_jmespath": _l("This is not a JMESPath expression: it cannot be read from “%(near)s” on."),
    "rule_jmespath_end": _l("This JMESPath expression stops before it is complete."),
    "rule_jmespath_quotes": _l(
        "In JMESPath double quotes name a field. If a text is meant, write it in single quotes: '%(text)s'. "
        "If a field is meant, leave the quotes out."
    ),
    "rule_jmespath_function": _l("JMESPath has no function called %(function)s."),
    "rule_jmespath_unusable": _l("This JMESPath expression cannot be used: %(error)s"),
    "rule_pattern": _l("This is not an RE2 pattern: %(error)s"),
    "rule_pattern_group": _l(
        "The message id is what the pattern's first group matches: put round brackets around that part."
    ),
}
SENTENCES.update(_VALUES)

#: Messages (webpanel/intake.py).
_INTAKE: dict[str, LazyString] = {
    "gateway_gone": _l("This gateway does not exist any more; choose another one."),
    "gateway_disabled": _l("This gateway is switched off; switch it on, or choose another one."),
    "message_not_final": _l(
        "This message is still on its way; it can be sent once more when that has ended."
    ),
    "message_removed": _l(
        "The number and the text of this message were removed, so it cannot be sent again."
    ),
}
SENTENCES.update(_INTAKE)
