"""The settings page's fields about delivery. A room of its own beside ``gateway_fields``: that one describes
the request, this one how fast, how often and by whom it is made.
"""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.fields.choices import SelectChoice

from webpanel.gateway_fields import Choice, Decimal, Whole, trimmed


class DeliveryFields(FlaskForm):
    """In the order of the page; the names are those of ``wire.gateway.Gateway``."""

    next_gateway = Choice(
        _l("If it cannot send"),
        choices=[SelectChoice("", _l("Wait until it can again"))],
        description=_l(
            "The gateway that takes over while this one is stopped, paused or out of reach. What the "
            "provider may have taken already stays here, and so does a message that it refused."
        ),
    )
    pace = Decimal(
        _l("Messages a second"),
        description=_l(
            "What your provider allows, such as 5, or 0.2 for one in five seconds. 0 means as many as go."
        ),
    )
    in_flight = Whole(
        _l("Requests at a time"), description=_l("How many messages may be on their way at the same moment.")
    )
    on_ambiguous = Choice(
        _l("When not certain whether the provider took it"),
        choices=[
            SelectChoice("resend", _l("Send once more; it may arrive twice")),
            SelectChoice("hold", _l("Wait until a person has looked; it may be late")),
            SelectChoice("schedule", _l("Send again as scheduled; the provider stops doubles")),
        ],
        description=_l("After a time-out or a broken connection nobody can know."),
    )
    request_number = StringField(
        _l("The request's number"),
        filters=[trimmed],
        description=_l(
            "Only where your provider promises that a request with the same number is carried out once: the "
            "header or field that holds it, such as Idempotency-Key. Write {{message_id}} there."
        ),
    )
    retry_delays = StringField(
        _l("Waits between tries"),
        filters=[trimmed],
        description=_l(
            "Before the second try, the third, and so on, such as 10 s, 2 min, 1 h. The last one goes on."
        ),
    )
    urgent_retry_delays = StringField(
        _l("Waits of urgent messages"),
        filters=[trimmed],
        description=_l("The same, for login codes and alerts."),
    )
    failover_after = Decimal(
        _l("Next gateway after"),
        description=_l(
            "Seconds for which a message that the provider puts off waits here before it takes the gateway "
            "above, an urgent one for at most 10. A message that did not reach the provider goes at once."
        ),
    )
