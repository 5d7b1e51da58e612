"""The settings page's fields about delivery reports. A room of its own beside ``gateway_fields``: that one
describes the request, this one what comes back later.
"""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from webpanel.gateway_fields import Choice, lines, trimmed


class ReportFields(FlaskForm):
    """In the order of the page; the names are those of ``wire.gateway.Gateway``."""

    report_id_kind = Choice(
        _l("How to read which message it is about"),
        default="jmespath",
        choices=[
            SelectChoice("jmespath", _l("Place in the JSON (JMESPath)")),
            SelectChoice("field", _l("Field of its form or query")),
            SelectChoice("address", _l("The address it is sent to")),
        ],
    )
    report_id_rule = StringField(
        _l("Message id in a report"),
        description=_l(
            "Where a report has the provider's id of the message: results[].messageId, or a field's name. "
            "“The address” needs nothing here: {{report_url}} then ends with the panel's own id."
        ),
    )
    report_status_kind = Choice(
        _l("How to read the status"),
        default="jmespath",
        choices=[
            SelectChoice("jmespath", _l("Place in the JSON (JMESPath)")),
            SelectChoice("field", _l("Field of its form or query")),
        ],
    )
    report_status_rule = StringField(
        _l("Status in a report"),
        description=_l(
            "Where it has the provider's word for what became of the message: results[].status.groupName, or "
            "a field's name."
        ),
    )
    report_words = TextAreaField(
        _l("What its words mean"),
        filters=[lines],
        description=_l(
            "One a line, written word = meaning. The meanings are delivered, undelivered, under way and "
            "ignore. A word that stands in no line is shown above and changes nothing."
        ),
    )
    report_sign = Choice(
        _l("How reports are signed"),
        default="none",
        choices=[
            SelectChoice("none", _l("Not at all: the address alone is secret")),
            SelectChoice("twilio", _l("As Twilio does (X-Twilio-Signature)")),
            SelectChoice("meta", _l("As Meta does (X-Hub-Signature-256)")),
            SelectChoice("header", _l("A secret in a header of its own")),
        ],
        description=_l("A report with another signature, or with none, is refused and changes nothing."),
    )
    report_secret = StringField(
        _l("Secret of the signature"),
        filters=[trimmed],
        description=_l(
            "The name of one of this gateway's secrets: auth_password, or one that you added under Secrets."
        ),
    )
    report_header = StringField(
        _l("Header of the secret"),
        filters=[trimmed],
        description=_l("For a secret in a header: the header's name."),
    )
    report_answer = StringField(
        _l("Answer to a report"),
        description=_l(
            "The text that the provider wants to read, such as OK. Left blank, the answer is empty; its "
            "status is 200."
        ),
    )
