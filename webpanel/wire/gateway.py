"""A gateway's settings as plain values: the one shape that form, table, test and sending share.

The attributes have the names of the table's columns and of the form's fields.
"""

from dataclasses import dataclass
from typing import Literal

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
BodyFormat = Literal["form", "multipart", "json", "xml", "raw"]
AuthKind = Literal["none", "basic", "bearer", "header", "query", "mac"]
NumberFormat = Literal["digits", "e164", "national", "integer", "suffix"]
RuleKind = Literal["blank", "text", "jmespath", "pattern"]
Fault = Literal["message", "gateway"]
OnAmbiguous = Literal["resend", "hold", "schedule"]
ReportIdKind = Literal["blank", "jmespath", "field", "address"]
ReportStatusKind = Literal["blank", "jmespath", "field"]
ReportSign = Literal["none", "twilio", "meta", "header"]

METHODS: tuple[Method, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")
METHODS_WITHOUT_BODY: tuple[Method, ...] = ("GET", "DELETE")
BODY_FORMATS: tuple[BodyFormat, ...] = ("form", "multipart", "json", "xml", "raw")
AUTH_KINDS: tuple[AuthKind, ...] = ("none", "basic", "bearer", "header", "query", "mac")
NUMBER_FORMATS: tuple[NumberFormat, ...] = ("digits", "e164", "national", "integer", "suffix")
ON_AMBIGUOUS: tuple[OnAmbiguous, ...] = ("resend", "hold", "schedule")
RULE_KINDS: tuple[RuleKind, ...] = ("blank", "text", "jmespath", "pattern")
REPORT_ID_KINDS: tuple[ReportIdKind, ...] = ("blank", "jmespath", "field", "address")
REPORT_STATUS_KINDS: tuple[ReportStatusKind, ...] = ("blank", "jmespath", "field")
REPORT_SIGNS: tuple[ReportSign, ...] = ("none", "twilio", "meta", "header")

#: The names of the secrets that the authentication helper fills, by its kind.
AUTH_SECRETS: dict[AuthKind, tuple[str, ...]] = {
    "none": (),
    "basic": ("auth_username", "auth_password"),
    "bearer": ("auth_token",),
    "header": ("auth_token",),
    "query": ("auth_token",),
    "mac": ("auth_key", "auth_secret"),
}

#: All of them: the authentication section asks for these, and nothing else may be called so.
AUTH_NAMES = frozenset(name for names in AUTH_SECRETS.values() for name in names)

#: The field that holds the body of each format; the two kinds of form are typed alike.
BODY_FIELDS: dict[BodyFormat, str] = {
    "form": "body_form",
    "multipart": "body_form",
    "json": "body_json",
    "xml": "body_xml",
    "raw": "body_raw",
}


@dataclass(frozen=True)
class Gateway:
    """How to ask a provider to send one message, and how to read its reply.

    Templates (``url``, ``headers``, ``query``, the bodies) are kept exactly as typed. Only the body
    of ``body_format`` is sent; the others are kept. Times are in seconds.
    """

    name: str = ""
    url: str = ""
    method: Method = "POST"
    headers: str = ""
    query: str = ""
    body_format: BodyFormat = "form"
    body_form: str = ""
    body_json: str = ""
    body_xml: str = ""
    body_raw: str = ""
    #: Content-Type of a raw body; blank means ``text/plain; charset=utf-8``.
    content_type: str = ""

    auth_kind: AuthKind = "none"
    #: Header's or query parameter's name, for the kinds ``header`` and ``query``.
    auth_name: str = ""
    #: Text before the token in the header's value, taken as typed (``AccessKey ``, ``App ``).
    auth_prefix: str = ""

    #: Region (``GB``) of numbers written without a country; blank means the panel's.
    default_country: str = ""
    number_format: NumberFormat = "digits"
    #: For the number format ``suffix``: what follows the digits (``@c.us``).
    number_suffix: str = ""
    allow_short_codes: bool = False
    allow_alphanumeric: bool = False
    #: Fills ``{{sender}}``.
    sender: str = ""

    success_kind: RuleKind = "blank"
    success_rule: str = ""
    failure_kind: RuleKind = "blank"
    failure_rule: str = ""
    #: Whose fault it is when the failure rule holds.
    failure_fault: Fault = "message"
    later_kind: RuleKind = "blank"
    later_rule: str = ""
    #: ``blank``, ``jmespath`` or ``pattern`` (its first group).
    message_id_kind: RuleKind = "blank"
    message_id_rule: str = ""
    #: Where a reply tells in the provider's own words why it refused; kinds as for the message id.
    reason_kind: RuleKind = "blank"
    reason_rule: str = ""

    #: Where a delivery report names the message: a place in its JSON, a field of its form or query, or the
    #: address it was sent to, which then ends with our own id.
    report_id_kind: ReportIdKind = "blank"
    report_id_rule: str = ""
    #: Where it has the provider's word for what became of the message.
    report_status_kind: ReportStatusKind = "blank"
    report_status_rule: str = ""
    #: ``word = meaning`` a line; see :mod:`webpanel.wire.report`.
    report_words: str = ""
    #: How a report proves that it comes from the provider: ``twilio`` by X-Twilio-Signature, ``meta`` by
    #: X-Hub-Signature-256, ``header`` by a header that holds the secret itself.
    report_sign: ReportSign = "none"
    #: The name of the gateway's secret for it.
    report_secret: str = ""
    #: For ``header``: its name.
    report_header: str = ""
    #: The text of the answer with status 200.
    report_answer: str = ""

    connect_timeout: float = 10.0
    timeout: float = 30.0
    in_flight: int = 4
    #: Messages a second, fractions too; 0 for as many as go.
    pace: float = 0.0
    on_ambiguous: OnAmbiguous = "resend"
    #: For ``schedule``: the header or field by which the provider knows a request that it had before; it
    #: is filled with ``{{message_id}}``.
    request_number: str = ""
    #: Waits before the second, third, ... attempt (:mod:`webpanel.wire.durations`), then always the last.
    retry_delays: str = "10 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h"
    urgent_retry_delays: str = "3 s, 10 s, 20 s, 40 s, 1 min"
    #: The name of the gateway that takes over when this one cannot send; blank for none.
    next_gateway: str = ""
    #: For so many seconds a message that the provider puts off stays before it takes the next gateway.
    failover_after: float = 300.0
    #: Countries and prefixes that messages without a named gateway go to by it; blank means any.
    destinations: str = ""
    #: Literals that look like credentials become secrets on save.
    hide_literals: bool = True
    #: The preset that the gateway was made from, by its file's name; blank for none.
    preset: str = ""
