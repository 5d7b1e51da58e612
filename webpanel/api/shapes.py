"""The shapes of requests and answers: what checks them, and what the OpenAPI document is made from."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Priority = Literal["urgent", "normal", "bulk"]
Outcome = Literal["accepted", "failed", "unclear", "pending"]
State = Literal[
    "scheduled",
    "queued",
    "sending",
    "held",
    "sent",
    "delivered",
    "undelivered",
    "failed",
    "unknown",
    "expired",
    "cancelled",
]

#: Seconds that a caller may wait for the outcome.
LONGEST_WAIT = 25
MOST_IN_BATCH = 10_000


class Options(BaseModel):
    """What every message may say beside number and text; what is left out is as the application has it."""

    model_config = ConfigDict(extra="forbid")

    gateway: Annotated[str, Field(max_length=100)] | int | None = Field(
        None, description="A gateway's name or id; otherwise the application's own, or one that fits."
    )
    sender: str | None = Field(
        None, max_length=200, description="The sender that recipients see, where the gateway uses one."
    )
    reference: str | None = Field(None, max_length=200, description="Your own name for the message.")
    sensitive: bool | None = Field(
        None, description="The text is kept encrypted while it waits, shown nowhere, and then removed."
    )
    send_at: AwareDatetime | None = Field(
        None, description="Not before this time, with its offset: 2026-12-24T08:00:00+01:00."
    )
    valid_for: int | None = Field(
        None, ge=1, le=2_592_000, description="Seconds after which it is too late to send it."
    )
    on_ambiguous: Literal["resend", "hold"] | None = Field(
        None, description="When it is not certain whether the provider took it: once more, or ask a person."
    )
    priority: Priority | None = Field(None, description="urgent is for login codes.")


class NewMessage(Options):
    """One message."""

    to: str = Field(max_length=250, description="The recipient's number, with or without +.")
    message: str = Field(description="The text.")
    wait: int | None = Field(
        None, ge=0, le=LONGEST_WAIT, description="Seconds to wait for the outcome before the answer comes."
    )


class BatchMessage(Options):
    """One message of a batch; what it leaves out is as the batch says."""

    to: str = Field(max_length=250, description="The recipient's number.")
    message: str | None = Field(None, description="The text; left out, that of the batch.")


class NewBatch(Options):
    """Up to 10,000 messages: one text for many recipients, or messages of their own."""

    to: list[Annotated[str, Field(max_length=250)]] | None = Field(
        None, min_length=1, max_length=MOST_IN_BATCH, description="Recipients of the same text."
    )
    message: str | None = Field(None, description="The text for all that have none of their own.")
    messages: list[BatchMessage] | None = Field(
        None, min_length=1, max_length=MOST_IN_BATCH, description="Messages of their own."
    )


class MessageFilters(BaseModel):
    """Which messages to list."""

    model_config = ConfigDict(extra="forbid")

    state: State | None = Field(None, description="Only those in this state.")
    outcome: Outcome | None = Field(None, description="Only those with this outcome.")
    reference: str | None = Field(None, max_length=200, description="Only those with this reference.")
    to: str | None = Field(
        None, max_length=64, description="Only those to this number, written +447700900123."
    )
    gateway: str | None = Field(
        None, max_length=100, description="Only those of this gateway, by name or id."
    )
    since: AwareDatetime | None = Field(
        None, description="Only those made at this time or later, written 2026-12-24T07:00:00Z."
    )
    until: AwareDatetime | None = Field(
        None, description="Only those made before this time, written 2026-12-25T07:00:00Z."
    )
    before: str | None = Field(None, max_length=26, description="Only those older than this message's id.")
    limit: int | None = Field(None, ge=1, le=200, description="How many on a page; otherwise 50.")


class Reason(BaseModel):
    """Why something is as it is: a code, and a sentence."""

    code: str
    detail: str


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str
    code: str
    detail: str
    values: dict[str, Any] | None = None


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldError] | None = None


class MessageAnswer(BaseModel):
    """What is known of a message."""

    id: str
    state: State
    outcome: Outcome
    to: str | None
    gateway: str
    parts: int
    priority: Priority
    reference: str | None
    sensitive: bool
    test: bool
    possible_duplicate: bool
    provider_message_id: str | None
    created_at: datetime
    due_at: datetime | None
    expires_at: datetime
    final_at: datetime | None
    reason: Reason | None


class AcceptedAnswer(MessageAnswer):
    """What is known of a message that was just asked for."""

    repeated: bool = Field(description="The same request, by its Idempotency-Key, had made it before.")


class MessagesAnswer(BaseModel):
    """A page of messages, the newest first; ``next`` is the ``before`` of the next page."""

    messages: list[MessageAnswer]
    next: str | None


class BatchResult(BaseModel):
    """One message of a batch: its id, or why it was refused."""

    index: int
    id: str | None = None
    errors: list[FieldError] | None = None


class BatchAnswer(BaseModel):
    """What became of a batch, in the order of its messages."""

    accepted: int
    refused: int
    repeated: bool
    results: list[BatchResult]


class GatewayAnswer(BaseModel):
    """A gateway that the application may use."""

    id: int
    name: str
    health: Literal["ok", "paused", "stopped", "off"]


class GatewaysAnswer(BaseModel):
    """The gateways that the application may use, in the administrator's order."""

    gateways: list[GatewayAnswer]
