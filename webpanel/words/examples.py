"""What is said of an example that was pasted from a provider's documentation."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

SENTENCES: dict[str, LazyString] = {}

#: Why nothing could be made of it (webpanel/wire/curl.py).
_REFUSED: dict[str, LazyString] = {
    "example_empty": _l("Paste an example from the provider's documentation."),
    "example_too_long": _l(
        "This is too long: at most %(longest)s characters are read. Paste only the example of one request."
    ),
    "example_not_understood": _l(
        "There is no request in this text. Paste a command that begins with curl, a request such as "
        "POST /send HTTP/1.1 with the lines that follow it, or an address with parameters in it."
    ),
    "example_no_address": _l("The command names no address. Paste the whole command, with its https://…"),
    "example_no_host": _l(
        "The request does not say which server it goes to. Add its Host: line, or write the whole address "
        "into the first line."
    ),
}
SENTENCES.update(_REFUSED)

#: What was not taken over.
_LEFT_OUT: dict[str, LazyString] = {
    "example_option_unknown": _l("The option %(option)s is not known and was left out."),
    "example_option_unavailable": _l("The option %(option)s has no counterpart here and was left out."),
    "example_option_without_value": _l(
        "The option %(option)s has no value: is the end of the command missing?"
    ),
    "example_insecure": _l("-k was left out: the provider's certificate is always checked."),
    "example_redirects": _l("-L was left out: a redirect is never followed, so give the final address."),
    "example_retry": _l("Retrying was left out: the panel has its own way of trying again."),
    "example_file": _l("The contents of the file “%(file)s” (%(option)s) were left out: no file is read."),
    "example_cookie_file": _l("A file with cookies was left out: no file is read or written."),
    "example_substitution": _l(
        "“%(text)s” stands for what another command prints. Nothing is run; put the value there."
    ),
    "example_pipe": _l("The rest was left out: “%(text)s”. It does not belong to the request."),
    "example_redirection": _l("Where the reply would be written to was left out."),
    "example_second_command": _l("There is a second curl command. Only the first one was read."),
    "example_before": _l("The text in front of the request was left out: “%(text)s”."),
    "example_stray": _l("“%(text)s” was left out: it belongs to no option."),
    "example_header": _l("“%(text)s” was left out: it is no header, which would have a colon."),
    "example_part": _l("“%(text)s” was left out: a field of the form needs a name and a value on one line."),
    "example_method": _l("The method %(method)s cannot send a message and was replaced."),
    "example_body_dropped": _l("The body was left out: a request with the method %(method)s carries none."),
    "example_browser_headers": _l("Headers that only matter to a browser were left out: %(names)s."),
    "example_host_header": _l(
        "The header Host: %(host)s was left out: the address alone says where it goes."
    ),
}
SENTENCES.update(_LEFT_OUT)

#: What was taken for something else than stands there.
_TAKEN_FOR: dict[str, LazyString] = {
    "example_https_assumed": _l("The example does not say http or https: https was taken."),
    "example_json_assumed": _l(
        "The example names no Content-Type. The body looks like JSON and is sent as JSON."
    ),
    "example_xml_assumed": _l(
        "The example names no Content-Type. The body looks like XML and is sent as XML."
    ),
    "example_json_mended": _l(
        "Quotes, commas or line ends of the JSON body were spoiled and have been put right."
    ),
    "example_json_invalid": _l("The body is meant to be JSON and has a fault, which is shown beside it."),
    "example_quotes_mended": _l(
        "The quotes around the body were spoiled; it was read up to its last bracket."
    ),
    "example_quotes_lost": _l(
        "Quotation marks seem to be lost after “%(text)s”: what follows was read as part of it."
    ),
    "example_quote_open": _l(
        "A quotation mark is never closed here. Check that nothing is missing at the end."
    ),
    "example_line_joined": _l(
        "A line break inside a value was taken for a blank, or for nothing in an address."
    ),
    "example_number_credential": _l(
        "%(place)s looks like a password or key, but is a number without quotation marks, which cannot be "
        "kept as a secret: it stays readable in the form. Ask whether the provider takes it in quotes."
    ),
    "example_placeholder": _l("“%(text)s” at %(place)s stands for a value of your own: replace it."),
    "example_more_recipients": _l(
        "The example sends to a further number, “%(text)s” at %(place)s. A gateway sends each "
        "message to one: make sure that no other is left in the request."
    ),
    "example_signature": _l(
        "The example signs its requests. The panel makes the signature itself from the key and the secret."
    ),
}
SENTENCES.update(_TAKEN_FOR)
