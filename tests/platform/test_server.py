"""The WSGI server in front of an application: what it finishes, and what it lets through."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from flask import Flask, request

from webpanel import server
from webpanel.config import Config


@pytest.fixture
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with server.listen("127.0.0.1", 0) as listener:
        yield listener


@pytest.mark.usefixtures("handlers")
def test_a_page_in_flight_is_finished(tmp_path: Path, listener: socket.socket) -> None:
    app = Flask(__name__)
    reached, go_on = threading.Event(), threading.Event()
    # More than the kernel takes at once: it is still being written when the view is done.
    size = 20_000_000

    @app.get("/")
    def slow() -> str:
        reached.set()
        go_on.wait(30)
        return "x" * size

    serving = server.Server(app, Config(instance=tmp_path), listener)
    serving.start()
    with ThreadPoolExecutor(2) as threads:
        page = threads.submit(requests.get, server.address(listener), timeout=60)
        assert reached.wait(30)
        signal.raise_signal(signal.SIGTERM)
        serving.wait()
        finished = threads.submit(serving.finish)
        assert not finished.done()
        go_on.set()
        finished.result(60)
        assert len(page.result(60).content) == size
    assert not serving.broken


#: Sends a signal at many moments around the one at which the main thread begins to wait.
SIGNALS = """
import os, random, signal, sys, threading, time
from webpanel.server import Stop

def send(seconds):
    # Not asleep: sleeping would be over at other moments than the ones that matter.
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        pass
    os.kill(os.getpid(), signal.SIGTERM)

sys.setswitchinterval(1e-6)
for _ in range(5000):
    stop = Stop()
    stop.listen()
    sender = threading.Thread(target=send, args=[random.random() / 10_000])
    sender.start()
    stop.wait()
    sender.join()
"""


def test_a_signal_at_any_moment_ends_the_wait() -> None:
    subprocess.run([sys.executable, "-c", SIGNALS], timeout=60, check=True)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://www.school.example/sms/"])
def test_scheme_and_path_are_the_settings(tmp_path: Path, listener: socket.socket, url: str) -> None:
    app = Flask(__name__)

    @app.get("/where")
    def where() -> list[str]:
        return [request.scheme, request.script_root, request.path]

    config = Config.load({"WEBPANEL_URL": url}, tmp_path)
    serving = server.Server(app, config, listener)
    serving.start()
    lies = {"X-Forwarded-Proto": "gopher", "X-Script-Name": "/elsewhere"}
    for path in {"/where", f"{config.prefix}/where"}:
        reply = requests.get(server.address(listener).rstrip("/") + path, headers=lies, timeout=30)
        assert reply.json() == [config.scheme, config.prefix, "/where"]
    serving.finish()


def test_a_taken_port_and_a_privileged_one(listener: socket.socket) -> None:
    with pytest.raises(server.ListenError, match="another program is using it"):
        server.listen("127.0.0.1", listener.getsockname()[1])


ONE_PROCESSOR = """
import os, threading
from webpanel.server import keep_to_one_processor
allowed = os.sched_getaffinity(0)
keep_to_one_processor()
found = []
thread = threading.Thread(target=lambda: found.append(os.sched_getaffinity(0)))
thread.start()
thread.join()
assert len(found[0]) == 1 and found[0] <= allowed and found[0] == os.sched_getaffinity(0)
"""


def test_threads_that_are_started_stay_on_one_processor() -> None:
    subprocess.run([sys.executable, "-c", ONE_PROCESSOR], check=True, timeout=60)
