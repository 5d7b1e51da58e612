"""Messages, the attempts made for them and the steps of their lives."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column, relationship
from ulid import ULID

from webpanel.models.foundation import db

#: Characters of a message's id that are its time.
_TIME_LENGTH = 10


class Message(db.Model):
    """One text for one recipient, from its acceptance to its final state."""

    __tablename__ = "message"

    #: A ULID: sorts by the time of acceptance.
    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    created_at: Mapped[datetime]
    gateway_id: Mapped[int | None] = mapped_column(ForeignKey("gateway.id", ondelete="SET NULL"))
    #: Kept when the gateway is renamed or deleted.
    gateway_name: Mapped[str] = mapped_column(String(100))
    test: Mapped[bool] = mapped_column(default=False)
    #: For a test: the gateway as it stood, ``dataclasses.asdict`` of its settings (no secret values).
    test_settings: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    #: Who made it: a user's or an application's name, and the door it came through (``page``, ``api``).
    created_by: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(16))
    #: Kept when the application is deleted; its id is never given again.
    application_id: Mapped[int | None]
    #: The caller's own name for it.
    reference: Mapped[str | None] = mapped_column(String(200))
    #: The message of which this one is a resend.
    resent_from: Mapped[str | None] = mapped_column(String(26))
    #: The caller's own word for this sending: a second message under it is not made.
    once: Mapped[str | None] = mapped_column(String(64), unique=True)

    #: E.164, or a short code or an alphanumeric recipient as typed; None once removed.
    recipient: Mapped[str | None] = mapped_column(String(64))
    #: Line ends are LF; None once removed.
    text: Mapped[str | None] = mapped_column(Text)
    #: Its text is nowhere in clear: encrypted in ``sealed_text`` while it waits, and then removed.
    sensitive: Mapped[bool] = mapped_column(default=False)
    sealed_text: Mapped[bytes | None] = mapped_column(LargeBinary)
    sender: Mapped[str] = mapped_column(String(200), default="")
    #: ``gsm7`` or ``ucs2``; kept with parts and country when text and number are removed.
    encoding: Mapped[str] = mapped_column(String(4))
    parts: Mapped[int]
    #: Region (``GB``) of the recipient, blank when it has none.
    country: Mapped[str] = mapped_column(String(3), default="")

    state: Mapped[str] = mapped_column(String(12))
    #: 0 urgent, 1 normal, 2 bulk.
    priority: Mapped[int] = mapped_column(default=1)
    #: ``resend`` or ``hold``; None: as the gateway says.
    on_ambiguous: Mapped[str | None] = mapped_column(String(8))
    #: When a drain may take it; None once it is final.
    due_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    final_at: Mapped[datetime | None]
    #: Random, new with each claim; mark and finish ask for it.
    lease_token: Mapped[str | None] = mapped_column(String(32))
    #: By the database's clock.
    lease_until: Mapped[datetime | None]
    attempt_count: Mapped[int] = mapped_column(default=0)
    possible_duplicate: Mapped[bool] = mapped_column(default=False)
    #: Why it stands in its state, as ``{"code": ..., "values": {...}}``.
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    #: The provider's own id of the message.
    provider_message_id: Mapped[str | None] = mapped_column(String(200))

    attempts: Mapped[list["Attempt"]] = relationship(
        back_populates="message", cascade="all, delete-orphan", order_by="Attempt.number"
    )
    events: Mapped[list["Event"]] = relationship(
        back_populates="message", cascade="all, delete-orphan", order_by="Event.id"
    )

    __table_args__ = (
        Index("ix_message_gateway_id_due_at", "gateway_id", "due_at"),
        # What waits, in the order in which it is taken; what is final has no due time.
        Index(
            "ix_message_waiting",
            "gateway_id",
            "priority",
            "due_at",
            sqlite_where=literal_column("due_at IS NOT NULL"),
            postgresql_where=literal_column("due_at IS NOT NULL"),
        ),
        Index("ix_message_application_id_id", "application_id", "id"),
        Index("ix_message_state_id", "state", "id"),
        Index("ix_message_gateway_id_id", "gateway_id", "id"),
        # A delivery report names a message by what the provider called it.
        Index(
            "ix_message_provider",
            "gateway_id",
            "provider_message_id",
            sqlite_where=literal_column("provider_message_id IS NOT NULL"),
            postgresql_where=literal_column("provider_message_id IS NOT NULL"),
        ),
        Index("ix_message_recipient_id", "recipient", "id"),
    )

    @staticmethod
    def id_at(moment: datetime) -> str:
        """What no id that is made from ``moment`` on is less than. Raises ValueError before 1970."""
        return str(ULID.from_timestamp(moment.timestamp()))[:_TIME_LENGTH]


class Attempt(db.Model):
    """One HTTP exchange made for a message; the row is committed before the socket opens."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("message_id", "number", name="uq_attempt_message_id_number"),
        Index("ix_attempt_gateway_id_id", "gateway_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"))
    gateway_id: Mapped[int | None] = mapped_column(ForeignKey("gateway.id", ondelete="SET NULL"))
    #: 1 for a message's first attempt.
    number: Mapped[int]
    #: The lease's token under which it was marked.
    token: Mapped[str] = mapped_column(String(32), unique=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    #: Milliseconds from the first look-up of the name to the end of the reply.
    duration_ms: Mapped[int | None]
    #: DESIGN's class of the attempt: ``not_sent``, ``deferred``, ``accepted``, ...; None while it runs.
    outcome: Mapped[str | None] = mapped_column(String(16))
    #: What decided, as ``{"code": ..., "values": {...}}``.
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    #: The bytes that were written, masked; None when nothing was.
    request: Mapped[bytes | None] = mapped_column(LargeBinary)
    reply_status: Mapped[int | None]
    #: Status line and headers, masked.
    reply_head: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: At most 64 KB, masked.
    reply_body: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: The reply went on beyond what was kept.
    reply_cut: Mapped[bool] = mapped_column(default=False)

    message: Mapped[Message] = relationship(back_populates="attempts")


class Event(db.Model):
    """A step in a message's life that its page tells as one sentence."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    #: A key of ``webpanel.words``.
    code: Mapped[str] = mapped_column(String(40))
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: The person who did it; blank for the panel itself.
    actor: Mapped[str] = mapped_column(String(64), default="")

    message: Mapped[Message] = relationship(back_populates="events")
