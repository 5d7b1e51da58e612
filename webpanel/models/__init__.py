"""The tables: columns, relations, constraints. No I/O, no rules.

Every time is an :class:`Instant`: an aware UTC ``datetime`` in Python, whole milliseconds since 1970
in the database, so that SQLite and PostgreSQL compare and index it alike.
"""

from webpanel.models.applications import Answered, Application, ApplicationKey, Usage
from webpanel.models.callbacks import Callback, CallbackAttempt, CallbackTarget
from webpanel.models.foundation import Instant, db
from webpanel.models.gateways import Gateway, KeptReply, Secret, new_report_token
from webpanel.models.messages import Attempt, Event, Message
from webpanel.models.people import OneTimeLink, Panel, Role, User, roles_users
from webpanel.models.reports import ReportReceived, ReportWaiting

__all__ = [
    "Answered",
    "Application",
    "ApplicationKey",
    "Attempt",
    "Callback",
    "CallbackAttempt",
    "CallbackTarget",
    "Event",
    "Gateway",
    "Instant",
    "KeptReply",
    "Message",
    "OneTimeLink",
    "Panel",
    "ReportReceived",
    "ReportWaiting",
    "Role",
    "Secret",
    "Usage",
    "User",
    "db",
    "new_report_token",
    "roles_users",
]
