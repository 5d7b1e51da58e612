import os
import time
from pathlib import Path

import pytest

from tests.sending.panel import eventually
from tests.server import running_server
from webpanel import heartbeat, instance
from webpanel.heartbeat import Heartbeat


def test_a_server_gives_signs_and_a_killed_one_none(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    with running_server(folder) as server:
        eventually(lambda: heartbeat.alive(folder))
        instance.check(folder)
        server.kill()
    late = time.time() - heartbeat.LONGEST - 1
    os.utime(folder / heartbeat.FILE, (late, late))
    assert not heartbeat.alive(folder)
    with running_server(folder):
        eventually(lambda: heartbeat.alive(folder))


def test_a_sign_is_given_no_oftener_than_it_must(tmp_path: Path) -> None:
    heart = Heartbeat(tmp_path)
    heart.beat()
    os.utime(tmp_path / heartbeat.FILE, (0, 0))
    heart.beat()
    assert not heartbeat.alive(tmp_path)


def test_a_sign_that_cannot_be_given_breaks_nothing(tmp_path: Path) -> None:
    Heartbeat(tmp_path / "missing").beat()
    assert heartbeat.age(tmp_path / "missing") is None
    assert not heartbeat.alive(tmp_path / "missing")


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_sign_from_another_time_is_none(tmp_path: Path, seconds: int) -> None:
    Heartbeat(tmp_path).beat()
    other = time.time() + seconds
    os.utime(tmp_path / heartbeat.FILE, (other, other))
    assert not heartbeat.alive(tmp_path)
