"""A form that makes one message, however often it is sent: double click, reload, back and again.

The message's id is minted with the form and signed into it; the second insert of the same id makes
nothing. Bound to the person, so that nobody can name somebody else's.
"""

from flask import current_app
from flask_security import current_user
from itsdangerous import BadData, URLSafeTimedSerializer
from ulid import ULID

#: Seconds. An id sorts by the time it was minted, so a form must not be used for long.
LIFETIME = 6 * 3600


def token() -> str:
    """The value of the form's hidden field."""
    return _signer().dumps([current_user.fs_uniquifier, str(ULID())])


def message_id(token: str | None) -> str | None:
    """The id that ``token`` stands for; None for a foreign, forged, missing or too old one."""
    try:
        person, minted = _signer().loads(token or "", max_age=LIFETIME)
    except (BadData, ValueError, TypeError):
        return None
    return minted if person == current_user.fs_uniquifier else None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="message-once")
