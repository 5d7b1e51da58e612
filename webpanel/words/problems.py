"""Words for what is wrong with a setting, a number or a text (codes of wire, intake and forms)."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SENTENCES: dict[str, LazyString] = {}

#: Gateways and their secrets (webpanel/gateways.py, webpanel/secret_form.py).
_GATEWAYS: dict[str, LazyString] = {
    "gateway_name_missing": _l("Give the gateway a name."),
    "multipart_content_type": _l(
        "A body in parts brings its own Content-Type, with a boundary that is new each time. Remove the "
        "Content-Type line from the headers."
    ),
    "setting_too_long": _l("This is too long: at most %(longest)s characters are kept."),
    "gateway_name_taken": _l("Another gateway has this name already; choose a different one."),
    "gateway_is_sending": _l("One of its messages is being sent right now; try again in a minute."),
    "secrets_too_many": _l("A gateway has at most %(most)s secrets."),
    "secret_asked_again": _l(
        "The address in the API URL changed. A secret is only sent where it was meant to go, so type it "
        "again, or remove it."
    ),
    "secret_unreadable": _l(
        "It was encrypted with a key that this panel no longer has; type it again, or remove it."
    ),
    "secret_blank": _l("The request holds this secret; type its value here."),
    "secret_missing": _l("The chosen authentication needs this; type it here."),
}
SENTENCES.update(_GATEWAYS)

#: Recipients, countries, texts and rules (webpanel/wire/phone.py, text.py, rules.py).
_VALUES: dict[str, LazyString] = {
    "number_empty": _l("Type the number to send to."),
    "number_letters": _l("A phone number has no letters. Write its digits, for example +44 7700 900123."),
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
        "Write the number with + and its country's code, for example +44 7700 900123: no default country "
        "is set."
    ),
    "number_calling_code_unknown": _l("No country has the code with which %(number)s begins."),
    "number_too_short": _l("%(number)s is too short to be a phone number."),
    "number_needs_plus": _l(
        "%(number)s is no number of this country. If it begins with the code of another one, write + before "
        "it."
    ),
    "number_two_ways": _l(
        "%(number)s can be read as %(here)s or as %(abroad)s. Write it with + and the country's code, or "
        "with the 0 that is dialled inside the country."
    ),
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
    "rule_jmespath_not": _l(
        "An exclamation mark belongs to the name right behind it, so that this can never hold. Put brackets "
        "around the whole: !(error.code) instead of !error.code."
    ),
    "rule_jmespath_function": _l("JMESPath has no function called %(function)s."),
    "rule_jmespath_unusable": _l("This JMESPath expression cannot be used: %(error)s"),
    "rule_pattern": _l("This is not a regular expression that can be used here: %(error)s"),
    "rule_pattern_group": _l(
        "The message id is what the pattern's first group matches: put round brackets around that part."
    ),
}
SENTENCES.update(_VALUES)

#: Messages (webpanel/intake.py).
_INTAKE: dict[str, LazyString] = {
    "gateway_gone": _l("There is no such gateway; choose another one."),
    "gateway_disabled": _l("This gateway is switched off; switch it on, or choose another one."),
    "message_not_final": _l(
        "This message is still on its way; it can be sent once more when that has ended."
    ),
    "message_removed": _l(
        "The number and the text of this message were removed, so it cannot be sent again."
    ),
}
SENTENCES.update(_INTAKE)

#: What cannot be sent as it stands: templates, and values in them (webpanel/wire: template, escaping, pairs,
#: header, url, compose, lint).
_REQUEST: dict[str, LazyString] = {
    "placeholder_unknown": _l("There is no placeholder {{%(name)s}}. These exist: %(known)s."),
    "placeholder_misspelt": _l("There is no placeholder {{%(name)s}}. {{%(meant)s}} is probably meant."),
    "placeholder_open": _l(
        "The braces that open here make no placeholder. One is written {{message}}: a name between two "
        "braces on each side."
    ),
    "secret_unknown": _l(
        "This gateway has no secret called “%(name)s”. Add it to the secrets, or choose one that exists."
    ),
    "text_character": _l("The character %(character)s cannot be sent as text; take it out."),
    "header_character": _l(
        "The control character %(character)s (such as a line break) cannot stand in a header. A text that "
        "has some belongs in the body."
    ),
    "header_blank_edge": _l(
        "A blank at the beginning or end of a header's value would be lost on the way; take it out."
    ),
    "xml_character": _l("The character %(character)s cannot be written in XML; take it out."),
    "not_a_number": _l(
        "Here stands something that is no whole number, where the JSON body has a placeholder without "
        "quotation marks."
    ),
    "basic_user_colon": _l("The user name of Basic authentication cannot hold a colon."),
    "header_with_equals": _l(
        "A header is written with a colon, as in “%(name)s: value”. Here stands an equals sign instead."
    ),
    "header_without_separator": _l("Here a header should stand, written as “Name: value”."),
    "header_without_name": _l("A header's name is missing in front of the colon: “Name: value”."),
    "header_name": _l(
        "A header's name cannot hold “%(character)s”. It is made of letters, digits and hyphens, as in "
        "X-API-Key."
    ),
    "header_reserved": _l("The panel writes the header %(name)s itself; take the line out."),
    "header_twice": _l("The header %(name)s can be sent only once; one stands above already."),
    "header_of_helper": _l(
        "The chosen authentication writes the header %(name)s. Take this line out, or choose none there."
    ),
    "parameter_with_colon": _l(
        "A parameter is written with an equals sign, as in “%(name)s=value”. Here stands a colon instead."
    ),
    "parameter_without_separator": _l(
        "Here a parameter should stand, written as “name=value”; one without a value is written “name=”."
    ),
    "parameter_without_name": _l("A parameter's name is missing in front of the equals sign: “name=value”."),
    "url_missing": _l("Give the address that takes a message, beginning with https://."),
    "url_scheme": _l("An address that begins with https:// or http:// should stand here."),
    "url_placeholder_in_address": _l(
        "{{%(name)s}} cannot stand in the part that says which server is asked; write that part out."
    ),
    "url_user": _l(
        "User name and password do not belong in the address. Choose Basic under Authentication for them."
    ),
    "url_host": _l("“%(host)s” is no name or address of a server."),
    "url_host_missing": _l("The name of the server is missing behind the two slashes."),
    "url_host_not_ascii": _l(
        "Write the name “%(host)s” in its ASCII form, which begins with xn--. A browser's address bar shows "
        "it when the address is copied from there."
    ),
    "url_port": _l("“%(port)s” is no port; a port is a number from 1 to 65535."),
    "url_character": _l(
        "The character %(character)s cannot stand in an address. A blank is written %%20 in it."
    ),
    "url_percent": _l(
        "Two hexadecimal digits should follow the percent sign, as in %%20. A percent sign itself is "
        "written %%25."
    ),
    "url_brace": _l(
        "A single brace cannot stand in an address. Put your own value in place of what the documentation "
        "writes in braces."
    ),
    "url_plus": _l("In a query a plus means a blank. Write %%2B here, or use {{recipient_e164}} instead."),
    "url_fragment": _l(
        "What follows # in an address is never sent; take it out. The sign itself is written %%23."
    ),
    "path_dots": _l(
        "A part of the address's path that consists of dots alone would lead elsewhere, so it is not sent."
    ),
    "content_type": _l("A content type should stand here, such as text/plain or application/soap+xml."),
    "charset": _l("Texts are sent as UTF-8, so “%(charset)s” would spoil them; write utf-8."),
    "choice_unknown": _l("Choose one of these: %(known)s."),
    "auth_name_missing": _l("Give the name of the header or parameter that carries the token."),
    "auth_placeholder": _l(
        "This is sent exactly as typed, so a placeholder would not be filled here. The token follows it by "
        "itself."
    ),
    "number_suffix_missing": _l("Say what follows the digits, such as @c.us, or choose another format."),
    "recipient_unplaced": _l(
        "The request has no place for the number: write {{recipient}} where the documentation has an example "
        "number."
    ),
    "message_unplaced": _l(
        "The request has no place for the text: write {{message}} where the documentation has an example "
        "text."
    ),
    "placeholder_lookalike": _l("“%(typed)s” would be sent as it stands; write {{%(name)s}} instead."),
    "sender_missing": _l("{{sender}} is used by this gateway; say here what it stands for."),
    "timeout_range": _l("Give a time of more than 0 and at most %(longest)s seconds."),
    "in_flight_range": _l("Give a number from 1 to %(most)s."),
    "pace_range": _l("Give a number from 0 to %(most)s; 0 means as many as go."),
    "failover_range": _l("Give a number of seconds from 0 to %(longest)s."),
    "duration_unreadable": _l("This is no time to wait; write times such as 10 s, 2 min, 1 h."),
    "duration_range": _l("Each time is more than nothing and at most 24 h."),
    "durations_count": _l("Give at least one time and at most %(most)s."),
    "next_is_itself": _l("A gateway cannot take over from itself; choose another one."),
    "request_number_missing": _l(
        "Say which header or field the provider takes for the request's number; without one, sending again "
        "could deliver the message again and again."
    ),
    "request_number_unfilled": _l(
        "The request has no “%(name)s” that is filled with {{message_id}}; write it there, or choose to "
        "send once more."
    ),
}
SENTENCES.update(_REQUEST)

#: JSON and XML bodies (webpanel/wire: json_text, xml_text).
_DOCUMENTS: dict[str, LazyString] = {
    "json_empty": _l('A JSON value should stand here, such as {"to": "{{recipient}}"}.'),
    "json_after_end": _l("The JSON ends before this; take the rest out, or a bracket before it."),
    "json_not_closed": _l(
        "The JSON stops here, but the %(mark)s of line %(from_line)s, column %(from_column)s is not closed."
    ),
    "json_too_deep": _l("The brackets are nested too deeply here: at most %(deepest)s are open at once."),
    "json_colon_expected": _l("A colon should stand here, between a name and its value."),
    "json_comma_expected": _l("A comma should stand here, or %(mark)s to close."),
    "json_comma_too_many": _l("Nothing follows the comma before this %(mark)s; take the comma out."),
    "json_key_expected": _l("A name in double quotation marks should stand here, or } to close."),
    "json_value_expected": _l(
        "A value should stand here: a text in double quotation marks, a number, { or [."
    ),
    "json_quotes_missing": _l(
        "{{%(name)s}} needs double quotation marks around it: only what is written in digits alone may go "
        "without."
    ),
    "json_placeholder_not_alone": _l(
        "A placeholder without quotation marks stands alone; put double quotation marks around all of this."
    ),
    "json_wrong_quotes": _l('JSON wants plain double quotation marks (") here, not %(mark)s.'),
    "json_number": _l("This is no number as JSON writes one; put double quotation marks around it."),
    "json_word": _l(
        "“%(word)s” is nothing that JSON knows. A text needs double quotation marks; true, false and null "
        "are written small."
    ),
    "json_escape": _l(
        'A backslash in a text is written twice; alone it stands only in \\", \\\\, \\/, \\b, \\f, \\n, '
        "\\r, \\t and \\u with four hexadecimal digits."
    ),
    "json_control_character": _l(
        "The control character %(character)s cannot stand in a text; a tab is written \\t, a line break \\n."
    ),
    "json_string_not_closed": _l(
        "The text that begins here has no closing quotation mark in this line; a line break is written \\n."
    ),
    "xml_empty": _l("The XML stops here before an element is complete."),
    "xml_token": _l("The XML cannot be read from here on. Signs of their own are written &lt; and &amp;."),
    "xml_unclosed_token": _l("What begins here is not complete when the XML ends."),
    "xml_tag_mismatch": _l("This closing tag does not belong to the element that is open."),
    "xml_attribute_twice": _l("This attribute stands twice in one tag."),
    "xml_after_end": _l("The XML ends before this; only one element stands outermost."),
    "xml_entity": _l("XML does not know this entity; write the character itself, or its number."),
    "xml_unclosed_cdata": _l("The CDATA section that begins here is not closed by ]]>."),
    "xml_invalid": _l("The XML is not valid here."),
    "xml_encoding": _l("Texts are sent as UTF-8, so “%(encoding)s” would spoil them; write utf-8."),
    "xml_placeholder_place": _l(
        "{{%(name)s}} cannot stand here: a value goes between tags, in a quoted attribute or in a CDATA "
        "section."
    ),
}
SENTENCES.update(_DOCUMENTS)
