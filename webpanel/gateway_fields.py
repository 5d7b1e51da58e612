"""The fields of the settings page: their labels, choices and help, in the words of the administrator.

A room of its own beside ``forms``, which says what happens to them: this one is read by who writes.
"""

import math
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FloatField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice

from webpanel.wire.gateway import METHODS

_CONDITIONS = [
    SelectChoice("text", _l("Text that occurs in it")),
    SelectChoice("jmespath", _l("JSON condition (JMESPath)")),
    SelectChoice("pattern", _l("Pattern (regular expression)")),
]
_PLACES = [
    SelectChoice("jmespath", _l("Place in the JSON (JMESPath)")),
    SelectChoice("pattern", _l("Pattern (regular expression)")),
]


def lines(text: str | None) -> str | None:
    """Browsers send CRLF from a text area, whatever was typed: LF, so that a body leaves as it is shown."""
    return text and text.replace("\r\n", "\n").replace("\r", "\n")


def trimmed(text: str | None) -> str | None:
    return text and text.strip()


class Decimal(FloatField):
    """A number, with a comma or a point."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            try:
                self.data = float(valuelist[0].strip().replace(",", "."))
            except ValueError:
                self.data = math.nan
            if not math.isfinite(self.data):
                self.data = None
                raise ValueError(_("This is not a number; write one such as 30 or 2.5."))

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else "" if self.data is None else f"{self.data:g}"


class Whole(IntegerField):
    """A whole number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            try:
                self.data = int(valuelist[0].strip())
            except ValueError:
                self.data = None
                raise ValueError(_("This is not a whole number; write one such as 4.")) from None


