"""Gateways, their secrets and the replies that are kept with them."""

import secrets as random
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webpanel.models.foundation import db
from webpanel.wire.gateway import Gateway as Settings


def new_report_token() -> str:
    """Long enough for the log to mask it wherever it stands."""
    return random.token_urlsafe(32)


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
    #: Nothing is sent before this time, and why, as ``stopped_reason``.
    paused_until: Mapped[datetime | None]
    paused_reason: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    #: Set while it is paused after failures: it is tried with one message at a time until one gets through.
    failing_since: Mapped[datetime | None]
    #: When a person last saved or resumed it, or it got through again: what failed before counts no more.
    resumed_at: Mapped[datetime | None]
    #: Set while a person holds it: nothing is sent until it is released.
    held_at: Mapped[datetime | None]
    held_by: Mapped[str] = mapped_column(String(64), default="")
    #: Until when its pace is used up, in seconds since 1970; see :mod:`webpanel.sending.pace`.
    paced_until: Mapped[float | None]
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
    report_id_kind: Mapped[str] = mapped_column(String(8), default="blank")
    report_id_rule: Mapped[str] = mapped_column(Text, default="")
    report_status_kind: Mapped[str] = mapped_column(String(8), default="blank")
    report_status_rule: Mapped[str] = mapped_column(Text, default="")
    report_words: Mapped[str] = mapped_column(Text, default="")
    report_sign: Mapped[str] = mapped_column(String(8), default="none")
    report_secret: Mapped[str] = mapped_column(String(64), default="")
    report_header: Mapped[str] = mapped_column(String(100), default="")
    report_answer: Mapped[str] = mapped_column(String(200), default="")
    connect_timeout: Mapped[float] = mapped_column(default=10.0)
    timeout: Mapped[float] = mapped_column(default=30.0)
    in_flight: Mapped[int] = mapped_column(default=4)
    on_ambiguous: Mapped[str] = mapped_column(String(8), default="resend")
    request_number: Mapped[str] = mapped_column(String(200), default="")
    retry_delays: Mapped[str] = mapped_column(Text, default=Settings.retry_delays)
    urgent_retry_delays: Mapped[str] = mapped_column(Text, default=Settings.urgent_retry_delays)
    pace: Mapped[float] = mapped_column(default=0.0)
    #: A name, not an id: settings travel in files. A rename renames it here, a deletion blanks it.
    next_gateway: Mapped[str] = mapped_column(String(100), default="")
    failover_after: Mapped[float] = mapped_column(default=300.0)
    destinations: Mapped[str] = mapped_column(Text, default="")
    hide_literals: Mapped[bool] = mapped_column(default=True)
    preset: Mapped[str] = mapped_column(String(64), default="")
    #: The unguessable part of the address to which its provider reports; nothing can be sent with it.
    report_token: Mapped[str | None] = mapped_column(
        String(64), index=True, unique=True, default=new_report_token
    )
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
