"""Look-ups that hang take neither the caller's time nor the process's threads."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from webpanel.sending.deadline import Deadline
from webpanel.sending.names import Names, literal

FOUND = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))


class Resolver:
    """Answers for every name but those that begin with ``hang``, until it is released."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, host: str, _port: int, **_options: object) -> list[tuple[object, ...]]:
        with self._lock:
            self.asked.append(host)
        if host.startswith("hang"):
            self.released.wait(20)
        if host.startswith("bad"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [FOUND]


def look_ups() -> int:
    return sum(thread.name == "look-up" for thread in threading.enumerate())


def wait_for_threads(number: int) -> None:
    end = time.monotonic() + 5
    while look_ups() != number and time.monotonic() < end:
        threading.Event().wait(0.005)
    assert look_ups() == number


def test_addresses_in_order() -> None:
    six = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 80, 0, 0))
    odd = (socket.AF_UNIX, socket.SOCK_STREAM, 0, "", "/socket")
    names = Names(lambda *_asked, **_options: [six, odd, FOUND])
    assert names.addresses("x", 80, Deadline(1)) == [(six[0], six[4]), (FOUND[0], FOUND[4])]


def test_errors_reach_everybody_who_waits() -> None:
    names = Names(Resolver())
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            names.addresses("bad", 80, Deadline(1))

    def broken(*_asked: object, **_options: object) -> list[tuple[object, ...]]:
        raise UnicodeError("label too long")

    with pytest.raises(ValueError, match="label"):
        Names(broken).addresses("x", 80, Deadline(1))


def test_one_name_that_hangs_holds_one_thread_and_nobody_else() -> None:
    resolver = Resolver()
    names = Names(resolver, threads=2)
    try:
        with ThreadPoolExecutor(20) as pool:
            hanging = [pool.submit(names.addresses, "hang", 80, Deadline(0.3)) for _ in range(20)]
            assert all(isinstance(future.exception(), TimeoutError) for future in hanging)
        assert resolver.asked == ["hang"]
        assert names.addresses("fine", 80, Deadline(5))
    finally:
        resolver.released.set()
    wait_for_threads(0)


def test_no_more_threads_than_allowed_and_what_nobody_waits_for_is_not_asked() -> None:
    resolver = Resolver()
    names = Names(resolver, threads=3)
    try:
        with ThreadPoolExecutor(30) as pool:
            hanging = [pool.submit(names.addresses, f"hang{n}", 80, Deadline(0.3)) for n in range(30)]
            assert all(isinstance(future.exception(), TimeoutError) for future in hanging)
            assert look_ups() == 3
        with pytest.raises(TimeoutError):
            names.addresses("fine", 80, Deadline(0.1))
        assert len(resolver.asked) == 3
    finally:
        resolver.released.set()
    wait_for_threads(0)
    assert len(resolver.asked) == 3, "the others had given up before their turn came"
    assert names.addresses("fine", 80, Deadline(5))
    assert names.addresses("hang", 80, Deadline(5)), "released"


def test_a_queued_name_gets_its_turn() -> None:
    resolver = Resolver()
    names = Names(resolver, threads=1)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(names.addresses, "hang", 80, Deadline(10))
        while "hang" not in resolver.asked:
            threading.Event().wait(0.005)
        second = pool.submit(names.addresses, "fine", 80, Deadline(10))
        resolver.released.set()
        assert first.result()
        assert second.result()


def test_many_names_from_many_threads() -> None:
    names = Names(Resolver(), threads=4)
    with ThreadPoolExecutor(30) as pool:
        found = list(pool.map(lambda n: names.addresses(f"name{n % 50}", 80, Deadline(10)), range(2000)))
    assert all(found)
    wait_for_threads(0)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("::1", "::1"),
        ("2130706433", "127.0.0.1"),
    ],
)
def test_literal_addresses(host: str, address: str) -> None:
    assert literal(host, 80)[0][1][0] == address


@pytest.mark.parametrize("host", ["localhost", "sms.example", "a..b", "", "\0"])
def test_what_is_no_literal(host: str) -> None:
    found = literal(host, 80)
    assert found == []
