"""What is wrong with a file: a gateway's, a preset's, a configuration from elsewhere."""

from flask_babel import lazy_gettext as _l

SENTENCES = {
    "setting_misspelt": _l("“%(name)s” is no setting; “%(meant)s” is probably meant."),
    "setting_unknown": _l("“%(name)s” is no setting of a gateway."),
    "setting_type": _l("“%(name)s” has a value of the wrong kind; write it like %(wanted)s."),
    # Presets: a provider's file.
    "preset_toml": _l("This is not TOML, the language of these files: %(error)s"),
    "preset_too_long": _l("The file is too long; %(longest)d characters are the most."),
    "preset_not_utf8": _l("The file holds characters that are not UTF-8. Save it as UTF-8."),
    "preset_no_file": _l("This is no ordinary file."),
    "preset_unreadable": _l("It cannot be read: %(error)s"),
    "presets_too_many": _l("There are more files than are read; the first %(most)d are."),
    "preset_file_name": _l(
        "A provider's file is called like my-provider.toml: small letters, digits and hyphens."
    ),
    "preset_key_unknown": _l("“%(name)s” means nothing here. There are: %(known)s."),
    "preset_key_missing": _l("“%(name)s” is missing."),
    "preset_value": _l("“%(name)s” is blank, too long or out of range."),
    "preset_text": _l(
        "“%(name)s” is longer than %(longest)d characters, or holds a line break or another "
        "invisible character."
    ),
    "preset_link": _l("The documentation must be an address that begins with https://."),
    "preset_choice": _l("“%(name)s” can only be: %(known)s."),
    "preset_hosts": _l(
        "Hosts are names such as api.provider.example, in small letters and without https://."
    ),
    "preset_not_set": _l("“%(name)s” is not for a provider's file to say."),
    "preset_too_many": _l("There are too many “%(name)s”; %(most)d are the most."),
    "preset_question_id": _l(
        "“%(name)s” cannot be a question's id, or is used twice: small letters, digits and _."
    ),
    "preset_question_unused": _l("The answer to “%(name)s” is used nowhere."),
    "preset_reply_failed": _l("By the rules of this file that reply means failed, not accepted."),
    "preset_reply_accepted": _l("By the rules of this file that reply means accepted, not failed."),
    "preset_reply_id": _l("The rules of this file find another message id in that reply, or none."),
    "preset_choices": _l("A question of the kind “choice” has choices, and no other has."),
    "preset_only_with": _l(
        "“only_with” names choices that are in the file, and stands in optional questions only."
    ),
    "preset_secret_question": _l("A secret question has no default and is of the kind “text”."),
    "preset_secret_name": _l("“%(name)s” cannot be a secret's name: letters, digits, - and _."),
    "preset_optional": _l(
        "“%(name)s” cannot do without an answer, so it cannot rest on an optional question."
    ),
    "preset_ask_unknown": _l("{{%(name)s}} asks a question that is not in the file."),
    "preset_ask_place": _l("An answer cannot stand in “%(name)s”."),
    "preset_ask_secret": _l(
        "“%(name)s” holds the answer to a secret question. Put it under [secrets], and write "
        "{{secret.NAME}} here."
    ),
    "preset_ask_value": _l("In “%(name)s” answers can stand in values only, not in names."),
    # Answers to a preset's questions.
    "answer_missing": _l("Please answer this; the provider cannot be asked without it."),
    "answer_braces": _l("Curly braces cannot stand here."),
    "answer_character": _l(
        "This holds a line break or another character that cannot be seen (%(character)s)."
    ),
    "answer_dots": _l("A dot alone cannot stand here."),
    "answer_url": _l("Write the whole address, beginning with https://, such as https://sms.school.example."),
    "answer_url_query": _l("Leave out the “?” and what follows it."),
    "answer_label": _l("Only letters, digits, dots, hyphens and underscores can stand here."),
    "answer_choice": _l("Choose one of those offered."),
}
