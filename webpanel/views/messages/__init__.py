"""Send, Messages and a message's own page: for administrators and senders."""

from webpanel.views.messages import callbacks, listing, message, send, together
from webpanel.views.messages.blueprint import bp

__all__ = ["bp", "callbacks", "listing", "message", "send", "together"]
