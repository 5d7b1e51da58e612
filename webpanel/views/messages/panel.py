"""What the pages of messages ask of the panel as a whole."""

from sqlalchemy import select

from webpanel.models import Panel, db


def country() -> str:
    """The region of numbers written without a country; blank while nobody has said."""
    return db.session.scalar(select(Panel.default_country)) or ""
