"""What the settings page shows of delivery reports: the address for them, and the last ones that came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import select

from webpanel import report_door
from webpanel.models import Gateway, ReportReceived, db
from webpanel.services import services
from webpanel.views.gateways.draft import Draft
from webpanel.views.messages import wording
from webpanel.views.visible import visible
from webpanel.wire import clickable, rules
from webpanel.wire.clickable import Clickable, Piece
from webpanel.wire.report import Incoming
from webpanel.words.reports import CAME, MEANINGS

#: Requests on the page, of those that are kept, and fields of each.
SHOWN, MOST_FIELDS = 5, 60
#: Characters of a value and of a body that is neither JSON nor a form.
LONGEST_VALUE, LONGEST_BODY = 500, 8_000


@dataclass(frozen=True)
class Told:
    """One report in it, worded."""

    id: str
    word: str
    meaning: str
    came: str


@dataclass(frozen=True)
class Field:
    """A field of a form or query; ``number`` is its place's."""

    number: int
    name: str
    value: str


@dataclass(frozen=True)
class Request:
    """One that came; every text in it is safe to look at."""

    id: int
    at: datetime
    method: str
    trouble: str
    told: tuple[Told, ...]
    pieces: Sequence[Piece]
    fields: tuple[Field, ...]
    #: The body, where it has no pieces and is no form.
    body: str
    cut: bool
    refused: bool


class Reports:
    """Looked up when the page first asks for it."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    @cached_property
    def token(self) -> str:
        if self._draft.gateway is None:
            return ""
        # Not by the page's session: it still sees the token from before a new one was made.
        wanted = select(Gateway.report_token).where(Gateway.id == self._draft.gateway.id)
        with services().store.engine.connect() as connection:
            return connection.execute(wanted).scalar() or ""

    @property
    def address(self) -> str:
        return report_door.address(services().config.public_url, self.token)

    @property
    def is_public(self) -> bool:
        return bool(services().config.url)

    @property
    def where(self) -> str:
        """Where the address goes in the provider's own pages; blank when nobody said."""
        return self._draft.preset.reports_where if self._draft.preset else ""

    @property
    def asks_for_token(self) -> bool:
        """Whether the provider wants a verify token with the address, as Meta does."""
        return bool(self._draft.preset and self._draft.preset.settings.report_sign == "meta")

    @cached_property
    def requests(self) -> list[Request]:
        """The last ones, the newest first."""
        gateway = self._draft.gateway
        if gateway is None:
            return []
        wanted = (
            select(ReportReceived)
            .where(ReportReceived.gateway_id == gateway.id)
            .order_by(ReportReceived.id.desc())
            .limit(SHOWN)
        )
        return [_request(row) for row in db.session.scalars(wanted)]


def incoming(row: ReportReceived) -> Incoming:
    """A request as it is kept: what was masked in it stays masked."""
    return Incoming(row.query.decode("utf-8", "replace"), row.body, row.content_type, row.message_id)


def pieces(row: ReportReceived) -> Clickable | None:
    """Its JSON in pieces; None for a body that is none."""
    found = clickable.read(rules.Body(row.body, row.content_type, row.cut))
    return found if found and found.is_json else None


def _request(row: ReportReceived) -> Request:
    read, found = incoming(row), pieces(row)
    fields = () if found else _fields(read)
    code = (row.trouble or {}).get("code", "")
    is_plain = not found and not read.form
    return Request(
        id=row.id,
        at=row.at,
        method=row.method,
        trouble=visible(wording.said(row.trouble)),
        told=tuple(_told(each) for each in row.told if len(each) == len(Told.__dataclass_fields__)),
        pieces=[Piece(visible(each.text), each.number) for each in found.pieces] if found else (),
        fields=fields,
        body=visible(row.body[:LONGEST_BODY]) if is_plain else "",
        cut=row.cut or (is_plain and len(row.body) > LONGEST_BODY),
        refused=code in ("report_signature", "report_secret_missing"),
    )


def _told(stored: Sequence[str | None]) -> Told:
    named, word, meaning, came = stored
    return Told(
        visible(named or ""),
        visible(word or ""),
        str(MEANINGS.get(meaning, meaning)),
        str(CAME.get(came or "", came)),
    )


def _fields(read: Incoming) -> tuple[Field, ...]:
    return tuple(
        Field(number, visible(name[:LONGEST_VALUE]), visible(value[:LONGEST_VALUE]))
        for number, (name, value) in enumerate(read.fields[:MOST_FIELDS])
    )
