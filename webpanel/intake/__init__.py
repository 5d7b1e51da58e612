"""The only way a message comes into being, and what people may do to one afterwards.

Numbers, texts, limits and composing are checked before anything is stored, so that what is accepted can
be sent by its gateway as it stands. ``vault`` opens the gateways' secrets, ``ring`` is told a gateway's
id once its messages are committed.
"""

from webpanel.intake.asking import Caller, Place, Repeat, Result, Ring, Submitted, Wanted
from webpanel.intake.by_hand import FINAL, WAITING, accept, cancel, mark_as, resend
from webpanel.intake.submitting import submit

__all__ = [
    "FINAL",
    "WAITING",
    "Caller",
    "Place",
    "Repeat",
    "Result",
    "Ring",
    "Submitted",
    "Wanted",
    "accept",
    "cancel",
    "mark_as",
    "resend",
    "submit",
]
