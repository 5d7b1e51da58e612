"""Telling the programs that send what became of their messages, by requests to their own addresses.

A room of its own because it has its own queue, threads and time-outs: a caller that does not answer
holds up other callers for a moment, and messages never. What is to be told is written in the commit that
changes the message (:func:`queue`); in which language is the affair of the edges, which hand in what
composes a request (:class:`Telling` in, :class:`Request` out).
"""

from webpanel.callbacks.asking import FINAL, KANNEL, Tell, target
from webpanel.callbacks.composing import Request, Telling
from webpanel.callbacks.deliverer import Deliverer
from webpanel.callbacks.queueing import TARGETS, queue, queue_several
from webpanel.callbacks.standing import Failing, failing, failures, new_secret, send_again, switch_on

__all__ = [
    "FINAL",
    "KANNEL",
    "TARGETS",
    "Deliverer",
    "Failing",
    "Request",
    "Tell",
    "Telling",
    "failing",
    "failures",
    "new_secret",
    "queue",
    "queue_several",
    "send_again",
    "switch_on",
    "target",
]
