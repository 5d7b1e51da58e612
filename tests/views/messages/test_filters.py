"""Filters and pages of the Messages page, on a real database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, insert, text
from sqlalchemy.orm import Session
from ulid import ULID

from webpanel.models import Gateway, Message, db
from webpanel.views.messages import filters

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NUMBERS = ("+447911123456", "+447911123457", "+4915112345678", "+33612345678", "12345", "SCHOOL")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A message an hour, 240 of them, of two gateways and one that was deleted."""
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('filters')}/panel.sqlite")
    db.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add_all(
            Gateway(name=name, created_at=START, updated_at=START, position=at)
            for at, name in enumerate("AB")
        )
        session.flush()
        session.execute(insert(Message), [_row(number) for number in range(240)])
    yield engine
    engine.dispose()


def _row(number: int) -> dict[str, object]:
    at = START + timedelta(hours=number)
    return {
        "id": str(ULID.from_datetime(at)),
        "created_at": at,
        "gateway_id": (1, 2, None)[number % 3],
        "gateway_name": "ABC"[number % 3],
        "created_by": "anna",
        "source": "page",
        "recipient": NUMBERS[number % len(NUMBERS)],
        "text": f"Message {number:03} is 100% of_it",
        "encoding": "gsm7",
        "parts": 1,
        "state": ("sent", "failed", "unknown", "queued")[number % 4],
        "expires_at": at,
    }


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def found(session: Session, **args: str) -> list[Message]:
    """Every message that the filters let through, over all pages."""
    asked = filters.read(args, "GB")
    assert not asked.wrong
    messages: list[Message] = []
    before = ""
    while True:
        page = filters.page(session, asked, before=before)
        messages += page.messages
        if not page.older:
            return messages
        before = page.messages[-1].id


def test_pages_go_through_all_newest_first_and_back(session: Session) -> None:
    everything = found(session)
    assert len(everything) == 240
    assert everything == sorted(everything, key=lambda message: message.created_at, reverse=True)
    asked = filters.read({}, "GB")
    second = filters.page(session, asked, before=everything[49].id)
    assert second.messages == everything[50:100]
    assert (second.newer, second.older) == (True, True)
    first = filters.page(session, asked, after=everything[50].id)
    assert first.messages == everything[:50]
    assert (first.newer, first.older) == (False, True)


@pytest.mark.parametrize(
    ("args", "keeps"),
    [
        ({"state": "failed"}, lambda m: m.state == "failed"),
        ({"gateway": "2"}, lambda m: m.gateway_id == 2),
        ({"gateway": "deleted"}, lambda m: m.gateway_id is None),
        ({"number": "07911 123456"}, lambda m: m.recipient == NUMBERS[0]),
        ({"number": "+44 (0)7911 123457"}, lambda m: m.recipient == NUMBERS[1]),
        ({"number": "0791"}, lambda m: m.recipient.startswith("+44791")),
        ({"number": "447911"}, lambda m: m.recipient.startswith("+44791")),
        ({"number": "0044 7911"}, lambda m: m.recipient.startswith("+44791")),
        ({"number": "+491"}, lambda m: m.recipient == NUMBERS[2]),
        ({"number": "12345"}, lambda m: m.recipient == "12345"),
        ({"number": "SCHOOL"}, lambda m: m.recipient == "SCHOOL"),
        ({"number": "999"}, lambda m: m.recipient.startswith("+999")),
        ({"text": "message 007"}, lambda m: "007" in m.text),
        ({"text": "100% of_it"}, lambda m: "100% of_it" in m.text),
        ({"text": "100_"}, lambda m: "100_" in m.text),
        ({"since": "2026-03-02", "until": "2026-03-02"}, lambda m: m.created_at.day == 2),
        (
            {"since": "2026-03-02", "until": "2026-03-02", "zone": "Asia/Tokyo"},
            lambda m: (m.created_at + timedelta(hours=9)).day == 2,
        ),
        ({"state": "sent", "gateway": "1", "number": "0791"}, lambda m: m.id and m.state == "sent"
            and m.gateway_id == 1 and m.recipient.startswith("+44791")),
    ],
)  # fmt: skip
def test_keeps_what_was_asked_for(session: Session, args: dict[str, str], keeps) -> None:
    assert found(session, **args) == [message for message in found(session) if keeps(message)]


@pytest.mark.parametrize(
    "args",
    [
        {"state": "lost"},
        {"gateway": "A"},
        {"gateway": "9" * 30},
        {"number": "7"},
        {"number": "+49"},
        {"number": "??"},
        {"since": "yesterday"},
        {"until": "9999-12-31"},
        {"since": "0001-01-01"},
    ],
)
def test_says_what_it_cannot_read(args: dict[str, str]) -> None:
    assert filters.read(args, "GB").wrong == args.keys()


@pytest.mark.parametrize("zone", ["", "Nowhere/Land", "../../etc/passwd", "America", "\0", "Europe"])
def test_an_unknown_zone_is_utc(zone: str) -> None:
    assert filters.read({"since": "2026-03-02", "zone": zone}, "GB").wrong == frozenset()


@pytest.mark.parametrize(
    ("args", "before", "index"),
    [
        ({}, "", "SCAN message USING INDEX sqlite_autoindex_message_1"),
        ({}, "01", "SEARCH message USING INDEX sqlite_autoindex_message_1 (id<?)"),
        ({"since": "2026-03-02"}, "", "SEARCH message USING INDEX sqlite_autoindex_message_1 (id>?)"),
        ({"state": "sent"}, "01", "SEARCH message USING INDEX ix_message_state_id (state=? AND id<?)"),
        (
            {"gateway": "1"},
            "01",
            "SEARCH message USING INDEX ix_message_gateway_id_id (gateway_id=? AND id<?)",
        ),
        ({"gateway": "deleted"}, "", "SEARCH message USING INDEX ix_message_gateway_id_id (gateway_id=?)"),
        ({"number": "07911 123456"}, "", "SEARCH message USING INDEX ix_message_recipient_id "),
    ],
)
def test_walks_an_index(engine: Engine, args: dict[str, str], before: str, index: str) -> None:
    query = filters.query(filters.read(args, "GB"), before=before)
    statement = query.compile(engine, compile_kwargs={"literal_binds": True})
    with engine.connect() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {statement}")).first()
    assert plan is not None
    assert plan[3].startswith(index)
