"""Whom the caller wants to be told of a message, what there is to tell, and each try to tell it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webpanel.models.foundation import db
from webpanel.models.messages import Message


class CallbackTarget(db.Model):
    """The address that the caller of one message gave; it goes before that of the application."""

    __tablename__ = "callback_target"

    message_id: Mapped[str] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    #: The language in which it is told: ``json``, ``twilio`` or ``kannel``.
    kind: Mapped[str] = mapped_column(String(8))
    #: Encrypted, as JSON: the ``url``, and what else its kind needs.
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    #: The address without its credentials.
    shown: Mapped[str] = mapped_column(Text)
    #: Host and port: the turns are shared by it.
    site: Mapped[str] = mapped_column(String(270))
    #: The events that are told, as Kannel counts them: 1, 2, 4, 8, 16.
    mask: Mapped[int]


class Callback(db.Model):
    """One thing to tell a caller: the message as it stood then."""

    __tablename__ = "callback"
    __table_args__ = (
        Index(
            "ix_callback_due",
            "site",
            "due_at",
            sqlite_where=literal_column("due_at IS NOT NULL"),
            postgresql_where=literal_column("due_at IS NOT NULL"),
        ),
        Index(
            "ix_callback_lease",
            "lease_until",
            sqlite_where=literal_column("lease_until IS NOT NULL"),
            postgresql_where=literal_column("lease_until IS NOT NULL"),
        ),
        Index("ix_callback_message_id", "message_id", "id"),
        Index("ix_callback_application_id_state", "application_id", "state", "id"),
        # An id is never given twice: receivers tell by it what they know already.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    application_id: Mapped[int | None]
    #: It goes to the address of the message, and not to that of the application.
    own: Mapped[bool]
    kind: Mapped[str] = mapped_column(String(8))
    site: Mapped[str] = mapped_column(String(270))

    #: The message's columns as they were.
    told_state: Mapped[str] = mapped_column(String(12))
    told_at: Mapped[datetime]
    told_reason: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    told_duplicate: Mapped[bool]
    told_provider_id: Mapped[str | None] = mapped_column(String(200))

    #: ``waiting``, ``sending``, ``told`` or ``failed``.
    state: Mapped[str] = mapped_column(String(8))
    #: None once it is told or has failed, and while it is being sent.
    due_at: Mapped[datetime | None]
    #: Why it failed, or waits for another try.
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    attempt_count: Mapped[int] = mapped_column(default=0)
    #: Attempts that count in the schedule: a person's *Send again* begins it anew.
    failure_count: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    message: Mapped[Message] = relationship()
    attempts: Mapped[list["CallbackAttempt"]] = relationship(
        back_populates="callback", cascade="all, delete-orphan", order_by="CallbackAttempt.number"
    )


class CallbackAttempt(db.Model):
    """One request that told a caller, or tried to."""

    __tablename__ = "callback_attempt"
    __table_args__ = (
        UniqueConstraint("callback_id", "number", name="uq_callback_attempt_callback_id_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    callback_id: Mapped[int] = mapped_column(ForeignKey("callback.id", ondelete="CASCADE"))
    #: 1 for the first.
    number: Mapped[int]
    token: Mapped[str] = mapped_column(String(32), unique=True)
    #: The address, without its credentials; None until it ended.
    shown: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    duration_ms: Mapped[int | None]
    #: ``told``, ``later`` or ``refused``; None while it runs.
    outcome: Mapped[str | None] = mapped_column(String(8))
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    reply_status: Mapped[int | None]
    #: What was answered, masked; at most 4 KB.
    reply: Mapped[bytes | None] = mapped_column(LargeBinary)

    callback: Mapped[Callback] = relationship(back_populates="attempts")
