"""What providers reported: the last requests as they came, and the reports that wait for their message."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from webpanel.models.foundation import db


class ReportReceived(db.Model):
    """A request to a gateway's address for reports, as its page shows the last ones."""

    __tablename__ = "report_received"
    __table_args__ = (Index("ix_report_received_gateway_id_id", "gateway_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway_id: Mapped[int] = mapped_column(ForeignKey("gateway.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    method: Mapped[str] = mapped_column(String(8))
    #: The message's id behind the token in the address; blank for none.
    message_id: Mapped[str] = mapped_column(String(26))
    #: Without its question mark; masked, as the body is.
    query: Mapped[bytes] = mapped_column(LargeBinary)
    content_type: Mapped[str] = mapped_column(String(200))
    #: At most 64 KB.
    body: Mapped[bytes] = mapped_column(LargeBinary)
    #: The body went on beyond what was kept.
    cut: Mapped[bool] = mapped_column(default=False)
    #: What was not done with it, as ``{"code": ..., "values": {...}}``; None when it was read.
    trouble: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    #: The first reports in it, each as ``[id, word, meaning or null, what became of it]``.
    told: Mapped[list[Any]] = mapped_column(JSON)


class ReportWaiting(db.Model):
    """A report that came before its message was known by this id; kept for a day."""

    __tablename__ = "report_waiting"
    __table_args__ = (
        Index("ix_report_waiting_gateway_id_named", "gateway_id", "named"),
        Index("ix_report_waiting_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    gateway_id: Mapped[int] = mapped_column(ForeignKey("gateway.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    #: What the report calls the message: the provider's id, or ours.
    named: Mapped[str] = mapped_column(String(200))
    word: Mapped[str] = mapped_column(String(100))
    #: ``delivered``, ``undelivered`` or ``under way``.
    meaning: Mapped[str] = mapped_column(String(12))
