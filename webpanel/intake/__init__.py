"""The only way a message comes into being, and what people may do to one afterwards.

Numbers, texts, limits and composing are checked before anything is stored, so that what is accepted can
be sent by its gateway as it stands. ``vault`` opens the gateways' secrets, ``ring`` is told a gateway's
id once its messages are committed.
"""

from webpanel.intake.asking import Caller, Place, Repeat, Result, Ring, Submitted, Wanted
from webpanel.intake.by_hand import FINAL, WAITING, accept, cancel, mark_as, resend
from webpanel.intake.chosen import DECISIONS, Chosen, Count, count
from webpanel.intake.moving import Move, Queue, move, tried, waiting
from webpanel.intake.steps import Left, Progress
from webpanel.intake.submitting import submit
from webpanel.intake.together import Hand, decide

__all__ = [
    "DECISIONS",
    "FINAL",
    "WAITING",
    "Caller",
    "Chosen",
    "Count",
    "Hand",
    "Left",
    "Move",
    "Place",
    "Progress",
    "Queue",
    "Repeat",
    "Result",
    "Ring",
    "Submitted",
    "Wanted",
    "accept",
    "cancel",
    "count",
    "decide",
    "mark_as",
    "move",
    "resend",
    "submit",
    "tried",
    "waiting",
]
