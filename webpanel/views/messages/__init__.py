"""Send, Messages and a message's own page: for administrators and senders."""

from webpanel.views.messages import listing, message, send, together
from webpanel.views.messages.blueprint import bp

__all__ = ["bp", "listing", "message", "send", "together"]
