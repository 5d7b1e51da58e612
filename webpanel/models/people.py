"""The panel itself, and who may sign in to it."""

from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webpanel.models.foundation import db


class Panel(db.Model):
    """The one row of what an administrator sets for the whole panel."""

    __tablename__ = "panel"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Region (``GB``), asked on the first page after the first login.
    default_country: Mapped[str] = mapped_column(String(2), default="")
    #: In which days and months begin, for the limits of applications (``Europe/Berlin``).
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")


roles_users = Table(
    "roles_users",
    db.metadata,
    Column("user_id", ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
)


class Role(db.Model, RoleMixin):
    """``administrator`` or ``sender``; both exist from the first migration on."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))


class User(db.Model, UserMixin):
    """A person who signs in by ``username``; the columns are those that Flask-Security asks for."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str | None] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]

    roles: Mapped[list[Role]] = relationship(secondary=roles_users, lazy="selectin")


class OneTimeLink(db.Model):
    """A link that lets its holder set a password once: the first administrator's, or a reset."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: SHA-256 of the token, in hexadecimal; the token itself is stored nowhere.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: None for the first administrator's link.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
