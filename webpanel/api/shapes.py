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
        None,
        description="Not before this time, with its offset: 2026-12-24T08:00:00+01:00; a past one is now.",
    )
    valid_for: int | None = Field(
        None,
        ge=1,
        le=2_592_000,
        description="Seconds after which it is too late to send it; 600 for an urgent one that says none.",
    )
    on_ambiguous: Literal["resend", "hold"] | None = Field(
        None, description="When it is not certain whether the provider took it: once more, or ask a person."
    )
    priority: Priority | None = Field(None, description="urgent is for login codes.")
    callback_url: str | None = Field(
        None,
        max_length=2000,
        description="Where a signed POST tells what became of it; otherwise the application's own address.",
    )


class NewMessage(Options):
    """One message."""

    to: str = Field(
        max_length=250,
        description="The recipient's number: +447700900123; without + one of the application's country.",
    )
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
        None,
        min_length=1,
        max_length=MOST_IN_BATCH,
        description="Messages of their own, each with to, and what else one message may say.",
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
    before: str | None = Field(
        None,
        pattern="^[0-9A-HJKMNP-TV-Z]{26}$",
        description="Only those older than this message's id; for the next page, what the last gave as next.",
    )
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

    id: str = Field(description="The message's name; it stays.")
    state: State = Field(description="Where it stands; see below.")
    outcome: Outcome = Field(description="The same in one word.")
    to: str | None = Field(description="The number as it is sent to; null once it was removed.")
    gateway: str = Field(description="The name of the gateway that it takes.")
    parts: int = Field(description="The SMS parts that its text makes.")
    priority: Priority = Field(description="Its priority.")
    reference: str | None = Field(description="Your own name for it.")
    sensitive: bool = Field(description="Whether its text is shown nowhere.")
    test: bool = Field(description="Whether it was made in test mode, and never leaves.")
    possible_duplicate: bool = Field(description="Whether it may have been sent twice.")
    provider_message_id: str | None = Field(description="The provider's name for it.")
    created_at: datetime = Field(description="When it was stored.")
    due_at: datetime | None = Field(description="When it is tried next; null once it is final.")
    expires_at: datetime = Field(description="When it is given up.")
    final_at: datetime | None = Field(description="When it became final.")
    reason: Reason | None = Field(description="Why it stands so: a code, and a sentence as detail.")


class AcceptedAnswer(MessageAnswer):
    """What is known of a message that was just asked for."""

    repeated: bool = Field(description="The same request, by its Idempotency-Key, had made it before.")


class CallbackBody(BaseModel):
    """What is posted to a callback's address, signed as in the Standard Webhooks specification."""

    type: str = Field(description="What happened: message. and the state that the message came to.")
    timestamp: datetime = Field(description="When it happened.")
    data: MessageAnswer = Field(description="The message as it stood then, told as when it is asked for.")


class MessagesAnswer(BaseModel):
    """A page of messages, the newest first; ``next`` is the ``before`` of the next page."""

    messages: list[MessageAnswer] = Field(description="As a single message is told.")
    next: str | None = Field(description="What to give as before for the next page; null on the last.")


class BatchResult(BaseModel):
    """One message of a batch: its id, or why it was refused."""

    index: int = Field(description="Its place in the request, from 0.")
    id: str | None = Field(None, description="Its id, if it was accepted.")
    errors: list[FieldError] | None = Field(None, description="Why it was refused.")


class BatchAnswer(BaseModel):
    """What became of a batch, in the order of its messages."""

    accepted: int = Field(description="How many are stored.")
    refused: int = Field(description="How many are not.")
    repeated: bool = Field(description="The same request, by its Idempotency-Key, had made them before.")
    results: list[BatchResult] = Field(description="For each message its index, and its id or its errors.")


class GatewayAnswer(BaseModel):
    """A gateway that the application may use."""

    id: int = Field(description="Its number.")
    name: str = Field(description="Its name.")
    health: Literal["ok", "paused", "stopped", "off"] = Field(
        description="Whether it sends: stopped waits for a person, paused goes on by itself."
    )


class GatewaysAnswer(BaseModel):
    """The gateways that the application may use, in the administrator's order."""

    gateways: list[GatewayAnswer] = Field(description="For each its id, name and health.")