class Choice(SelectField):
    """One of the values listed; a browser sends another only from an old page, or when told to."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        unknown = _l("This is none of the choices; choose one from the list.")
        super().__init__(label, invalid_choice_message=unknown, **kwargs)


class GatewayFields(FlaskForm):
    """In the order of the page; the names are those of ``wire.gateway.Gateway``, and the two of a trial."""

    name = StringField(
        _l("Gateway name"),
        filters=[trimmed],
        description=_l("How this gateway is called in the panel and beside its messages."),
    )
    default_country = StringField(
        _l("Default country code"),
        filters=[trimmed],
        description=_l(
            "Put in front of numbers written without one. A calling code such as 44 or +44, or a country "
            "such as GB. Left blank, the panel's own default counts."
        ),
    )
    number_format = Choice(
        _l("Number format"),
        choices=[
            SelectChoice("digits", _l("Digits with country code: 447911123456")),
            SelectChoice("e164", _l("With a plus: +447911123456")),
            SelectChoice("national", _l("As dialled inside the country: 07911123456")),
            SelectChoice("integer", _l("JSON number: 447911123456 without quotation marks")),
            SelectChoice("suffix", _l("Digits followed by a fixed text")),
        ],
        description=_l("How {{recipient}} writes the number, as the provider's documentation wants it."),
    )
    number_suffix = StringField(
        _l("Text after the digits"), description=_l("For example @c.us; sent right behind the digits.")
    )
    allow_short_codes = BooleanField(
        _l("Allow short codes"), description=_l("Numbers of three to eight digits, sent as they are typed.")
    )
    allow_alphanumeric = BooleanField(
        _l("Allow names as recipients"),
        description=_l("For providers that take a group's or an account's name in place of a number."),
    )
    destinations = StringField(
        _l("Countries"),
        filters=[trimmed],
        description=_l(
            "Where messages go by this gateway when nobody named one: countries (GB) and beginnings of "
            "numbers (+4915), with blanks between them. The longest one that fits a number decides between "
            "gateways. Left blank, any number fits."
        ),
    )
    sender = StringField(
        _l("Sender"),
        description=_l(
            "Fills {{sender}}: the name or number that recipients see, if your provider asks for it."
        ),
    )

    url = StringField(
        _l("API URL"),
        filters=[trimmed],
        description=_l(
            "The complete address that takes a message, as the provider's documentation gives it, "
            "such as https://api.someprovider.com/v1/send."
        ),
    )
    method = Choice(
        _l("Request type"),
        choices=[SelectChoice(method) for method in METHODS],
        description=_l("The documentation names it next to the address. GET and DELETE carry no body."),
    )
    auth_kind = Choice(
        _l("Authentication"),
        choices=[
            SelectChoice("none", _l("None, or written below by hand")),
            SelectChoice("basic", _l("Basic: user name and password")),
            SelectChoice("bearer", _l("Bearer token")),
            SelectChoice("header", _l("A token in a header of its own")),
            SelectChoice("query", _l("A token in a query parameter")),
            SelectChoice("mac", _l("A signature of each request (MAC)")),
        ],
        description=_l("Writes the line with your credentials, which are kept encrypted."),
    )
    auth_name = StringField(
        _l("Its name"), filters=[trimmed], description=_l("The header's or parameter's name: X-API-Key.")
    )
    auth_prefix = StringField(
        _l("Text before the token"),
        description=_l(
            "Taken exactly as typed, so end it with a blank where one belongs: AccessKey and a blank."
        ),
    )
    connect_timeout = Decimal(
        _l("Time to connect"), description=_l("Seconds to wait for the provider's server to be reached.")
    )
    timeout = Decimal(
        _l("Time for the whole request"),
        description=_l("Seconds until the reply must be complete, at most 50."),
    )

    headers = TextAreaField(
        _l("HTTP Headers"),
        filters=[lines],
        description=_l(
            "One a line, written Key: Value, such as Authorization: Bearer 12345. The panel names itself "
            "as User-Agent unless a line here says otherwise."
        ),
    )
    query = TextAreaField(
        _l("Query parameters"),
        filters=[lines],
        description=_l("One a line, written key=value. They follow the ? of the API URL."),
    )
    body_format = Choice(
        _l("Request body format"),
        choices=[
            SelectChoice("form", _l("Form data")),
            SelectChoice("multipart", _l("Form data in parts (multipart)")),
            SelectChoice("json", "JSON"),
            SelectChoice("xml", "XML"),
            SelectChoice("raw", _l("Raw text")),
        ],
        description=_l("What you wrote for another format is kept, and not sent."),
    )
    body_form = TextAreaField(
        _l("Body parameters"),
        filters=[lines],
        description=_l("One a line, written key=value. A key may occur more than once."),
    )
    body_json = TextAreaField(
        _l("JSON body"),
        filters=[lines],
        description=_l(
            "Copy the documentation's example and put placeholders inside the quotation marks. "
            "Without quotation marks {{recipient}} is sent as a number."
        ),
    )
    body_xml = TextAreaField(
        _l("XML body"),
        filters=[lines],
        description=_l("Placeholders may stand in text and in quoted attributes."),
    )
    body_raw = TextAreaField(
        _l("Raw body"),
        filters=[lines],
        description=_l("Sent exactly as written, once the placeholders are filled."),
    )
    content_type = StringField(
        _l("Content-Type of a raw body"),
        filters=[trimmed],
        description=_l("Left blank: text/plain; charset=utf-8."),
    )
    hide_literals = BooleanField(
        _l("Keep credentials secret"),
        description=_l(
            "When saving, values written into lines such as Authorization, key, token or password become "
            "secrets: encrypted, and never shown again."
        ),
    )

    success_kind = Choice(_l("How to read the success condition"), choices=_CONDITIONS)
    success_rule = StringField(
        _l("Success condition"),
        description=_l(
            'What the reply holds only when the message was accepted, such as "sent": true. Left blank, '
            "every reply with a status from 200 to 299 is a success; other statuses never are."
        ),
    )
    failure_kind = Choice(_l("How to read the failure condition"), choices=_CONDITIONS)
    failure_rule = StringField(
        _l("Failure condition"),
        description=_l(
            "What the reply holds when the message was refused. It wins over the success condition."
        ),
    )
    failure_fault = Choice(
        _l("Whose fault is it then?"),
        choices=[
            SelectChoice("message", _l("The message's: this one failed, the next may pass")),
            SelectChoice("gateway", _l("The gateway's: stop it, no message would pass")),
        ],
        description=_l("A wrong password or an empty account stops the gateway until somebody has looked."),
    )
    later_kind = Choice(_l("How to read the try-later condition"), choices=_CONDITIONS)
    later_rule = StringField(
        _l("Try-later condition"),
        description=_l(
            "What the reply holds when the provider is too busy. The statuses 429 and 503 always mean it."
        ),
    )
    message_id_kind = Choice(_l("How to read the message id"), choices=_PLACES)
    message_id_rule = StringField(
        _l("Message id"),
        description=_l(
            "Where the reply holds the provider's own id: messages[0].id, or a pattern with one group."
        ),
    )
    reason_kind = Choice(_l("How to read the provider's reason"), choices=_PLACES)
    reason_rule = StringField(
        _l("The provider's reason"),
        description=_l(
            "Where the reply says why a message was refused: error.message, or a pattern with one group. "
            "It is shown beside the message."
        ),
    )

    #: Which provider's file the gateway was made from.
    preset = HiddenField(filters=[trimmed])

    test_recipient = StringField(
        _l("Test recipient number"), description=_l("Written as you would dial it, or with its country code.")
    )
    test_text = TextAreaField(_l("Test message"), filters=[lines], description=_l("Sent as it stands here."))
