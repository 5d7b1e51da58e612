"""The ids of messages: ULIDs as the library reads them."""

import threading
import time
from datetime import UTC, datetime, timedelta

from ulid import ULID

from webpanel.intake.ids import new_id


def test_an_id_is_a_ulid_of_its_time() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    written = new_id()
    assert str(ULID.from_str(written)) == written
    assert before <= ULID.from_str(written).datetime <= datetime.now(UTC)


def test_ids_sort_as_they_were_made_and_their_randomness_is_new_each_millisecond() -> None:
    made: list[str] = []
    ends = time.monotonic() + 0.05
    while time.monotonic() < ends:
        made.append(new_id())
    assert made == sorted(set(made))
    begins = {ULID.from_str(each).milliseconds: each[10:18] for each in made}
    assert len(set(begins.values())) == len(begins) > 1


def test_no_id_is_given_twice_in_many_threads() -> None:
    made: list[list[str]] = [[] for _ in range(8)]
    threads = [
        threading.Thread(target=lambda own=own: own.extend(new_id() for _ in range(2000))) for own in made
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = [each for own in made for each in own]
    assert len(set(every)) == len(every) == 16_000
    assert all(own == sorted(own) for own in made)
