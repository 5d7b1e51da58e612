"""The tables: columns, relations, constraints. No I/O, no rules.

Every time is an :class:`Instant`: an aware UTC ``datetime`` in Python, whole milliseconds since 1970
in the database, so that SQLite and PostgreSQL compare and index it alike.
"""

from datetime import UTC, datetime
from typing import Any

from flask_security import RoleMixin, UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry, relationship

from webpanel.wire.gateway import Gateway as Settings


class Instant(TypeDecorator[datetime]):
    """An aware UTC ``datetime``, stored as whole milliseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        return None if value is None else round(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


class Base(DeclarativeBase):
    registry = registry(type_annotation_map={datetime: Instant})
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


class Panel(db.Model):
    """The one row of what an administrator sets for the whole panel."""

    __tablename__ = "panel"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Region (``GB``), asked on the first page after the first login.
    default_country: Mapped[str] = mapped_column(String(2), default="")


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


class Gateway(db.Model):
    """One configured provider request with its rules; see :class:`webpanel.wire.gateway.Gateway`."""

    __tablename__ = "gateway"
    #: An id is never given twice: a page that still stands open must not mean another gateway.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy's own declaration

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    #: The administrator's order; the smallest first.
    position: Mapped[int] = mapped_column(default=0)
    enabled: Mapped[bool] = mapped_column(default=True)
    #: Set while the gateway is stopped: when, and why as ``{"code": ..., "values": {...}}``.
    stopped_at: Mapped[datetime | None]
    stopped_reason: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    #: Nothing is sent before this time.
    paused_until: Mapped[datetime | None]
    #: When a person last saved or resumed it: what was rejected before does not stop it again.
    resumed_at: Mapped[datetime | None]
    #: Grows with each save; a save on another version than the stored one is refused.
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str] = mapped_column(String(64), default="")

    url: Mapped[str] = mapped_column(Text, default="")
    method: Mapped[str] = mapped_column(String(6), default="POST")
    headers: Mapped[str] = mapped_column(Text, default="")
    query: Mapped[str] = mapped_column(Text, default="")
    body_format: Mapped[str] = mapped_column(String(16), default="form")
    body_form: Mapped[str] = mapped_column(Text, default="")
    body_json: Mapped[str] = mapped_column(Text, default="")
    body_xml: Mapped[str] = mapped_column(Text, default="")
    body_raw: Mapped[str] = mapped_column(Text, default="")
    content_type: Mapped[str] = mapped_column(String(200), default="")
    auth_kind: Mapped[str] = mapped_column(String(8), default="none")
    auth_name: Mapped[str] = mapped_column(String(200), default="")
    auth_prefix: Mapped[str] = mapped_column(String(200), default="")
    default_country: Mapped[str] = mapped_column(String(2), default="")
    number_format: Mapped[str] = mapped_column(String(8), default="digits")
    number_suffix: Mapped[str] = mapped_column(String(100), default="")
    allow_short_codes: Mapped[bool] = mapped_column(default=False)
    allow_alphanumeric: Mapped[bool] = mapped_column(default=False)
    sender: Mapped[str] = mapped_column(String(200), default="")
    success_kind: Mapped[str] = mapped_column(String(8), default="blank")
    success_rule: Mapped[str] = mapped_column(Text, default="")
    failure_kind: Mapped[str] = mapped_column(String(8), default="blank")
    failure_rule: Mapped[str] = mapped_column(Text, default="")
    failure_fault: Mapped[str] = mapped_column(String(8), default="message")
    later_kind: Mapped[str] = mapped_column(String(8), default="blank")
    later_rule: Mapped[str] = mapped_column(Text, default="")
    message_id_kind: Mapped[str] = mapped_column(String(8), default="blank")
    message_id_rule: Mapped[str] = mapped_column(Text, default="")
    reason_kind: Mapped[str] = mapped_column(String(8), default="blank")
    reason_rule: Mapped[str] = mapped_column(Text, default="")
    connect_timeout: Mapped[float] = mapped_column(default=10.0)
    timeout: Mapped[float] = mapped_column(default=30.0)
    in_flight: Mapped[int] = mapped_column(default=4)
    on_ambiguous: Mapped[str] = mapped_column(String(8), default="resend")
    hide_literals: Mapped[bool] = mapped_column(default=True)
    preset: Mapped[str] = mapped_column(String(64), default="")
    #: What the preset's file said when the gateway was made from it, or last compared with it: the
    #: settings in which it differs from their defaults, by name.
    preset_base: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    secrets: Mapped[list["Secret"]] = relationship(
        back_populates="gateway", cascade="all, delete-orphan", order_by="Secret.name"
    )
    kept_replies: Mapped[list["KeptReply"]] = relationship(
        back_populates="gateway", cascade="all, delete-orphan", order_by="KeptReply.id"
    )

    def settings(self) -> Settings:
        """The gateway as the plain values that ``webpanel.wire`` works with."""
        return Settings(**{name: getattr(self, name) for name in Settings.__dataclass_fields__})


class Secret(db.Model):
    """A named secret of one gateway, used as ``{{secret.NAME}}``; encrypted by ``webpanel.vault``."""

    __tablename__ = "secret"
    __table_args__ = (UniqueConstraint("gateway_id", "name", name="uq_secret_gateway_id_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway_id: Mapped[int] = mapped_column(ForeignKey("gateway.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)

    gateway: Mapped[Gateway] = relationship(back_populates="secrets")


class KeptReply(db.Model):
    """A reply of the provider that is kept with its gateway as an example of what its rules must say."""

    __tablename__ = "kept_reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway_id: Mapped[int] = mapped_column(ForeignKey("gateway.id", ondelete="CASCADE"), index=True)
    #: ``accepted`` or ``failed``: what it means, whatever the rules of the moment make of it.
    means: Mapped[str] = mapped_column(String(8))
    status: Mapped[int]
    #: Status line and headers, masked.
    head: Mapped[bytes] = mapped_column(LargeBinary)
    #: At most 64 KB, masked.
    body: Mapped[bytes] = mapped_column(LargeBinary)
    #: The reply went on beyond what was kept.
    cut: Mapped[bool] = mapped_column(default=False)
    kept_at: Mapped[datetime]
    #: The person who kept it; blank where it came with the preset.
    kept_by: Mapped[str] = mapped_column(String(64), default="")

    gateway: Mapped[Gateway] = relationship(back_populates="kept_replies")


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
    #: Who made it: a user's name, and the door it came through (``page``, ``terminal``).
    created_by: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(16))
    #: The message of which this one is a resend.
    resent_from: Mapped[str | None] = mapped_column(String(26))
    #: The caller's own word for this sending: a second message under it is not made.
    once: Mapped[str | None] = mapped_column(String(64), unique=True)

    #: E.164, or a short code or an alphanumeric recipient as typed; None once removed.
    recipient: Mapped[str | None] = mapped_column(String(64))
    #: Line ends are LF; None once removed.
    text: Mapped[str | None] = mapped_column(Text)
    sender: Mapped[str] = mapped_column(String(200), default="")
    #: ``gsm7`` or ``ucs2``; kept with parts and country when text and number are removed.
    encoding: Mapped[str] = mapped_column(String(4))
    parts: Mapped[int]
    #: Region (``GB``) of the recipient, blank when it has none.
    country: Mapped[str] = mapped_column(String(3), default="")

    state: Mapped[str] = mapped_column(String(12))
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
        Index("ix_message_state_id", "state", "id"),
        Index("ix_message_gateway_id_id", "gateway_id", "id"),
        Index("ix_message_recipient_id", "recipient", "id"),
    )


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
