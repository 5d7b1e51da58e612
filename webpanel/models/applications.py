"""Applications: the programs that send through the panel, their keys, and what they have used."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webpanel.models.foundation import db


class Application(db.Model):
    """A program that sends through the API with its own keys. A limit of 0 is none."""

    __tablename__ = "application"
    #: An id is never given twice: messages keep it when their application is gone.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own declaration

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(64), default="")

    #: Ids of the gateways that it may use, also of those that were deleted since; NULL: all.
    gateways: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    #: Regions (``GB``) that it may send to, with blanks between them; blank: all.
    countries: Mapped[str] = mapped_column(String(1000), default="")
    per_minute: Mapped[int] = mapped_column(default=0)
    parts_per_day: Mapped[int] = mapped_column(default=0)
    parts_per_month: Mapped[int] = mapped_column(default=0)
    per_recipient_hour: Mapped[int] = mapped_column(default=0)
    most_parts: Mapped[int] = mapped_column(default=0)
    #: The final state in which its messages end without leaving; blank: they leave.
    test_state: Mapped[str] = mapped_column(String(12), default="")

    #: What holds where a call does not say: 0 urgent, 1 normal, 2 bulk.
    priority: Mapped[int] = mapped_column(default=1)
    #: Seconds after which a message is too late; 0: as the panel's own.
    valid_for: Mapped[int] = mapped_column(default=0)
    sensitive: Mapped[bool] = mapped_column(default=False)
    sender: Mapped[str] = mapped_column(String(200), default="")
    #: Region of numbers without a country; blank: the gateway's, or the panel's.
    country: Mapped[str] = mapped_column(String(2), default="")
    gateway_id: Mapped[int | None] = mapped_column(ForeignKey("gateway.id", ondelete="SET NULL"))

    door_get: Mapped[bool] = mapped_column(default=False)
    door_kannel: Mapped[bool] = mapped_column(default=False)
    door_twilio: Mapped[bool] = mapped_column(default=False)

    #: Where it is told what became of its messages, and host and port of it; blank: nowhere.
    callback_url: Mapped[str] = mapped_column(String(2000), default="")
    callback_site: Mapped[str] = mapped_column(String(270), default="")
    #: What callbacks are signed with, encrypted; the one before signs too, until then.
    callback_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    callback_secret_before: Mapped[bytes | None] = mapped_column(LargeBinary)
    callback_secret_until: Mapped[datetime | None]
    #: When the present one was shown to a person.
    callback_secret_shown_at: Mapped[datetime | None]
    #: Since when no callback reached its address, and when it was switched off for that.
    callback_failing_since: Mapped[datetime | None]
    callback_off_at: Mapped[datetime | None]

    keys: Mapped[list["ApplicationKey"]] = relationship(
        back_populates="application", cascade="all, delete-orphan", order_by="ApplicationKey.id"
    )


class ApplicationKey(db.Model):
    """One key of an application. The key itself is stored nowhere."""

    __tablename__ = "application_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    #: The part of the key that may be shown, 16 hexadecimal digits.
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    #: SHA-256 of the whole key: its 256 random bits need no slower one.
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    may_send: Mapped[bool] = mapped_column(default=True)
    may_read: Mapped[bool] = mapped_column(default=True)
    may_read_all: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(64), default="")
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    #: Messages that were accepted with it.
    accepted: Mapped[int] = mapped_column(default=0)

    application: Mapped[Application] = relationship(back_populates="keys")

    def works(self, at: datetime) -> bool:
        """Whether it lets its holder in at that time, unless the application is switched off."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)


class Usage(db.Model):
    """What an application used in one window of time."""

    __tablename__ = "usage"

    application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True
    )
    #: ``minute`` and ``recipient`` (an hour of one recipient) count messages, ``day`` and ``month`` parts.
    scope: Mapped[str] = mapped_column(String(9), primary_key=True)
    #: The recipient; blank for the others.
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(default=0)


class Answered(db.Model):
    """A request with an Idempotency-Key, and what was answered."""

    __tablename__ = "answered"
    __table_args__ = (Index("ix_answered_created_at", "created_at"),)

    application_id: Mapped[int] = mapped_column(
        ForeignKey("application.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    #: SHA-256 of the request.
    request_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    #: For each message of the request its id, or the problems for which it was refused.
    results: Mapped[list[object]] = mapped_column(JSON)
