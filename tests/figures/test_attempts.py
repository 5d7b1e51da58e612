"""The sums of attempts, against a count by hand, however they came bit by bit."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from tests.figures.rows import attempt, message, put
from webpanel.figures import attempts
from webpanel.figures.attempts import BOUNDS, Attempts, Sum
from webpanel.models import Attempt, Gateway, Message
from webpanel.store import Store, from_now

OUTCOMES = ("accepted", "rejected", "ambiguous")
#: Seconds since it began, milliseconds that it took, its outcome; None for one under way.
MADE = st.tuples(
    st.sampled_from([1.0, 30.0, 90.0, 3000.0, 5000.0, 90_000.0]),
    st.one_of(st.none(), st.integers(0, 60_000), st.sampled_from(BOUNDS)),
    st.sampled_from([None, *OUTCOMES]),
)


def by_hand(rows) -> dict[str, Sum]:
    found: dict[str, Sum] = {}
    for row in rows:
        if row["outcome"] is not None:
            each = found.setdefault(row["outcome"], Sum())
            each.number += 1
            each.ms += row["duration_ms"] or 0
            took = row["duration_ms"]
            each.within = [
                n + (took is not None and took <= b) for n, b in zip(each.within, BOUNDS, strict=True)
            ]
    return found


def emptied(store: Store) -> None:
    """No row but that of one gateway."""
    gateway = {"id": 1, "name": "Some", "created_at": from_now(), "updated_at": from_now()}
    store.write(
        lambda connection: [
            connection.execute(delete(each.__table__)) for each in (Attempt, Message, Gateway)
        ]
    )
    store.write(lambda connection: connection.execute(insert(Gateway.__table__).values(gateway)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(MADE, max_size=6), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_the_sums_are_what_a_count_by_hand_says(store: Store, monkeypatch, batches, random) -> None:
    monkeypatch.setattr(attempts, "_PIECE", 3)
    emptied(store)
    sums, rows = Attempts(), []
    for number, batch in enumerate(batches):
        at = datetime.now(UTC)
        of = [message("sent", at - timedelta(seconds=age)) for age, _, _ in batch]
        new = [
            attempt(row["id"], 1, row["created_at"], duration_ms=took, outcome=outcome)
            for row, (_, took, outcome) in zip(of, batch, strict=True)
        ]
        put(store, of, new)
        rows += new
        # Those under way for less than an hour end, some of them, with whatever comes of it.
        for row in rows:
            young = at - row["started_at"] < timedelta(minutes=55)
            if row["outcome"] is None and young and number and random.random() < 0.5:
                row.update(outcome=random.choice(OUTCOMES), duration_ms=random.randint(0, 40_000))
                ended = {name: row[name] for name in ("outcome", "duration_ms")}
                change = (
                    update(Attempt.__table__).where(Attempt.__table__.c.token == row["token"]).values(ended)
                )
                store.write(lambda connection, change=change: connection.execute(change))
        found = sums.sums(store.engine)
        assert {outcome: each for (_, outcome), each in found.items()} == by_hand(rows)
        assert {gateway for gateway, _ in found} <= {1}


def test_what_is_settled_is_not_read_again(store: Store) -> None:
    emptied(store)
    at = datetime.now(UTC) - timedelta(minutes=5)
    of = [message("sent", at) for _ in range(50)]
    put(store, of, [attempt(row["id"], 1, at) for row in of])
    sums = Attempts()
    assert sums.sums(store.engine)[1, "accepted"].number == 50
    store.write(lambda connection: connection.execute(delete(Attempt.__table__)))
    assert sums.sums(store.engine)[1, "accepted"].number == 50
    assert Attempts().sums(store.engine) == {}


def test_a_part_of_the_table_is_told_as_nothing(store: Store, monkeypatch) -> None:
    monkeypatch.setattr(attempts, "_PIECE", 20)
    monkeypatch.setattr(attempts, "PATIENCE", -1.0)
    emptied(store)
    at = datetime.now(UTC) - timedelta(minutes=5)
    of = [message("sent", at) for _ in range(50)]
    put(store, of, [attempt(row["id"], 1, at) for row in of])
    sums = Attempts()
    found = [sums.sums(store.engine) for _ in range(3)]
    assert found[:2] == [None, None]
    assert found[2][1, "accepted"].number == 50


def test_tests_are_no_attempts_of_a_gateway(store: Store) -> None:
    emptied(store)
    row = message("sent", datetime.now(UTC), test=True)
    put(store, [row], [attempt(row["id"], None, row["created_at"])])
    assert Attempts().sums(store.engine) == {}
