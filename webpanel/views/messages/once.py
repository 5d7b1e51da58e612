"""A form that makes one message, however often it is sent: double click, reload, back and again.

Each form carries a random word, which is stored with its message; a second message under the same
word is not made. Bound to the person, so that nobody can use up somebody else's.
"""

import re
import secrets

from flask_security import current_user
from sqlalchemy import select

from webpanel.models import Message, db

_TOKEN = re.compile(r"[\w-]{22}", re.ASCII)


def token() -> str:
    """The value of the form's hidden field."""
    return secrets.token_urlsafe(16)


def word(token: str | None) -> str | None:
    """What is stored for ``token``; None for one that no form of ours carried."""
    return f"page:{current_user.id}:{token}" if _TOKEN.fullmatch(token or "") else None


def made(word: str) -> Message | None:
    """The message that was made under ``word``."""
    return db.session.scalar(select(Message).filter_by(once=word))
