"""What is wrong with a gateway's file, and what became different on the way out of Moodle."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

#: A gateway's file (webpanel/gateway_file.py, webpanel/importing.py).
_FILE: dict[str, LazyString] = {
    "file_empty": _l("There is nothing in it. Choose a file, or paste its text."),
    "file_too_long": _l("It is too long for a gateway's file: at most %(most)s KB are read."),
    "file_not_text": _l("It is not a text file in UTF-8."),
    "file_not_a_gateway": _l(
        "It is neither a gateway's file (TOML, with a line “format = 1”) nor a configuration from Moodle "
        "(JSON)."
    ),
    "file_format_unknown": _l(
        "It was written by a newer version of this program; this one reads format %(known)s. Nothing was "
        "imported."
    ),
    "file_toml": _l(
        "The file cannot be read from here on. Look for a missing quotation mark or equals sign, or a "
        "name that stands twice."
    ),
    "file_secrets": _l('“secrets” must be a list of names, such as secrets = ["auth_token"].'),
    "file_secret_name": _l(
        "“%(name)s” cannot be a secret's name. Use letters, digits, hyphens and underscores."
    ),
    "file_credentials": _l(
        "Credentials stand in the file in clear. They are kept as secrets, encrypted: %(names)s. Take "
        "them out of the file."
    ),
    "file_secret_missing": _l(
        "The secret %(name)s has no value: the file holds its name only. Give it with --secret %(name)s=… "
        "or in the environment as %(variable)s."
    ),
    "file_secret_unknown": _l("“%(name)s” is no secret that this file names. It names: %(known)s."),
    "file_name_several": _l(
        "--name can only be given for a file with one gateway; this one holds %(count)s."
    ),
    "file_names_twice": _l("Two gateways in this file are called “%(name)s”; rename one of them there."),
}

#: The Moodle plugin's configuration (webpanel/wire/moodle): what was skipped, and what cannot be read.
_MOODLE: dict[str, LazyString] = {
    "moodle_json": _l("This looks like a configuration from Moodle, but it is no JSON from here on."),
    "moodle_nothing": _l(
        "There is no gateway of the plugin “Custom API SMS Gateway” in it. It must hold rows of Moodle's "
        "table sms_gateways, or the text of their column config."
    ),
    "moodle_other_gateway": _l(
        "“%(name)s” was skipped: it belongs to another plugin (%(kind)s), which is set up differently."
    ),
    "moodle_config_broken": _l("“%(name)s” was skipped: its column config cannot be read as JSON."),
    "moodle_config_long": _l(
        "“%(name)s” was skipped: one of its fields is longer than %(longest)s characters."
    ),
    "moodle_too_many": _l("Only the first %(most)s gateways were read."),
}

#: What stands there now, what stood there, and why.
_CHANGES: dict[str, LazyString] = {
    "moodle_left_out": _l("Not taken over, because nothing here corresponds to it: %(names)s."),
    "moodle_entities": _l(
        "Moodle had stored signs such as & and < as &amp; and &lt;. They are signs again, as they were meant."
    ),
    "moodle_url_user": _l(
        "User name and password stood in the address. They are now kept as secrets, and sent as Basic "
        "authentication."
    ),
    "moodle_method": _l(
        "“%(typed)s” is no request type that there is. The plugin sent GET without saying so; GET stands "
        "here now. Compare with the provider's documentation."
    ),
    "moodle_query_joined": _l(
        "The address holds parameters of its own (%(names)s). The plugin dropped them as soon as there "
        "were query parameters, though its tester showed both. Now both are sent; remove from the address "
        "what should not be."
    ),
    "moodle_placeholder": _l(
        "%(typed)s stands here as %(meant)s now. The plugin did not know it, and sent it as it was written."
    ),
    "moodle_header_equals": _l(
        "The header %(name)s was written with an equals sign, and the plugin left it out. It stands here "
        "with a colon now, and is sent."
    ),
    "moodle_parameter_colon": _l(
        "The parameter %(name)s was written with a colon, and the plugin left it out. It stands here with "
        "an equals sign now, and is sent."
    ),
    "moodle_line_left_out": _l(
        "This line was left out, as the plugin did without saying so: it has no name followed by "
        "“%(separator)s”."
    ),
    "moodle_header_ours": _l("The header %(name)s was left out: the panel writes it itself."),
    "moodle_header_once": _l(
        "The header %(name)s stood there twice. It can be sent once only: the last line stayed."
    ),
    "moodle_repeated": _l(
        "%(name)s stands here more than once. The plugin sent only one of them; now each is sent. Remove "
        "what should not be."
    ),
    "moodle_body_kind": _l(
        "“%(typed)s” is no body format that is known here. It was taken for form data; compare with the "
        "provider's documentation."
    ),
    "moodle_body_unsent": _l(
        "A body was filled in, but %(method)s carries none: the plugin showed it and never sent it. It is "
        "kept here, and not sent either. If the provider needs it, choose POST."
    ),
    "moodle_json_broken": _l(
        "The JSON is not valid. Moodle cuts away what looks like a tag when it saves, from < on. Compare "
        "it with the provider's documentation."
    ),
    "moodle_raw_json": _l(
        "The raw text is JSON, and stands here as a JSON body now. The plugin named no type and escaped "
        "nothing, so that a quotation mark in a message broke it."
    ),
    "moodle_raw_xml": _l(
        "The raw text is XML, and stands here as an XML body now. The plugin named no type and escaped "
        "nothing, so that an & or < in a message broke it."
    ),
    "moodle_raw_form": _l(
        "The raw text is a form, and stands here as body parameters now. The plugin escaped nothing, so "
        "that an & in a message cut it off."
    ),
    "moodle_raw": _l(
        "The plugin sent this text without a type. It is sent as text/plain now; if the provider wants "
        "another, write it into “Content-Type of a raw body”. Nothing is escaped in a raw body."
    ),
    "moodle_raw_typed": _l(
        "Nothing is escaped in a raw body, here or in the plugin: a message with a quotation mark may "
        "break it. Where it fits, choose another body format."
    ),
    "moodle_condition_zero": _l(
        "The success condition is 0. The plugin took that for none, so every reply with a status from 200 "
        "to 299 counted as sent. Now the reply must really hold a 0. Run a test, and choose a longer "
        "condition."
    ),
    "moodle_condition_word": _l(
        "The condition “%(word)s” also stands in a refusal such as “not %(word)s”, which the plugin "
        "counted as sent. It is kept; choose one that stands in the reply to an accepted message only."
    ),
    "moodle_country_unknown": _l(
        "The country code “%(typed)s” belongs to no country, so it was left out. Numbers must be written "
        "with their country's code, or choose a country here."
    ),
    "moodle_country_ignored": _l(
        "The plugin ignored the country code “%(typed)s” without saying so. Numbers written without a "
        "country are now read as those of %(region)s (+%(code)s)."
    ),
    "moodle_user_agent": _l(
        "The plugin pretended to be a browser; the panel names itself. Should the provider refuse it, add "
        "a line User-Agent: … here."
    ),
    "moodle_disabled": _l(
        "It was switched off in Moodle. Here a gateway is on once it is saved; switch it off in the list."
    ),
}

SENTENCES = {**_FILE, **_MOODLE, **_CHANGES}
